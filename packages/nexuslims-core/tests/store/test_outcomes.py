from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from nexuslims_core.store import Outcome, SessionFile, SessionState

HOUR = timedelta(hours=1)
FINAL = [
    *("COMPLETED", "BUILT_NOT_EXPORTED", "ERROR", "NO_FILES_FOUND"),
    *("NO_CONSENT", "NO_RESERVATION"),
]


@pytest.fixture
def finish(store, session, claim, now):
    """Return a function that claims the one session and finishes it."""
    store.record_session(session(1))

    def make(outcome, when=now):
        (claimed,) = claim(now=when)
        store.finish(claimed, outcome, when)
        return store.show_session(session(1).identifier)

    return make


def generations(history):
    return [row for row in history.log if row.event_type == "RECORD_GENERATION"]


@pytest.mark.parametrize("status", FINAL)
def test_an_outcome_is_in_all_rows_and_in_one_of_its_own(finish, now, status):
    history = finish(Outcome(status=status))
    assert [row.event_type for row in history.log] == [
        "START",
        "END",
        "RECORD_GENERATION",
    ]
    assert {row.status for row in history.log} == {status}
    assert history.log[-1].user == "nexuslims"
    assert history.log[-1].timestamp == now.isoformat()
    assert history.summary.status == history.summary.state.status == status


def test_a_session_that_waits_gets_no_row(finish):
    history = finish(Outcome(status="TO_BE_BUILT", error="no files yet"))
    assert generations(history) == []
    assert history.summary.state.last_error == "no files yet"


@pytest.mark.parametrize("status", ["COMPLETED", "NO_CONSENT", "NO_FILES_FOUND"])
def test_looking_again_without_news_adds_no_row(finish, status):
    finish(Outcome(status=status, record_sha256="a"))
    history = finish(Outcome(status=status, record_sha256="a"))
    assert len(generations(history)) == 1


def test_delivering_again_without_success_adds_no_row(finish, now):
    outcome = Outcome(
        status="BUILT_NOT_EXPORTED", record_sha256="a", next_attempt_at=now
    )
    finish(outcome)
    assert len(generations(finish(outcome))) == 1


def test_a_late_delivery_adds_a_row(finish, now):
    finish(Outcome(status="BUILT_NOT_EXPORTED", record_sha256="a", next_attempt_at=now))
    history = finish(Outcome(status="COMPLETED", record_sha256="a"))
    assert len(generations(history)) == 2
    assert {row.status for row in history.log} == {"COMPLETED"}


def test_a_record_that_changed_adds_a_row(finish, now):
    finish(Outcome(status="COMPLETED", record_sha256="a"))
    history = finish(Outcome(status="COMPLETED", record_sha256="b"), now + HOUR)
    assert [row.timestamp for row in generations(history)] == [
        now.isoformat(),
        (now + HOUR).isoformat(),
    ]
    assert history.summary.state.built_at == now + HOUR


def test_what_an_outcome_leaves_out_is_kept(finish, now, tmp_path):
    files = (
        SessionFile(
            path=tmp_path / "a.tif", size=2**40, mtime_ns=1_700_000_000 * 10**9
        ),
        SessionFile(
            path=Path("b.dm3"), size=0, mtime_ns=0, state="failed", warning="b.dm3: odd"
        ),
    )
    finish(
        Outcome(
            status="COMPLETED",
            record_path=tmp_path / "record.xml",
            record_sha256="a",
            inputs_fingerprint="i",
            extractors_fingerprint="e",
            error="a warning",
            next_attempt_at=now + HOUR,
            files=files,
        )
    )
    history = finish(Outcome(status="COMPLETED"), now + HOUR)
    assert history.files == files
    assert history.summary.state == SessionState(
        status="COMPLETED",
        record_path=tmp_path / "record.xml",
        record_sha256="a",
        inputs_fingerprint="i",
        extractors_fingerprint="e",
        built_at=now,
        updated_at=now + HOUR,
    )


@pytest.mark.parametrize("left", [(), ("a.tif",), ("a.tif", "c.tif")])
def test_files_of_an_outcome_replace_the_earlier_ones(finish, left):
    def files(*names):
        return tuple(SessionFile(path=Path(n), size=1, mtime_ns=1) for n in names)

    finish(Outcome(status="COMPLETED", files=files("a.tif", "b.tif")))
    history = finish(Outcome(status="COMPLETED", files=files(*left)))
    assert history.files == files(*left)


@pytest.mark.parametrize(
    ("outcomes", "attempts"),
    [
        ([("TO_BE_BUILT", True)], 1),
        ([("TO_BE_BUILT", True), ("TO_BE_BUILT", True)], 2),
        ([("TO_BE_BUILT", True), ("TO_BE_BUILT", False)], 1),
        ([("TO_BE_BUILT", True), ("COMPLETED", False)], 0),
        ([("TO_BE_BUILT", True), ("COMPLETED", True)], 2),
    ],
)
def test_attempts_are_counted(finish, outcomes, attempts):
    for status, counted in outcomes:
        history = finish(Outcome(status=status, count_attempt=counted))
    assert history.summary.state.attempts == attempts


def test_file_names_and_errors_may_hold_anything(finish):
    name = b"caf\xe9.tif".decode("utf-8", "surrogateescape")
    file = SessionFile(path=Path(name), size=1, mtime_ns=1, warning=f"{name}: odd")
    history = finish(Outcome(status="ERROR", error=f"{name}\0", files=(file,)))
    assert history.files[0].path == Path("caf\\udce9.tif")
    assert history.files[0].warning == "caf\\udce9.tif: odd"
    assert history.summary.state.last_error == "caf\\udce9.tif\\x00"


def test_other_sessions_are_left_alone(store, session, claim, now):
    store.record_session(session(1))
    store.record_session(session(2))
    first, _ = claim()
    store.finish(first, Outcome(status="COMPLETED"), now)
    (other,) = store.list_sessions(status="TO_BE_BUILT")
    assert other.identifier == session(2).identifier
    assert other.state.lease_owner == "runner"


def test_an_outcome_that_cannot_be_stored_changes_nothing(
    store, session, claim, now, database
):
    store.record_session(session(1))
    (claimed,) = claim()
    before = database.table("session_log"), database.table("nx_session")
    broken = Outcome(status="COMPLETED", next_attempt_at=now.replace(tzinfo=None))
    with pytest.raises(Exception, match="expected an aware time"):
        store.finish(claimed, broken, now)
    assert (database.table("session_log"), database.table("nx_session")) == before
