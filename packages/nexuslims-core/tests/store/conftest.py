"""Initialised databases of both kinds, and files as other versions left them."""

from __future__ import annotations

import contextlib
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from nexuslims_core.store import Store, database_url, initialise
from nexuslims_core.types import Instrument, Session

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
LEASE = timedelta(hours=1)

INSTRUMENTS = """
CREATE TABLE instruments (
    instrument_pid VARCHAR(100) NOT NULL, api_url VARCHAR NOT NULL,
    calendar_url VARCHAR NOT NULL, location VARCHAR(100) NOT NULL,
    display_name VARCHAR NOT NULL, property_tag VARCHAR(20) NOT NULL,
    filestore_path VARCHAR NOT NULL, harvester VARCHAR DEFAULT 'nemo',
    timezone VARCHAR DEFAULT 'America/New_York',
    PRIMARY KEY (instrument_pid), UNIQUE (api_url));
INSERT INTO instruments VALUES
    ('FEI-Titan-STEM-630901', 'https://nemo.example.org/api/tools/?id=3',
     'https://nemo.example.org/calendar/titan/', '223/G101', 'FEI Titan STEM',
     '630901', '/Titan', 'nemo', 'America/New_York'),
    ('JEOL-3010', 'https://nemo.example.org/api/tools/?id=5',
     'https://nemo.example.org/calendar/jeol/', '223/B14', 'JEOL JEM-3010', '565989',
     './JEOL3010', 'nemo', 'Europe/Berlin');
"""

OLD_INSTRUMENTS = """
CREATE TABLE instruments (
    instrument_pid VARCHAR(100) NOT NULL PRIMARY KEY, api_url TEXT NOT NULL UNIQUE,
    calendar_name TEXT NOT NULL, calendar_url TEXT NOT NULL,
    location VARCHAR(100) NOT NULL, schema_name TEXT NOT NULL,
    property_tag VARCHAR(20) NOT NULL, filestore_path TEXT NOT NULL,
    computer_name TEXT UNIQUE, computer_ip VARCHAR(15) UNIQUE, computer_mount TEXT,
    harvester TEXT, timezone TEXT DEFAULT "America/New_York",
    site_note TEXT);
CREATE INDEX instruments_by_tag ON instruments (property_tag);
INSERT INTO instruments VALUES
    ('FEI-Titan-STEM-630901', 'https://nemo.example.org/api/tools/?id=3', 'Titan',
     'https://nemo.example.org/calendar/titan/', '223/G101', 'FEI Titan STEM',
     '630901', '/Titan', 'TITAN-PC', '10.0.0.3', 'M:/', 'nemo', 'America/New_York',
     'serviced in May'),
    ('JEOL-3010', 'https://nemo.example.org/api/tools/?id=5', 'JEOL',
     'https://nemo.example.org/calendar/jeol/', '223/B14', 'JEOL JEM-3010', '565989',
     './JEOL3010', 'JEOL-PC', '10.0.0.5', 'N:/', NULL, NULL, NULL);
"""

SESSION_LOG = """
CREATE TABLE session_log (
    id_session_log INTEGER NOT NULL, session_identifier VARCHAR(36) NOT NULL,
    instrument VARCHAR(100) NOT NULL, timestamp TEXT NOT NULL,
    event_type VARCHAR NOT NULL,
    record_status VARCHAR DEFAULT 'WAITING_FOR_END' NOT NULL, user VARCHAR(50),
    PRIMARY KEY (id_session_log),
    FOREIGN KEY(instrument) REFERENCES instruments (instrument_pid),
    CONSTRAINT check_event_type CHECK (
        event_type IN ('START', 'END', 'RECORD_GENERATION')),
    CONSTRAINT check_record_status CHECK (
        record_status IN ('COMPLETED', 'WAITING_FOR_END', 'TO_BE_BUILT',
        'BUILT_NOT_EXPORTED', 'ERROR', 'NO_FILES_FOUND', 'NO_CONSENT',
        'NO_RESERVATION')));
CREATE INDEX ix_session_log_session_identifier ON session_log (session_identifier);
"""

OLD_SESSION_LOG = """
CREATE TABLE session_log (
    id_session_log INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    session_identifier VARCHAR(36) NOT NULL,
    instrument VARCHAR(100) NOT NULL REFERENCES instruments(instrument_pid)
        ON DELETE CASCADE ON UPDATE CASCADE,
    timestamp DATETIME NOT NULL
        DEFAULT (strftime('%Y-%m-%dT%H:%M:%f', 'now', 'localtime')),
    event_type TEXT NOT NULL CHECK(event_type IN ('START','END','RECORD_GENERATION')),
    record_status TEXT NOT NULL DEFAULT 'WAITING_FOR_END',
    user VARCHAR(50));
CREATE VIEW recent AS SELECT * FROM session_log ORDER BY id_session_log DESC LIMIT 10;
"""

UPLOAD_LOG = """
CREATE TABLE upload_log (
    id INTEGER NOT NULL, session_identifier VARCHAR(36) NOT NULL,
    destination_name VARCHAR(100) NOT NULL, success BOOLEAN NOT NULL,
    timestamp TEXT NOT NULL, record_id VARCHAR(255), record_url VARCHAR(500),
    error_message TEXT, metadata_json TEXT, PRIMARY KEY (id));
CREATE INDEX ix_upload_log_session_identifier ON upload_log (session_identifier);
CREATE INDEX ix_upload_log_destination_name ON upload_log (destination_name);
"""

EXTERNAL_USERS = """
CREATE TABLE external_user_identifiers (
    id INTEGER NOT NULL, nexuslims_username VARCHAR NOT NULL,
    external_system VARCHAR NOT NULL, external_id VARCHAR NOT NULL, email VARCHAR,
    created_at TEXT NOT NULL, last_verified_at TEXT, notes VARCHAR, PRIMARY KEY (id),
    CONSTRAINT nexuslims_username_system_UNIQUE
        UNIQUE (nexuslims_username, external_system),
    CONSTRAINT system_external_id_UNIQUE UNIQUE (external_system, external_id),
    CHECK (external_system IN
        ('nemo', 'labarchives_eln', 'labarchives_scheduler', 'cdcs')));
CREATE INDEX idx_external_lookup ON external_user_identifiers
    (external_system, external_id);
CREATE INDEX idx_nexuslims_username ON external_user_identifiers (nexuslims_username);
"""

EVENT = "https://nemo.example.org/api/usage_events/?id="

LOG_ROWS = f"""
INSERT INTO session_log VALUES
    (1, '{EVENT}101', 'FEI-Titan-STEM-630901', '2026-11-01T09:00:00-05:00', 'START',
     'COMPLETED', 'ada'),
    (2, '{EVENT}101', 'FEI-Titan-STEM-630901', '2026-11-01T11:30:00-05:00', 'END',
     'COMPLETED', 'ada'),
    (3, '{EVENT}101', 'FEI-Titan-STEM-630901', '2026-11-01T12:00:01.123456-05:00',
     'RECORD_GENERATION', 'COMPLETED', 'nexuslims'),
    (7, '{EVENT}102', 'FEI-Titan-STEM-630901', '2026-11-20T09:00:00-05:00', 'START',
     'TO_BE_BUILT', 'ada'),
    (8, '{EVENT}102', 'FEI-Titan-STEM-630901', '2026-11-20T10:00:00-05:00', 'END',
     'TO_BE_BUILT', 'ada'),
    (9, '{EVENT}103', 'JEOL-3010', '2026-11-21T09:00:00+01:00', 'START',
     'WAITING_FOR_END', NULL),
    (10, '{EVENT}104', 'JEOL-3010', '2026-10-01T09:00:00+02:00', 'START', 'ERROR',
     'emmy'),
    (11, '{EVENT}104', 'JEOL-3010', '2026-10-01T10:00:00+02:00', 'END', 'ERROR',
     'emmy');
"""

UPLOAD_ROWS = f"""
INSERT INTO upload_log VALUES
    (1, '{EVENT}101', 'cdcs', 0, '2026-11-01T12:00:02.5', NULL, NULL,
     'HTTP 502', NULL),
    (2, '{EVENT}101', 'cdcs', 1, '2026-11-01T12:05:02.5', '64a1',
     'https://cdcs.example.org/data?id=64a1', NULL, '{{"workspace": 3}}');
"""

USER_ROWS = """
INSERT INTO external_user_identifiers VALUES
    (1, 'ada', 'labarchives_eln', '285', 'ada@example.org',
     '2026-01-05T10:00:00+00:00', NULL, 'by hand');
"""

SESSION_STATE = """
CREATE TABLE nx_session (
    session_identifier TEXT NOT NULL, instrument TEXT NOT NULL, status TEXT,
    ended_at DATETIME, attempts INTEGER DEFAULT '0' NOT NULL,
    next_attempt_at DATETIME, lease_owner TEXT, lease_expires_at DATETIME,
    record_path TEXT, record_sha256 TEXT, inputs_fingerprint TEXT,
    extractors_fingerprint TEXT, last_error TEXT, built_at DATETIME,
    updated_at DATETIME NOT NULL, PRIMARY KEY (session_identifier, instrument));
CREATE INDEX ix_nx_session_ended_at ON nx_session (ended_at);
CREATE INDEX ix_nx_session_next_attempt_at ON nx_session (next_attempt_at);
CREATE INDEX ix_nx_session_lease_owner ON nx_session (lease_owner);
CREATE TABLE nx_session_file (
    id INTEGER NOT NULL, session_identifier TEXT NOT NULL, instrument TEXT NOT NULL,
    path TEXT NOT NULL, size BIGINT NOT NULL, mtime_ns BIGINT NOT NULL,
    state TEXT NOT NULL, warning TEXT, PRIMARY KEY (id),
    CONSTRAINT fk_nx_session_file_session FOREIGN KEY(session_identifier, instrument)
        REFERENCES nx_session (session_identifier, instrument) ON DELETE CASCADE);
CREATE INDEX ix_nx_session_file_session
    ON nx_session_file (session_identifier, instrument);
CREATE TABLE nx_delivery (
    session_identifier TEXT NOT NULL, instrument TEXT NOT NULL,
    destination TEXT NOT NULL, action TEXT, record_id TEXT, record_url TEXT,
    content_sha256 TEXT, delivered_at DATETIME NOT NULL, metadata_json TEXT,
    PRIMARY KEY (session_identifier, instrument, destination),
    CONSTRAINT fk_nx_delivery_session FOREIGN KEY(session_identifier, instrument)
        REFERENCES nx_session (session_identifier, instrument) ON DELETE CASCADE);
CREATE TABLE nx_session_details (
    session_identifier TEXT NOT NULL, instrument TEXT NOT NULL, details TEXT NOT NULL,
    PRIMARY KEY (session_identifier, instrument));
CREATE TABLE nx_source (
    name TEXT NOT NULL, failures INTEGER DEFAULT '0' NOT NULL,
    next_attempt_at DATETIME, last_success_at DATETIME, last_failure_at DATETIME,
    last_error TEXT, PRIMARY KEY (name));
"""

LAYOUTS = {
    "v1_4_3": (OLD_INSTRUMENTS, OLD_SESSION_LOG, LOG_ROWS),
    "v2_4_0a": (
        *(OLD_INSTRUMENTS, OLD_SESSION_LOG, LOG_ROWS),
        *(UPLOAD_LOG, UPLOAD_ROWS),
    ),
    "v2_4_0b": (
        *(OLD_INSTRUMENTS, SESSION_LOG, LOG_ROWS),
        *(UPLOAD_LOG, UPLOAD_ROWS),
    ),
    "v2_5_0a": (
        *(OLD_INSTRUMENTS, SESSION_LOG, LOG_ROWS, UPLOAD_LOG, UPLOAD_ROWS),
        *(EXTERNAL_USERS, USER_ROWS),
    ),
    "v2_5_0b": (
        *(INSTRUMENTS, SESSION_LOG, LOG_ROWS, UPLOAD_LOG, UPLOAD_ROWS),
        *(EXTERNAL_USERS, USER_ROWS),
    ),
    "nx_0001": (
        *(INSTRUMENTS, SESSION_LOG, LOG_ROWS, UPLOAD_LOG, UPLOAD_ROWS),
        *(EXTERNAL_USERS, USER_ROWS, SESSION_STATE),
    ),
}
MARK = """
CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL,
    CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num));
INSERT INTO alembic_version VALUES ('{revision}');
"""


class ServerDatabase:
    """A PostgreSQL database, and plain SQL on it; its clock stands where it is set."""

    def __init__(self, url):
        # Our clock comes before the server's own.
        self.url = f"{url}?options=-csearch_path%3Dpublic%2Cpg_catalog"
        self._moment = None

    def sql(self, script, *values):
        import psycopg

        if values:
            script = script.replace("?", "%s")
        with psycopg.connect(self.url) as connection:
            done = connection.execute(script, values or None)
            return done.fetchall() if done.description else []

    def run(self, *scripts):
        for script in scripts:
            self.sql(script)

    def table(self, name):
        import psycopg
        from psycopg.rows import dict_row

        with psycopg.connect(self.url, row_factory=dict_row) as connection:
            # By the key: an update moves a row to the end.
            return connection.execute(f"SELECT * FROM {name} ORDER BY 1").fetchall()

    def install_clock(self):
        self.run(
            "CREATE SCHEMA standing",
            "CREATE TABLE standing.clock (moment timestamptz)",
            f"INSERT INTO standing.clock VALUES ('{NOW.isoformat()}')",
            "CREATE FUNCTION public.clock_timestamp() RETURNS timestamptz LANGUAGE sql "
            "AS 'SELECT moment FROM standing.clock'",
        )

    def set_clock(self, moment):
        if moment != self._moment:
            self.sql("UPDATE standing.clock SET moment = ?", moment)
            self._moment = moment


class Database:
    """A database file, and plain SQL on it as an operator would type it."""

    def __init__(self, path: Path):
        self.path = path
        self.url = database_url(path)

    def sql(self, script, *values):
        with closing(sqlite3.connect(self.path)) as connection:
            rows = connection.execute(script, values).fetchall()
            connection.commit()
            return rows

    def run(self, *scripts):
        with closing(sqlite3.connect(self.path)) as connection:
            for script in scripts:
                connection.executescript(script)

    def table(self, name):
        with closing(sqlite3.connect(self.path)) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(f"SELECT * FROM {name}")]

    def set_clock(self, moment):
        """Do nothing: a file has no clock, and the runner's counts."""

    def layout(self):
        """Return all tables and indexes as SQL, spelt in one way."""
        found = self.sql("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")
        return {name: _one_spelling(sql) for name, sql in found}


def _one_spelling(sql):
    """Return a statement without quotes, line breaks, and any order of constraints.

    SQLAlchemy keeps the constraints of a table in a set: their order is by chance.
    """
    plain = " ".join(sql.replace('"', "").split())
    columns, *constraints = plain.removesuffix(" )").split(", CONSTRAINT ")
    if not constraints:
        return plain
    return ", CONSTRAINT ".join([columns, *sorted(constraints)]) + " )"


@pytest.fixture
def now():
    return NOW


@pytest.fixture
def lease():
    return LEASE


BOTH = ["sqlite", pytest.param("postgresql", marks=pytest.mark.live)]


@pytest.fixture
def empty_file(tmp_path):
    """A file that holds nothing yet."""
    database = Database(tmp_path / "nexuslims.db")
    database.path.touch()
    return database


@pytest.fixture(scope="session")
def empty_template(postgresql_server):
    """A PostgreSQL database with nothing but a clock."""
    url = postgresql_server.create_database()
    ServerDatabase(url).install_clock()
    return url


@pytest.fixture(scope="session")
def template(postgresql_server, empty_template):
    url = postgresql_server.create_database(empty_template)
    initialise(url)
    return url


@pytest.fixture
def copy_of(postgresql_server):
    """Return a function that copies a PostgreSQL database."""
    with contextlib.ExitStack() as stack:

        def copy(template):
            url = postgresql_server.create_database(template)
            stack.callback(postgresql_server.drop_database, url)
            return ServerDatabase(url)

        yield copy


@pytest.fixture(params=BOTH)
def empty(request):
    """A database that holds nothing yet."""
    ask = request.getfixturevalue
    if request.param == "sqlite":
        return ask("empty_file")
    return ask("copy_of")(ask("empty_template"))


@pytest.fixture
def old_database(tmp_path):
    """Return a function that makes a database with the layout of a revision."""

    def make(revision, *, marked=True, name="nexuslims.db"):
        database = Database(tmp_path / name)
        database.run(*LAYOUTS[revision])
        if marked:
            database.run(MARK.format(revision=revision))
        return database

    return make


@pytest.fixture
def file(empty_file):
    """An initialised SQLite file."""
    initialise(empty_file.url)
    return empty_file


@pytest.fixture(params=BOTH)
def database(request):
    """An initialised database."""
    ask = request.getfixturevalue
    if request.param == "sqlite":
        return ask("file")
    return ask("copy_of")(ask("template"))


@pytest.fixture
def instrument():
    return Instrument(
        pid="FEI-Titan-STEM-630901",
        display_name="FEI Titan STEM",
        location="223/G101",
        filestore_path="/Titan",
        timezone="America/New_York",
        api_url="https://nemo.example.org/api/tools/?id=3",
        calendar_url="https://nemo.example.org/calendar/titan/",
        property_tag="630901",
    )


@pytest.fixture
def store(database, instrument):
    with Store.open(database.url) as opened:
        opened.add_instrument(instrument)
        yield opened


@pytest.fixture
def session(instrument):
    """Return a function that makes a session, by default of one hour two days ago."""

    def make(number=1, *, start=NOW - timedelta(days=2), hours=1, **others):
        values = {"user": "ada", "instrument": instrument, **others}
        return Session(
            identifier=f"{EVENT}{number}",
            start=start,
            end=start + timedelta(hours=hours),
            **values,
        )

    return make


@pytest.fixture
def claim_from():
    """Return a function that claims from a store as a runner does."""

    def make(store, owner="runner", **others):
        values = {
            "now": NOW,
            "lease": LEASE,
            "recheck_since": NOW - timedelta(days=4),
            **others,
        }
        return store.claim(owner=owner, **values)

    return make


@pytest.fixture
def claim(store, database, claim_from):
    """Return a function that claims, at the time that it gives, by whichever clock."""

    def make(owner="runner", **others):
        database.set_clock(others.get("now", NOW))
        return claim_from(store, owner, **others)

    return make


@pytest.fixture
def log_event(database):
    """Return a function that logs an event as an external logger does."""

    def write(identifier, event_type, timestamp, **others):
        values = {
            "instrument": "FEI-Titan-STEM-630901",
            "user": "ada",
            **others,
            "session_identifier": identifier,
            "event_type": event_type,
            "timestamp": timestamp,
        }
        # The name of a column is a word of SQL.
        names, marks = (
            ", ".join(f'"{name}"' for name in values),
            ", ".join("?" * len(values)),
        )
        database.sql(
            f"INSERT INTO session_log ({names}) VALUES ({marks})", *values.values()
        )

    return write
