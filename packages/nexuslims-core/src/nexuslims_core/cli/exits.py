"""Exit codes, and what a person sees when something goes wrong."""

from __future__ import annotations

import atexit
import os
import sys
import threading
from enum import IntEnum
from typing import TYPE_CHECKING, NoReturn

import click

from nexuslims_core.errors import ConfigurationError, NexusLIMSError

if TYPE_CHECKING:
    from collections.abc import Sequence


class Exit(IntEnum):
    """Exit codes of every command."""

    OK = 0
    """All work done, or nothing to do."""
    FAILED = 1
    """Something failed: a session, a source, a file."""
    USAGE = 2
    """Wrong usage or configuration."""
    PREFLIGHT = 3
    """A check before the run failed; nothing was done."""
    LOCKED = 4
    """Another run holds the lock."""


def guarded(command: click.Command, arguments: Sequence[str] | None = None) -> int:
    """Run `command` and return its exit code, with errors told in plain words.

    Parameters
    ----------
    arguments
        Instead of those of the process.
    """
    given = None if arguments is None else list(arguments)
    try:
        code = command.main(given, prog_name="nexuslims", standalone_mode=False)
    except click.exceptions.Abort:
        click.echo("Aborted.", err=True)
        return Exit.FAILED
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except ConfigurationError as error:
        click.echo(f"Configuration error: {error}", err=True)
        return Exit.USAGE
    except NexusLIMSError as error:
        click.echo(f"Error: {error}", err=True)
        return Exit.FAILED
    # A full disk, a folder that may not be entered: the message names the path.
    except OSError as error:
        click.echo(f"Error: {error}", err=True)
        return Exit.FAILED
    is_code = isinstance(code, int) and not isinstance(code, bool)
    return code if is_code else Exit.OK


def leave(code: int) -> NoReturn:
    """End the process with `code`, without taking apart all that it has loaded.

    To do so costs a quarter of a run that has nothing to do. What matters is done:
    functions that were registered for the end are called, output is written.
    """
    rest = [one for one in threading.enumerate() if not one.daemon]
    if rest != [threading.main_thread()]:
        sys.exit(code)  # which waits for them
    atexit._run_exitfuncs()  # noqa: SLF001 - the interpreter's own way, long there
    try:
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
    # Nobody reads it any more, or somebody has closed it.
    except (OSError, ValueError):
        sys.exit(code)
    os._exit(code)
