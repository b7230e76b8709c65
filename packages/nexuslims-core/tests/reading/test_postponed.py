"""Modules are imported when they are used; each test in a process of its own."""

from __future__ import annotations

import subprocess
import sys

import pytest

PRELUDE = "import sys; from nexuslims_core.reading.postponed import postpone;"


@pytest.fixture
def run():
    """Return a function that runs statements in a fresh process."""

    def run(code):
        return subprocess.run(
            [sys.executable, "-c", PRELUDE + code],
            capture_output=True,
            text=True,
            check=False,
        )

    return run


@pytest.mark.parametrize(
    "code",
    [
        "import colorsys; assert real(); assert not vars(colorsys).get('rgb_to_hls')",
        "import colorsys; colorsys.rgb_to_hls; assert 'ONE_THIRD' in vars(colorsys)",
        "from colorsys import rgb_to_hls; assert rgb_to_hls(0, 0, 0) == (0, 0, 0)",
    ],
)
def test_importing_does_nothing_until_something_is_used(run, code):
    real = "real = lambda: type(sys.modules['colorsys']).__name__ == '_Postponed';"
    done = run(f"postpone('colorsys'); {real} {code}")
    assert done.returncode == 0, done.stderr


def test_a_module_inside_a_postponed_package_is_the_usual_one(run):
    done = run(
        "postpone('xml.dom'); import xml.dom as first;"
        "from xml.dom.minidom import Document; import xml.dom as second;"
        "assert first.Node is second.Node; assert Document.ELEMENT_NODE"
    )
    assert done.returncode == 0, done.stderr


def test_it_is_an_attribute_of_its_package(run):
    done = run(
        "postpone('xml.dom.pulldom'); import xml.dom.pulldom;"
        "assert xml.dom.pulldom.START_DOCUMENT == 'START_DOCUMENT';"
        "assert sys.modules['xml.dom.pulldom'] is xml.dom.pulldom"
    )
    assert done.returncode == 0, done.stderr


def test_what_has_been_imported_stays(run):
    done = run(
        "import colorsys; before = colorsys; postpone('colorsys');"
        "import colorsys; assert colorsys is before"
    )
    assert done.returncode == 0, done.stderr


def test_what_is_not_installed_is_missed_when_it_is_used(run):
    done = run(
        "postpone('no_such_module'); import no_such_module; print('fine');"
        "no_such_module.anything"
    )
    assert done.stdout == "fine\n"
    assert "ModuleNotFoundError: No module named 'no_such_module'" in done.stderr


def test_what_a_module_does_not_have_it_does_not_have(run):
    done = run("postpone('colorsys'); import colorsys; colorsys.nothing")
    assert "has no attribute 'nothing'" in done.stderr


def test_threads_that_use_it_at_once_all_get_it(run):
    done = run(
        "postpone('colorsys'); import colorsys;"
        "from concurrent.futures import ThreadPoolExecutor as Pool;"
        "found = list(Pool(8).map(lambda _: colorsys.hls_to_rgb, range(64)));"
        "assert len(set(found)) == 1"
    )
    assert done.returncode == 0, done.stderr
