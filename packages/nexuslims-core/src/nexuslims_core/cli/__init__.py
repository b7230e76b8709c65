"""The program `nexuslims`. Commands are imported when they are used, not before."""

from __future__ import annotations

from typing import NoReturn

from nexuslims_core.cli.group import cli

__all__ = ["cli", "main"]


def main() -> NoReturn:
    """Run the program and exit with its code; see `nexuslims_core.cli.exits`."""
    from nexuslims_core.cli.exits import guarded, leave

    leave(guarded(cli))
