"""The top-level group: knows each command's name and help without importing it."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nexuslims_core import __version__
from nexuslims_core.errors import NexusLIMSError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nexuslims_core.types import Command


@dataclass(frozen=True, kw_only=True)
class Lazy:
    """Where a command is defined, and its line in the help."""

    module: str
    attribute: str
    help: str
    hidden: bool = False


COMMANDS: Mapping[str, Lazy] = {
    "run": Lazy(
        module="nexuslims_core.cli.run",
        attribute="run",
        help="Harvest sessions, build their records, deliver them.",
    ),
    "build-records": Lazy(
        module="nexuslims_core.cli.run",
        attribute="run",
        help="The same as `run`, under its former name.",
        hidden=True,
    ),
    "check": Lazy(
        module="nexuslims_core.cli.check",
        attribute="check",
        help="Check settings, database, instruments, schedulers and repositories.",
    ),
    "extract": Lazy(
        module="nexuslims_core.cli.extract",
        attribute="extract",
        help="Print the metadata of data files as JSON; needs no configuration.",
    ),
    "demo": Lazy(
        module="nexuslims_core.cli.demo",
        attribute="demo",
        help="Run everything on made-up instruments and files, to look at.",
    ),
    "instruments": Lazy(
        module="nexuslims_core.cli.instruments",
        attribute="instruments",
        help="Add, list and remove instruments.",
    ),
    "sessions": Lazy(
        module="nexuslims_core.cli.sessions",
        attribute="sessions",
        help="Add, list, show, retry and withdraw sessions.",
    ),
    "users": Lazy(
        module="nexuslims_core.cli.users",
        attribute="users",
        help="Say who users are in notebooks and repositories.",
    ),
    "records": Lazy(
        module="nexuslims_core.cli.records",
        attribute="records",
        help="Validate XML records.",
    ),
    "config": Lazy(
        module="nexuslims_core.cli.config",
        attribute="config",
        help="Show and check the configuration.",
    ),
    "db": Lazy(
        module="nexuslims_core.cli.db",
        attribute="db",
        help="Create, upgrade and check the database.",
    ),
    "plugins": Lazy(
        module="nexuslims_core.cli.plugins",
        attribute="plugins",
        help="List installed plugins and check them.",
    ),
}


class LazyGroup(click.Group):
    """A group whose built-in commands are imported on use, and which takes plugins'."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands, built-in ones first."""
        built_in = [name for name, lazy in COMMANDS.items() if not lazy.hidden]
        return [*built_in, *sorted(_plugin_commands(ctx))]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return the command called `cmd_name`, or `None`."""
        lazy = COMMANDS.get(cmd_name)
        if lazy is not None:
            module = importlib.import_module(lazy.module)
            command: click.Command = getattr(module, lazy.attribute)
            return command
        contribution = _plugin_commands(ctx).get(cmd_name)
        return _loaded(ctx, contribution) if contribution is not None else None

    def format_commands(
        self, ctx: click.Context, formatter: click.HelpFormatter
    ) -> None:
        """Write the list of commands without importing any of them."""
        rows = [(name, one.help) for name, one in COMMANDS.items() if not one.hidden]
        try:
            extra = sorted(_plugin_commands(ctx).items())
        except NexusLIMSError as error:
            extra = []
            click.echo(f"Commands of plugins are not listed: {error}", err=True)
        with formatter.section("Commands"):
            formatter.write_dl(rows)
        if extra:
            with formatter.section("Commands of plugins"):
                formatter.write_dl([(name, one.help) for name, one in extra])


def _loaded(ctx: click.Context, contribution: Command) -> click.Command:
    from nexuslims_core.cli.context import plugin_manager

    command = plugin_manager(ctx).call(contribution, contribution.load)
    if not isinstance(command, click.Command):
        msg = (
            f"the plugin of the command {contribution.name!r} gave "
            f"{type(command).__name__}, expected a command of click"
        )
        raise NexusLIMSError(msg)
    return command


def _plugin_commands(ctx: click.Context) -> Mapping[str, Command]:
    from nexuslims_core.cli.context import plugin_manager

    if ctx.params.get("no_plugins"):
        return {}
    commands = plugin_manager(ctx).commands
    return {name: one for name, one in commands.items() if name not in COMMANDS}


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 88},
)
@click.version_option(
    __version__, "--version", prog_name="nexuslims", message="%(prog)s %(version)s"
)
@click.option(
    "--env-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    is_eager=True,
    help="Read settings from this file instead of .env in the current folder.",
)
@click.option(
    "--no-plugins",
    is_flag=True,
    # Eager, so that they count for the commands that --help lists.
    is_eager=True,
    help="Use what is built in alone; installed plugins are not even imported.",
)
@click.pass_context
def cli(ctx: click.Context, /, **_options: Any) -> None:  # noqa: ANN401 - read from ctx.params
    """Turn microscope sessions into published experiment records.

    NexusLIMS asks the scheduler who used which instrument when, finds the files written
    meanwhile, reads their metadata, builds one XML record per session and delivers it
    to the configured repositories.

    \b
    To see it work:        nexuslims demo
    Metadata of one file:  nexuslims extract FILE
    The regular job:       nexuslims run
    """  # noqa: D301 - click's mark for a paragraph that is not to be wrapped
