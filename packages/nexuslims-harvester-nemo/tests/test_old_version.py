"""The essentials against the oldest NEMO that is supported, in another time zone."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from nexuslims_core.errors import NoConsentError, SourceError
from nexuslims_core.types import Window
from nexuslims_testing.servers.nemo import OLDEST
from nexuslims_testing.servers.nemo_data import BLANK, answers

pytestmark = pytest.mark.live

MORNING = {"start": "2024-05-06T05:00:00Z", "end": "2024-05-06T08:00:00Z"}
INSIDE = Window(
    start=datetime(2024, 5, 6, 6, tzinfo=UTC), end=datetime(2024, 5, 6, 7, tzinfo=UTC)
)
FULL = answers(
    {"sample_name": "bar"}, data_consent="Agree", experiment_title="From the answers"
)


@pytest.fixture
def old(nemo_server):
    return nemo_server(version=OLDEST, time_zone="Asia/Kolkata")


@pytest.fixture
def connected(old, source):
    return source(old.url, old.token, page_size=2)


def test_check_is_content(connected):
    connected.check()


def test_check_names_the_setting_of_a_bad_token(old, source):
    with pytest.raises(SourceError, match="NX_NEMO_TOKEN"):
        source(old.url, "wrong").check()


def test_sessions_are_found_in_pages(old, connected):
    spans = [
        {"start": f"2024-05-0{n}T05:00:00Z", "end": f"2024-05-0{n}T08:00:00Z"}
        for n in range(1, 6)
    ]
    old.seed(usage_events=[{"tool": 1, **span, "user": "bram"} for span in spans])

    found = list(connected.sessions(Window()))

    assert [each.start.day for each in found] == [1, 2, 3, 4, 5]
    assert {each.user for each in found} == {"bram"}
    assert found[0].start == datetime(2024, 5, 1, 5, tzinfo=UTC)


def test_only_ended_sessions_that_overlap_the_window_are_found(old, connected):
    ids = old.seed(
        usage_events=[
            {"tool": 1, **MORNING},
            {"tool": 2, "start": "2024-05-06T05:00:00Z"},
            {"tool": 2, "start": "2024-05-07T05:00:00Z", "end": "2024-05-07T08:00:00Z"},
        ]
    )["usage_events"]

    found = list(connected.sessions(INSIDE))

    assert [each.identifier for each in found] == [
        f"{old.url}usage_events/?id={ids[0]}"
    ]


def test_answers_of_the_use_describe_it(old, connected):
    old.seed(usage_events=[{"tool": 1, **MORNING, "run_data": FULL}])
    (session,) = connected.sessions(INSIDE)

    assert connected.reservation(session).title == "From the answers"


def test_a_reservation_describes_it_otherwise(old, connected):
    blank = answers(data_consent=BLANK)
    old.seed(
        usage_events=[{"tool": 1, **MORNING, "run_data": blank}],
        reservations=[
            {
                "tool": 1,
                "start": "2024-05-01T00:00:00Z",
                "end": "2024-05-31T00:00:00Z",
                "question_data": FULL,
            }
        ],
    )
    (session,) = connected.sessions(INSIDE)

    described = connected.reservation(session)

    assert described.title == "From the answers"
    assert described.user.full_name == "Amaya Iturbe (amaya)"


def test_a_refusal_is_final(old, connected):
    old.seed(
        usage_events=[
            {"tool": 1, **MORNING, "run_data": answers(data_consent="Disagree")}
        ],
        reservations=[{"tool": 1, **MORNING, "question_data": FULL}],
    )
    (session,) = connected.sessions(INSIDE)

    with pytest.raises(NoConsentError, match="run_data"):
        connected.reservation(session)


def test_a_malformed_reservation_hides_no_other(old, connected):
    old.seed(
        usage_events=[{"tool": 1, **MORNING}],
        reservations=[
            {"tool": 1, **MORNING, "question_data": "{malformed", "user": "bram"},
            {"tool": 1, **MORNING, "question_data": FULL},
        ],
    )
    (session,) = connected.sessions(INSIDE)

    assert connected.reservation(session).title == "From the answers"
