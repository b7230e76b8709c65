"""An installation of NexusLIMS 2.8.0 as it is found: database, files and records."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from nexuslims_core.store import database_url, upgrade
from nexuslims_testing.facility import Facility

INSTRUMENT = "FEI-Titan-TEM-635816"
ZONE = ZoneInfo("America/Denver")
FOLDER = "Titan"

TABLES = """
CREATE TABLE instruments (
    instrument_pid VARCHAR(100) NOT NULL,
    api_url VARCHAR NOT NULL,
    calendar_url VARCHAR NOT NULL,
    location VARCHAR(100) NOT NULL,
    display_name VARCHAR NOT NULL,
    property_tag VARCHAR(20) NOT NULL,
    filestore_path VARCHAR NOT NULL,
    harvester VARCHAR DEFAULT 'nemo' NOT NULL,
    timezone VARCHAR DEFAULT 'America/New_York' NOT NULL,
    PRIMARY KEY (instrument_pid),
    UNIQUE (api_url)
);
CREATE TABLE session_log (
    id_session_log INTEGER NOT NULL,
    session_identifier VARCHAR(36) NOT NULL,
    instrument VARCHAR(100) NOT NULL,
    timestamp TEXT NOT NULL,
    event_type VARCHAR(17) NOT NULL,
    record_status VARCHAR(18) DEFAULT 'WAITING_FOR_END' NOT NULL,
    user VARCHAR(50),
    PRIMARY KEY (id_session_log),
    FOREIGN KEY(instrument) REFERENCES instruments (instrument_pid),
    CONSTRAINT check_event_type
        CHECK (event_type IN ('START', 'END', 'RECORD_GENERATION')),
    CONSTRAINT check_record_status
        CHECK (record_status IN ('COMPLETED', 'WAITING_FOR_END', 'TO_BE_BUILT',
            'BUILT_NOT_EXPORTED', 'ERROR', 'NO_FILES_FOUND', 'NO_CONSENT',
            'NO_RESERVATION'))
);
CREATE INDEX ix_session_log_session_identifier ON session_log (session_identifier);
CREATE TABLE upload_log (
    id INTEGER NOT NULL,
    session_identifier VARCHAR(36) NOT NULL,
    destination_name VARCHAR(100) NOT NULL,
    success BOOLEAN NOT NULL,
    timestamp TEXT NOT NULL,
    record_id VARCHAR(255),
    record_url VARCHAR(500),
    error_message TEXT,
    metadata_json TEXT,
    PRIMARY KEY (id)
);
CREATE INDEX ix_upload_log_session_identifier ON upload_log (session_identifier);
CREATE INDEX ix_upload_log_destination_name ON upload_log (destination_name);
CREATE TABLE external_user_identifiers (
    id INTEGER NOT NULL,
    nexuslims_username VARCHAR NOT NULL,
    external_system VARCHAR NOT NULL,
    external_id VARCHAR NOT NULL,
    email VARCHAR,
    created_at TEXT NOT NULL,
    last_verified_at TEXT,
    notes VARCHAR,
    PRIMARY KEY (id),
    CONSTRAINT "nexuslims_username_system_UNIQUE"
        UNIQUE (nexuslims_username, external_system),
    CONSTRAINT "system_external_id_UNIQUE" UNIQUE (external_system, external_id),
    CONSTRAINT check_external_system
        CHECK (external_system IN
            ('nemo', 'labarchives_eln', 'labarchives_scheduler', 'cdcs'))
);
CREATE INDEX idx_external_lookup
    ON external_user_identifiers (external_system, external_id);
CREATE INDEX idx_nexuslims_username ON external_user_identifiers (nexuslims_username);
CREATE TABLE alembic_version (
    version_num VARCHAR(32) NOT NULL,
    CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO alembic_version VALUES ('v2_5_0b');
"""

USERS = """
INSERT INTO external_user_identifiers VALUES
    (1, 'ada', 'nemo', '17', 'ada@example.org', '2026-01-05T10:00:00+00:00',
     '2026-06-05T10:00:00+00:00', NULL),
    (2, 'ada', 'labarchives_eln', '285', NULL, '2026-01-05T10:00:00+00:00', NULL,
     'entered by hand: “Proben 1–40”')
"""

SHARED = ("instruments", "session_log", "upload_log", "external_user_identifiers")
"""Tables that other programs read and write."""

FINISHED = (
    "COMPLETED",
    "BUILT_NOT_EXPORTED",
    "ERROR",
    "NO_FILES_FOUND",
    "NO_CONSENT",
    "NO_RESERVATION",
)
"""Statuses in which NexusLIMS 2.8.0 leaves a session for good."""


@dataclass(frozen=True)
class OldDatabase:
    """A SQLite file, and plain SQL on it."""

    path: Path

    def execute(self, statement: str, *values: object) -> list[tuple]:
        """Carry out a statement, as an operator or another program does."""
        with closing(sqlite3.connect(self.path)) as connection:
            rows = connection.execute(statement, values).fetchall()
            connection.commit()
            return rows

    def rows(self, table: str) -> list[dict]:
        """Return all rows of a table in the order of their keys."""
        with closing(sqlite3.connect(self.path)) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(f"SELECT * FROM {table}")]

    def content(self) -> dict[str, list[dict]]:
        """Return all rows of all shared tables."""
        return {table: self.rows(table) for table in SHARED}

    def of_session(self, table: str, identifier: str) -> list[dict]:
        """Return the rows of one session."""
        rows = self.rows(table)
        return [row for row in rows if row["session_identifier"] == identifier]

    def log(self, identifier: str, event_type: str, moment: str, **values: str) -> None:
        """Insert a row into the session log, with no column that is not given."""
        row = {
            "session_identifier": identifier,
            "instrument": INSTRUMENT,
            "timestamp": moment,
            "event_type": event_type,
            **values,
        }
        names, marks = ", ".join(row), ", ".join("?" * len(row))
        self.execute(
            f"INSERT INTO session_log ({names}) VALUES ({marks})", *row.values()
        )

    def log_session(self, identifier: str, start: datetime, status: str) -> None:
        """Log an hour's session, as harvested from a scheduler."""
        for event_type, moment in (
            ("START", start),
            ("END", start + timedelta(hours=1)),
        ):
            text = moment.astimezone(ZONE).isoformat()
            values = {"record_status": status, "user": "ada"}
            self.log(identifier, event_type, text, **values)


@dataclass(frozen=True)
class Found:
    """The installation that is taken over."""

    facility: Facility
    database: OldDatabase
    pending: str
    """Identifier of the session that is to be built."""
    finished: dict[str, str]
    """Identifiers of finished sessions, by status."""
    starts: dict[str, datetime] = field(default_factory=dict)
    """When each session began."""

    @property
    def folder(self) -> Path:
        """Folder of the instrument's files."""
        return self.facility.instrument_root / FOLDER

    def upgrade(self) -> None:
        """Take the database over, as `nexuslims db upgrade` does."""
        upgrade(database_url(self.database.path))

    def session(self, identifier: str) -> dict | None:
        """Run the program; return what it reports of a session, if it does."""
        report = self.facility.build()
        reported = {one["session_identifier"]: one for one in report["sessions"]}
        return reported.get(identifier)


@pytest.fixture(scope="session")
def quickly(tmp_path_factory) -> dict[str, object]:
    """Return settings that make the program start quickly when it is run often."""
    return {
        "NX_EXECUTOR": "inline",
        # Wherever bytecode is not to be written, it is kept for this session alone.
        "PYTHONDONTWRITEBYTECODE": "",
        "PYTHONPYCACHEPREFIX": tmp_path_factory.mktemp("bytecode"),
    }


@pytest.fixture
def find(make_facility, yesterday, write_image, quickly):
    """Return a function that makes an installation of NexusLIMS 2.8.0.

    Parameters: the address of its scheduler; the harvester of its instrument; and the
    numbers of the scheduler's events, that of the pending session first.
    """

    def make(
        url: str = "https://nemo.example.org/api/",
        harvester: str = "database",
        events: tuple[int, ...] = tuple(range(100, 101 + len(FINISHED))),
    ) -> Found:
        facility = make_facility(**quickly)
        (facility.data_path / "nexuslims.db").unlink()
        database = OldDatabase(facility.folder / "nexuslims_db.sqlite")
        facility.settings["NX_DB_PATH"] = str(database.path)
        with closing(sqlite3.connect(database.path)) as connection:
            connection.executescript(TABLES)
        database.execute(
            "INSERT INTO instruments VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            *(INSTRUMENT, f"{url}tools/?id=1", f"{url}calendar/", "Building 223"),
            *("Titan TEM", "635816", f"/{FOLDER}", harvester, ZONE.key),
        )
        database.execute(USERS)
        names = [f"{url}usage_events/?id={number}" for number in events]
        starts = {
            name: yesterday - timedelta(days=30 * number)
            for number, name in enumerate(names)
        }
        pending, *others = names
        found = Found(
            facility=facility,
            database=database,
            pending=pending,
            finished=dict(zip(FINISHED, others, strict=False)),
            starts=starts,
        )
        for name, start in starts.items():
            number = name.rpartition("=")[2]
            moment = start + timedelta(minutes=15)
            write_image(found.folder / "ada" / f"{number}.tif", moment)
        for status, name in found.finished.items():
            database.log_session(name, starts[name], status)
            leave_traces(found, name, status)
        database.log_session(pending, starts[pending], "TO_BE_BUILT")
        return found

    return make


def leave_traces(found: Found, name: str, status: str) -> None:
    """Leave what NexusLIMS 2.8.0 leaves of a session that it finished."""
    built = found.starts[name] + timedelta(hours=3, microseconds=123456)
    text = built.astimezone(ZONE).isoformat()
    values = {"record_status": status, "user": "nexuslims"}
    found.database.log(name, "RECORD_GENERATION", text, **values)
    if status not in {"COMPLETED", "BUILT_NOT_EXPORTED"}:
        return
    success = status == "COMPLETED"
    local = built.replace(tzinfo=None).isoformat()
    answer = (
        ("64a1f0", "https://cdcs.example.org/data?id=64a1f0", None, '{"pid": null}')
        if success
        else (None, None, "HTTP 502: Bad Gateway", None)
    )
    found.database.execute(
        "INSERT INTO upload_log (session_identifier, destination_name, success, "
        "timestamp, record_id, record_url, error_message, metadata_json) "
        "VALUES (?, 'cdcs', ?, ?, ?, ?, ?, ?)",
        *(name, success, local, *answer),
    )
    number = name.rpartition("=")[2]
    records = found.facility.data_path / "records" / ("uploaded" if success else "")
    records.mkdir(parents=True, exist_ok=True)
    (records / f"{built:%Y-%m-%d}_{INSTRUMENT}_{number}.xml").write_text("<old/>")


@pytest.fixture
def found(find) -> Found:
    """Return an installation whose sessions are logged into the database."""
    return find()


@pytest.fixture
def taken_over(found) -> Found:
    """Return the same installation after its database was upgraded."""
    found.upgrade()
    return found
