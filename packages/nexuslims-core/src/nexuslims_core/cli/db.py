"""`nexuslims db`."""

from __future__ import annotations

import click

from nexuslims_core.cli.context import configuration
from nexuslims_core.cli.exits import Exit


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


@db.command()
@click.argument("revision", default="head")
@click.pass_context
def upgrade(ctx: click.Context, revision: str) -> None:
    """Bring the database to REVISION (default: the newest), after a backup.

    Databases of NexusLIMS 1.4.3 to 2.8.0 are taken over in place, with all their rows.
    """
    from nexuslims_core.store import upgrade as upgrade_

    done = upgrade_(configuration(ctx).database_url, revision)
    if done.backup is not None:
        click.echo(f"Backup: {done.backup}")
    if done.before == done.after:
        click.echo(f"Already at {done.after}.")
        return
    click.echo(f"Upgraded from {done.before or 'an unmarked layout'} to {done.after}.")


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
