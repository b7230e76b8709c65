from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nexuslims_core.types import Project, Sample
from nexuslims_harvester_nemo.questions import (
    ELEMENTS,
    answer,
    parsed,
    projects,
    samples,
    text,
)
from nexuslims_testing.servers.nemo_data import BLANK, answers


@pytest.mark.parametrize(
    "stored",
    [None, "", " ", "{", "[]", "{}", "null", "5", '"text"', [], 5, "[" * 100_000],
)
def test_what_is_no_object_is_no_answers(stored):
    assert parsed(stored) is None


def test_answers_are_an_object_or_its_text():
    given = answers(data_consent="Agree")

    assert parsed(given) == given
    assert parsed(json.dumps(given, indent="\t")) == given


@pytest.mark.parametrize("asked", [{}, None, "text", []])
def test_a_blank_answer_is_none(asked):
    assert answer({"experiment_title": asked}, "experiment_title") is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Map twins.\r\nSecond line.\rThird.", "Map twins.\nSecond line.\nThird."),
        ("  Ni-Ti µm \n", "Ni-Ti µm"),
        (None, ""),
        (5, "5"),
        (True, ""),
        (["one", None, "two"], "one, two"),
        ({"a": 1}, ""),
    ],
)
def test_text_is_plain(value, expected):
    assert text(value) == expected


def test_a_group_gives_a_sample_per_row_in_order():
    rows = {
        "10": {"sample_name": "tenth", "sample_or_pid": "Sample Name"},
        "2": {"sample_name": "hdl:20.500/abc", "sample_or_pid": "PID"},
        "0": {
            "sample_name": "Ni-Ti bar",
            "sample_or_pid": "sample name",
            "sample_details": "as cast\r\npolished",
            "periodic_table": ["Ti", "Ni", "Ti"],
        },
    }

    assert samples(answers(group=rows)) == (
        Sample(
            name="Ni-Ti bar",
            description="as cast\npolished",
            elements=("Ti", "Ni"),
        ),
        Sample(pid="hdl:20.500/abc"),
        Sample(name="tenth"),
    )


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({}, Sample()),
        ({"sample_name": None, "sample_details": None}, Sample()),
        ({"sample_name": "bar"}, Sample(name="bar")),
        ({"sample_name": "bar", "sample_or_pid": None}, Sample(name="bar")),
        ({"sample_name": "x", "sample_or_pid": " pid "}, Sample(pid="x")),
        ({"sample_name": 42}, Sample(name="42")),
        ({"periodic_table": None}, Sample()),
        ({"periodic_table": "fe, O"}, Sample(elements=("O", "Fe"))),
        ({"periodic_table": ["Xx", "FE", 5, None]}, Sample(elements=("Fe",))),
        ({"periodic_table": {"Fe": True}}, Sample()),
    ],
)
def test_a_row_may_lack_anything(row, expected):
    assert samples(answers(row)) == (expected,)


@pytest.mark.parametrize(
    "group", [{}, [], None, "text", 5, {"0": None, "1": "text"}, {"a": []}]
)
def test_a_group_without_rows_is_no_sample(group):
    data = {"sample_group": {"user_input": group}}

    assert samples(data) == ()


def test_a_group_may_be_a_list():
    assert samples(answers(group=[{"sample_name": "a"}])) == (Sample(name="a"),)


@pytest.mark.parametrize("others", [{}, {"group": {}}])
def test_the_old_questions_for_one_sample_still_work(others):
    given = answers(sample_name="bar", sample_details="as cast", **others)

    assert samples(given) == (Sample(name="bar", description="as cast"),)


@pytest.mark.parametrize("blank", [BLANK, None, ""])
def test_blank_questions_for_one_sample_are_no_sample(blank):
    assert samples(answers(sample_name=blank, sample_or_pid="PID")) == ()


@pytest.mark.parametrize(
    ("value", "expected"),
    [("CA-2", (Project(project_id="CA-2"),)), ("  ", ()), (None, ()), (BLANK, ())],
)
def test_a_project_is_there_when_it_is_named(value, expected):
    assert projects(answers(project_id=value)) == expected


def test_there_are_118_elements_each_once():
    assert len(ELEMENTS) == len(set(ELEMENTS)) == 118


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(
    st.dictionaries(
        st.sampled_from(["sample_group", "sample_name", "project_id", "other"]), JSON
    )
)
def test_any_answers_can_be_read(inputs):
    given = {name: {"user_input": value} for name, value in inputs.items()}

    assert all(isinstance(each, Sample) for each in samples(given))
    assert all(isinstance(each, Project) for each in projects(given))
