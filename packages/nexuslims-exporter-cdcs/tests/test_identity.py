from __future__ import annotations

import pytest
from nexuslims_exporter_cdcs.identity import describes_same_session, fitting_title


@pytest.mark.parametrize(
    "title", ["2026-11-20_SEM-1_42", "x" * 200, "Ünï <c> {} 'b'", "a/b"]
)
def test_a_good_title_is_kept(title):
    assert fitting_title(title) == title


@pytest.mark.parametrize(
    "title", ["x" * 201, "µ" * 200, "🔬" * 150, "costs 5 $", "a/b"]
)
def test_any_other_fits_afterwards(title):
    fitted = fitting_title(title)
    assert len(fitted) <= 200
    assert len(fitted.encode()) <= 240
    assert "$" not in fitted
    assert fitted.strip("/") == fitted
    assert fitting_title(fitted) == fitted


@pytest.mark.parametrize(
    ("first", "second"),
    [("x" * 250 + "1", "x" * 250 + "2"), ("a$b", "a_b"), ("a$b", "a$$b")],
)
def test_different_titles_stay_different(first, second):
    assert fitting_title(first) != fitting_title(second)


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"title": "Other"},
        {"identifier": "7"},
        {"ref": ""},
        {"identifier": "7", "ref": "https://x/"},
        {"start": "2026-01-01T00:00:00Z", "ref": ""},
        {"instrument": ""},
    ],
)
def test_corrections_do_not_hide_a_session(record_xml, change):
    assert describes_same_session(record_xml(), record_xml(**change))


@pytest.mark.parametrize(
    "other",
    [
        {"instrument": "TEM-7"},
        {"identifier": "7", "ref": "https://x/", "start": "2026-01-01T00:00:00Z"},
        {"identifier": "7", "ref": "", "start": "2026-01-01T00:00:00Z"},
    ],
)
def test_another_session_is_told_apart(record_xml, other):
    assert not describes_same_session(record_xml(), record_xml(**other))


@pytest.mark.parametrize("text", ["", "<a/>", "<Experiment/>", "no XML", "<a"])
def test_what_is_no_record_is_of_no_session(record_xml, text):
    assert not describes_same_session(record_xml(), text)
