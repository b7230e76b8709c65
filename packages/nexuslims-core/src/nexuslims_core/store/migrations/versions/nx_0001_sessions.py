"""State, files, details and deliveries of sessions, and state of schedulers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "nx_0001"
down_revision = "v2_5_0b"
branch_labels = None
depends_on = None

TABLES = (
    "nx_source",
    "nx_session_details",
    "nx_delivery",
    "nx_session_file",
    "nx_session",
)


def upgrade() -> None:
    """Make the tables."""
    _session()
    _files()
    _delivery()
    op.create_table(
        "nx_session_details",
        *_key(),
        sa.Column("details", sa.Text, nullable=False),
    )
    op.create_table(
        "nx_source",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("failures", sa.Integer, nullable=False, server_default="0"),
        sa.Column("next_attempt_at", _moment()),
        sa.Column("last_success_at", _moment()),
        sa.Column("last_failure_at", _moment()),
        sa.Column("last_error", sa.Text),
    )


def downgrade() -> None:
    """Drop the tables."""
    for name in TABLES:
        op.drop_table(name)


def _session() -> None:
    op.create_table(
        "nx_session",
        *_key(),
        sa.Column("status", sa.Text),
        sa.Column("ended_at", _moment(), index=True),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("next_attempt_at", _moment(), index=True),
        sa.Column("lease_owner", sa.Text, index=True),
        sa.Column("lease_expires_at", _moment()),
        sa.Column("record_path", sa.Text),
        sa.Column("record_sha256", sa.Text),
        sa.Column("inputs_fingerprint", sa.Text),
        sa.Column("extractors_fingerprint", sa.Text),
        sa.Column("last_error", sa.Text),
        sa.Column("built_at", _moment()),
        sa.Column("updated_at", _moment(), nullable=False),
    )


def _files() -> None:
    op.create_table(
        "nx_session_file",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("session_identifier", sa.Text, nullable=False),
        sa.Column("instrument", sa.Text, nullable=False),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("mtime_ns", sa.BigInteger, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("warning", sa.Text),
        _of_session("fk_nx_session_file_session"),
    )
    op.create_index(
        "ix_nx_session_file_session",
        "nx_session_file",
        ["session_identifier", "instrument"],
    )


def _delivery() -> None:
    op.create_table(
        "nx_delivery",
        *_key(),
        sa.Column("destination", sa.Text, primary_key=True),
        sa.Column("action", sa.Text),
        sa.Column("record_id", sa.Text),
        sa.Column("record_url", sa.Text),
        sa.Column("content_sha256", sa.Text),
        sa.Column("delivered_at", _moment(), nullable=False),
        sa.Column("metadata_json", sa.Text),
        _of_session("fk_nx_delivery_session"),
    )


def _moment() -> sa.DateTime:
    return sa.DateTime(timezone=True)


def _key() -> tuple[sa.Column[str], sa.Column[str]]:
    return (
        sa.Column("session_identifier", sa.Text, primary_key=True),
        sa.Column("instrument", sa.Text, primary_key=True),
    )


def _of_session(name: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["session_identifier", "instrument"],
        ["nx_session.session_identifier", "nx_session.instrument"],
        name=name,
        ondelete="CASCADE",
    )
