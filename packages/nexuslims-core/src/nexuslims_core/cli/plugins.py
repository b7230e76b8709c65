"""`nexuslims plugins`."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from nexuslims_core.cli.context import configuration
from nexuslims_core.cli.exits import Exit
from nexuslims_core.cli.output import json_option, our_stdout, print_json, print_table

if TYPE_CHECKING:
    from nexuslims_core.manager import PluginInfo


@click.group()
def plugins() -> None:
    """List installed plugins and check them."""


@plugins.command(name="list")
@json_option
@click.pass_context
def list_(ctx: click.Context, *, as_json: bool) -> None:
    """List plugins: distribution, version, status, contributions, failures."""
    manager = configuration(ctx).manager
    with our_stdout():
        found = manager.plugins()
    if as_json:
        print_json([asdict(one) for one in found])
        return
    print_table(
        ("Plugin", "Distribution", "Version", "Status", "Contributes"),
        (
            (
                one.name,
                one.distribution,
                one.version,
                one.status,
                ", ".join(f"{each.kind}: {each.name}" for each in one.contributions),
            )
            for one in found
        ),
    )
    _print_failures(found)
    for note in manager.notes():
        click.echo(f"Note: {note}", err=True)


@plugins.command()
@click.pass_context
def check(ctx: click.Context) -> int:
    """Exit with 0 if every plugin works, and with 1 and the failures if not."""
    found = configuration(ctx).manager.plugins()
    if not _print_failures(found):
        click.echo(f"{len(found)} plugins, no failure.")
        return Exit.OK
    return Exit.FAILED


def _print_failures(found: tuple[PluginInfo, ...]) -> bool:
    failures = [failure for one in found for failure in one.failures]
    for failure in failures:
        click.echo(
            f"{failure.plugin} ({failure.distribution}), {failure.stage}: "
            f"{failure.error}",
            err=True,
        )
    return bool(failures)
