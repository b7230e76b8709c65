"""The tables: four that other programs share, and those of our own (``nx_…``)."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from nexuslims_core.store.columns import Moment, Prose, bounded

EVENT_TYPES = ("START", "END", "RECORD_GENERATION")
STATUSES = (
    "COMPLETED",
    "WAITING_FOR_END",
    "TO_BE_BUILT",
    "BUILT_NOT_EXPORTED",
    "ERROR",
    "NO_FILES_FOUND",
    "NO_CONSENT",
    "NO_RESERVATION",
)
EXTERNAL_SYSTEMS = (
    "nemo",
    "labarchives_eln",
    "labarchives_scheduler",
    "cdcs",
    "elabftw",
)


def one_of(column: str, values: tuple[str, ...]) -> str:
    """Return the SQL of a check that `column` holds one of `values`."""
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


METADATA = MetaData()
"""Collects the tables; below each it says what one of its rows is."""

INSTRUMENTS = Table(
    "instruments",
    METADATA,
    Column("instrument_pid", bounded(100), primary_key=True),
    Column("api_url", String, unique=True, nullable=False),
    Column("calendar_url", String, nullable=False),
    Column("location", bounded(100), nullable=False),
    Column("display_name", String, nullable=False),
    Column("property_tag", bounded(20), nullable=False),
    Column("filestore_path", String, nullable=False),
    Column("harvester", String, server_default="nemo"),
    Column("timezone", String, server_default="America/New_York"),
)
"""A microscope."""

SESSION_LOG = Table(
    "session_log",
    METADATA,
    Column("id_session_log", Integer, primary_key=True),
    Column("session_identifier", bounded(36), index=True, nullable=False),
    Column(
        "instrument",
        bounded(100),
        ForeignKey("instruments.instrument_pid"),
        nullable=False,
    ),
    Column("timestamp", Text, nullable=False),
    Column("event_type", String, nullable=False),
    Column("record_status", String, server_default="WAITING_FOR_END"),
    Column("user", bounded(50)),
    CheckConstraint(one_of("event_type", EVENT_TYPES), name="check_event_type"),
    CheckConstraint(one_of("record_status", STATUSES), name="check_record_status"),
    sqlite_autoincrement=True,
)
"""A session's start or end, or that a record was built; others log here too."""

UPLOAD_LOG = Table(
    "upload_log",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("session_identifier", bounded(36), index=True, nullable=False),
    Column("destination_name", bounded(100), index=True, nullable=False),
    Column("success", Boolean, nullable=False),
    Column("timestamp", Text, nullable=False),
    Column("record_id", bounded(255)),
    Column("record_url", bounded(500)),
    Column("error_message", Prose),
    Column("metadata_json", Text),
)
"""One attempt to deliver a record to one destination."""

EXTERNAL_USERS = Table(
    "external_user_identifiers",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("nexuslims_username", String, nullable=False),
    Column("external_system", String, nullable=False),
    Column("external_id", String, nullable=False),
    Column("email", String),
    Column("created_at", Text, nullable=False),
    Column("last_verified_at", Text),
    Column("notes", Text),
    UniqueConstraint(
        "nexuslims_username",
        "external_system",
        name="nexuslims_username_system_UNIQUE",
    ),
    UniqueConstraint(
        "external_system", "external_id", name="system_external_id_UNIQUE"
    ),
    CheckConstraint(
        one_of("external_system", EXTERNAL_SYSTEMS), name="check_external_system"
    ),
    Index("idx_external_lookup", "external_system", "external_id"),
    Index("idx_nexuslims_username", "nexuslims_username"),
)
"""The name that a user has in another system."""

STATE = Table(
    "nx_session",
    METADATA,
    Column("session_identifier", Text, primary_key=True),
    Column("instrument", Text, primary_key=True),
    Column("status", Text),
    Column("ended_at", Moment, index=True),
    Column("attempts", Integer, default=0, server_default="0", nullable=False),
    Column("next_attempt_at", Moment, index=True),
    Column("lease_owner", Text, index=True),
    Column("lease_expires_at", Moment),
    Column("record_path", Prose),
    Column("record_sha256", Text),
    Column("inputs_fingerprint", Text),
    Column("extractors_fingerprint", Text),
    Column("last_error", Prose),
    Column("built_at", Moment),
    Column("updated_at", Moment, nullable=False),
    Column("withdrawn_at", Moment),
)
"""What we know of a session beyond its log: attempts, lease, record."""

FILES = Table(
    "nx_session_file",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("session_identifier", Text, nullable=False),
    Column("instrument", Text, nullable=False),
    Column("path", Prose, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("mtime_ns", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("warning", Prose),
    ForeignKeyConstraint(
        ["session_identifier", "instrument"],
        ["nx_session.session_identifier", "nx_session.instrument"],
        name="fk_nx_session_file_session",
        ondelete="CASCADE",
    ),
    Index("ix_nx_session_file_session", "session_identifier", "instrument"),
)
"""A data file of a session, as it was when the session was last built."""

DELIVERIES = Table(
    "nx_delivery",
    METADATA,
    Column("session_identifier", Text, primary_key=True),
    Column("instrument", Text, primary_key=True),
    Column("destination", Text, primary_key=True),
    Column("action", Text),
    Column("record_id", Text),
    Column("record_url", Text),
    Column("content_sha256", Text),
    Column("delivered_at", Moment, nullable=False),
    Column("metadata_json", Text),
    ForeignKeyConstraint(
        ["session_identifier", "instrument"],
        ["nx_session.session_identifier", "nx_session.instrument"],
        name="fk_nx_delivery_session",
        ondelete="CASCADE",
    ),
)
"""The record of a session at a destination, as last delivered."""

DETAILS = Table(
    "nx_session_details",
    METADATA,
    Column("session_identifier", Text, primary_key=True),
    Column("instrument", Text, primary_key=True),
    Column("details", Text, nullable=False),
)
"""What was recorded together with a session: a reservation, as JSON."""

PROBLEMS = Table(
    "nx_problem",
    METADATA,
    Column("notifier", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("subject", Prose, nullable=False),
    Column("text", Prose, nullable=False),
    Column("since", Moment, nullable=False),
    Column("told_at", Moment),  # none as long as the notifier failed to tell of it
)
"""A problem that was still there when a notifier was last called."""

SOURCES = Table(
    "nx_source",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("failures", Integer, default=0, server_default="0", nullable=False),
    Column("next_attempt_at", Moment),
    Column("last_success_at", Moment),
    Column("last_failure_at", Moment),
    Column("last_error", Prose),
)
"""How a scheduler answered when it was last asked."""
