from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nexuslims_core.store.timestamps import parse, write
from nexuslims_core.types import Instrument

TITAN = Instrument(
    pid="titan",
    display_name="Titan",
    location="",
    filestore_path="/",
    timezone="America/New_York",
)
OFFSETS = st.integers(-23 * 60, 23 * 60).map(lambda m: timezone(timedelta(minutes=m)))
MOMENTS = st.datetimes(
    min_value=datetime(1980, 1, 1),  # noqa: DTZ001 - the strategy adds the offset
    max_value=datetime(2100, 1, 1),  # noqa: DTZ001 - the strategy adds the offset
    timezones=OFFSETS,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-01-31T09:30:00-05:00", "2026-01-31T14:30:00+00:00"),
        ("2026-01-31T09:30:00.123456-05:00", "2026-01-31T14:30:00.123456+00:00"),
        ("2026-01-31T09:30:00-0500", "2026-01-31T14:30:00+00:00"),
        ("2026-01-31T09:30:00-05", "2026-01-31T14:30:00+00:00"),
        ("2026-01-31 09:30:00 -0500", "2026-01-31T14:30:00+00:00"),
        ("2026-01-31T14:30:00Z", "2026-01-31T14:30:00+00:00"),
        ("2026-01-31 14:30:00 Z", "2026-01-31T14:30:00+00:00"),
        (" 2026-01-31T14:30:00z\n", "2026-01-31T14:30:00+00:00"),
        ("20260131T143000Z", "2026-01-31T14:30:00+00:00"),
        ("2026-01-31T14:30Z", "2026-01-31T14:30:00+00:00"),
        # Without an offset: the instrument's clock, in winter and in summer.
        ("2026-01-31T09:30:00", "2026-01-31T14:30:00+00:00"),
        ("2026-01-31 09:30:00.250", "2026-01-31T14:30:00.250000+00:00"),
        ("2026-07-31T09:30:00", "2026-07-31T13:30:00+00:00"),
    ],
)
def test_all_forms_of_iso_8601_are_understood(text, expected):
    assert parse(text, TITAN).astimezone(UTC).isoformat() == expected


@pytest.mark.parametrize("text", ["", "yesterday", "31.01.2026 09:30", "1769869800"])
def test_other_text_is_refused_and_shown(text):
    with pytest.raises(ValueError, match="is no time; expected ISO 8601") as raised:
        parse(text, TITAN)
    assert repr(text) in str(raised.value)


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../etc/passwd"])
def test_an_unknown_zone_matters_only_without_an_offset(zone):
    lost = replace(TITAN, timezone=zone)
    assert parse("2026-01-31T14:30:00Z", lost).tzinfo is UTC
    with pytest.raises(ValueError, match="of instrument titan is unknown"):
        parse("2026-01-31T14:30:00", lost)


@given(MOMENTS)
def test_what_is_written_is_read(moment):
    assert parse(write(moment), TITAN) == moment


@given(MOMENTS, st.sampled_from(["T", " "]), st.sampled_from(["", ":"]))
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_offsets_are_understood_with_and_without_colon(moment, separator, colon):
    moment = moment.replace(microsecond=0)
    minutes = moment.utcoffset() // timedelta(minutes=1)
    hours, minutes = divmod(abs(minutes), 60)
    sign = "-" if moment.utcoffset() < timedelta(0) else "+"
    text = f"{moment:%Y-%m-%d}{separator}{moment:%H:%M:%S}"
    assert parse(f"{text}{sign}{hours:02}{colon}{minutes:02}", TITAN) == moment


@given(st.text(max_size=30))
def test_any_text_is_a_time_or_a_value_error(text):
    try:
        moment = parse(text, TITAN)
    except ValueError:
        return
    assert moment.tzinfo is not None


def test_a_naive_time_is_not_written():
    with pytest.raises(ValueError, match="expected an aware time"):
        write(datetime(2026, 1, 31))  # noqa: DTZ001 - that is the point
