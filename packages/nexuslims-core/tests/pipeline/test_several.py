"""Several sessions at a time: what overlaps, what does not, and how it ends."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from nexuslims_core.pipeline.halt import Halt
from nexuslims_core.types import ExportResult

PATIENCE_S = 60.0
"""For what must happen; no test waits as long as this unless it fails."""
THREADS = """
from concurrent.futures import ThreadPoolExecutor
from nexuslims_core.plugin_settings import PluginSettings

class ThreadSettings(PluginSettings):
    env_prefix = "NX_THREADS_"

def create(settings, workers, timeout):
    return Threads(workers)

class Threads(ThreadPoolExecutor):
    def warm(self, task, workers):
        warmed.append(workers)
        task()

warmed = []

@hookimpl
def nexuslims_executors():
    yield Executor(name="threads", settings=ThreadSettings, create=create)

first_is_delivered = None

def extract(file):
    if first_is_delivered is not None and file.path.name == "2.acm":
        seen.append(first_is_delivered.is_set())
        go_on.set()
    return one(file)

seen = []
go_on = None

@hookimpl
def nexuslims_extractors():
    yield Extractor(name="acme", extensions=frozenset({"acm"}), extract=extract)
"""


@pytest.fixture
def several(lab):
    """A facility with five sessions of a file each, read in threads."""
    lab.modules = [lab.plugin(THREADS)]
    lab.settings |= {"NX_EXECUTOR": "threads", "NX_WORKERS": "2"}
    for number in range(1, 6):
        start = lab.start + timedelta(minutes=10 * number)
        lab.log(number, start=start, end=start + timedelta(minutes=9))
        lab.write(f"{number}.acm", minutes=10 * number + 5)
    return lab


def statuses(lab):
    return [lab.status(number) for number in range(1, 6)]


class Gate:
    """A behaviour of a repository that counts who is inside."""

    def __init__(self):
        self.inside, self.most = 0, 0
        self.lock = threading.Lock()

    def __call__(self):
        with self.lock:
            self.inside += 1
            self.most = max(self.most, self.inside)
        threading.Event().wait(0.02)
        with self.lock:
            self.inside -= 1
        return ExportResult(destination="cdcs", success=True, action="created")


def test_files_of_the_next_session_are_read_while_one_is_delivered(several):
    [module] = several.modules
    module.go_on, module.first_is_delivered = threading.Event(), threading.Event()

    def deliver():
        assert module.go_on.wait(PATIENCE_S)
        module.first_is_delivered.set()
        return ExportResult(destination="cdcs", success=True, action="created")

    several.shelf(behaviour=deliver)
    several.run()

    assert module.seen == [False]
    assert set(statuses(several)) == {"COMPLETED"}


def test_workers_start_for_new_sessions_with_files_and_no_others(several):
    [module] = several.modules
    several.run()
    assert module.warmed == [5]

    # They are looked at again, and have not changed.
    several.run()
    # One has only now been logged, and has no file.
    start = several.start + timedelta(minutes=70)
    several.log(7, start=start, end=start + timedelta(minutes=9))
    several.run()
    assert module.warmed == [5]


def test_a_repository_takes_one_record_at_a_time(several):
    gates = [Gate(), Gate()]
    for number, gate in enumerate(gates):
        several.shelf(f"d{number}", gate)

    several.run()

    assert [gate.most for gate in gates] == [1, 1]
    assert set(statuses(several)) == {"COMPLETED"}


def test_sessions_are_reported_in_their_order(several):
    several.shelf()

    found = several.run().sessions

    numbers = [one.session_identifier.rpartition("=")[2] for one in found]
    assert numbers == ["1", "2", "3", "4", "5"]


def test_records_are_the_same_one_by_one_and_several_at_a_time(several):
    several.shelf()
    several.settings["NX_EXECUTOR"] = "inline"
    several.run()
    one_by_one = {path.name: path.read_bytes() for path in several.records()}
    for number in range(1, 6):
        several.store.retry([several.session(number).identifier])
    for path in several.records():
        path.unlink()

    several.settings["NX_EXECUTOR"] = "threads"
    several.run()

    assert {path.name: path.read_bytes() for path in several.records()} == one_by_one


def test_a_run_that_is_called_off_leaves_sessions_to_the_next(several):
    shelf = several.shelf(behaviour=KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        several.run()
    assert "ERROR" not in statuses(several)
    assert several.records() == [] or not shelf.records

    shelf.behaviour = None
    several.run()

    assert set(statuses(several)) == {"COMPLETED"}
    assert len(shelf.records) == 5


def test_a_run_that_is_to_end_finishes_what_it_began_and_begins_no_more(several):
    halt = Halt()

    def deliver():
        halt.request()
        return ExportResult(destination="cdcs", success=True, action="created")

    shelf = several.shelf(behaviour=deliver)
    report = several.run(halt=halt)

    done = statuses(several).count("COMPLETED")
    assert 1 <= done < 5
    assert statuses(several).count("TO_BE_BUILT") == 5 - done
    assert len(shelf.contexts) == done == len(report.sessions)


def test_one_session_that_fails_costs_no_other(several):
    def deliver():
        with several_lock:
            calls.append(1)
            if len(calls) == 2:
                msg = "a mistake"
                raise RuntimeError(msg)
        return ExportResult(destination="cdcs", success=True, action="created")

    calls, several_lock = [], threading.Lock()
    several.shelf(behaviour=deliver)
    several.run()

    assert sorted(statuses(several)) == ["BUILT_NOT_EXPORTED"] + 4 * ["COMPLETED"]


def test_halting_is_seen_by_all_threads():
    halt = Halt()
    with ThreadPoolExecutor(1) as other:
        waiting = other.submit(halt.wait, PATIENCE_S)
        halt.request()
        assert waiting.result() is True
    assert halt.requested
    assert not halt.abandoned
