"""Migration scripts, run by Alembic."""
