"""Put a record on disk, whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

UPLOADED = "uploaded"
"""Folder below the records folder that holds the records whose delivery is done."""


def write(records_path: Path, stem: str, xml: bytes) -> Path:
    """Write a record and return its path; an older one of that name is replaced.

    Raises
    ------
    OSError
        If the folder cannot be written to.
    """
    path = records_path / f"{stem}.xml"
    handle, temporary = tempfile.mkstemp(dir=records_path, prefix=".", suffix=".xml")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(xml)
            stream.flush()
            os.fsync(stream.fileno())
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return path


def mark_uploaded(path: Path, records_path: Path) -> Path:
    """Move a delivered record into the folder of such; return its new path."""
    folder = records_path / UPLOADED
    if path.parent == folder:
        return path
    folder.mkdir(exist_ok=True)
    target = folder / path.name
    path.replace(target)
    return target


def find_record(path: Path | None, records_path: Path) -> Path | None:
    """Return where a record built earlier is now, or `None` when it is gone."""
    if path is None:
        return None
    places = (path, records_path / path.name, records_path / UPLOADED / path.name)
    return next((place for place in places if place.is_file()), None)
