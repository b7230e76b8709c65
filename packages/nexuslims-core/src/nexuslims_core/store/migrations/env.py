"""Tell Alembic which database to migrate: the one whose transaction it was given."""

from __future__ import annotations

from alembic import context

from nexuslims_core.store.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
