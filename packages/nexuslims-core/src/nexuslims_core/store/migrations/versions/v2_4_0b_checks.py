"""Only known events and statuses in the session log."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from nexuslims_core.errors import StoreError
from nexuslims_core.store.migrations.rebuild import drop_checks, rebuilding

revision = "v2_4_0b"
down_revision = "v2_4_0a"
branch_labels = None
depends_on = None

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
ALLOWED = {"event_type": EVENT_TYPES, "record_status": STATUSES}
INDEX = "ix_session_log_session_identifier"
SHOWN = 10


def upgrade() -> None:
    """Add the checks, and the index where it is missing."""
    connection = op.get_bind()
    for column, values in ALLOWED.items():
        _refuse_others(connection, column, values)
    indexes = {
        found["name"] for found in sa.inspect(connection).get_indexes("session_log")
    }
    with rebuilding("session_log", autoincrement=True) as batch:
        for column, values in ALLOWED.items():
            quoted = ", ".join(f"'{value}'" for value in values)
            batch.create_check_constraint(
                f"check_{column}", sa.text(f"{column} IN ({quoted})")
            )
    if INDEX not in indexes:
        op.create_index(INDEX, "session_log", ["session_identifier"])


def downgrade() -> None:
    """Take the checks away."""
    drop_checks("session_log", tuple(f"check_{column}" for column in ALLOWED))


def _refuse_others(
    connection: sa.Connection, column: str, values: tuple[str, ...]
) -> None:
    log = sa.table("session_log", sa.column("id_session_log"), sa.column(column))
    statement = (
        sa.select(log.c.id_session_log, log.c[column])
        .where(log.c[column].not_in(values))
        .limit(SHOWN)
    )
    found = [f"{row[0]} ({row[1]!r})" for row in connection.execute(statement)]
    if found:
        msg = (
            f"session_log.{column} must be one of {', '.join(values)}, but is not in "
            f"rows with id_session_log {', '.join(found)}; correct these rows first"
        )
        raise StoreError(msg)
