from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from datetime import timedelta
from textwrap import dedent

import pytest
from nexuslims_core.errors import StoreError
from nexuslims_core.store import Outcome, Store

SESSIONS = 40

CLAIMER = dedent(
    """
    import sys
    from datetime import datetime, timedelta
    from nexuslims_core.store import Outcome, Store

    url, owner, now = sys.argv[1:]
    now = datetime.fromisoformat(now)
    done = Outcome(status="COMPLETED")
    with Store.open(url) as store:
        print("ready", flush=True)
        sys.stdin.readline()
        while claimed := store.claim(
            owner=owner, now=now, lease=timedelta(hours=1), recheck_since=now, limit=3
        ):
            for one in claimed:
                print(one.session.identifier, flush=True)
                store.finish(one, done, now)
    """
)

CRASHER = dedent(
    """
    import sys, time
    from datetime import datetime, timedelta
    from pathlib import Path
    from nexuslims_core.store import Outcome, SessionFile, Store
    from nexuslims_core.store import outcomes

    url, now, where = sys.argv[1:]
    now = datetime.fromisoformat(now)

    def hang(*arguments):
        print("hanging", flush=True)
        time.sleep(600)

    with Store.open(url) as store:
        (claimed,) = store.claim(
            owner="crasher", now=now, lease=timedelta(hours=1), recheck_since=now
        )
        if where == "before":
            hang()
        outcomes._replace_files = hang  # all else of the transaction is written
        file = SessionFile(path=Path("/a"), size=1, mtime_ns=1)
        store.finish(claimed, Outcome(status="COMPLETED", files=(file,)), now)
    """
)


@pytest.fixture
def many(store, session, now):
    for number in range(SESSIONS):
        store.record_session(session(number, start=now - timedelta(hours=2 + number)))


def start(code, *arguments):
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.mark.usefixtures("many")
def test_threads_never_claim_the_same_session(store, claim):
    claimed = Counter()
    gate = threading.Barrier(6)

    def work(owner):
        gate.wait()
        for _ in range(4):
            claimed.update(
                {(one.session.identifier, owner) for one in claim(owner, limit=5)}
            )

    threads = [threading.Thread(target=work, args=(f"runner-{n}",)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    owners = Counter(identifier for identifier, _ in claimed)
    assert set(owners.values()) == {1}


@pytest.mark.usefixtures("many")
def test_processes_share_the_sessions_without_overlap(database, now):
    runners = [
        start(CLAIMER, database.url, f"runner-{n}", now.isoformat()) for n in range(3)
    ]
    for runner in runners:
        assert runner.stdout.readline() == "ready\n"
    for runner in runners:
        runner.stdin.write("go\n")
        runner.stdin.flush()
    found = [
        line for runner in runners for line in runner.communicate()[0].splitlines()
    ]
    assert len(found) == len(set(found)) == SESSIONS
    assert {runner.returncode for runner in runners} == {0}


@pytest.mark.parametrize("where", ["before", "inside"])
def test_a_killed_runner_loses_no_session(
    database, store, session, claim, now, lease, where
):
    store.record_session(session(1))
    crasher = start(CRASHER, database.url, now.isoformat(), where)
    assert crasher.stdout.readline() == "hanging\n"
    os.kill(crasher.pid, signal.SIGKILL if os.name == "posix" else signal.SIGTERM)
    crasher.communicate()
    rows = database.table("session_log")
    assert [row["record_status"] for row in rows] == ["TO_BE_BUILT"] * 2
    assert claim("other") == ()
    (taken,) = claim("other", now=now + lease)
    assert taken.reason == "pending"
    assert database.table("nx_session_file") == []


def test_a_runner_that_starts_again_has_its_sessions_at_once(
    database, store, session, claim, now
):
    store.record_session(session(1))
    crasher = start(CRASHER, database.url, now.isoformat(), "before")
    crasher.stdout.readline()
    crasher.kill()
    crasher.communicate()
    assert store.release("crasher") == 1
    assert len(claim("other")) == 1


def test_finishing_after_a_takeover_changes_nothing(
    database, store, session, claim, now, lease
):
    store.record_session(session(1))
    (lost,) = claim("slow")
    (taken,) = claim("other", now=now + lease)
    before = database.table("session_log"), database.table("nx_session")
    with pytest.raises(StoreError, match="taken over and is held by other now"):
        store.finish(lost, Outcome(status="COMPLETED"), now + lease)
    assert (database.table("session_log"), database.table("nx_session")) == before
    store.finish(taken, Outcome(status="COMPLETED"), now + lease)


def test_finishing_twice_is_refused(store, session, claim, now):
    store.record_session(session(1))
    (claimed,) = claim()
    store.finish(claimed, Outcome(status="COMPLETED"), now)
    with pytest.raises(StoreError, match="held by nobody now"):
        store.finish(claimed, Outcome(status="ERROR"), now)


def test_an_expired_lease_that_nobody_took_is_still_good(
    store, session, claim, now, lease
):
    store.record_session(session(1))
    (claimed,) = claim()
    store.finish(claimed, Outcome(status="COMPLETED"), now + 2 * lease)
    assert store.list_sessions()[0].status == "COMPLETED"


def test_harvesters_at_once_log_a_session_once(database, session, store):
    gate = threading.Barrier(4)
    done = []

    def harvest():
        with Store.open(database.url) as own:
            gate.wait()
            done.extend(own.record_session(session(number)) for number in range(5))

    threads = [threading.Thread(target=harvest) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(done) == {"new": 5, "known": 15}
    assert len(database.table("session_log")) == 10
