"""Dates and times as the clocks of microscopes' PCs write them."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

DATE = re.compile(r"(\d{1,4})([./-])(\d{1,2})\2(\d{1,4})", re.ASCII)
TIME = re.compile(
    r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d+)?)?"
    r"(?:\s*(?P<half>[AaPp])\.?[Mm]\.?)?",
    re.ASCII,
)

ORDERS = {"/": ("mdy", "dmy"), ".": ("dmy", "mdy"), "-": ("dmy", "mdy")}
"""Orders of day and month to try, by separator: the usual one of each first."""

YEAR_DIGITS, PIVOT = 4, 70
"""Digits of a full year; two-digit years from the pivot on are 19xx."""


def noted(found: datetime | None, told: str) -> tuple[datetime | None, tuple[str, ...]]:
    """Return a time of acquisition, with a note if what the file told is none."""
    if found or not told:
        return found, ()
    note = (
        f"Acquisition time: expected a date and a time, found {told!r:.80}; "
        "the file's modification time is used."
    )
    return None, (note,)


def iso_time(text: str) -> datetime | None:
    """Return the time that `text` is in ISO 8601, or `None`."""
    try:
        return datetime.fromisoformat(text.strip())
    except ValueError:
        return None


def tiff_time(text: str) -> datetime | None:
    """Return the time in a TIFF's tag 306, ``2024:03:17 14:05:09``, or `None`.

    It is naive: TIFF revision 6.0, section 8, says nothing of a zone.
    """
    date, _, clock = text.strip().rstrip("\0").partition(" ")
    return iso_time(f"{date.replace(':', '-')}T{clock}") if clock else None


def local_time(text: str, latest: datetime) -> datetime | None:
    """Return the date and time in `text` as its clock without zone showed it.

    Day and month may stand in either order: with slashes the month is taken to be
    first, with dots and dashes the day, unless that would be in the future.

    Parameters
    ----------
    text
        A date, a space, and a time of 12 or 24 hours.
    latest
        The file's modification time: what is later was read in the wrong order.

    Returns
    -------
    datetime or None
        Naive; `None` where `text` is no such time.
    """
    date_text, _, time_text = text.strip().partition(" ")
    clock = _clock(time_text.strip())
    if clock is None:
        return None
    found = [datetime.combine(day, clock) for day in _dates(date_text)]
    # One day of tolerance: the clocks of microscope and file server differ.
    bound = latest.replace(tzinfo=None) + timedelta(days=1)
    return next((when for when in found if when <= bound), found[0] if found else None)


def _dates(text: str) -> Iterator[datetime]:
    match = DATE.fullmatch(text)
    if match is None:
        return
    first, separator, second, third = match.groups()
    for order in ("ymd",) if len(first) == YEAR_DIGITS else ORDERS[separator]:
        part = dict(zip(order, (first, second, third), strict=True))
        try:
            yield datetime(_year(part["y"]), int(part["m"]), int(part["d"]))  # noqa: DTZ001 - the instrument's clock
        except ValueError:
            continue


def _year(text: str) -> int:
    year = int(text)
    if len(text) == YEAR_DIGITS:
        return year
    return year + (1900 if year >= PIVOT else 2000)


def _clock(text: str) -> time | None:
    match = TIME.fullmatch(text)
    if match is None:
        return None
    hour = int(match["hour"])
    half = (match["half"] or "").lower()
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    try:
        return time(hour, int(match["minute"]), int(match["second"] or 0))
    except ValueError:
        return None
