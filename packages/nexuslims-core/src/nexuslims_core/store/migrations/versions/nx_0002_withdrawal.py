"""Withdrawn sessions, names of users in eLabFTW, and what was told to whom."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from nexuslims_core.store.migrations.rebuild import drop_checks, rebuilding

revision = "nx_0002"
down_revision = "nx_0001"
branch_labels = None
depends_on = None

TABLE, CHECK = "external_user_identifiers", "check_external_system"
BEFORE = ("nemo", "labarchives_eln", "labarchives_scheduler", "cdcs")
AFTER = (*BEFORE, "elabftw")
SESSION, COLUMN = "nx_session", "withdrawn_at"
PROBLEM = "nx_problem"


def upgrade() -> None:
    """Add what is missing of it; doing so twice changes nothing."""
    columns = sa.inspect(op.get_bind()).get_columns(SESSION)
    if COLUMN not in {column["name"] for column in columns}:
        op.add_column(SESSION, sa.Column(COLUMN, sa.DateTime(timezone=True)))
    if not sa.inspect(op.get_bind()).has_table(PROBLEM):
        _problem()
    _allow(AFTER)


def downgrade() -> None:
    """Forget names in eLabFTW, and what was withdrawn: there is no place for them."""
    op.execute(sa.text(f"DELETE FROM {TABLE} WHERE external_system = 'elabftw'"))  # noqa: S608 - a constant
    _allow(BEFORE)
    op.drop_table(PROBLEM)
    with rebuilding(SESSION) as batch:
        batch.drop_column(COLUMN)


def _problem() -> None:
    op.create_table(
        PROBLEM,
        sa.Column("notifier", sa.Text, primary_key=True),
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True)),
    )


def _allow(systems: tuple[str, ...]) -> None:
    drop_checks(TABLE, (CHECK,), autoincrement=False)
    quoted = ", ".join(f"'{system}'" for system in systems)
    with rebuilding(TABLE) as batch:
        batch.create_check_constraint(CHECK, sa.text(f"external_system IN ({quoted})"))
