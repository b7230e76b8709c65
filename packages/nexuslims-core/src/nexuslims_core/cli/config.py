"""`nexuslims config`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from nexuslims_core.cli.context import Configuration, configuration
from nexuslims_core.cli.exits import Exit
from nexuslims_core.cli.output import json_option, print_json, print_table

if TYPE_CHECKING:
    from nexuslims_core.settings import Instance


@click.group()
def config() -> None:
    """Show and check the configuration.

    Settings are variables called NX_… of the environment, or of a file `.env` in the
    current folder; the environment wins.
    """


def instances(chosen: Configuration) -> tuple[Instance, ...]:
    """Return every configured instance of every plugin's settings."""
    from nexuslims_core.settings import plugin_instances

    return tuple(
        instance
        for model in chosen.manager.settings_models
        for instance in plugin_instances(model, chosen.environment)
    )


@config.command()
@json_option
@click.pass_context
def show(ctx: click.Context, *, as_json: bool) -> None:
    """Print all settings in force, secrets as ***."""
    from nexuslims_core.settings import redacted

    chosen = configuration(ctx)
    values = redacted(chosen.settings, instances(chosen))
    if as_json:
        print_json(values)
        return
    rows = (
        (name, value, chosen.environment.origin(name) or "default")
        for name, value in values.items()
    )
    print_table(("Setting", "Value", "From"), rows)


@config.command()
@click.pass_context
def check(ctx: click.Context) -> int:
    """Exit with 0 if all settings are good, and with 2 and the problems if not."""
    from nexuslims_core.settings import unknown_names

    chosen = configuration(ctx)
    _ = chosen.settings
    problems = [
        problem for instance in instances(chosen) for problem in instance.problems
    ]
    for problem in problems:
        click.echo(str(problem), err=True)
    for unknown in unknown_names(chosen.environment, chosen.manager.settings_models):
        click.echo(f"Warning: {unknown}", err=True)
    if problems:
        return Exit.USAGE
    click.echo("The configuration is good.")
    return Exit.OK
