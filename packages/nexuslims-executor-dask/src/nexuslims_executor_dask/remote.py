"""What runs in the worker processes of the cluster: it hands calls on to wardens."""

from __future__ import annotations

import asyncio
import pickle
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from distributed import get_worker
from nexuslims_core.builtin.workers import memory
from nexuslims_core.errors import NexusLIMSError, WorkerError

from nexuslims_executor_dask.calls import Answer, pack
from nexuslims_executor_dask.errors import UnfitWorkerError
from nexuslims_executor_dask.versions import outdated, versions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from distributed import Worker

END_SECONDS = 5.0
"""How long a warden may take to end what it is at."""


@dataclass(frozen=True, kw_only=True)
class Order:
    """A packed call, and what whoever takes it needs to know."""

    run: str
    """Identifier of the run that it is of."""
    call: bytes
    timeout: float
    memory_mb: int | None
    """What the call may take; 0 for no limit, `None` for a share of the worker's."""
    versions: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Reply:
    """A packed answer, and who gave it."""

    worker: str
    answer: bytes


class Warden:
    """A warden process, seen from the worker."""

    def __init__(self, timeout: float, memory_mb: int) -> None:
        # -P: the folder that a worker was started in has no modules of ours.
        module = ("-P", "-m", "nexuslims_executor_dask.warden")
        self._process = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, *module, str(timeout), str(memory_mb)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    @property
    def is_there(self) -> bool:
        """Whether the process lives."""
        return self._process.poll() is None

    def ask(self, call: bytes) -> bytes:
        """Return the answer to a call.

        Raises
        ------
        WorkerError
            If the process ended.
        """
        calls, answers = self._process.stdin, self._process.stdout
        if calls is None or answers is None:
            raise TypeError("a warden is spoken to through pipes")
        try:
            pickle.dump(call, calls)
            calls.flush()
            answer: bytes = pickle.load(answers)  # noqa: S301 - from our own program
        # A stream that another thread closed raises the last of these.
        except (EOFError, OSError, pickle.UnpicklingError, ValueError) as error:
            self.end()
            code = self._process.returncode
            msg = f"ended with the process that watches over it (exit code {code})"
            raise WorkerError(msg) from error
        return answer

    def end(self) -> None:
        """End the process and what it is at."""
        if self._process.stdin is not None:
            with suppress(OSError):
                self._process.stdin.close()
        try:
            self._process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class Room:
    """The wardens of one run in one worker process: one per thread that has work."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._all: list[Warden] = []
        self._idle: list[Warden] = []
        self._ended = False

    def ask(self, call: bytes, timeout: float, memory_mb: int) -> bytes:
        """Return the answer to a call, from a warden that has nothing else to do."""
        warden = self._taken(timeout, memory_mb)
        answer = warden.ask(call)
        with self._lock:
            self._idle.append(warden)
        return answer

    def _taken(self, timeout: float, memory_mb: int) -> Warden:
        with self._lock:
            if self._ended:
                raise NexusLIMSError("the run ended")
            while self._idle:
                warden = self._idle.pop()
                if warden.is_there:
                    return warden
            self._all = [one for one in self._all if one.is_there]
            warden = Warden(timeout, memory_mb)
            self._all.append(warden)
            return warden

    def end(self) -> None:
        """End all of them."""
        with self._lock:
            self._ended = True
            wardens = tuple(self._all)
        for warden in wardens:
            warden.end()


_ROOMS: dict[str, Room] = {}
"""By run. A worker process serves one run after the other, perhaps several at once, and
has nowhere else to keep what should stay from one call to the next.
"""


def take(order: Order) -> Reply:
    """Do a call; a task of the cluster."""
    worker = get_worker()
    try:
        answer = _answer(order, worker)
    except NexusLIMSError as error:
        answer = pack(Answer(error=error))
    return Reply(worker=f"{worker.name} ({worker.address})", answer=answer)


def _answer(order: Order, worker: Worker) -> bytes:
    problems = outdated(versions(), order.versions)
    if problems:
        raise UnfitWorkerError("; ".join(problems))
    room = _ROOMS.setdefault(order.run, Room())
    memory_mb = _share(worker) if order.memory_mb is None else order.memory_mb
    return room.ask(order.call, order.timeout, memory_mb)


def _share(worker: Worker) -> int:
    """Return the megabytes that are for each thread of a worker; 0 for no limit.

    Wardens are not in what the worker's nanny counts, so it does not end them.
    """
    limit = worker.memory_manager.memory_limit
    return memory.share_mb(limit, worker.state.nthreads) if limit else 0


async def end(run: str) -> None:
    """Stop what is under way for a run, without keeping the worker from its talks."""
    room = _ROOMS.pop(run, None)
    if room is not None:
        await asyncio.to_thread(room.end)
