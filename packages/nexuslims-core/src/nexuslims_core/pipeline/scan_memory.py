"""The file that remembers folders: SQLite, with a checksum on all that is in it."""

from __future__ import annotations

import json
import os
import sqlite3
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_VERSION = 1
_AT_ONCE = 1000
"""Folders per transaction: what was stored stays when a walk is killed."""
_CHECKSUM = 4
_TABLES = """
CREATE TABLE IF NOT EXISTS about (question TEXT NOT NULL, complete_ns INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS folder (
    path BLOB PRIMARY KEY, head BLOB NOT NULL,
    walk INTEGER NOT NULL, times BLOB NOT NULL
);
"""


class DamagedError(Exception):
    """The file is not what was written."""


@dataclass(frozen=True, kw_only=True)
class Remembered:
    """What is kept of a folder."""

    state: tuple[int, ...]
    """What the file system said of the folder itself."""
    earliest: int
    """Oldest modification time of its files, in nanoseconds."""
    latest: int
    """Newest modification time of its files; before `earliest` if it has none."""
    folders: Sequence[str]
    """Names."""
    links: Sequence[str]
    """Names."""


class Memory:
    """Folders remembered, as answers to one question: which names are wanted.

    Methods may be called from several threads, by one at a time.

    Raises
    ------
    sqlite3.Error, DamagedError
        Any method: if the file cannot be used, or cannot be trusted.
    """

    def __init__(self, path: Path, question: str) -> None:
        self._connection = sqlite3.connect(path, check_same_thread=False, timeout=5.0)
        self._unsaved = 0
        try:
            self._prepare(question)
        except BaseException:
            self._connection.close()
            raise

    def _prepare(self, question: str) -> None:
        # Nothing is lost that could not be had again, and checksums tell what is torn.
        self._connection.execute("PRAGMA synchronous = OFF")
        self._connection.executescript(_TABLES)
        question = f"{_VERSION} {question}"
        known = self._connection.execute("SELECT question FROM about").fetchone()
        if known != (question,):
            self._connection.execute("DELETE FROM folder")
            self._connection.execute("DELETE FROM about")
            self._connection.execute("INSERT INTO about VALUES (?, 0)", (question,))
            self._connection.commit()

    def last_complete(self) -> int:
        """Return when the last complete walk began; 0 if there was none."""
        row = self._connection.execute("SELECT complete_ns FROM about").fetchone()
        return row[0] if row and isinstance(row[0], int) else 0

    def head(self, path: str) -> Remembered | None:
        """Return what is kept of a folder, without its files."""
        value = self._value("SELECT head FROM folder WHERE path = ?", path)
        if value is None:
            return None
        return Remembered(**{**value, "state": tuple(value["state"])})

    def times(self, path: str) -> Mapping[str, int]:
        """Return the modification times of a folder's files, by name."""
        value = self._value("SELECT times FROM folder WHERE path = ?", path)
        times: Mapping[str, int] = value or {}
        return times

    def _value(self, query: str, path: str) -> dict[str, Any] | None:
        key = os.fsencode(path)
        row = self._connection.execute(query, (key,)).fetchone()
        return None if row is None else _unsealed(row[0], key)

    def keep(
        self, path: str, head: Remembered, times: Mapping[str, int], walk: int
    ) -> None:
        """Remember a folder, as seen by the walk that began at a time."""
        key = os.fsencode(path)
        row = (key, _sealed(vars(head), key), walk, _sealed(times, key))
        self._connection.execute(
            "INSERT OR REPLACE INTO folder VALUES (?, ?, ?, ?)", row
        )
        self._unsaved += 1
        if self._unsaved >= _AT_ONCE:
            self._connection.commit()
            self._unsaved = 0

    def completed(self, walk: int) -> None:
        """Note that a walk was complete: what it did not see is forgotten."""
        self._connection.execute("DELETE FROM folder WHERE walk <> ?", (walk,))
        self._connection.execute("UPDATE about SET complete_ns = ?", (walk,))

    def close(self) -> None:
        """Save what is not saved yet, and close the file."""
        try:
            self._connection.commit()
        finally:
            self._connection.close()


def _sealed(value: Mapping[str, Any], key: bytes) -> bytes:
    # Names may hold what is no Unicode; JSON escapes that, and gives it back.
    content = json.dumps(value, separators=(",", ":")).encode()
    return zlib.crc32(content, zlib.crc32(key)).to_bytes(_CHECKSUM, "big") + content


def _unsealed(blob: object, key: bytes) -> dict[str, Any]:
    if not isinstance(blob, bytes):
        raise DamagedError("expected bytes")
    content = blob[_CHECKSUM:]
    expected = zlib.crc32(content, zlib.crc32(key)).to_bytes(_CHECKSUM, "big")
    if blob[:_CHECKSUM] != expected:
        raise DamagedError("a checksum is wrong")
    value: dict[str, Any] = json.loads(content)
    return value
