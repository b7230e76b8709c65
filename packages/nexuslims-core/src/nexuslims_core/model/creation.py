"""Tell when a dataset was acquired."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import tzinfo

    from nexuslims_core.model.files import Dataset

FROM_METADATA = "file metadata"
FROM_MTIME = "file modification time"


def creation_time(dataset: Dataset, notes: list[str]) -> tuple[datetime, str]:
    """Return when a dataset was acquired, and where that is known from.

    Parameters
    ----------
    notes
        Takes a sentence on each time that cannot be used.

    Returns
    -------
    time
        What the file says, a time without zone being the instrument's; otherwise when
        the file was last written.
    source
        `FROM_METADATA` or `FROM_MTIME`.
    """
    zone = _zone(dataset, notes)
    given: object = dataset.creation_time
    if given is None:
        return _modified(dataset, zone, notes), FROM_MTIME
    try:
        if isinstance(given, str):
            given = datetime.fromisoformat(given.strip())
        if isinstance(given, datetime):
            return _aware(given, zone), FROM_METADATA
    except (ValueError, OverflowError, OSError):
        pass  # Answered below: it is no time that can be used.
    notes.append(
        f"Creation time {given!r:.80} is no usable time; "
        "the file's modification time is used."
    )
    return _modified(dataset, zone, notes), FROM_MTIME


def _zone(dataset: Dataset, notes: list[str]) -> tzinfo | None:
    try:
        return dataset.file.timezone
    except (KeyError, ValueError, OSError) as error:
        notes.append(f"Time zone of the instrument is unusable: {error}.")
        return None


def _aware(time: datetime, zone: tzinfo | None) -> datetime:
    if time.utcoffset() is not None:
        return time
    # `None` means the system's zone, which `astimezone` applies to naive times.
    return time.replace(tzinfo=zone) if zone else time.replace(tzinfo=None).astimezone()


def _modified(dataset: Dataset, zone: tzinfo | None, notes: list[str]) -> datetime:
    seconds = dataset.file.mtime_ns / 1e9
    try:
        return datetime.fromtimestamp(seconds, tz=zone).astimezone(zone)
    except (ValueError, OverflowError, OSError):
        notes.append(f"Modification time {dataset.file.mtime_ns} ns is unusable.")
        return datetime.fromtimestamp(0, tz=UTC)
