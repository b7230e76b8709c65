"""Connections: opening a database, short transactions, and what errors mean."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from datetime import UTC
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, create_engine, event, func, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError, StatementError
from sqlalchemy.pool import NullPool

from nexuslims_core.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

BUSY_TIMEOUT_S = 30.0
"""How long to wait for another program's transaction before giving up."""

WRITER_LOCK = 0x6E65787573
"""Key of the PostgreSQL advisory lock that writers hold ("nexus" in ASCII)."""

_HINTS = {
    "no such table": "run `nexuslims db upgrade`",
    "no such column": "run `nexuslims db upgrade`",
    "undefinedtable": "run `nexuslims db upgrade`",
    "undefinedcolumn": "run `nexuslims db upgrade`",
    "database is locked": "another program keeps it busy; close it and try again",
    "readonly database": "let the user who runs nexuslims write to it and its folder",
    "unable to open": "check that the file exists and may be read and written",
    "not a database": "NX_DB_PATH names some other file",
    "malformed": "restore it from a backup",
    "disk is full": "make room on that disk",
    "connection refused": "check that the server runs and NX_DB_URL is right",
    "connection failed": "check that the server runs and NX_DB_URL is right",
}


def database_url(path: Path) -> str:
    """Return the URL of the SQLite database file at `path`."""
    url = URL.create("sqlite", database=str(path.absolute()))
    return url.render_as_string(hide_password=False)


def parse_url(url: str) -> URL:
    """Return `url` with the driver that we use.

    Raises
    ------
    StoreError
        If it is no URL of a SQLite file or a PostgreSQL database.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        msg = "NX_DB_URL is no database URL; expected postgresql://user@host/name"
        raise StoreError(msg) from error
    if parsed.drivername in {"postgres", "postgresql"}:
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.get_backend_name() == "sqlite" and not _sqlite_file(parsed):
        msg = "a SQLite database must be a file, e.g. sqlite:////srv/nexuslims.db"
        raise StoreError(msg)
    if parsed.get_backend_name() not in {"sqlite", "postgresql"}:
        msg = (
            f"databases of kind {parsed.get_backend_name()!r} are not supported; "
            "expected sqlite or postgresql"
        )
        raise StoreError(msg)
    return parsed


def shown_url(url: str) -> str:
    """Return what to call the database in a message: its file, or URL and no password.

    Raises
    ------
    StoreError
        If there is no sense in `url`.
    """
    path = sqlite_path(url)
    return str(path) if path else parse_url(url).render_as_string(hide_password=True)


def sqlite_path(url: str) -> Path | None:
    """Return the file of a SQLite database, `None` for a database server."""
    parsed = parse_url(url)
    if parsed.get_backend_name() != "sqlite":
        return None
    return Path(parsed.database or "")


class Database:
    """One database, and transactions in it.

    Parameters
    ----------
    url
        SQLAlchemy URL of a SQLite file or a PostgreSQL database.
    create
        Whether a missing SQLite file is made; otherwise it is an error.
    foreign_keys
        Whether SQLite checks foreign keys; off while tables are rebuilt.

    Raises
    ------
    StoreError
        If there is no such file, no driver for the database, or no sense in the URL.
    """

    def __init__(
        self, url: str, *, create: bool = False, foreign_keys: bool = True
    ) -> None:
        parsed = parse_url(url)
        self.label = shown_url(url)
        if parsed.get_backend_name() == "sqlite":
            path = Path(parsed.database or "")
            self.engine = _sqlite_engine(
                parsed, path, create=create, foreign_keys=foreign_keys
            )
        else:
            self.engine = _server_engine(parsed)
        self._writer = self.engine.execution_options(begin="IMMEDIATE")
        self._reader = _reader(self.engine)

    @property
    def is_shared(self) -> bool:
        """Whether it is a server, which programs on several machines may use."""
        return self.engine.dialect.name == "postgresql"

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Yield a connection that sees one state of the database.

        Raises
        ------
        StoreError
            For anything that the database refuses.
        """
        with self._answering(), self._reader.connect() as connection:
            yield connection

    @contextmanager
    def write(self, *, turns: bool = True) -> Iterator[Connection]:
        """Yield a connection in a transaction; all of it is kept, or nothing.

        Parameters
        ----------
        turns
            Whether writers take turns, so that what one reads stays true until it has
            written. Those who lock the rows that they read (`locks`) need not, and on
            PostgreSQL do not.

        Raises
        ------
        StoreError
            For anything that the database refuses.
        """
        with self._answering(), self._writer.begin() as connection:
            if turns and is_shared(connection):
                connection.execute(select(func.pg_advisory_xact_lock(WRITER_LOCK)))
            yield connection

    @contextmanager
    def _answering(self) -> Iterator[None]:
        try:
            yield
        except SQLAlchemyError as error:
            raise StoreError(f"database {self.label}: {explain(error)}") from error


def is_shared(connection: Connection) -> bool:
    """Tell whether writers in the database lock rows, rather than all of it."""
    return connection.dialect.name == "postgresql"


def clock(connection: Connection, local: datetime) -> datetime:
    """Return what time it is for everybody who uses the database.

    A server has one clock for all machines, however wrong theirs are; a file is used by
    one machine, whose time is `local`.
    """
    if not is_shared(connection):
        return local
    moment: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
    return moment.astimezone(UTC)


def explain(error: SQLAlchemyError) -> str:
    """Return what went wrong and the remedy, without statements and values."""
    if not isinstance(error, StatementError) or error.orig is None:
        return str(error)
    lines = str(error.orig).strip().splitlines()
    text = lines[0] if lines else type(error.orig).__name__
    found = f"{type(error.orig).__name__} {error.orig}".lower()
    hint = next((remedy for sign, remedy in _HINTS.items() if sign in found), None)
    return f"{text}; {hint}" if hint else text


def _reader(engine: Engine) -> Engine:
    if engine.dialect.name != "postgresql":
        return engine
    # Otherwise each statement would see what was committed since the one before.
    return engine.execution_options(
        isolation_level="REPEATABLE READ", postgresql_readonly=True
    )


def _sqlite_file(url: URL) -> bool:
    return bool(url.database) and url.database != ":memory:"


def _sqlite_engine(url: URL, path: Path, *, create: bool, foreign_keys: bool) -> Engine:
    if not create and not path.is_file():
        msg = f"database {path} does not exist; `nexuslims db init` makes it"
        raise StoreError(msg)
    mode = "rwc" if create else "rw"

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(
            f"{file_uri(path.absolute())}?mode={mode}",
            uri=True,
            timeout=BUSY_TIMEOUT_S,
            # Transactions begin where we say so: the driver's own begin after reading
            # has been done, and leave changes of tables outside.
            isolation_level=None,
            check_same_thread=False,
        )
        connection.execute(f"PRAGMA foreign_keys = {int(foreign_keys)}")
        return connection

    engine = create_engine(url, creator=connect, poolclass=NullPool)
    event.listen(engine, "begin", _begin)
    return engine


def _begin(connection: Connection) -> None:
    kind = connection.get_execution_options().get("begin", "DEFERRED")
    connection.exec_driver_sql(f"BEGIN {kind}")


def _server_engine(url: URL) -> Engine:
    options: dict[str, Any] = {"pool_pre_ping": True}
    try:
        return create_engine(url, **options)
    except ImportError as error:
        msg = (
            f"no driver for {url.drivername} databases ({error}); "
            "pip install 'nexuslims-core[postgresql]'"
        )
        raise StoreError(msg) from error


def file_uri(path: PurePath) -> str:
    """Return an absolute path as SQLite wants it; a share's name stays part of it."""
    text = path.as_posix()
    return "file://" + quote(text if text.startswith("/") else f"/{text}", safe="/:")
