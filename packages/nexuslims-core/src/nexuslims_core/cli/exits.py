"""Exit codes, and what a person sees when something goes wrong."""

from __future__ import annotations

import os
import sys
from enum import IntEnum

import click

from nexuslims_core.errors import ConfigurationError, NexusLIMSError


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


def guarded(command: click.Command) -> int:
    """Run `command` and return its exit code, with errors told in plain words."""
    try:
        code = command.main(prog_name="nexuslims", standalone_mode=False)
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
    except BrokenPipeError:
        # The reader of our output went away, as `head` does; not worth a traceback.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.OK
    return code if isinstance(code, int) else Exit.OK
