"""Copies of a SQLite database, made while others may use it."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from nexuslims_core.errors import StoreError

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path


def backup(path: Path, now: datetime) -> Path:
    """Copy the database at `path` to a new file beside it; return that file.

    Raises
    ------
    StoreError
        If no copy can be made; nothing is left of it then.
    """
    copy = _new_file(path, now)
    try:
        with (
            closing(sqlite3.connect(path)) as source,
            closing(sqlite3.connect(copy)) as target,
        ):
            source.backup(target)
        shutil.copymode(path, copy)
    except (OSError, sqlite3.Error) as error:
        copy.unlink(missing_ok=True)
        msg = (
            f"database {path} cannot be copied to {copy} ({error}), so it was left as "
            "it is; make room there or correct the permissions"
        )
        raise StoreError(msg) from error
    return copy


def _new_file(path: Path, now: datetime) -> Path:
    """Make an empty file that did not exist."""
    name = f"{path.stem}_backup_{now:%Y%m%d_%H%M%S}"
    number = 1
    while True:
        ending = path.suffix if number == 1 else f"_{number}{path.suffix}"
        copy = path.with_name(f"{name}{ending}")
        try:
            copy.touch(exist_ok=False)
        except FileExistsError:
            number += 1
            continue
        except OSError as error:
            msg = (
                f"no copy of {path} can be made beside it: {error.strerror}; let the "
                "user who runs nexuslims write to that folder"
            )
            raise StoreError(msg) from error
        return copy
