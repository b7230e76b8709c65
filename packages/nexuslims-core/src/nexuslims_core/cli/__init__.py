"""The program `nexuslims`. Commands are imported when they are used, not before."""

from __future__ import annotations

import gc
from typing import NoReturn

from nexuslims_core.cli.group import cli

__all__ = ["cli", "main"]

NEW_OBJECTS = 50_000
"""Before rubbish is looked for. Python's 700 are made by every module that is imported,
none of them rubbish, and to look takes a tenth of a run that has nothing to do.
"""


def main() -> NoReturn:
    """Run the program and exit with its code; see `nexuslims_core.cli.exits`."""
    from nexuslims_core.cli.exits import guarded, leave

    gc.set_threshold(NEW_OBJECTS, *gc.get_threshold()[1:])
    leave(guarded(cli))
