"""Executors: worker processes that are replaced when they hang or crash, and none."""

from __future__ import annotations

import atexit
import threading
from concurrent.futures import Executor, Future
from multiprocessing.reduction import ForkingPickler
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from nexuslims_core.builtin.workers.feeder import Feeder
from nexuslims_core.builtin.workers.tasks import Task, TaskQueue

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
T = TypeVar("T")


class ProcessExecutor(Executor):
    """Worker processes with limits of time and memory per task.

    They start when there are tasks, as many as there are. A task that exceeds its
    limits ends with `TimeoutError` or `MemoryError`, one whose process dies with
    `WorkerError`; a fresh process takes the place of one that ended or keeps too much
    memory. When none can be started, tasks end with
    `concurrent.futures.BrokenExecutor`. Any thread may submit.

    Parameters
    ----------
    workers
        Largest number of processes.
    timeout
        Seconds that one task may take.
    memory_mb
        Memory in megabytes that one task may take; 0 for no limit.
    """

    def __init__(self, *, workers: int, timeout: float, memory_mb: int = 0) -> None:
        self._workers = workers
        self._timeout = timeout
        self._memory_mb = memory_mb
        self._tasks = TaskQueue()
        self._feeders: list[tuple[Feeder, threading.Thread]] = []
        self._lock = threading.Lock()

    def submit(
        self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs
    ) -> Future[T]:
        """Run ``fn(*args, **kwargs)`` in a worker."""
        task = Task(packed=bytes(ForkingPickler.dumps((fn, args, kwargs))))
        if self._tasks.put(task):
            self._add_worker()
        return task.future

    def warm(self, task: Callable[[], object], workers: int) -> None:
        """Start up to so many workers, and have each do a task that needs no answer."""
        for _ in range(min(workers, self._workers)):
            self.submit(task)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002 - the standard signature
        """End the workers, after the tasks under way or at once."""
        if cancel_futures:
            self._tasks.drop()
            self._kill()
        else:
            self._tasks.end()
        if wait:
            for _, thread in self._feeders:
                thread.join()
            atexit.unregister(self._kill)

    def _add_worker(self) -> None:
        with self._lock:
            if len(self._feeders) == self._workers:
                return
            if not self._feeders:
                # When Python ends it waits for child processes, hung ones too.
                atexit.register(self._kill)
            feeder = Feeder(
                self._tasks,
                workers=self._workers,
                timeout=self._timeout,
                memory_mb=self._memory_mb,
            )
            thread = threading.Thread(target=feeder.run, daemon=True)
            self._feeders.append((feeder, thread))
            thread.start()

    def _kill(self) -> None:
        for feeder, _ in self._feeders:
            feeder.kill()


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
