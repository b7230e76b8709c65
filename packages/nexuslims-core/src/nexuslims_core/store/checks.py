"""Whether a database can be worked with, and if not, what to do."""

from __future__ import annotations

from nexuslims_core.errors import StoreError
from nexuslims_core.store.engine import shown_url
from nexuslims_core.store.schema import (
    HEAD,
    REVISIONS,
    current_revision,
    missing_tables,
)

REACHABLE = "db_reachable"
TABLES = "db_tables"
REVISION = "alembic_migration"


def check_database(url: str) -> dict[str, str | None]:
    """Return the problem that each check found, `None` for those that passed.

    A check that cannot be made because an earlier one failed is left out.
    """
    try:
        revision = current_revision(url)
        missing = missing_tables(url)
    except StoreError as error:
        return {REACHABLE: str(error)}
    problems = {REACHABLE: None, REVISION: _revision_problem(url, revision)}
    return problems | {TABLES: _table_problem(url, missing)}


def problem_with(url: str) -> str | None:
    """Return the first thing that is wrong with a database, `None` when all is well."""
    problems = check_database(url).values()
    return next((problem for problem in problems if problem is not None), None)


def _revision_problem(url: str, revision: str | None) -> str | None:
    if revision == HEAD:
        return None
    label = shown_url(url)
    if revision is not None and revision not in REVISIONS:
        return (
            f"database {label} is at revision {revision!r}, which a newer version of "
            f"NexusLIMS made (this one works with {HEAD}); update nexuslims-core"
        )
    found = f"at revision {revision}" if revision else "marked with no revision"
    return (
        f"database {label} is {found}, but {HEAD} is needed; run `nexuslims db upgrade`"
    )


def _table_problem(url: str, missing: tuple[str, ...]) -> str | None:
    if not missing:
        return None
    return (
        f"database {shown_url(url)} lacks {', '.join(missing)}; run `nexuslims db "
        "upgrade`, or `nexuslims db init` for a new one"
    )
