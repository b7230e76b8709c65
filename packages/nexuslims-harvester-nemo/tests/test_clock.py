from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nexuslims_harvester_nemo.clock import Clock, asked, instant

DENVER = ZoneInfo("America/Denver")
BASE = "https://nemo.example.org/api/"


@pytest.fixture
def titan(instrument):
    return instrument(BASE)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-05-06T09:04:00-06:00", datetime(2024, 5, 6, 15, 4, tzinfo=UTC)),
        ("2024-05-06T15:04:00Z", datetime(2024, 5, 6, 15, 4, tzinfo=UTC)),
        ("2024-05-06T09:04:00-0600", datetime(2024, 5, 6, 15, 4, tzinfo=UTC)),
        (
            "2024-05-21T09:00:00.123456-06:00",
            datetime(2024, 5, 21, 15, 0, 0, 123456, tzinfo=UTC),
        ),
        ("2024-11-03T01:30:00-07:00", datetime(2024, 11, 3, 8, 30, tzinfo=UTC)),
    ],
)
def test_iso_times_are_read_with_their_offset(titan, text, expected):
    assert instant(Clock().read(text, titan)) == expected


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("%m-%d-%Y %H:%M:%S", "05-06-2024 09:04:00"),
        ("%m/%d/%Y %I:%M:%S %p", "05/06/2024 09:04:00 AM"),
        ("%d.%m.%Y %H:%M", "06.05.2024 09:04"),
        ("%Y-%m-%d %H:%M:%S.%f", "2024-05-06 09:04:00"),
        ("%Y-%m-%d %H:%M:%S", "2024-05-06 09:04:00.000000"),
        ("%Y-%m-%dT%H:%M:%S.%f%z", "2024-05-06T09:04:00-0600"),
        ("%m-%d-%Y %H:%M:%S %z", "05-06-2024 15:04:00 Z"),
        ("%m-%d-%Y %H:%M:%S", "2024-05-06T09:04:00-06:00"),
    ],
)
def test_a_sites_own_format_is_read(titan, form, text):
    read = Clock(format=form, zone=DENVER).read(text, titan)

    assert read == datetime(2024, 5, 6, 9, 4, tzinfo=DENVER)


def test_an_offset_is_right_whatever_the_configured_zone(titan):
    read = Clock(zone=DENVER).read("2024-05-06T15:04:00Z", titan)

    assert read == datetime(2024, 5, 6, 15, 4, tzinfo=UTC)


def test_a_wrong_offset_is_replaced_on_request(titan):
    clock = Clock(zone=DENVER, replaces_offset=True)

    read = clock.read("2024-05-06T09:04:00Z", titan)

    assert read == datetime(2024, 5, 6, 15, 4, tzinfo=UTC)


def test_a_time_without_offset_or_zone_is_the_instruments(titan):
    read = Clock().read("2024-05-06T09:04:00", titan)

    assert instant(read) == datetime(2024, 5, 6, 15, 4, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "yesterday", None, 5, "05-06-2024 09:04:00"])
def test_what_is_no_time_is_refused(titan, text):
    with pytest.raises(ValueError, match=r"expected a time|NX_NEMO_STRPTIME_FMT"):
        Clock().read(text, titan)


def test_an_instrument_of_unknown_zone_is_named(instrument):
    broken = instrument(BASE, timezone="Mars/Olympus")

    with pytest.raises(ValueError, match="Mars/Olympus"):
        Clock().read("2024-05-06T09:04:00", broken)


def test_the_hour_that_comes_twice_lasts_an_hour(titan):
    start, end = Clock().read_span("2024-11-03T01:30:00", "2024-11-03T01:30:00", titan)

    assert instant(end) - instant(start) == timedelta(hours=1)


def test_a_session_through_the_night_of_the_change_is_ordered(titan):
    start, end = Clock().read_span("2024-11-03T01:45:00", "2024-11-03T01:15:00", titan)

    assert instant(end) - instant(start) == timedelta(minutes=30)


def test_an_end_before_its_start_is_refused(titan):
    with pytest.raises(ValueError, match="before its start"):
        Clock().read_span("2024-05-06T09:00:00Z", "2024-05-06T08:00:00Z", titan)


@pytest.mark.parametrize(
    ("sent", "zone", "replaces", "doubtful"),
    [
        ("2024-05-06T15:04:00+00:00", "America/Denver", False, True),
        ("2024-05-06T09:04:00-06:00", "America/Denver", False, False),
        ("2024-05-06T15:04:00+00:00", "America/Denver", True, False),
        ("2024-05-06T15:04:00+00:00", None, False, False),
    ],
)
def test_an_offset_beside_the_configured_zone_is_noticed(
    sent, zone, replaces, doubtful
):
    clock = Clock(zone=ZoneInfo(zone) if zone else None, replaces_offset=replaces)

    assert clock.disagrees(datetime.fromisoformat(sent)) is doubtful


def test_questions_are_in_utc():
    moment = datetime(2024, 5, 6, 9, 4, 0, 250000, tzinfo=DENVER)

    assert asked(moment) == "2024-05-06T15:04:00.250000Z"


@given(st.datetimes(timezones=st.timezones()))
def test_a_time_survives_being_asked_for(moment):
    assert datetime.fromisoformat(asked(moment)) == instant(moment)
