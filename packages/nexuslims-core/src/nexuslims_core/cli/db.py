"""`nexuslims db`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click

from nexuslims_core.cli.context import configuration
from nexuslims_core.cli.exits import Exit

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nexuslims_core.store import Upgrade


@click.group()
def db() -> None:
    """Create, upgrade and check the database (`NX_DB_PATH` or `NX_DB_URL`)."""


@db.command()
@click.pass_context
def init(ctx: click.Context) -> None:
    """Create the tables in a new database; never touches an existing one."""
    from nexuslims_core.store import current_revision, initialise, shown_url

    url = configuration(ctx).database_url
    initialise(url)
    click.echo(f"Created {shown_url(url)} at revision {current_revision(url)}.")


def _known_revision(_ctx: click.Context, _param: click.Parameter, value: str) -> str:
    from nexuslims_core.store import history as history_

    names = [one.id for one in history_()]
    if value in {"head", *names} or re.fullmatch(r"[+-][0-9]+", value):
        return value
    msg = f"there is no revision {value!r}; known: head, {', '.join(names)}"
    raise click.BadParameter(msg)


sql_option = click.option(
    "--sql", is_flag=True, help="Print the statements instead of running them."
)


@db.command()
@click.argument("revision", default="head", callback=_known_revision)
@sql_option
@click.pass_context
def upgrade(ctx: click.Context, revision: str, *, sql: bool) -> None:
    """Bring the database to REVISION (default: the newest), after a backup.

    Databases of NexusLIMS 1.4.3 to 2.8.0 are taken over in place, with all their rows.
    """
    from nexuslims_core.store import plan
    from nexuslims_core.store import upgrade as upgrade_

    url = configuration(ctx).database_url
    if sql:
        _print_statements(plan(url, revision))
        return
    _tell(upgrade_(url, revision))


@db.command()
@click.argument("revision", default="-1", callback=_known_revision)
@sql_option
@click.pass_context
def downgrade(ctx: click.Context, revision: str, *, sql: bool) -> None:
    """Take the database back to REVISION (default: by one), after a backup.

    What the older layout has no place for is then in the backup alone.
    """
    from nexuslims_core.store import downgrade as downgrade_
    from nexuslims_core.store import plan

    url = configuration(ctx).database_url
    if sql:
        _print_statements(plan(url, revision, back=True))
        return
    _tell(downgrade_(url, revision))


def _print_statements(statements: Iterable[str]) -> None:
    for statement in statements:
        click.echo(f"{statement.strip().rstrip(';')};")


def _tell(done: Upgrade) -> None:
    if done.backup is not None:
        click.echo(f"Backup: {done.backup}")
    if done.before == done.after:
        click.echo(f"Already at {done.after}.")
        return
    click.echo(f"From {done.before or 'an unmarked layout'} to {done.after}.")


@db.command()
@click.pass_context
def history(ctx: click.Context) -> None:
    """List all revisions, the oldest first; `*` marks the database's."""
    from nexuslims_core.store import current_revision
    from nexuslims_core.store import history as history_

    found = current_revision(configuration(ctx).database_url)
    for one in history_():
        click.echo(f"{'*' if one.id == found else ' '} {one.id}  {one.description}")


@db.command()
@click.argument("revision", callback=_known_revision)
@click.pass_context
def stamp(ctx: click.Context, revision: str) -> None:
    """Say that the database has the layout of REVISION, and change nothing else.

    For a database that says nothing of its revision and is not recognised.
    """
    from nexuslims_core.store import mark

    mark(configuration(ctx).database_url, revision)
    click.echo(f"Marked as {revision}.")


@db.command()
@click.pass_context
def current(ctx: click.Context) -> None:
    """Print the database's revision."""
    from nexuslims_core.store import current_revision

    click.echo(current_revision(configuration(ctx).database_url) or "none")


@db.command()
@click.pass_context
def check(ctx: click.Context) -> int:
    """Exit with 0 if the database is up to date, and with 1 and the reason if not."""
    from nexuslims_core.store import head_revision, problem_with

    problem = problem_with(configuration(ctx).database_url)
    if problem is not None:
        click.echo(problem, err=True)
        return Exit.FAILED
    click.echo(f"Up to date ({head_revision()}).")
    return Exit.OK
