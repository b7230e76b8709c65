"""Taking a database from one revision to another, in place."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, event, func, inspect, select, table, text

from nexuslims_core.errors import StoreError
from nexuslims_core.store.backup import backup
from nexuslims_core.store.engine import Database, sqlite_path
from nexuslims_core.store.schema import HEAD, REVISIONS, recognise, revision_of, stamp
from nexuslims_core.store.values import Revision, Upgrade

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from alembic.config import Config
    from alembic.script import ScriptDirectory

SHARED_TABLES = (
    "instruments",
    "session_log",
    "upload_log",
    "external_user_identifiers",
)
"""Tables that may hold what a facility cannot make again."""


def upgrade(url: str, revision: str = "head") -> Upgrade:
    """Bring the database forward, after a copy of a SQLite file was made beside it.

    A database that names no revision is recognised by its layout.

    Raises
    ------
    StoreError
        If it cannot be upgraded; it is then as it was, and the message names the copy.
    """
    from alembic import command

    return _migrate(url, lambda config: command.upgrade(config, revision), forward=True)


def downgrade(url: str, revision: str = "-1") -> Upgrade:
    """Take the database back, after a copy of a SQLite file was made beside it.

    What the older layout has no place for is lost, except in the copy.

    Raises
    ------
    StoreError
        If it cannot be done; the database is then as it was.
    """
    from alembic import command

    return _migrate(
        url, lambda config: command.downgrade(config, revision), forward=False
    )


def plan(url: str, revision: str = "head", *, back: bool = False) -> tuple[str, ...]:
    """Return the statements that `upgrade` (or `downgrade`) would run; change nothing.

    Raises
    ------
    StoreError
        If they would fail.
    """
    from alembic import command

    step = command.downgrade if back else command.upgrade
    with _rebuilding(url) as database:
        seen = _record(database)
        with _attempt(database, []) as connection:
            _stamp_unmarked(connection)
            step(_config(connection), revision)
            connection.rollback()
        return tuple(seen)


def mark(url: str, revision: str) -> None:
    """Note that the database has the layout of `revision`, without changing it.

    Raises
    ------
    StoreError
        If there is no such revision, or the database cannot be written.
    """
    _refuse_unknown(revision)
    database = Database(url)
    try:
        with database.write() as connection:
            stamp(connection, revision)
    finally:
        database.close()


def history() -> tuple[Revision, ...]:
    """Return all revisions, the oldest first."""
    found = [
        Revision(
            id=script.revision,
            previous=str(script.down_revision) if script.down_revision else None,
            description=script.doc,
        )
        for script in _scripts().walk_revisions()
    ]
    return tuple(reversed(found))


def _migrate(url: str, step: Callable[[Config], None], *, forward: bool) -> Upgrade:
    path = sqlite_path(url)
    copies: list[Path] = []
    with _rebuilding(url) as database, _attempt(database, copies) as connection:
        before = revision_of(connection)
        if before is not None:
            _refuse_unknown(before)
        if forward and before == HEAD:
            return Upgrade(before=before, after=HEAD)
        if path is not None:
            # Made inside the transaction: nobody writes between copy and change.
            copies.append(backup(path, datetime.now().astimezone()))
        after = _change(connection, step)
    if after == before:
        _discard(copies)
    return Upgrade(before=before, after=after, backup=copies[0] if copies else None)


def _change(connection: Connection, step: Callable[[Config], None]) -> str:
    """Run the scripts; return the revision that they lead to."""
    _stamp_unmarked(connection)
    rows = _row_counts(connection)
    step(_config(connection))
    _check_rows(rows, _row_counts(connection))
    return revision_of(connection) or ""


def _discard(copies: list[Path]) -> None:
    while copies:
        copies.pop().unlink(missing_ok=True)


@contextmanager
def _rebuilding(url: str) -> Iterator[Database]:
    """Yield the database; SQLite tables may be dropped and renamed in it."""
    database = Database(url, foreign_keys=False)
    try:
        yield database
    finally:
        database.close()


@contextmanager
def _attempt(database: Database, copies: list[Path]) -> Iterator[Connection]:
    """Yield a transaction; say what is left when it fails."""
    from alembic.util import CommandError

    try:
        with database.write() as connection:
            if connection.dialect.name == "sqlite":
                # Views go on meaning the table of that name when it is replaced.
                connection.execute(text("PRAGMA legacy_alter_table = ON"))
            yield connection
    except (StoreError, CommandError) as error:
        copy = f"; a copy made before is {copies[0]}" if copies else ""
        msg = f"{error}. Nothing was changed in {database.label}{copy}"
        raise StoreError(msg) from error


def _record(database: Database) -> list[str]:
    """Return a list that takes every statement that will change something."""
    seen: list[str] = []

    def note(*arguments: object) -> None:
        statement = str(arguments[2]).strip()
        if not statement.upper().startswith(("SELECT", "PRAGMA", "BEGIN")):
            seen.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    return seen


def _stamp_unmarked(connection: Connection) -> None:
    if revision_of(connection) is not None:
        return
    recognised = recognise(connection)
    if recognised is not None:
        stamp(connection, recognised)


def _refuse_unknown(revision: str) -> None:
    if revision not in REVISIONS:
        msg = (
            f"revision {revision!r} is unknown to this version of NexusLIMS (it knows "
            f"{', '.join(REVISIONS)}); a newer version made it: update nexuslims-core"
        )
        raise StoreError(msg)


def _row_counts(connection: Connection) -> dict[str, int]:
    present = set(inspect(connection).get_table_names())
    return {
        name: connection.scalar(select(func.count()).select_from(table(name))) or 0
        for name in SHARED_TABLES
        if name in present
    }


def _check_rows(before: dict[str, int], after: dict[str, int]) -> None:
    for name in before.keys() & after.keys():
        if before[name] != after[name]:
            msg = f"table {name} had {before[name]} rows and would have {after[name]}"
            raise StoreError(msg)


def _config(connection: Connection | None = None) -> Config:
    from alembic.config import Config

    config = Config()
    folder = Path(__file__).with_name("migrations")
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _scripts() -> ScriptDirectory:
    from alembic.script import ScriptDirectory

    return ScriptDirectory.from_config(_config())
