from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from nexuslims_core.errors import SourceError
from nexuslims_core.pipeline.connect import ConnectedSource
from nexuslims_core.pipeline.report import failed
from nexuslims_core.types import HarvestProblem, Instrument, Window

HOUR = timedelta(hours=1)


@pytest.fixture
def sources(lab):
    """Return a function that connects the laboratory to several schedulers."""

    def connect(*schedulers):
        lab.sources = tuple(
            ConnectedSource(name=f"paper_{number}", harvester="nemo", source=one)
            for number, one in enumerate(schedulers, start=1)
        )

    return connect


@pytest.fixture
def another(lab):
    """Return a function that makes a further scheduler."""
    return type(lab.scheduler)


def test_sessions_are_logged_and_counted(lab):
    lab.scheduler.known = [lab.session(1), lab.session(2)]

    [first] = lab.run().harvest
    lab.scheduler.known = [lab.session(1), lab.session(2, end=lab.end + HOUR)]
    [second] = lab.run().harvest

    assert (first.found, first.new, first.changed) == (2, 2, 0)
    assert (second.found, second.new, second.changed) == (2, 0, 1)
    assert lab.history(2).summary.end == lab.end + HOUR


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (SourceError("no route to host"), "no route to host"),
        (ZeroDivisionError("oh"), "ZeroDivisionError: oh"),
        (SystemExit(3), "it called sys.exit(3)"),
    ],
)
def test_a_source_that_fails_costs_no_other(lab, sources, another, fault, told):
    good = another(known=[lab.session(2)])
    sources(another(known=[fault]), good)

    report = lab.run()

    assert [one.error for one in report.harvest] == [told, None]
    assert report.harvest[1].new == 1
    assert failed(report)


def test_sessions_before_a_fault_are_kept(lab):
    lab.scheduler.known = [lab.session(1), SourceError("page 2 is broken")]

    [harvested] = lab.run().harvest

    assert (harvested.new, harvested.error) == (1, "page 2 is broken")
    assert lab.status(1) == "TO_BE_BUILT"


def test_a_source_that_answers_with_nothing_to_iterate_is_named(lab, sources):
    class Silent(type(lab.scheduler)):
        def sessions(self, _window):
            return None

    sources(Silent())

    assert "TypeError" in lab.run().harvest[0].error


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"identifier": ""}, "expected text that identifies it"),
        ({"identifier": None}, "expected text that identifies it"),
        ({"instrument": "SEM-1"}, "without an instrument"),
        ({"start": datetime(2026, 11, 23)}, "expected aware times"),  # noqa: DTZ001
        ({"end": "tomorrow"}, "expected aware times"),
        ({"user": None}, "of user None, expected text"),
    ],
)
def test_a_session_that_makes_no_sense_costs_no_other(lab, change, told):
    lab.scheduler.known = [lab.session(1, **change), lab.session(2)]

    [harvested] = lab.run().harvest

    assert harvested.new == 1
    [problem] = harvested.problems
    assert told in problem


def test_what_is_no_session_costs_no_other(lab):
    lab.scheduler.known = [{"id": 1}, None, lab.session(2)]

    [harvested] = lab.run().harvest

    assert harvested.new == 1
    assert harvested.problems == (
        "the harvester gave dict, expected Session",
        "the harvester gave NoneType, expected Session",
    )


def test_entries_that_cannot_be_used_are_told(lab):
    lab.scheduler.known = [
        HarvestProblem(message="event 7 has no end", reference="https://n/7"),
        HarvestProblem(message="event 8 has no user"),
    ]

    [harvested] = lab.run().harvest

    assert harvested.problems == (
        "event 7 has no end https://n/7",
        "event 8 has no user",
    )


def test_a_session_that_the_log_refuses_is_told(lab):
    unknown = Instrument(
        pid="X-1", display_name="X", location="", filestore_path="X", api_url="x"
    )
    lab.scheduler.known = [lab.session(1, instrument=unknown), lab.session(2)]

    [harvested] = lab.run().harvest

    assert harvested.new == 1
    assert "there is no instrument 'X-1'" in harvested.problems[0]


# Pauses


def test_pauses_grow_and_the_first_retry_is_at_once(lab):
    lab.scheduler.known = [SourceError("down")]
    asked = []
    for minutes in (0, 0, 0, 1, 1, 1, 2):
        lab.clock.pass_(minutes=minutes)
        lab.run()
        asked.append(len(lab.scheduler.windows))

    assert asked == [1, 2, 2, 3, 3, 4, 4]


def test_a_source_in_its_pause_is_still_a_failure(lab):
    lab.scheduler.known = [SourceError("down")]
    lab.run()
    lab.run()

    report = lab.run()

    assert report.harvest[0].error.startswith("failed 2 times, not asked before ")
    assert report.harvest[0].error.endswith(": down")
    assert failed(report)


def test_a_pause_is_no_longer_than_a_day(lab):
    lab.scheduler.known = [SourceError("down")]
    for _ in range(30):
        lab.clock.pass_(days=1)
        lab.run()

    assert len(lab.scheduler.windows) == 30


def test_who_names_dates_does_not_wait(lab):
    lab.scheduler.known = [SourceError("down")]
    lab.run()
    lab.run()

    lab.run(window=Window(start=lab.start))

    assert len(lab.scheduler.windows) == 3


def test_an_answer_ends_the_pauses(lab):
    lab.scheduler.known = [SourceError("down")]
    lab.run()
    lab.scheduler.known = []
    lab.run()

    assert lab.store.source_state("paper").failures == 0


# Windows


def test_the_window_reaches_back_as_far_as_the_settings_say(lab):
    lab.settings["NX_HARVEST_DAYS"] = "3"
    lab.run()

    assert lab.scheduler.windows == [Window(start=lab.clock.now - timedelta(days=3))]


def test_the_window_reaches_back_behind_the_last_answer(lab):
    lab.run()
    last = lab.clock.now
    lab.clock.pass_(days=30)

    lab.run()

    assert lab.scheduler.windows[-1] == Window(start=last - timedelta(days=1))


def test_a_failure_in_between_does_not_hide_the_gap(lab):
    lab.run()
    last = lab.clock.now
    lab.scheduler.known = [SourceError("down")]
    for _ in range(15):
        lab.clock.pass_(days=1)
        lab.run()
    lab.scheduler.known = []
    lab.clock.pass_(days=1)
    lab.run()

    assert lab.scheduler.windows[-1].start == last - timedelta(days=1)


def test_dates_that_are_asked_for_are_passed_on(lab):
    window = Window(start=lab.start, end=lab.end)

    lab.run(window=window)

    assert lab.scheduler.windows == [window]


@pytest.mark.parametrize(
    ("days", "until", "closed"),
    [(2, None, False), (40, None, True), (None, None, True), (None, 5, False)],
)
def test_asking_about_some_days_closes_no_gap_that_it_does_not_cover(
    lab, days, until, closed
):
    lab.run()
    last = lab.clock.now
    lab.clock.pass_(days=30)
    now = lab.clock.now
    start = None if days is None else now - timedelta(days=days)
    end = None if until is None else now - timedelta(days=until)
    lab.run(window=Window(start=start, end=end))

    lab.run()

    regular = now - timedelta(days=7)
    assert lab.scheduler.windows[-1].start == (
        regular if closed else last - timedelta(days=1)
    )


def test_a_source_that_could_not_be_connected_is_named(lab):
    lab.sources = (
        ConnectedSource(
            name="paper", harvester="nemo", source=None, problem="NX_PAPER_TOKEN is bad"
        ),
    )

    assert lab.run().harvest[0].error == "NX_PAPER_TOKEN is bad"


def test_secrets_in_errors_and_entries_are_not_told(lab):
    lab.secrets = frozenset({"hunter22"})
    lab.scheduler.known = [
        HarvestProblem(message="cannot read https://n/?token=hunter22"),
        RuntimeError("hunter22"),
    ]

    [harvested] = lab.run().harvest

    assert "hunter22" not in repr(harvested)
    assert "hunter22" not in repr(lab.store.source_state("paper"))
