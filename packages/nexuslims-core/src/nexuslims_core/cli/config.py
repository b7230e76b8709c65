"""`nexuslims config`."""

from __future__ import annotations

import click

from nexuslims_core.cli.context import configuration
from nexuslims_core.cli.exits import Exit
from nexuslims_core.cli.output import json_option, print_json, print_table


@click.group()
def config() -> None:
    """Show and check the configuration.

    Settings are variables called NX_… of the environment, or of a file `.env` in the
    current folder; the environment wins.
    """


@config.command()
@json_option
@click.pass_context
def show(ctx: click.Context, *, as_json: bool) -> None:
    """Print all settings in force, secrets as ***."""
    from nexuslims_core.settings import redacted

    chosen = configuration(ctx)
    values = redacted(chosen.settings, chosen.instances)
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
    from nexuslims_core.settings import SettingsError, unknown_names

    chosen = configuration(ctx)
    problems = [
        problem for instance in chosen.instances for problem in instance.problems
    ]
    try:
        chosen.settings.ca_bundle()
    except SettingsError as error:
        problems = [*error.problems, *problems]
    for problem in problems:
        click.echo(str(problem), err=True)
    for unknown in unknown_names(chosen.environment, chosen.manager.settings_models):
        click.echo(f"Warning: {unknown}", err=True)
    if problems:
        return Exit.USAGE
    click.echo("The configuration is good.")
    return Exit.OK
