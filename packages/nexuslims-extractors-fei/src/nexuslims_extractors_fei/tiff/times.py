"""When an image was acquired, in the clock of its microscope."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nexuslims_extractors_fei.tiff.ini import Sections

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


def acquired(
    sections: Sections, xml_time: str, modified: datetime
) -> tuple[datetime | None, str | None]:
    """Return the time of acquisition, as its zone-less clock showed it, and a note.

    The ISO time of FEI's XML goes before ``PrivateFei/TimeOfCreation``, which has one
    format everywhere, and that before ``User/Date`` and ``User/Time``, which follow
    the settings of the microscope PC.

    Parameters
    ----------
    xml_time
        The XML's time; empty without one.
    modified
        The file's modification time: what is later was read in the wrong order.
    """
    user = sections.get("User", {})
    texts = (
        sections.get("PrivateFei", {}).get("TimeOfCreation", ""),
        f"{user.get('Date', '')} {user.get('Time', '')}",
    )
    found = _iso(xml_time) or next(
        filter(None, (_local(t, modified) for t in texts)), None
    )
    if found or not any(text.strip() for text in (xml_time, *texts)):
        return found, None
    told = next(text.strip() for text in (*reversed(texts), xml_time) if text.strip())
    return None, (
        f"Acquisition time: expected a date and a time, found {told!r}; "
        "the file's modification time is used."
    )


def _iso(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text.strip())
    except ValueError:
        return None


def _local(text: str, modified: datetime) -> datetime | None:
    date_text, _, time_text = text.strip().partition(" ")
    clock = _clock(time_text.strip())
    if clock is None:
        return None
    found = [datetime.combine(day, clock) for day in _dates(date_text)]
    # One day of tolerance: the clocks of microscope and file server differ.
    latest = modified.replace(tzinfo=None) + timedelta(days=1)
    return next((when for when in found if when <= latest), found[0] if found else None)


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
