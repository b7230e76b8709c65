from __future__ import annotations

from datetime import timedelta

from nexuslims_core.store import SourceState


def test_a_source_that_was_never_asked_has_an_empty_state(store):
    assert store.source_state("nemo") == SourceState(name="nemo")


def test_failures_in_a_row_are_counted(store, now):
    store.source_failed("nemo", "HTTP 502", now, now + timedelta(minutes=5))
    store.source_failed("nemo", "HTTP 503", now, now + timedelta(minutes=10))
    assert store.source_state("nemo") == SourceState(
        name="nemo",
        failures=2,
        next_attempt_at=now + timedelta(minutes=10),
        last_failure_at=now,
        last_error="HTTP 503",
    )


def test_a_success_ends_the_row(store, now):
    store.source_failed("nemo", "HTTP 502", now - timedelta(hours=1), now)
    store.source_succeeded("nemo", now)
    assert store.source_state("nemo") == SourceState(
        name="nemo", last_success_at=now, last_failure_at=now - timedelta(hours=1)
    )


def test_a_failure_keeps_the_time_of_the_last_success(store, now):
    store.source_succeeded("nemo", now)
    store.source_failed("nemo", "no answer", now + timedelta(hours=1))
    assert store.source_state("nemo").last_success_at == now


def test_sources_are_told_apart(store, now):
    store.source_failed("nemo", "no answer", now)
    assert store.source_state("nemo_2").failures == 0
