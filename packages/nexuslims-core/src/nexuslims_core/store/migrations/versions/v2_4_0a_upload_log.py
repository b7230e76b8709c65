"""The log of deliveries."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v2_4_0a"
down_revision = "v1_4_3"
branch_labels = None
depends_on = None


def _text(length: int) -> sa.types.TypeEngine[str]:
    return sa.String(length).with_variant(sa.Text(), "postgresql")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "upload_log",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("session_identifier", _text(36), nullable=False, index=True),
        sa.Column("destination_name", _text(100), nullable=False, index=True),
        sa.Column("success", sa.Boolean, nullable=False),
        sa.Column("timestamp", sa.Text, nullable=False),
        sa.Column("record_id", _text(255)),
        sa.Column("record_url", _text(500)),
        sa.Column("error_message", sa.Text),
        sa.Column("metadata_json", sa.Text),
    )


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("upload_log")
