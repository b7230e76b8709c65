"""When an image was acquired."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from nexuslims_core.reading.clock import local_time
from nexuslims_core.reading.findings import number

from nexuslims_extractors_gatan.dm.tags import group, scalar

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

CLOCKS: tuple[tuple[str, str, str], ...] = (
    ("SI.Acquisition", "Date", "Start time"),
    ("EELS.Acquisition", "Date", "Start time"),
    ("EDS.Acquisition", "Date", "Start time"),
    ("CL.Acquisition", "Date", "Start time"),
    ("CL.Acquisition", "Acquisition begin", ""),
    ("DataBar", "Acquisition Date", "Acquisition Time"),
)
"""Groups with a date and a time as the PC's clock and locale wrote them, best first.

The bar below an image has the time when its last frame came from the camera; a spectrum
image that took hours also has the time when it was begun.
"""

FILE_TIMES = (
    ("DataBar", "Acquisition Time (OS)"),
    ("DataBar", "System Info"),
)
"""Windows file times: 100 ns since 1601, UTC."""

MILLISECONDS = ("Acquisition.Frame.Sequence", "Acquisition Start Time (epoch)")
"""Since 1970, UTC."""

STAMP, STAMP_FORMAT = ("DigiScan", "TimeStamp"), "%a %b %d %H:%M:%S %Y"

WINDOWS_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
UNIX_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
"""DigitalMicrograph is not older; before are clocks that were never set."""


def acquired(tags: Mapping[str, Any], latest: datetime) -> datetime | None:
    """Return when an image was acquired; `None` if its tags do not say.

    Parameters
    ----------
    tags
        The image's, tidied.
    latest
        The file's modification time.

    Returns
    -------
    datetime or None
        Naive where it is the instrument's clock that says so.
    """
    counted = next(_counted(tags, latest), None)
    for section, date, time in CLOCKS:
        found = group(tags, *section.split("."))
        parts = (scalar(found.get(name)) for name in (date, time) if name)
        when = _read(" ".join(str(part or "") for part in parts), counted, latest)
        if when is not None and when.year >= EARLIEST.year:
            return when
    return counted or _stamped(tags)


def _read(text: str, counted: datetime | None, latest: datetime) -> datetime | None:
    """Return the time in a text, whose day or month is first.

    Which of both is told by a counter, where there is one. Otherwise a clock of 24
    hours belongs to a locale that has the day first.
    """
    usual = local_time(text, latest)
    day_first = local_time(text.replace("/", "."), latest)
    if usual is None or day_first is None:
        return usual or day_first
    if counted is None:
        return usual if "m" in text.lower() else day_first
    about = counted.replace(tzinfo=None)
    return min((usual, day_first), key=lambda when: abs(when - about))


def _counted(tags: Mapping[str, Any], latest: datetime) -> Iterator[datetime]:
    for section, key in FILE_TIMES:
        yield from _since(tags, (section, key), WINDOWS_EPOCH, 10, latest)
    yield from _since(tags, MILLISECONDS, UNIX_EPOCH, 1e-3, latest)


def _since(
    tags: Mapping[str, Any],
    where: tuple[str, str],
    epoch: datetime,
    per_microsecond: float,
    latest: datetime,
) -> Iterator[datetime]:
    """Yield the time that a counter shows, if it can be one."""
    section, key = where
    count = number(scalar(group(tags, *section.split(".")).get(key)))
    try:
        when = epoch + timedelta(microseconds=(count or 0) / per_microsecond)
    except OverflowError:
        return
    if EARLIEST <= when <= latest + timedelta(days=1):
        yield when


def _stamped(tags: Mapping[str, Any]) -> datetime | None:
    section, key = STAMP
    text = str(scalar(group(tags, section).get(key)) or "").strip()
    try:
        return datetime.strptime(text, STAMP_FORMAT)  # noqa: DTZ007 - the instrument's clock
    except ValueError:
        return None
