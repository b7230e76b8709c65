"""`nexuslims records`."""

from __future__ import annotations

from pathlib import Path

import click

from nexuslims_core.cli.exits import Exit
from nexuslims_core.cli.output import json_option, print_json


@click.group()
def records() -> None:
    """Work with XML records."""


@records.command()
@click.argument(
    "files",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE...",
)
@json_option
def validate(files: tuple[Path, ...], *, as_json: bool) -> int:
    """Validate XML records against the Nexus Experiment schema; exit 1 if any is not.

    Needs no configuration.
    """
    from nexuslims_core.record import validate_xml

    found = {str(path): validate_xml(path.read_bytes()) for path in files}
    if as_json:
        print_json({path: list(problems) for path, problems in found.items()})
    else:
        _print(found)
    return Exit.FAILED if any(found.values()) else Exit.OK


def _print(found: dict[str, tuple[str, ...]]) -> None:
    for path, problems in found.items():
        click.echo(f"{path}: {'valid' if not problems else 'not valid'}")
        for problem in problems:
            click.echo(f"  {problem}")
