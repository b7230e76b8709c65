"""Every benchmark still works, at a size that says nothing about speed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.markdown import rendered
from benchmarks.report import BEGIN, END
from benchmarks.result import Check, from_json
from benchmarks.suite import SUITE

ROOT = Path(__file__).parents[2]


def _marked(one):
    marks = [pytest.mark.slow, *([pytest.mark.live] if one.live else [])]
    return pytest.param(one, id=one.name, marks=marks)


@pytest.mark.parametrize("benchmark", [_marked(one) for one in SUITE])
def test_a_benchmark_measures_something(benchmark, request, tmp_path):
    if benchmark.shared:
        request.getfixturevalue("shared_folder")
    found = tmp_path / "found.json"

    done = subprocess.run(
        [
            *(sys.executable, "-m", benchmark.module, *benchmark.smoke),
            *("--json", str(found)),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    # Figures at this size meet no criterion, which is no failure to measure.
    assert done.returncode in (0, 1), done.stderr
    result = from_json(json.loads(found.read_text("utf-8")))
    assert result.tables
    assert all(one.rows for one in result.tables)
    for curve in result.curves:
        assert all(len(points) for points in curve.series.values())
    assert result.title in done.stdout


def test_all_benchmarks_are_in_the_suite():
    modules = (ROOT / "benchmarks").glob("*.py")
    measuring = {
        module.stem for module in modules if "finish(" in module.read_text("utf-8")
    }
    assert measuring - {"result"} == {one.name for one in SUITE}


def test_the_page_has_a_place_for_what_is_measured():
    page = (ROOT / "docs" / "performance.md").read_text("utf-8")
    assert page.count(BEGIN) == page.count(END) == 1
    assert page.index(BEGIN) < page.index(END)


@pytest.mark.parametrize(
    ("value", "limit", "kind", "met"),
    [
        (0.2, 0.2, "at most", True),
        (0.21, 0.2, "at most", False),
        (1.7, 1.7, "at least", True),
        (1.69, 1.7, "at least", False),
        (1, 1, "exactly", True),
        (2, 1, "exactly", False),
        ("same", "same", "exactly", True),
    ],
)
def test_a_figure_is_judged_by_its_limit(value, limit, kind, met):
    assert Check(what="x", value=value, limit=limit, kind=kind).met is met


def test_a_result_is_shown_with_its_criteria_and_plots():
    text = rendered(
        from_json(
            {
                "title": "Memory",
                "tables": [
                    {"caption": "Sizes", "columns": ["a", "b"], "rows": [["x", 1.25]]}
                ],
                "curves": [
                    {
                        "name": "size",
                        "title": "Size",
                        "x": "x",
                        "y": "y",
                        "series": {"a": [[1, 2]]},
                    }
                ],
                "checks": [{"what": "MB", "value": 500, "limit": 400}],
                "notes": ["Sparse."],
            }
        ),
        "performance",
    )
    assert text == (
        "### Memory\n\n"
        "| Figure | Measured | Wanted |  |\n| --- | ---: | --- | --- |\n"
        "| MB | 500 | at most 400 | **not met** |\n\n"
        "Sizes:\n\n| a | b |\n| --- | ---: |\n| x | 1.25 |\n\n"
        "![Size](performance/size.svg)\n\n"
        "- Sparse.\n"
    )
