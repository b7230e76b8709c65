from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nexuslims_core.record import record_stem

UUID = "1b96cbd1-09a1-4b5e-8c0e-7d7b1c9e51aa"


def test_the_day_is_that_of_the_instrument_s_clock(session):
    # 01:30 UTC is the evening before in New York.
    assert record_stem(session) == "2024-03-01_FEI-Titan-TEM_42"


@pytest.mark.parametrize(
    ("identifier", "suffix"),
    [
        ("https://nemo.example.org/api/usage_events/?id=7", "7"),
        ("https://nemo.example.org/api/usage_events/?a=1&id=7", "7"),
        (UUID, "1b96cbd1"),
        (UUID.upper(), "1b96cbd1"),
        ("plain-id_1.2", "plain-id_1.2"),
    ],
)
def test_the_suffix_is_the_shortest_that_identifies(session, identifier, suffix):
    named = replace(session, identifier=identifier)
    assert record_stem(named) == f"2024-03-01_FEI-Titan-TEM_{suffix}"


@pytest.mark.parametrize(
    "identifier",
    [
        "https://calendar.example.org/event/5",
        "https://nemo.example.org/?id=../../etc/passwd",
        'a/b\\c:d*e?f"g<h>i|j',
        "040000008200E00074C5B7101A82E008@outlook.com",
        "x" * 500,
        "µ-Sitzung\u2028\n",
        "..",
        "trailing.",
        "",
        "http://[",
    ],
)
def test_other_identifiers_become_names_for_every_file_system(session, identifier):
    stem = record_stem(replace(session, identifier=identifier))
    assert re.fullmatch(r"2024-03-01_FEI-Titan-TEM_[\w.-]*[0-9a-f]{8}", stem, re.ASCII)
    assert len(stem) < 120


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a b", "a_b"),
        ("a/b", "a:b"),
        ("x" * 500, "x" * 501),
        ("ABC", "abc"),
        ("a.", "a"),
        (" ", ""),
    ],
)
def test_sessions_that_differ_never_share_a_name(session, one, other):
    first = record_stem(replace(session, identifier=one))
    second = record_stem(replace(session, identifier=other))
    assert first.lower() != second.lower()


def test_instruments_with_odd_names_have_records_too(session):
    odd = replace(session.instrument, pid="TEM/1: a")
    stem = record_stem(replace(session, instrument=odd))
    assert re.fullmatch(r"2024-03-01_TEM_1_a-[0-9a-f]{8}_42", stem)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(identifier=st.text())
def test_any_identifier_gives_a_short_safe_name(session, identifier):
    start = datetime(2024, 3, 1, 12, tzinfo=UTC)
    stem = record_stem(replace(session, identifier=identifier, start=start))
    assert re.fullmatch(r"[A-Za-z0-9._-]{10,150}", stem)
    assert not stem.endswith(".")
