"""Real Dask clusters on loopback, as `dask scheduler` and `dask worker` make them."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest
from nexuslims_executor_dask.settings import DaskSettings

PATIENCE = 180.0
"""Seconds after which what was waited for is taken not to happen."""


def wait_until(condition, told="it does not happen"):
    """Wait until `condition` returns something true, and return that."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        found = condition()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(told)


@dataclass
class Cluster:
    """A scheduler and its workers, each a command line of its own."""

    folder: Path
    security: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)
    processes: dict[str, subprocess.Popen] = field(default_factory=dict)

    @property
    def scheduler_file(self) -> Path:
        return self.folder / "scheduler.json"

    @property
    def address(self) -> str:
        return json.loads(self.scheduler_file.read_text())["address"]

    @property
    def settings(self) -> dict[str, str]:
        """What an installation must be told."""
        return {"NX_EXECUTOR": "dask", "NX_DASK_SCHEDULER": self.address}

    def start(self) -> None:
        scheme = "tls" if self.security else "tcp"
        self._run(
            "scheduler",
            "dask_scheduler",
            "--no-dashboard",
            f"--host={scheme}://127.0.0.1:0",
        )
        wait_until(self._is_up, "the scheduler does not start")

    def _is_up(self) -> bool:
        with contextlib.suppress(OSError, ValueError, KeyError):
            return bool(self.address)
        return False

    def add_worker(self, name: str, *options: str, path: Path | None = None) -> None:
        """Start a worker and wait until the scheduler knows it.

        Modules in the folder `path` are those that it finds first.
        """
        self._run(
            name,
            "dask_worker",
            f"--name={name}",
            "--no-dashboard",
            f"--local-directory={self.folder}",
            "--host=127.0.0.1",
            *options,
            path=path,
        )
        log = self.folder / f"{name}.log"
        wait_until(
            lambda: "Registered to:" in log.read_text(), f"worker {name} does not start"
        )

    def _run(
        self, name: str, module: str, *options: str, path: Path | None = None
    ) -> None:
        environment = {**os.environ, **self.environment}
        if path is not None:
            others = os.environ.get("PYTHONPATH", "")
            environment["PYTHONPATH"] = os.pathsep.join(
                filter(None, (str(path), others))
            )
        log = self.folder / f"{name}.log"
        with log.open("ab") as output:
            self.processes[name] = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    f"distributed.cli.{module}",
                    f"--scheduler-file={self.scheduler_file}",
                    *self.security,
                    *options,
                ],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=self.folder,
                env=environment,
            )

    def processes_of(self, name: str) -> list[psutil.Process]:
        """Return a worker's processes: its nanny, itself, and what it started."""
        first = psutil.Process(self.processes[name].pid)
        return [first, *first.children(recursive=True)]

    def kill(self, name: str) -> list[psutil.Process]:
        """Kill a worker and its nanny as a power cut would; return what they leave."""
        nanny, *others = self.processes_of(name)
        # Beside the worker, a nanny has a process that the standard library starts.
        [worker] = [
            one for one in nanny.children() if "spawn_main" in " ".join(one.cmdline())
        ]
        nanny.kill()
        worker.kill()
        self.processes.pop(name).wait()
        return [one for one in others if one != worker]

    def stop(self) -> None:
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(10)
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def make_cluster(tmp_path_factory):
    """Return a function that starts a scheduler without workers."""
    started = []

    def make(*security: str, environment=None) -> Cluster:
        folder = tmp_path_factory.mktemp("cluster")
        cluster = Cluster(
            folder=folder, security=security, environment=environment or {}
        )
        started.append(cluster)
        cluster.start()
        return cluster

    yield make
    for cluster in started:
        cluster.stop()


@pytest.fixture(scope="module")
def cluster(make_cluster):
    """Return a cluster with one worker of one thread, the same for several tests."""
    cluster = make_cluster()
    cluster.add_worker("first", "--nthreads=1")
    return cluster


@pytest.fixture
def settings_of():
    """Return a function that makes the settings for a cluster."""

    def make(cluster, **given) -> DaskSettings:
        return DaskSettings(scheduler=cluster.address, **given)

    return make


@pytest.fixture
def are_gone():
    """Return a function that tells whether processes have ended."""

    def ask(processes) -> bool:
        return not any(map(is_alive, processes))

    return ask


def is_alive(process: psutil.Process) -> bool:
    # What nobody takes note of the end of stays as a zombie, in a container for good.
    with contextlib.suppress(psutil.NoSuchProcess):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


@pytest.fixture
def until():
    """Return a function that waits for something to become true."""
    return wait_until
