"""Names of users in other systems."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v2_5_0a"
down_revision = "v2_4_0b"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "external_user_identifiers",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("nexuslims_username", sa.String, nullable=False),
        sa.Column("external_system", sa.String, nullable=False),
        sa.Column("external_id", sa.String, nullable=False),
        sa.Column("email", sa.String),
        sa.Column("created_at", sa.Text, nullable=False),
        sa.Column("last_verified_at", sa.Text),
        sa.Column("notes", sa.Text),
        sa.CheckConstraint(
            "external_system IN "
            "('nemo', 'labarchives_eln', 'labarchives_scheduler', 'cdcs')",
            name="check_external_system",
        ),
        sa.UniqueConstraint(
            "nexuslims_username",
            "external_system",
            name="nexuslims_username_system_UNIQUE",
        ),
        sa.UniqueConstraint(
            "external_system", "external_id", name="system_external_id_UNIQUE"
        ),
    )
    op.create_index(
        "idx_external_lookup",
        "external_user_identifiers",
        ["external_system", "external_id"],
    )
    op.create_index(
        "idx_nexuslims_username", "external_user_identifiers", ["nexuslims_username"]
    )


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("external_user_identifiers")
