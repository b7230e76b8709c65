"""Keeps one worker process at work, and replaces it when it ends."""

from __future__ import annotations

import logging
import pickle
import time
from collections import deque
from typing import TYPE_CHECKING

from nexuslims_core.builtin.workers.link import Link, ProcessEndedError
from nexuslims_core.builtin.workers.serving import BEGUN, Answer
from nexuslims_core.errors import WorkerError

if TYPE_CHECKING:
    from nexuslims_core.builtin.workers.tasks import Task, TaskQueue

START_SECONDS = 300.0
"""How long a worker may take to start, which no task is blamed for."""

AHEAD_BYTES = 4096
"""Of a task that is sent while the worker is busy: it must fit in the pipe."""

PAUSE_SECONDS = 0.5
"""Before another worker is started when one could not be."""

logger = logging.getLogger(__name__)


class Feeder:
    """One worker at a time, and the tasks that it was sent.

    A worker that is busy gets one task more, so that it need not wait for this process,
    whose threads take turns.

    Parameters
    ----------
    workers
        How many feeders share `tasks`.
    timeout
        Seconds that one task may take.
    memory_mb
        Memory that one task may take; 0 for no limit.
    """

    def __init__(
        self, tasks: TaskQueue, *, workers: int, timeout: float, memory_mb: int
    ) -> None:
        self._tasks = tasks
        self._workers = workers
        self._timeout = timeout
        self._memory_mb = memory_mb
        self._link: Link | None = None
        self._sent: deque[Task] = deque()
        self._begun = False
        """Whether the first of `_sent` is being run."""
        self._is_new = True
        """Whether the worker has not begun any task yet."""

    def run(self) -> None:
        """Work until there is nothing left to do."""
        try:
            while self._supply():
                if self._sent:
                    self._await()
        # Nobody else is there to free those who wait for a result.
        except Exception as error:
            logger.exception("The thread of a worker failed")
            self._bury()
            self._tasks.give_back(self._sent)
            self._tasks.fail(error)
        if self._link is not None:
            self._link.close()
            self._link = None

    def kill(self) -> None:
        """End the worker at once; may be called by any thread."""
        if (link := self._link) is not None:
            link.kill()

    def _supply(self) -> bool:
        """Send what the worker should have; tell whether it may get anything more."""
        task = None
        if not self._sent:
            task = self._tasks.get()
        elif self._begun and len(self._sent) == 1:
            task = self._tasks.get_ahead(left=self._workers, most_bytes=AHEAD_BYTES)
        if task is not None:
            self._send(task)
        return task is not None or bool(self._sent)

    def _send(self, task: Task) -> None:
        self._sent.append(task)
        try:
            self._linked().send(task.packed)
        except OSError as error:
            self._lose(ProcessEndedError(f"was not to be had: {error}"))
        except ProcessEndedError as error:
            self._lose(error)

    def _linked(self) -> Link:
        if self._link is None:
            self._is_new = True
            self._link = Link(self._memory_mb)
            # Whoever stopped all workers did not see this one.
            if self._tasks.is_refused:
                self._link.kill()
        return self._link

    def _await(self) -> None:
        """Take the worker's next message, or notice that it cannot send any."""
        timeout = self._timeout if self._begun else START_SECONDS
        try:
            message = self._linked().receive(timeout)
        except TimeoutError:
            self._lose(TimeoutError(f"took longer than {timeout:g} s"))
        except ProcessEndedError as error:
            self._lose(error)
        else:
            self._heed(message)

    def _heed(self, message: bytes) -> None:
        if message == BEGUN:
            self._begun, self._is_new = True, False
            self._tasks.started()
            return
        self._begun = False
        future = self._sent.popleft().future
        answer = _unpacked(message)
        if answer.error is not None:
            future.set_exception(answer.error)
        else:
            future.set_result(answer.value)

    def _lose(self, reason: Exception) -> None:
        """Blame the task at which the worker ended, and give back the others."""
        self._bury()
        blamed = self._sent.popleft() if self._begun else None
        self._begun = False
        self._tasks.give_back(self._sent)
        self._sent.clear()
        if blamed is not None:
            timed_out = isinstance(reason, TimeoutError)
            error = reason if timed_out else WorkerError(str(reason))
            blamed.future.set_exception(error)
        elif self._is_new:
            self._tasks.not_started(reason)
            time.sleep(PAUSE_SECONDS)

    def _bury(self) -> None:
        if self._link is not None:
            self._link.bury()
            self._link = None


def _unpacked(message: bytes) -> Answer:
    try:
        answer: Answer = pickle.loads(message)  # noqa: S301 - from a worker of ours
    # The classes in it are foreign and raise anything.
    except Exception as error:  # noqa: BLE001
        told = f"its answer cannot be unpacked: {type(error).__name__}: {error}"
        return Answer(error=WorkerError(told))
    return answer
