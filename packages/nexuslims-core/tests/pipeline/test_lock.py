from __future__ import annotations

import subprocess
import sys
import threading
from types import SimpleNamespace

import pytest
from nexuslims_core.errors import ConfigurationError, StoreError
from nexuslims_core.pipeline.claim import lease_of, renewing
from nexuslims_core.pipeline.lock import (
    LockedError,
    run_lock,
    runner_slot,
    vacant_slots,
)

HOLDER = """
import sys
from pathlib import Path
from nexuslims_core.pipeline.lock import runner_slot
with runner_slot(Path(sys.argv[1])) as slot:
    print(slot.number, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def another_runner(tmp_path):
    """Return a function that starts a process which takes a slot and keeps it."""
    started = []

    def start():
        process = subprocess.Popen(
            [sys.executable, "-c", HOLDER, str(tmp_path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process, int(process.stdout.readline())

    yield start
    for process in started:
        process.kill()
        process.communicate()


def test_a_run_alone_says_what_several_would_need(tmp_path):
    with (
        run_lock(tmp_path) as slot,
        pytest.raises(LockedError, match=r"Several runs at once need PostgreSQL"),
        run_lock(tmp_path),
    ):
        pytest.fail("two runs at once")
    assert slot.owner.endswith(f":{tmp_path}")


def test_runners_take_the_first_slot_that_is_free(tmp_path, another_runner):
    first, number = another_runner()
    assert number == 1
    with runner_slot(tmp_path) as slot:
        assert slot.number == 2
        assert slot.owner.endswith(f":{tmp_path}#2")
        assert another_runner()[1] == 3
    first.kill()
    first.communicate()
    with runner_slot(tmp_path) as slot:
        assert slot.number == 1


def test_only_slots_of_ended_runners_are_vacant(tmp_path, another_runner):
    killed, _ = another_runner()
    another_runner()
    (tmp_path / ".runner.elsewhere.1.lock").touch()
    with runner_slot(tmp_path) as slot:
        assert list(vacant_slots(slot)) == []
        killed.kill()
        killed.communicate()
        (vacant,) = vacant_slots(slot)
        assert vacant.number == 1
    # Looked at, it is free for the next one.
    assert another_runner()[1] == 1


def test_a_folder_that_cannot_be_locked_is_named(tmp_path):
    (tmp_path / "file").touch()
    with (
        pytest.raises(ConfigurationError, match="cannot be locked"),
        runner_slot(tmp_path / "file"),
    ):
        pytest.fail("a lock in no folder")


class Leases:
    """A store that counts renewals, and is away for the first ones."""

    is_shared = True

    def __init__(self, wanted):
        self.enough = threading.Event()
        self.renewed = 0
        self._wanted = wanted

    def renew(self, *_given):
        self.renewed += 1
        if self.renewed < self._wanted:
            raise StoreError("the database is away")
        self.enough.set()


def test_leases_are_renewed_while_the_work_waits():
    leases = Leases(wanted=3)
    context = SimpleNamespace(
        store=leases,
        settings=SimpleNamespace(lease_seconds=0.05),
        now=lambda: None,
        owner="runner",
    )
    assert lease_of(context).total_seconds() == 0.05
    with renewing(context):
        assert leases.enough.wait(30)
    assert "leases" not in {thread.name for thread in threading.enumerate()}
