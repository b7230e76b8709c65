"""What can be said of a file: how big, how old, and its SHA-256."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# Python's table of types is not the same on every system; a crate must be.
_TYPES = {
    ".emd": "application/x-hdf5",
    ".gif": "image/gif",
    ".h5": "application/x-hdf5",
    ".hdf5": "application/x-hdf5",
    ".hspy": "application/x-hdf5",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".json": "application/json",
    ".png": "image/png",
    ".tif": "image/tiff",
    ".tiff": "image/tiff",
    ".txt": "text/plain",
    ".xml": "application/xml",
}


@dataclass(frozen=True, kw_only=True)
class Facts:
    """A file as it was when it was looked at."""

    size: int
    modified: str
    """Time of its last change, ISO 8601, UTC."""
    sha256: str | None = None


def media_type(name: str) -> str:
    """Return the media type of a file with that name."""
    return _TYPES.get(Path(name).suffix.lower(), "application/octet-stream")


def facts_of(path: Path, *, checksum: bool, known: Facts | None = None) -> Facts | None:
    """Return the facts of a file; `None` if there is none that can be read.

    Parameters
    ----------
    path
        Where it is.
    checksum
        Whether the SHA-256 is wanted.
    known
        What was found earlier; a file of the same size and time is not read again.
    """
    try:
        if not path.is_file():  # opening a pipe would wait for its other end
            return None
        stat = path.stat()
        modified = _iso(stat.st_mtime_ns)
        if not checksum:
            return Facts(size=stat.st_size, modified=modified)
        same = known and (known.size, known.modified) == (stat.st_size, modified)
        sha256 = known.sha256 if known and same and known.sha256 else _sha256(path)
    except (OSError, ValueError):  # ValueError: a name that cannot be encoded
        return None
    return Facts(size=stat.st_size, modified=modified, sha256=sha256)


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _iso(time_ns: int) -> str:
    # Not `fromtimestamp`: a float would lose the last digits.
    return (_EPOCH + timedelta(microseconds=time_ns // 1000)).isoformat()
