from __future__ import annotations

from datetime import UTC, datetime

import pytest
from nexuslims_core.errors import NoConsentError, NoReservationError
from nexuslims_core.types import Person, Project, Reservation, Sample
from nexuslims_testing.servers.nemo_data import BLANK, answers

pytestmark = pytest.mark.live

MORNING = {"start": "2024-05-06T15:00:00Z", "end": "2024-05-06T18:00:00Z"}
FULL = answers(
    {
        "sample_name": "Ni-Ti bar",
        "sample_or_pid": "Sample Name",
        "sample_details": "as cast",
        "periodic_table": ["Ni", "Ti"],
    },
    None,
    {"sample_name": "https://hdl.handle.net/20.500/abc", "sample_or_pid": "PID"},
    data_consent="Agree",
    experiment_title="Twins in shape-memory alloys",
    experiment_purpose="Map twins.\r\nSecond line.",
    project_id="AL-1",
)
AMAYA = Person(
    username="amaya", first_name="Amaya", last_name="Iturbe", email="amaya@nemo.test"
)
STAFF = Person(
    username="staff", first_name="Sam", last_name="Keeper", email="staff@nemo.test"
)
SAMPLES = (
    Sample(name="Ni-Ti bar", description="as cast", elements=("Ti", "Ni")),
    Sample(pid="https://hdl.handle.net/20.500/abc"),
)
STORED = {
    "yes": answers(data_consent="Agree"),
    "no": answers(data_consent="Disagree"),
    "blank": answers(data_consent=BLANK),
    "absent": answers(experiment_title="Twins"),
    "broken": '{"data_consent": ',
    "list": [{"data_consent": {"user_input": "Agree"}}],
}


@pytest.fixture
def describe(nemo, source, session):
    """Return a function that asks `nemo` what it knows about an event."""

    def ask(event, *, fields=None, **settings):
        connected = source(nemo.url, nemo.token, **settings)
        return connected.reservation(session(nemo.url, event, **(fields or {})))

    return ask


@pytest.fixture
def seeded_event(nemo):
    def seed(**fields):
        row = {"tool": 1, **MORNING, **fields}
        return nemo.seed(usage_events=[row])["usage_events"][0]

    return seed


@pytest.fixture
def seeded_reservation(nemo):
    def seed(**fields):
        row = {"tool": 1, **MORNING, **fields}
        return nemo.seed(reservations=[row])["reservations"][0]

    return seed


def test_answers_given_at_the_end_of_use_describe_the_session(
    nemo, describe, seeded_event
):
    event = seeded_event(run_data=FULL, operator="staff")

    assert describe(event) == Reservation(
        internal_id=str(event),
        title="Twins in shape-memory alloys",
        purpose="Map twins.\nSecond line.",
        url=f"{nemo.root}event_details/usage/{event}/",
        user=AMAYA,
        creator=STAFF,
        start=datetime(2024, 5, 6, 15, tzinfo=UTC),
        end=datetime(2024, 5, 6, 18, tzinfo=UTC),
        samples=SAMPLES,
        projects=(Project(project_id="AL-1"),),
        last_updated=datetime(2024, 5, 6, 15, tzinfo=UTC),
    )


def test_answers_given_with_the_reservation_describe_the_session(
    nemo, describe, seeded_event, seeded_reservation
):
    booking = seeded_reservation(
        question_data=FULL,
        creator="staff",
        start="2024-05-06T14:00:00Z",
        creation_time="2024-05-03T15:00:00Z",
    )

    assert describe(seeded_event()) == Reservation(
        internal_id=str(booking),
        title="Twins in shape-memory alloys",
        purpose="Map twins.\nSecond line.",
        url=f"{nemo.root}event_details/reservation/{booking}/",
        user=AMAYA,
        creator=STAFF,
        start=datetime(2024, 5, 6, 14, tzinfo=UTC),
        end=datetime(2024, 5, 6, 18, tzinfo=UTC),
        samples=SAMPLES,
        projects=(Project(project_id="AL-1"),),
        last_updated=datetime(2024, 5, 3, 15, tzinfo=UTC),
    )


@pytest.mark.parametrize("reservation", ["yes", "no", "blank", "absent", None])
@pytest.mark.parametrize("before", ["yes", "no", "blank"])
@pytest.mark.parametrize("after", ["yes", "no", "blank"])
def test_the_first_plain_word_on_a_real_server_counts(
    *, describe, seeded_event, seeded_reservation, after, before, reservation
):
    event = seeded_event(run_data=STORED[after], pre_run_data=STORED[before])
    if reservation:
        seeded_reservation(question_data=STORED[reservation])
    words = [word for word in (after, before, reservation) if word in ("yes", "no")]

    if words[:1] == ["yes"]:
        assert describe(event).user == AMAYA
    elif words or reservation:
        with pytest.raises(NoConsentError, match=f"id={event}"):
            describe(event)
    else:
        with pytest.raises(NoReservationError, match=f"id={event}"):
            describe(event)


@pytest.mark.parametrize("silent", ["blank", "absent", "broken", "list", "", None])
@pytest.mark.parametrize("tier", ["run_data", "pre_run_data"])
def test_a_tier_that_says_nothing_gives_way_to_the_reservation(
    describe, seeded_event, seeded_reservation, tier, silent
):
    event = seeded_event(**{tier: STORED.get(silent, silent)})
    booking = seeded_reservation(question_data=FULL)

    assert describe(event).internal_id == str(booking)


def test_answers_before_use_count_when_those_after_it_lack(describe, seeded_event):
    event = seeded_event(run_data=STORED["broken"], pre_run_data=FULL)

    assert describe(event).title == "Twins in shape-memory alloys"


@pytest.mark.parametrize("question_data", [None, "", STORED["list"], STORED["absent"]])
def test_a_reservation_without_consent_is_no_consent(
    describe, seeded_event, seeded_reservation, question_data
):
    seeded_reservation(question_data=question_data)

    with pytest.raises(NoConsentError, match="nobody consented"):
        describe(seeded_event())


def test_a_refusal_falls_through_where_the_facility_says_so(
    describe, seeded_event, seeded_reservation
):
    event = seeded_event(run_data=STORED["no"])
    booking = seeded_reservation(question_data=FULL)

    described = describe(event, refusal_falls_through=True)

    assert described.internal_id == str(booking)


def test_answers_that_come_late_are_seen(nemo, source, session, seeded_event):
    event = seeded_event()
    connected = source(nemo.url, nemo.token)
    with pytest.raises(NoReservationError):
        connected.reservation(session(nemo.url, event))

    nemo.patch("usage_events", event, run_data=FULL)

    described = connected.reservation(session(nemo.url, event))
    assert described.title == "Twins in shape-memory alloys"


def test_a_session_that_nemo_never_heard_of_is_matched_by_its_time(
    describe, seeded_reservation
):
    booking = seeded_reservation(question_data=FULL)

    found = describe(None, fields={"identifier": "logged by hand"})

    assert found.internal_id == str(booking)


def test_a_deleted_event_is_matched_by_its_time(nemo, describe, seeded_event):
    event = seeded_event(run_data=FULL)
    nemo.delete("usage_events", event)

    with pytest.raises(NoReservationError):
        describe(event)


def test_a_tool_that_is_gone_has_no_reservations(nemo, describe, seeded_event):
    event = seeded_event()
    nemo.delete("tools", 1)

    with pytest.raises(NoReservationError):
        describe(event)


@pytest.mark.parametrize(
    ("row", "found"),
    [
        ({"start": "2024-04-20T00:00:00Z", "end": "2024-06-01T00:00:00Z"}, True),
        ({"start": "2024-05-06T17:59:00Z", "end": "2024-05-06T20:00:00Z"}, True),
        ({"start": "2024-05-06T18:00:00Z", "end": "2024-05-06T20:00:00Z"}, False),
        ({"start": "2024-05-06T12:00:00Z", "end": "2024-05-06T15:00:00Z"}, False),
        ({"tool": 2}, False),
        ({"cancelled": True}, False),
        ({"user": "bram"}, True),
        ({"missed": True}, True),
        ({"missed": True, "user": "bram"}, False),
    ],
)
def test_a_reservation_belongs_to_a_session_that_it_overlaps(
    describe, seeded_event, seeded_reservation, row, found
):
    booking = seeded_reservation(question_data=FULL, **row)
    event = seeded_event()

    if found:
        assert describe(event).internal_id == str(booking)
    else:
        with pytest.raises(NoReservationError):
            describe(event)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"user": "amaya", "start": "2024-05-06T17:30:00Z"}, {"user": "bram"}),
        ({}, {"start": "2024-05-06T16:00:00Z"}),
        ({}, {}),
        ({"start": "2024-05-06T17:00:00Z"}, {"missed": True}),
    ],
)
@pytest.mark.parametrize("turned", [False, True])
def test_of_several_reservations_the_likelier_one_counts(
    *, describe, seeded_event, seeded_reservation, first, second, turned
):
    rows = [{**first, "title": "better"}, {**second, "title": "worse"}]
    if turned and first != second:
        rows.reverse()
    booked = {
        row["title"]: seeded_reservation(question_data=FULL, **row) for row in rows
    }

    assert describe(seeded_event()).internal_id == str(booked["better"])


@pytest.mark.parametrize(
    "original", [{"shortened": True}, {"cancelled": True}, {"shortened": False}]
)
def test_a_reservation_gives_way_to_what_replaced_it(
    describe, seeded_event, seeded_reservation, original
):
    copy = seeded_reservation(
        question_data=answers(data_consent="Agree", experiment_title="Shortened"),
        end="2024-05-06T17:00:00Z",
    )
    seeded_reservation(question_data=FULL, descendant=copy, **original)

    assert describe(seeded_event()).title == "Shortened"


def test_a_shortened_reservation_still_describes_its_users_late_session(
    describe, seeded_event, seeded_reservation
):
    copy = seeded_reservation(
        question_data=FULL, start="2024-05-06T12:00:00Z", end="2024-05-06T13:00:00Z"
    )
    original = seeded_reservation(
        question_data=FULL,
        start="2024-05-06T12:00:00Z",
        shortened=True,
        descendant=copy,
    )

    assert describe(seeded_event()).internal_id == str(original)


def test_one_malformed_reservation_does_not_hide_the_others(
    describe, seeded_event, seeded_reservation
):
    seeded_reservation(question_data="{malformed", user="bram")
    booking = seeded_reservation(question_data=FULL)

    assert describe(seeded_event()).internal_id == str(booking)


def test_malformed_answers_of_the_right_reservation_are_no_consent(
    describe, seeded_event, seeded_reservation
):
    seeded_reservation(question_data="{malformed")

    with pytest.raises(NoConsentError):
        describe(seeded_event())


def test_a_use_of_no_length_is_described_too(
    describe, seeded_event, seeded_reservation
):
    moment = datetime(2024, 5, 6, 16, tzinfo=UTC)
    event = seeded_event(start=moment, end=moment)
    booking = seeded_reservation(question_data=FULL)

    found = describe(event, fields={"start": moment, "end": moment})

    assert found.internal_id == str(booking)
