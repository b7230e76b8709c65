"""The main process's end of one worker process."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import tempfile
from contextlib import suppress
from multiprocessing import forkserver
from multiprocessing.connection import wait
from typing import TYPE_CHECKING

from nexuslims_core.builtin.workers.serving import END, MODULES, serve

if TYPE_CHECKING:
    from collections.abc import Sequence
    from multiprocessing.context import ForkServerContext, SpawnContext

LIBRARIES = "nexuslims_core.builtin.workers.libraries"

MOST_TEMPORARY = 60
"""Bytes of the path of the folder for temporary files, in which the socket is: systems
take 107 for that, and `multiprocessing` adds some forty.
"""


def _context() -> ForkServerContext | SpawnContext:
    """Return how worker processes are started.

    A fork of this process would have its database connections and locks. On Linux they
    are forks of a fresh process, which has nothing but libraries; elsewhere some of
    these do not survive it, so that each worker is a fresh process itself.
    """
    if not _can_fork():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([LIBRARIES])
    return context


def _can_fork() -> bool:
    """Tell whether workers can be forked from another process, which has a socket."""
    # Before, anybody on the machine could talk to it.
    if sys.platform != "linux" or sys.version_info < (3, 11, 1):
        return False
    try:
        folder = os.fsencode(tempfile.gettempdir())
    except OSError:
        return False
    return len(folder) <= MOST_TEMPORARY


CONTEXT = _context()


def prepare(modules: Sequence[str] = ()) -> None:
    """Start the process that workers are forked from, if they are.

    Parameters
    ----------
    modules
        What it is to import besides.
    """
    if CONTEXT.get_start_method() != "forkserver":
        return
    os.environ[MODULES] = ",".join(modules)
    try:
        forkserver.ensure_running()
    finally:
        del os.environ[MODULES]


PATIENCE = 5.0
"""Seconds to wait for a process that was ended; one stuck in a dead disk stays."""


LEISURE = 30.0
"""Seconds that a process may take to end by itself when nothing is left to do."""


class ProcessEndedError(Exception):
    """The worker process is gone; says how it ended."""


class Link:
    """One worker process, started at once.

    Raises
    ------
    OSError
        If the operating system has no process to give.
    """

    def __init__(self, memory_mb: int) -> None:
        self._connection, theirs = CONTEXT.Pipe()
        self._process = CONTEXT.Process(
            target=serve,
            # That of the process it may be forked from is older.
            args=(theirs, memory_mb, dict(os.environ)),
            name="nexuslims worker",
        )
        try:
            self._process.start()
        except BaseException:
            self._connection.close()
            raise
        finally:
            theirs.close()

    def send(self, task: bytes) -> None:
        """Hand over a task.

        Raises
        ------
        ProcessEndedError
            If there is nobody to take it.
        """
        try:
            self._connection.send_bytes(task)
        except OSError as error:
            raise self._ended() from error

    def receive(self, timeout: float) -> bytes:
        """Return the next message.

        Raises
        ------
        TimeoutError
            If there is none in time.
        ProcessEndedError
            If there will be none.
        """
        # The connection alone would do, unless a child of the worker keeps it open.
        ready = wait([self._connection, self._process.sentinel], timeout)
        if not ready:
            raise TimeoutError
        try:
            if self._connection.poll():
                return self._connection.recv_bytes()
        except (EOFError, OSError) as error:
            raise self._ended() from error
        raise self._ended()

    def close(self) -> None:
        """End the worker when it has done what it was sent."""
        with suppress(OSError):
            self._connection.send_bytes(END)
        self._connection.close()
        self._process.join(LEISURE)
        if self._process.is_alive():
            self.kill()

    def kill(self) -> None:
        """End the worker at once; may be called by any thread."""
        self._process.kill()

    def bury(self) -> None:
        """End the worker at once, and give back what the system kept for it."""
        self.kill()
        self._connection.close()
        self._process.join(PATIENCE)

    def _ended(self) -> ProcessEndedError:
        self._process.join(PATIENCE)
        code = self._process.exitcode
        if code is None:
            return ProcessEndedError("closed its connection")
        if code >= 0:
            return ProcessEndedError(f"ended with exit code {code}")
        with suppress(ValueError):
            return ProcessEndedError(f"ended with {signal.Signals(-code).name}")
        return ProcessEndedError(f"ended with signal {-code}")
