"""Instruments and the session log, as of NexusLIMS 1.4.3."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v1_4_3"
down_revision = None
branch_labels = None
depends_on = None


def _text(length: int) -> sa.types.TypeEngine[str]:
    return sa.String(length).with_variant(sa.Text(), "postgresql")


def upgrade() -> None:
    """Make both tables."""
    op.create_table(
        "instruments",
        sa.Column("instrument_pid", _text(100), primary_key=True),
        sa.Column("api_url", sa.String, nullable=False, unique=True),
        sa.Column("calendar_name", sa.String),
        sa.Column("calendar_url", sa.String, nullable=False),
        sa.Column("location", _text(100), nullable=False),
        sa.Column("schema_name", sa.String, nullable=False),
        sa.Column("property_tag", _text(20), nullable=False),
        sa.Column("filestore_path", sa.String, nullable=False),
        sa.Column("computer_name", sa.String),
        sa.Column("computer_ip", sa.String),
        sa.Column("computer_mount", sa.String),
        sa.Column("harvester", sa.String, server_default="nemo"),
        sa.Column("timezone", sa.String, server_default="America/New_York"),
    )
    op.create_table(
        "session_log",
        sa.Column("id_session_log", sa.Integer, primary_key=True),
        sa.Column("session_identifier", _text(36), nullable=False, index=True),
        sa.Column(
            "instrument",
            _text(100),
            sa.ForeignKey("instruments.instrument_pid"),
            nullable=False,
        ),
        sa.Column("timestamp", sa.Text, nullable=False),
        sa.Column("event_type", sa.String, nullable=False),
        sa.Column("record_status", sa.String, server_default="WAITING_FOR_END"),
        sa.Column("user", _text(50)),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    """Drop both tables."""
    op.drop_table("session_log")
    op.drop_table("instruments")
