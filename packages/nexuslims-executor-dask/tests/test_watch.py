"""Nothing waits for ever for workers that do not come."""

from __future__ import annotations

import threading

import pytest
from nexuslims_executor_dask.watch import Watch

SOON = 60.0


@pytest.fixture
def watch():
    """Return a function that watches, and that gives what was said at last."""
    running = []

    def start(workers, *, needed=lambda: True):
        said, given_up = [], threading.Event()

        def give_up(reason):
            said.append(reason)
            given_up.set()

        running.append(
            Watch(workers=workers, is_needed=needed, patience=0.05, give_up=give_up)
        )
        return said, given_up

    yield start
    for one in running:
        one.end()


class Cluster:
    """One that loses its workers after some looks."""

    def __init__(self, looks):
        self.looks = looks

    def workers(self):
        self.looks -= 1
        return ["tcp://one:1"] if self.looks >= 0 else []


def test_a_cluster_that_never_has_workers_is_given_up(watch):
    said, given_up = watch(list)
    assert given_up.wait(SOON)
    assert "no worker" in said[0]
    assert "NX_DASK_WORKER_TIMEOUT" in said[0]


def test_a_cluster_that_cannot_be_asked_is_given_up_with_the_reason(watch):
    def fail():
        raise OSError("connection refused")

    said, given_up = watch(fail)
    assert given_up.wait(SOON)
    assert "connection refused" in said[0]


def test_it_is_not_given_up_while_there_are_workers(watch):
    cluster = Cluster(looks=20)
    _, given_up = watch(cluster.workers)
    assert given_up.wait(SOON)
    assert cluster.looks < 0


def test_nobody_is_asked_while_nothing_waits(watch):
    cluster = Cluster(looks=1)
    ticks = iter(range(20))
    all_seen = threading.Event()

    def needed():
        if next(ticks, None) is None:
            all_seen.set()
        return False

    _, given_up = watch(cluster.workers, needed=needed)
    assert all_seen.wait(SOON)
    assert cluster.looks == 1
    assert not given_up.is_set()
