"""Run a program and tell what it cost: time, and memory of all its processes."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

INTERVAL_S = 0.05
SHARE = 0.04
"""Most of one core that looking may take from what is looked at."""


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What one call of a program took."""

    wall_s: float
    cpu_s: float
    """User and system time of the program and all that it started."""
    peak_bytes: int
    """Highest sum over all its processes; pages that they share count once."""
    exit_code: int
    output: str


def measured(command: Sequence[str], *, env: Mapping[str, str], cwd: Path) -> Cost:
    """Run `command` to its end and return what it cost.

    Memory is the proportional set size, summed over the process tree and sampled.
    """
    log = cwd / f"output-{time.monotonic_ns()}.log"
    with log.open("wb") as stream:
        started = time.perf_counter()
        process = subprocess.Popen(  # noqa: S603 - programs under measurement
            command, env=dict(env), cwd=cwd, stdout=stream, stderr=stream
        )
        sampler = _Sampler(process.pid)
        sampler.start()
        # The only call that tells of this child and its children, and of no others.
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
    sampler.stop()
    return Cost(
        wall_s=wall,
        # Children that nobody waits for are missing in the kernel's sum.
        cpu_s=max(usage.ru_utime + usage.ru_stime, sampler.cpu_s),
        peak_bytes=sampler.peak_bytes,
        exit_code=process.returncode,
        output=log.read_text(errors="replace"),
    )


class _Sampler(threading.Thread):
    """Watches a process tree until told to stop or until it is gone."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.peak_bytes = 0
        self._cpu: dict[tuple[int, float], float] = {}
        self._root = psutil.Process(pid)
        self._ended = threading.Event()

    @property
    def cpu_s(self) -> float:
        """Processor time as last seen of every process."""
        return sum(self._cpu.values())

    def run(self) -> None:
        while not self._ended.is_set():
            before = time.thread_time()
            self.peak_bytes = max(self.peak_bytes, sum(map(self._look, self._tree())))
            spent = time.thread_time() - before
            self._ended.wait(max(INTERVAL_S, spent / SHARE))

    def stop(self) -> None:
        """Stop, after the process has ended."""
        self._ended.set()
        self.join()

    def _tree(self) -> list[psutil.Process]:
        try:
            return [self._root, *self._root.children(recursive=True)]
        except psutil.Error:
            return []

    def _look(self, process: psutil.Process) -> int:
        try:
            times = process.cpu_times()
            memory: int = process.memory_full_info().pss
        except (psutil.Error, ProcessLookupError):
            return 0
        key = (process.pid, process.create_time())
        self._cpu[key] = times.user + times.system
        return memory
