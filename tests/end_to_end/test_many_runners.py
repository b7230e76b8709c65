"""Several runners on one PostgreSQL share the work, and take over from the dead."""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from datetime import timedelta

import pytest
from nexuslims_core.store import Store
from nexuslims_testing.facility import set_modified

pytestmark = [pytest.mark.live, pytest.mark.slow]

SESSIONS = int(os.environ.get("NEXUSLIMS_TEST_SESSIONS", "40"))
RUNNERS = 4
KILLED = 2
FILES = 2


@pytest.fixture
def busy(make_facility, postgresql_url, write_image, yesterday):
    """A facility with many sessions to build, too old to be looked at again."""
    facility = make_facility(
        NX_DB_URL=postgresql_url, NX_CLAIM_LIMIT=4, NX_LEASE_SECONDS=30
    )
    pids = ("Helios", "Quanta")
    folders = {pid: facility.add_instrument(pid) for pid in pids}
    image = write_image(facility.folder / "template.tif", yesterday).read_bytes()
    spans = {pid: {} for pid in pids}
    for number in range(SESSIONS):
        pid = pids[number % len(pids)]
        start = yesterday - timedelta(days=5, hours=number)
        spans[pid][f"session-{number}"] = (start, start + timedelta(minutes=40))
        for copy in range(FILES):
            path = folders[pid] / f"{number}-{copy}.tif"
            path.write_bytes(image)
            set_modified(path, start + timedelta(minutes=5 + copy))
    for pid in pids:
        facility.log_sessions(pid, spans[pid])
    return facility


@pytest.fixture
def start_runner(start_watching, tmp_path):
    """Return a function that starts a runner which watches; all end with the test."""

    def start(facility, name):
        output, errors = tmp_path / f"{name}.jsonl", tmp_path / f"{name}.err"
        return start_watching(facility, "1", "--json", output=output, errors=errors)

    return start


def completed(store):
    return len(store.list_sessions(status="COMPLETED"))


def wait_for(store, count, runners):
    deadline = time.monotonic() + 120 + 10 * SESSIONS
    while completed(store) < count:
        assert time.monotonic() < deadline, "the runners do not get on"
        assert any(one.poll() is None for one in runners), "no runner is left"
        time.sleep(0.1)


def sessions_of(path):
    """Return the sessions that a runner says it has settled."""
    lines = path.read_text().splitlines()
    return [
        one["session_identifier"]
        for line in lines
        for one in json.loads(line)["sessions"]
        if one["status"] == "COMPLETED"
    ]


def test_every_session_is_built_and_delivered_once(
    busy, start_runner, catalogue_of, tmp_path
):
    runners = [start_runner(busy, f"runner-{n}") for n in range(RUNNERS)]
    with Store.open(busy.database_url) as store:
        for number in range(KILLED):
            wait_for(store, SESSIONS * (number + 1) // (KILLED + 2), runners)
            runners[number].kill()
        assert completed(store) < SESSIONS, "the runners were killed too late"
        survivors = runners[KILLED:]
        wait_for(store, SESSIONS, survivors)
        for one in survivors:
            one.terminate()
        assert [one.wait(timeout=120) for one in survivors] == [0] * len(survivors)
        histories = [
            store.show_session(f"session-{number}") for number in range(SESSIONS)
        ]

    built = Counter(
        sum(entry.event_type == "RECORD_GENERATION" for entry in one.log)
        for one in histories
    )
    assert built == {1: SESSIONS}
    doubled = {
        one.summary.identifier: one.uploads for one in histories if len(one.uploads) > 1
    }
    assert doubled == {}
    assert {(u.destination, u.success) for one in histories for u in one.uploads} == {
        ("html", True)
    }
    assert {one.summary.state.lease_owner for one in histories} == {None}
    assert len(catalogue_of(busy).listed()) == SESSIONS
    assert len(list((busy.data_path / "records").rglob("*.xml"))) == SESSIONS
    told = [
        sessions_of(tmp_path / f"runner-{number}.jsonl") for number in range(RUNNERS)
    ]
    assert all(told[KILLED:]), "a runner had no share of the work"
    everything = [identifier for share in told for identifier in share]
    assert len(everything) == len(set(everything))
