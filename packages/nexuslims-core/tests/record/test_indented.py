"""Indented JSON is that of the standard library."""

from __future__ import annotations

import json

import pytest
from nexuslims_core.record.indented import indented


@pytest.mark.parametrize(
    "value",
    [
        {},
        [],
        'µ \u2028 \ud83d\ude00 "quoted" \\ \n\x00',
        1e16,
        -0.0,
        5e-324,
        2**70,
        None,
        True,
        {"a": 1, "b": "x"},
        [1, 2.5, None, True, "x"],
        [[], {}],
        {"empty": {}, "none": [], "flat": {"a": [1, 2]}},
        {"a": {"value": 0.1, "unit": "kilovolt"}, "b": [[1, 2], [3, []]], "c": None},
        ({"tuple": (1, (2, 3))},),
        {"": {"\t": {"é": [{"deep": [{}, [None]]}]}}},
        {"brackets": ["}", "]", ", \n"], "text": {"{": "["}},
    ],
)
def test_it_is_written_as_the_standard_library_writes_it(value: object) -> None:
    assert indented(value) == json.dumps(value, indent=2, ensure_ascii=False)


@pytest.mark.parametrize("value", [float("nan"), {"a": [{"b": float("inf")}]}])
def test_a_number_that_json_lacks_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        indented(value)


def test_what_is_no_json_is_refused() -> None:
    with pytest.raises(TypeError, match="not JSON serializable"):
        indented({"a": {"b": {1, 2}}})
