"""The tasks of an executor that no worker has taken yet."""

from __future__ import annotations

import threading
from collections import deque
from concurrent.futures import BrokenExecutor, Future
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from nexuslims_core.errors import WorkerError

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST_FAILED_STARTS = 3
"""Of worker processes, in a row, that end before they begin a task."""


@dataclass(kw_only=True, eq=False)
class Task:
    """What to run, and the future that waits for it."""

    packed: bytes
    """Function, positional and named arguments, pickled."""
    future: Future[Any] = field(default_factory=Future)

    def claim(self) -> bool:
        """Tell whether to run it: nobody cancelled it."""
        return self.future.running() or self.future.set_running_or_notify_cancel()


class TaskQueue:
    """A queue for several threads on either side."""

    def __init__(self) -> None:
        self._tasks: deque[Task] = deque()
        self._waiting = 0
        self._ended = False
        self._refused: Exception | None = None
        self._failed_starts = 0
        self._changed = threading.Condition()

    def put(self, task: Task) -> bool:
        """Add a task; return whether there are more than threads waiting for one.

        Raises
        ------
        BrokenExecutor
            If workers cannot be started.
        RuntimeError
            After the end.
        """
        with self._changed:
            if isinstance(self._refused, BrokenExecutor):
                raise BrokenExecutor(str(self._refused))
            if self._ended:
                raise RuntimeError("an executor that was shut down takes no tasks")
            self._tasks.append(task)
            self._changed.notify()
            return len(self._tasks) > self._waiting

    def get(self) -> Task | None:
        """Wait for a task; `None` when there will be none."""
        with self._changed:
            while True:
                self._waiting += 1
                self._changed.wait_for(lambda: self._tasks or self._ended)
                self._waiting -= 1
                if not self._tasks:
                    return None
                if (task := self._tasks.popleft()).claim():
                    return task

    def get_ahead(self, *, left: int, most_bytes: int) -> Task | None:
        """Return a small task if more than `left` wait, else `None` at once."""
        with self._changed:
            while len(self._tasks) > left and len(self._tasks[0].packed) <= most_bytes:
                if (task := self._tasks.popleft()).claim():
                    return task
        return None

    def give_back(self, tasks: Iterable[Task]) -> None:
        """Put tasks to the front that were taken and not begun."""
        with self._changed:
            self._tasks.extendleft(reversed(list(tasks)))
            if self._refused is not None:
                self._refuse_all(self._refused)
            self._changed.notify_all()

    def started(self) -> None:
        """Note that a worker began a task."""
        self._failed_starts = 0

    def not_started(self, reason: Exception) -> None:
        """Note that a worker ended before its first task; give up after a few."""
        with self._changed:
            self._failed_starts += 1
            if self._failed_starts >= MOST_FAILED_STARTS:
                msg = f"worker processes cannot be started: the last one {reason}"
                self._refuse_all(BrokenExecutor(msg))

    def fail(self, error: Exception) -> None:
        """Give everything up because of a mistake of ours."""
        with self._changed:
            self._refuse_all(BrokenExecutor(f"its thread failed: {error!r}"))

    def end(self) -> None:
        """Take no more tasks."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def drop(self) -> None:
        """Take no more tasks and cancel those that wait."""
        with self._changed:
            self._ended = True
            for task in self._tasks:
                task.future.cancel()
            self._refuse_all(WorkerError("was stopped"))
            self._changed.notify_all()

    @property
    def is_refused(self) -> bool:
        """Whether nothing that it gets or is given back will be done."""
        return self._refused is not None

    def _refuse_all(self, error: Exception) -> None:
        self._refused = error
        while self._tasks:
            if (task := self._tasks.popleft()).claim():
                task.future.set_exception(error)
