"""The tables: four that other programs share, and those of our own (``nx_…``)."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - read by SQLAlchemy

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

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


class Base(DeclarativeBase):
    """Collects the tables."""


class InstrumentRow(Base):
    """A microscope."""

    __tablename__ = "instruments"

    instrument_pid: Mapped[str] = mapped_column(bounded(100), primary_key=True)
    api_url: Mapped[str] = mapped_column(String, unique=True)
    calendar_url: Mapped[str] = mapped_column(String)
    location: Mapped[str] = mapped_column(bounded(100))
    display_name: Mapped[str] = mapped_column(String)
    property_tag: Mapped[str] = mapped_column(bounded(20))
    filestore_path: Mapped[str] = mapped_column(String)
    harvester: Mapped[str | None] = mapped_column(String, server_default="nemo")
    timezone: Mapped[str | None] = mapped_column(
        String, server_default="America/New_York"
    )


class SessionLogRow(Base):
    """A session's start or end, or that a record was built; others log here too."""

    __tablename__ = "session_log"
    __table_args__ = (
        CheckConstraint(one_of("event_type", EVENT_TYPES), name="check_event_type"),
        CheckConstraint(one_of("record_status", STATUSES), name="check_record_status"),
        {"sqlite_autoincrement": True},
    )

    id_session_log: Mapped[int] = mapped_column(primary_key=True)
    session_identifier: Mapped[str] = mapped_column(bounded(36), index=True)
    instrument: Mapped[str] = mapped_column(
        bounded(100), ForeignKey("instruments.instrument_pid")
    )
    timestamp: Mapped[str] = mapped_column(Text)
    event_type: Mapped[str] = mapped_column(String)
    record_status: Mapped[str | None] = mapped_column(
        String, server_default="WAITING_FOR_END"
    )
    user: Mapped[str | None] = mapped_column(bounded(50))


class UploadLogRow(Base):
    """One attempt to deliver a record to one destination."""

    __tablename__ = "upload_log"

    id: Mapped[int] = mapped_column(primary_key=True)
    session_identifier: Mapped[str] = mapped_column(bounded(36), index=True)
    destination_name: Mapped[str] = mapped_column(bounded(100), index=True)
    success: Mapped[bool]
    timestamp: Mapped[str] = mapped_column(Text)
    record_id: Mapped[str | None] = mapped_column(bounded(255))
    record_url: Mapped[str | None] = mapped_column(bounded(500))
    error_message: Mapped[str | None] = mapped_column(Prose)
    metadata_json: Mapped[str | None] = mapped_column(Text)


class ExternalUserRow(Base):
    """The name that a user has in another system."""

    __tablename__ = "external_user_identifiers"
    __table_args__ = (
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

    id: Mapped[int] = mapped_column(primary_key=True)
    nexuslims_username: Mapped[str] = mapped_column(String)
    external_system: Mapped[str] = mapped_column(String)
    external_id: Mapped[str] = mapped_column(String)
    email: Mapped[str | None] = mapped_column(String)
    created_at: Mapped[str] = mapped_column(Text)
    last_verified_at: Mapped[str | None] = mapped_column(Text)
    notes: Mapped[str | None] = mapped_column(Text)


class StateRow(Base):
    """What we know of a session beyond its log: attempts, lease, record."""

    __tablename__ = "nx_session"

    session_identifier: Mapped[str] = mapped_column(Text, primary_key=True)
    instrument: Mapped[str] = mapped_column(Text, primary_key=True)
    status: Mapped[str | None] = mapped_column(Text)
    ended_at: Mapped[datetime | None] = mapped_column(Moment, index=True)
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    next_attempt_at: Mapped[datetime | None] = mapped_column(Moment, index=True)
    lease_owner: Mapped[str | None] = mapped_column(Text, index=True)
    lease_expires_at: Mapped[datetime | None] = mapped_column(Moment)
    record_path: Mapped[str | None] = mapped_column(Prose)
    record_sha256: Mapped[str | None] = mapped_column(Text)
    inputs_fingerprint: Mapped[str | None] = mapped_column(Text)
    extractors_fingerprint: Mapped[str | None] = mapped_column(Text)
    last_error: Mapped[str | None] = mapped_column(Prose)
    built_at: Mapped[datetime | None] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)
    withdrawn_at: Mapped[datetime | None] = mapped_column(Moment)


class FileRow(Base):
    """A data file of a session, as it was when the session was last built."""

    __tablename__ = "nx_session_file"
    __table_args__ = (
        ForeignKeyConstraint(
            ["session_identifier", "instrument"],
            ["nx_session.session_identifier", "nx_session.instrument"],
            name="fk_nx_session_file_session",
            ondelete="CASCADE",
        ),
        Index("ix_nx_session_file_session", "session_identifier", "instrument"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    session_identifier: Mapped[str] = mapped_column(Text)
    instrument: Mapped[str] = mapped_column(Text)
    path: Mapped[str] = mapped_column(Prose)
    size: Mapped[int] = mapped_column(BigInteger)
    mtime_ns: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(Text)
    warning: Mapped[str | None] = mapped_column(Prose)


class DeliveryRow(Base):
    """The record of a session at a destination, as last delivered."""

    __tablename__ = "nx_delivery"
    __table_args__ = (
        ForeignKeyConstraint(
            ["session_identifier", "instrument"],
            ["nx_session.session_identifier", "nx_session.instrument"],
            name="fk_nx_delivery_session",
            ondelete="CASCADE",
        ),
    )

    session_identifier: Mapped[str] = mapped_column(Text, primary_key=True)
    instrument: Mapped[str] = mapped_column(Text, primary_key=True)
    destination: Mapped[str] = mapped_column(Text, primary_key=True)
    action: Mapped[str | None] = mapped_column(Text)
    record_id: Mapped[str | None] = mapped_column(Text)
    record_url: Mapped[str | None] = mapped_column(Text)
    content_sha256: Mapped[str | None] = mapped_column(Text)
    delivered_at: Mapped[datetime] = mapped_column(Moment)
    metadata_json: Mapped[str | None] = mapped_column(Text)


class DetailsRow(Base):
    """What was recorded together with a session: a reservation, as JSON."""

    __tablename__ = "nx_session_details"

    session_identifier: Mapped[str] = mapped_column(Text, primary_key=True)
    instrument: Mapped[str] = mapped_column(Text, primary_key=True)
    details: Mapped[str] = mapped_column(Text)


class ProblemRow(Base):
    """A problem that was still there when a notifier was last called."""

    __tablename__ = "nx_problem"

    notifier: Mapped[str] = mapped_column(Text, primary_key=True)
    key: Mapped[str] = mapped_column(Text, primary_key=True)
    subject: Mapped[str] = mapped_column(Prose)
    text: Mapped[str] = mapped_column(Prose)
    since: Mapped[datetime] = mapped_column(Moment)
    told_at: Mapped[datetime | None] = mapped_column(Moment)
    """`None` as long as the notifier failed to tell of it."""


class SourceRow(Base):
    """How a scheduler answered when it was last asked."""

    __tablename__ = "nx_source"

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    failures: Mapped[int] = mapped_column(default=0, server_default="0")
    next_attempt_at: Mapped[datetime | None] = mapped_column(Moment)
    last_success_at: Mapped[datetime | None] = mapped_column(Moment)
    last_failure_at: Mapped[datetime | None] = mapped_column(Moment)
    last_error: Mapped[str | None] = mapped_column(Prose)
