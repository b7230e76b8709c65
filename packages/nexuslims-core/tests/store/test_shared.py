"""Several runners on one PostgreSQL: row locks, and one clock for all."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta

import pytest
from nexuslims_core.errors import StoreError
from nexuslims_core.store import Outcome, Store
from nexuslims_core.store.engine import WRITER_LOCK
from nexuslims_core.types import ExportResult
from sqlalchemy import text

pytestmark = pytest.mark.live

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def database(copy_of, template):
    return copy_of(template)


@pytest.fixture
def many(store, session, now):
    for number in range(6):
        store.record_session(session(number, start=now - (9 - number) * HOUR))


def numbers(claimed):
    return [int(one.session.identifier.rpartition("=")[2]) for one in claimed]


@contextmanager
def another_transaction(database, *statements):
    """Leave a transaction of somebody else open, after some statements."""
    psycopg = pytest.importorskip("psycopg")
    with psycopg.connect(database.url) as connection:
        for statement in statements:
            connection.execute(statement)
        yield connection


@pytest.mark.usefixtures("many")
def test_what_another_is_claiming_is_passed_over(database, claim, session):
    taken = [session(number).identifier for number in (0, 2)]
    lock = (
        "SELECT 1 FROM session_log WHERE event_type = 'END' AND session_identifier "
        f"IN ('{taken[0]}', '{taken[1]}') FOR UPDATE"
    )
    with another_transaction(database, lock):
        assert numbers(claim("a", limit=3)) == [1, 3, 4]
    assert numbers(claim("b", limit=3)) == [0, 2, 5]


def test_what_another_is_finishing_is_passed_over(database, store, session, claim, now):
    store.record_session(session(1))
    (held,) = claim("a")
    store.finish(held, Outcome(status="BUILT_NOT_EXPORTED", next_attempt_at=now), now)
    with another_transaction(database, "SELECT 1 FROM nx_session FOR UPDATE"):
        assert claim("b") == ()
    assert numbers(claim("b")) == [1]


@pytest.mark.usefixtures("many")
def test_runners_do_not_wait_for_other_writers(database, store, claim, now, lease):
    busy = f"SELECT pg_advisory_xact_lock({WRITER_LOCK})"
    done = ExportResult(destination="cdcs", success=True, record_id="1")
    with another_transaction(database, busy):
        first, *_ = claim("a", limit=2)
        assert store.renew("a", now, lease) == 2
        store.log_export(first.session, done)
        store.finish(first, Outcome(status="COMPLETED"), now)
        assert store.release("a") == 1


@pytest.mark.usefixtures("many")
def test_harvesters_wait_for_other_writers(database, store, session, now):
    busy = f"SELECT pg_advisory_xact_lock({WRITER_LOCK})"
    with another_transaction(database, busy) as other:
        waiting = threading.Thread(target=store.record_session, args=(session(9),))
        waiting.start()
        waiting.join(0.3)
        assert waiting.is_alive()
        other.commit()
        waiting.join(60)
    assert len(store.list_sessions()) == 7


def test_a_fast_clock_steals_no_lease(store, session, claim, claim_from, now, lease):
    store.record_session(session(1))
    claim("right")
    assert claim_from(store, "fast", now=now + lease) == ()
    assert claim_from(store, "fast", now=now + 30 * lease) == ()


def test_a_slow_clock_loses_no_lease(
    store, session, claim, claim_from, database, now, lease
):
    store.record_session(session(1))
    (claimed,) = claim_from(store, "slow", now=now - HOUR)
    assert claimed.lease_expires_at == now + lease
    database.set_clock(now + lease - MINUTE)
    assert store.renew("slow", now - MINUTE, lease) == 1
    database.set_clock(now + 2 * lease - 2 * MINUTE)
    assert claim_from(store, "right", now=now) == ()


def test_a_slow_clock_keeps_no_lease_for_longer(
    store, session, claim, claim_from, database, now, lease
):
    store.record_session(session(1))
    claim("dead")
    database.set_clock(now + lease)
    assert numbers(claim_from(store, "slow", now=now - HOUR)) == [1]


def test_one_session_is_taken_by_the_clock_of_all(
    store, session, claim_from, now, lease
):
    one = session(1)
    store.record_session(one)
    claim_from(store, "right")
    with pytest.raises(StoreError, match="is being worked on by right"):
        store.take(one.identifier, None, owner="fast", now=now + 9 * lease, lease=lease)


def test_the_time_is_that_of_the_server(store, database, now):
    database.set_clock(now + HOUR)
    assert store.time(now) == now + HOUR


def test_what_was_settled_meanwhile_is_left_alone(store, session, claim, now, database):
    store.record_session(session(1))
    store.record_session(session(2))
    since = store.time(now)
    (first,) = claim("a", limit=1)
    store.finish(first, Outcome(status="COMPLETED"), now)
    assert numbers(claim("b", settled_since=since)) == [2]
    store.release("b")
    database.set_clock(now + MINUTE)
    assert numbers(claim_later(store, now)) == [1, 2]


def claim_later(store, now):
    return store.claim(
        owner="b",
        now=now,
        lease=HOUR,
        recheck_since=now - 96 * HOUR,
        settled_since=now + MINUTE,
    )


@pytest.mark.usefixtures("many")
def test_a_session_that_was_only_claimed_is_taken_over_in_the_same_run(
    store, claim, now, lease
):
    claim("dead")
    taken = claim("b", now=now + lease, settled_since=now)
    assert numbers(taken) == list(range(6))


@pytest.mark.usefixtures("many")
def test_sessions_to_skip_are_not_due(claim, session):
    done = {(session(n).identifier, session(n).instrument.pid) for n in (0, 1)}
    assert numbers(claim("a", skip=done, limit=2)) == [2, 3]


@pytest.mark.usefixtures("many")
def test_a_reader_sees_one_state(store, database):
    count = text("SELECT count(*) FROM session_log")
    with store._database.read() as connection:
        before = connection.scalar(count)
        database.run("DELETE FROM session_log")
        assert connection.scalar(count) == before == 12
    assert store.list_sessions() == ()


def test_sessions_are_finished_side_by_side(database, store, session, claim, now):
    """No two of many threads wait for each other in a circle."""
    for number in range(24):
        store.record_session(session(number, start=now - (30 - number) * HOUR))
    gate = threading.Barrier(6)

    def work(owner):
        with Store.open(database.url) as own:
            gate.wait()
            while claimed := own.claim(
                owner=owner, now=now, lease=HOUR, recheck_since=now, limit=2
            ):
                for one in claimed:
                    own.renew(owner, now, HOUR)
                    own.log_export(
                        one.session,
                        ExportResult(destination="html", success=True),
                    )
                    own.finish(one, Outcome(status="COMPLETED"), now)

    with ThreadPoolExecutor(max_workers=6) as threads:
        done = [threads.submit(work, f"r{n}") for n in range(6)]
    assert [one.exception() for one in done] == [None] * 6
    uploads = database.table("upload_log")
    assert len({row["session_identifier"] for row in uploads}) == len(uploads) == 24
