"""Instruments without their computers, and with a display name."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from nexuslims_core.store.migrations.rebuild import rebuilding

revision = "v2_5_0b"
down_revision = "v2_5_0a"
branch_labels = None
depends_on = None

DROPPED = ("calendar_name", "computer_name", "computer_ip", "computer_mount")


def upgrade() -> None:
    """Drop what nothing reads, rename the rest."""
    present = {
        column["name"]
        for column in sa.inspect(op.get_bind()).get_columns("instruments")
    }
    with rebuilding("instruments") as batch:
        for name in DROPPED:
            if name in present:
                batch.drop_column(name)
        batch.alter_column("schema_name", new_column_name="display_name")


def downgrade() -> None:
    """Bring the columns back, empty."""
    with rebuilding("instruments") as batch:
        batch.alter_column("display_name", new_column_name="schema_name")
        for name in DROPPED:
            batch.add_column(sa.Column(name, sa.String))
