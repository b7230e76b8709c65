"""`nexuslims users`."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime

import click

from nexuslims_core.cli.context import configuration
from nexuslims_core.cli.output import json_option, print_json, print_table
from nexuslims_core.errors import StoreError


@click.group()
def users() -> None:
    """Say who users of the scheduler are in notebooks and repositories."""


@users.command(name="list")
@json_option
@click.pass_context
def list_(ctx: click.Context, *, as_json: bool) -> None:
    """List users' names in other systems."""
    with configuration(ctx).store() as store:
        found = store.external_users()
    if as_json:
        print_json([asdict(one) for one in found])
        return
    print_table(
        ("User", "System", "Name there"),
        ((one.username, one.system, one.external_id) for one in found),
    )


@users.command(name="set")
@click.argument("user")
@click.argument("system")
@click.argument("external_id", metavar="NAME")
@click.pass_context
def set_(ctx: click.Context, user: str, system: str, external_id: str) -> None:
    """Say that USER of the scheduler is NAME in SYSTEM.

    SYSTEM is elabftw (NAME: the user's number there), labarchives_eln (uid), cdcs
    (user name), labarchives_scheduler or nemo.
    """
    from nexuslims_core.store import ExternalUser

    one = ExternalUser(username=user, system=system, external_id=external_id)
    with configuration(ctx).store() as store:
        store.set_external_id(one, datetime.now(tz=UTC))
    click.echo(f"{user} is {external_id} in {system}.")


@users.command()
@click.argument("user")
@click.argument("system")
@click.pass_context
def remove(ctx: click.Context, user: str, system: str) -> None:
    """Forget who USER is in SYSTEM."""
    with configuration(ctx).store() as store:
        if not store.remove_external_id(user, system):
            msg = f"{user} has no name in {system}; see `nexuslims users list`"
            raise StoreError(msg)
    click.echo(f"{user} has no name in {system} any more.")
