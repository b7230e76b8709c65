"""A process that does calls in a process of its own, which it replaces when it must.

``python -m nexuslims_executor_dask.warden SECONDS MEGABYTES`` reads packed calls from
stdin and writes packed answers to stdout. Worker processes of a cluster may not have
children as `multiprocessing` makes them, so there is one between: with it, a file that
hangs or crashes costs as little as on a single machine, by the same code. It ends with
the worker, whichever way that ends, and by itself when it has had nothing to do for
long.
"""

from __future__ import annotations

import os
import pickle
import sys
import threading
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, cast

from nexuslims_core.builtin.executors import ProcessExecutor

from nexuslims_executor_dask.calls import Answer, Sealed, pack, perform

if TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Future

    from nexuslims_executor_dask.calls import Call

IDLE_SECONDS = 600.0
"""How long it waits for a call, beyond what a call may take, before it ends."""

END_SECONDS = 4.0
"""How long it may take to end a call that nobody waits for any more."""


def main() -> None:
    """Answer calls until stdin ends."""
    timeout = float(sys.argv[1])
    pool = ProcessExecutor(workers=1, timeout=timeout, memory_mb=int(sys.argv[2]))
    answers = _taken_stdout()

    def answer(future: Future[bytes]) -> None:
        if not future.cancelled():
            pickle.dump(_packed(future), answers)
            answers.flush()

    while True:
        with _ending_after(timeout + IDLE_SECONDS):
            call = _next(sys.stdin.buffer)
        if call is None:
            break
        pool.submit(perform, cast("Call", Sealed(call))).add_done_callback(answer)
    with _ending_after(END_SECONDS):
        pool.shutdown(wait=True, cancel_futures=True)
    # Nobody waits for anything of this process any more.
    os._exit(0)


def _taken_stdout() -> IO[bytes]:
    """Return what stdout was, and have everything that is printed go to stderr."""
    stream = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return stream


def _next(stream: IO[bytes]) -> bytes | None:
    """Return the next call; `None` when the worker is gone."""
    try:
        call: bytes = pickle.load(stream)  # noqa: S301 - from the process that made us
    except (EOFError, OSError, pickle.UnpicklingError):
        return None
    return call


def _packed(future: Future[bytes]) -> bytes:
    try:
        return future.result()
    # What ended the process is for whoever asked.
    except Exception as error:  # noqa: BLE001
        return pack(Answer(error=error))


@contextmanager
def _ending_after(seconds: float) -> Iterator[None]:
    timer = threading.Timer(seconds, os._exit, (0,))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


if __name__ == "__main__":
    main()
