"""Executors: worker processes that are replaced when they hang or crash, and none."""

from __future__ import annotations

import multiprocessing
import os
import sys
import weakref
from concurrent.futures import Executor, Future
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from pebble import ProcessPool

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
T = TypeVar("T")


def keep_off_stdout() -> None:
    """Send whatever this process prints to stderr: stdout is the main program's."""
    sys.stdout = sys.stderr
    os.dup2(2, 1)


class ProcessExecutor(Executor):
    """A pool of processes with a time limit per task.

    A task that exceeds it ends with `TimeoutError`, one whose process dies with
    `pebble.ProcessExpired`; the pool carries on with a fresh process either way.

    Parameters
    ----------
    workers
        Number of processes.
    timeout
        Seconds that one task may take.
    """

    def __init__(self, *, workers: int, timeout: float) -> None:
        # "spawn": a forked child would inherit database connections and locks.
        self._pool = ProcessPool(
            max_workers=workers,
            context=multiprocessing.get_context("spawn"),
            initializer=keep_off_stdout,
        )
        self._timeout = timeout
        self._futures: weakref.WeakSet[Future[Any]] = weakref.WeakSet()

    def submit(
        self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs
    ) -> Future[T]:
        """Run ``fn(*args, **kwargs)`` in a worker."""
        future: Future[T] = self._pool.submit(fn, self._timeout, *args, **kwargs)
        self._futures.add(future)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002 - the standard signature
        """End the workers, after the tasks under way or at once."""
        if cancel_futures:
            # A pool that is stopped leaves them unfinished, and who waits, waiting.
            for future in tuple(self._futures):
                future.cancel()
            self._pool.stop()  # type: ignore[no-untyped-call]
        else:
            self._pool.close()  # type: ignore[no-untyped-call]
        if wait:
            self._pool.join()


class InlineExecutor(Executor):
    """Runs each task at once, in the calling process: for debugging and small jobs."""

    def submit(
        self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs
    ) -> Future[T]:
        """Run ``fn(*args, **kwargs)`` and return its finished future."""
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        # The contract of an executor: an exception belongs to the future.
        except Exception as error:  # noqa: BLE001
            future.set_exception(error)
        return future
