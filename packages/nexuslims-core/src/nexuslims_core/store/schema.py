"""The database's layout: making it, and telling which one is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from nexuslims_core.errors import StoreError
from nexuslims_core.store.engine import Database, sqlite_path
from nexuslims_core.store.tables import METADATA

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

REVISIONS = (
    "v1_4_3",
    "v2_4_0a",
    "v2_4_0b",
    "v2_5_0a",
    "v2_5_0b",
    "nx_0001",
    "nx_0002",
)
"""All migration scripts, the oldest first."""

HEAD = REVISIONS[-1]
"""Revision that `tables` describes."""

VERSION_TABLE = "alembic_version"

_BASELINE_COLUMNS = frozenset(
    {
        "instrument_pid",
        "api_url",
        "calendar_url",
        "location",
        "schema_name",
        "property_tag",
        "filestore_path",
        "harvester",
        "timezone",
    }
)
_ADDED = frozenset({"nx_problem"})
"""Tables of ours that came after the first revision of ours."""
_RENAMED = {"schema_name": "display_name"}
_LOG_COLUMNS = frozenset(
    {
        "id_session_log",
        "session_identifier",
        "instrument",
        "timestamp",
        "event_type",
        "record_status",
        "user",
    }
)


def initialise(url: str) -> None:
    """Make all tables in an empty database; the SQLite file and its folder, too.

    Raises
    ------
    StoreError
        If there is a database of ours already, or it cannot be made.
    """
    path = sqlite_path(url)
    fresh = path is not None and not path.exists()
    if path is not None:
        _make_folder_of(url)
    database = Database(url, create=True)
    try:
        with database.write() as connection:
            _refuse_existing(connection, database.label)
            METADATA.create_all(connection)
            stamp(connection, HEAD)
    except StoreError:
        if fresh and path is not None and path.exists() and not path.stat().st_size:
            path.unlink()
        raise
    finally:
        database.close()


def head_revision() -> str:
    """Return the revision that this version of NexusLIMS works with."""
    return HEAD


def current_revision(url: str) -> str | None:
    """Return the revision of the database; `None` when it names none.

    Raises
    ------
    StoreError
        If it cannot be asked.
    """
    database = Database(url)
    try:
        with database.read() as connection:
            return revision_of(connection)
    finally:
        database.close()


def missing_tables(url: str) -> tuple[str, ...]:
    """Return the names of the tables that the database ought to have and has not.

    Raises
    ------
    StoreError
        If it cannot be asked.
    """
    database = Database(url)
    try:
        with database.read() as connection:
            present = set(inspect(connection).get_table_names())
    finally:
        database.close()
    expected = {*METADATA.tables, VERSION_TABLE}
    return tuple(sorted(expected - present))


def revision_of(connection: Connection) -> str | None:
    """Return the revision that the database says it has."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    found = connection.scalars(text(f"SELECT version_num FROM {VERSION_TABLE}")).all()  # noqa: S608 - a constant
    if len(found) > 1:
        msg = (
            f"table {VERSION_TABLE} holds {len(found)} revisions "
            f"({', '.join(sorted(found))}), expected one; restore the database from "
            "a backup"
        )
        raise StoreError(msg)
    return str(found[0]) if found else None


def stamp(connection: Connection, revision: str) -> None:
    """Note that the database has the layout of `revision`."""
    connection.execute(
        text(
            f"CREATE TABLE IF NOT EXISTS {VERSION_TABLE} ( "
            "version_num VARCHAR(32) NOT NULL, "
            f"CONSTRAINT {VERSION_TABLE}_pkc PRIMARY KEY (version_num) )"
        )
    )
    connection.execute(text(f"DELETE FROM {VERSION_TABLE}"))  # noqa: S608 - a constant
    connection.execute(
        text(f"INSERT INTO {VERSION_TABLE} (version_num) VALUES (:revision)"),  # noqa: S608 - a constant
        {"revision": revision},
    )


def recognise(connection: Connection) -> str | None:
    """Return the revision whose layout an unmarked database has; `None` if empty.

    Raises
    ------
    StoreError
        If the layout is none that we know.
    """
    inspector = inspect(connection)
    tables = set(inspector.get_table_names()) - {VERSION_TABLE}
    if not tables & set(METADATA.tables):
        return None
    columns: dict[str, frozenset[str]] = {
        name: frozenset(column["name"] for column in inspector.get_columns(name))
        for name in ("instruments", "session_log")
        if name in tables
    }
    revision = _layout(tables, columns)
    if revision is None:
        raise StoreError(_unrecognised(tables, columns))
    return revision


def _layout(tables: AbstractSet[str], columns: dict[str, frozenset[str]]) -> str | None:
    instruments = columns.get("instruments", frozenset())
    if not columns.get("session_log", frozenset()) >= _LOG_COLUMNS:
        return None
    uploads, users = "upload_log" in tables, "external_user_identifiers" in tables
    ours = {name for name in METADATA.tables if name.startswith("nx_")}
    if instruments >= _BASELINE_COLUMNS and not ours & tables:
        # Checks may or may not be there yet: v2_4_0b can be applied twice.
        steps = {
            (False, False): "v1_4_3",
            (True, False): "v2_4_0a",
            (True, True): "v2_5_0a",
        }
        return steps.get((uploads, users))
    if instruments >= _newest_columns() and uploads and users:
        if ours - _ADDED <= tables:
            # The steps after that can be applied twice.
            return "nx_0001"
        return None if ours & tables else "v2_5_0b"
    return None


def _newest_columns() -> frozenset[str]:
    return frozenset(_RENAMED.get(name, name) for name in _BASELINE_COLUMNS)


def _unrecognised(tables: AbstractSet[str], columns: dict[str, frozenset[str]]) -> str:
    absent = sorted({"instruments", "session_log"} - tables)
    if absent:
        found = f"there is no table {' and no table '.join(absent)}"
    else:
        old = "schema_name" in columns["instruments"]
        wanted = _BASELINE_COLUMNS if old else _newest_columns()
        lacking = [
            *(f"instruments.{name}" for name in wanted - columns["instruments"]),
            *(f"session_log.{name}" for name in _LOG_COLUMNS - columns["session_log"]),
        ]
        found = (
            f"it lacks {', '.join(sorted(lacking))}"
            if lacking
            else f"its tables are {', '.join(sorted(tables))}"
        )
    return (
        "the database names no revision, and its layout is neither that of NexusLIMS "
        f"1.4.3 nor a newer one: {found}. Complete it by hand and name its revision "
        "with `nexuslims db stamp REVISION`, or restore a backup"
    )


def _refuse_existing(connection: Connection, label: str) -> None:
    present = set(inspect(connection).get_table_names())
    ours = present & {*METADATA.tables, VERSION_TABLE}
    if ours:
        msg = (
            f"database {label} exists already (it has {', '.join(sorted(ours))}); "
            "`nexuslims db upgrade` brings an older one up to date"
        )
        raise StoreError(msg)


def _make_folder_of(url: str) -> None:
    path = sqlite_path(url)
    if path is None:
        return
    try:
        path.absolute().parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        msg = f"folder {path.absolute().parent} cannot be made: {error.strerror}"
        raise StoreError(msg) from error
