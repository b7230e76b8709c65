"""What a worker process of `ProcessExecutor` does: one task after the other.

It imports nothing by itself: functions that it is sent do.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import pickle
import signal
import sys
import threading
import traceback
from multiprocessing.reduction import ForkingPickler
from typing import TYPE_CHECKING, Any, NamedTuple

from nexuslims_core.builtin.workers import memory
from nexuslims_core.errors import WorkerError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from multiprocessing.connection import Connection

BEGUN = b""
"""What a worker says when it has a task unpacked, before it runs it."""

MODULES = "NX_WORKER_MODULES_"
"""Variable that tells the process that workers are forked from what to import."""

END = b""
"""What a worker is told when there is nothing more to do."""


class Answer(NamedTuple):
    """What came of a task, as it crosses to the main process."""

    value: Any = None
    error: BaseException | None = None


def keep_off_stdout() -> None:
    """Send whatever this process prints to stderr: stdout is the main program's."""
    sys.stdout = sys.stderr
    os.dup2(2, 1)


def serve(link: Connection, memory_mb: int, environment: Mapping[str, str]) -> None:
    """Do the tasks that come through `link`, until its other end says or is gone.

    Parameters
    ----------
    memory_mb
        What one task may take; 0 for no limit.
    environment
        Variables that the main process has.
    """
    os.environ.clear()
    os.environ.update(environment)
    keep_off_stdout()
    # From a terminal it goes to all processes; the main one decides what ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    memory.be_killed_first()
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    _work(link, memory_mb)
    # Every task has cleaned up after itself. To take apart all that the libraries made
    # costs half a second, and the run waits for it.
    logging.shutdown()
    sys.stderr.flush()
    os._exit(0)


def _work(link: Connection, memory_mb: int) -> None:
    try:
        while task := link.recv_bytes():
            link.send_bytes(_packed(_answer(task, link, memory_mb)))
            # A fresh process takes its place; the main one sees it go.
            if memory.has_grown(memory_mb):
                return
    # The main process is gone, so nobody is left to tell.
    except (EOFError, OSError):
        return


def _leave_with_parent() -> None:
    """End this process when the main one was killed, even amid a task that hangs."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _answer(task: bytes, link: Connection, memory_mb: int) -> Answer:
    # The contract of an executor: whatever is raised belongs to the future.
    try:
        function, args, kwargs = pickle.loads(task)  # noqa: S301 - from our main process
    except BaseException as error:  # noqa: BLE001
        return _failed(error)
    link.send_bytes(BEGUN)
    try:
        with memory.limited(memory_mb):
            return Answer(value=function(*args, **kwargs))
    except BaseException as error:  # noqa: BLE001
        return _failed(error)


def _failed(error: BaseException) -> Answer:
    error.add_note(traceback.format_exc())
    return Answer(error=error)


def _packed(answer: Answer) -> bytes:
    """Return an answer that the main process can unpack, whatever is in it."""
    try:
        packed = bytes(ForkingPickler.dumps(answer))
        # Exceptions with arguments of their own pack well and unpack badly.
        if answer.error is not None:
            pickle.loads(packed)  # noqa: S301 - made above
    # Foreign classes raise anything here.
    except Exception as error:  # noqa: BLE001
        lost = answer.error or error
        told = WorkerError(f"{type(lost).__name__}: {lost}")
        return bytes(ForkingPickler.dumps(Answer(error=told)))
    return packed
