"""What a scan is after, and how many threads look for it."""

from __future__ import annotations

import pytest
from nexuslims_core.pipeline.walk import is_waiting
from nexuslims_core.pipeline.wanted import name_test, time_test


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("gold.tif", True),
        ("gold.TIF", True),
        ("gold.tif.bak", False),
        ("gold.bak.tif", True),
        ("tif", False),
        (".tif", False),
        ("gold.", False),
        ("gold.ser", False),
        ("gold.SER", False),
        ("draft-1.tif", False),
        ("Draft-2.Tif", False),
    ],
)
def test_names_are_wanted_by_extension_and_not_by_pattern(name, wanted):
    wants = name_test(frozenset({"tif", "ser"}), ["*.ser", "draft-*"])
    assert wants(name) is wanted


@pytest.mark.parametrize("name", [".db", "a.db", "A.DB", "a.mib.gz", "a[1].tif"])
def test_a_pattern_is_a_glob_of_the_whole_name(name):
    wants = name_test(None, ["*.db", "*.mib.gz", "a[[]1].*"])
    assert not wants(name)


@pytest.mark.parametrize("name", ["", "a", ".hidden", "a.", "a.b", "a.mib", "db"])
def test_whatever_is_not_ignored_is_wanted_where_any_extension_is(name):
    assert name_test(None, ["*.db"])(name)


def test_files_without_extension_can_be_wanted():
    wants = name_test(frozenset({""}), [])
    assert [name for name in ("a", ".a", "a.", "a.b") if wants(name)] == [
        "a",
        ".a",
        "a.",
    ]


@pytest.mark.parametrize(
    ("span", "touches"),
    [
        ((0, 9), False),
        ((0, 10), True),
        ((12, 13), True),
        ((21, 29), False),
        ((20, 29), True),
        ((21, 30), True),
        ((0, 100), True),
        ((41, 100), False),
    ],
)
def test_spans_of_time_are_compared_with_all_sessions_at_once(span, touches):
    between = time_test([(30, 40), (10, 20), (11, 12)])
    assert between(*span) is touches


@pytest.mark.parametrize(
    ("elapsed_s", "worked_s", "waiting"),
    [(0.1, 0.001, False), (1.0, 0.9, False), (1.0, 0.5, False), (1.0, 0.05, True)],
)
def test_threads_help_where_one_waits_for_answers(elapsed_s, worked_s, waiting):
    assert is_waiting(elapsed_s, worked_s) is waiting
