"""Modules are imported when they are used; each test in a process of its own."""

from __future__ import annotations

import subprocess
import sys

import pytest

PRELUDE = "import sys; from nexuslims_core.postponed import postpone;"


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


@pytest.fixture
def passes(run):
    """Return a function that runs statements which must not fail."""

    def passes(code):
        done = run(code)
        assert done.returncode == 0, done.stderr

    return passes


@pytest.mark.parametrize(
    "code",
    [
        "import colorsys; assert real(); assert not vars(colorsys).get('rgb_to_hls')",
        "import colorsys; colorsys.rgb_to_hls; assert 'ONE_THIRD' in vars(colorsys)",
        "from colorsys import rgb_to_hls; assert rgb_to_hls(0, 0, 0) == (0, 0, 0)",
    ],
)
def test_importing_does_nothing_until_something_is_used(passes, code):
    real = "real = lambda: type(sys.modules['colorsys']).__name__ == '_Postponed';"
    passes(f"postpone('colorsys'); {real} {code}")


def test_a_module_inside_a_postponed_package_is_the_usual_one(passes):
    passes(
        "postpone('xml.dom'); import xml.dom as first;"
        "from xml.dom.minidom import Document; import xml.dom as second;"
        "assert first.Node is second.Node; assert Document.ELEMENT_NODE"
    )


def test_it_is_an_attribute_of_its_package(passes):
    passes(
        "postpone('xml.dom.pulldom'); import xml.dom.pulldom;"
        "assert xml.dom.pulldom.START_DOCUMENT == 'START_DOCUMENT';"
        "assert sys.modules['xml.dom.pulldom'] is xml.dom.pulldom"
    )


def test_what_has_been_imported_stays(passes):
    passes(
        "import colorsys; before = colorsys; postpone('colorsys');"
        "import colorsys; assert colorsys is before"
    )


def test_what_is_not_installed_is_missed_as_usual(run):
    done = run("postpone('no_such_module.part'); import no_such_module.part")
    assert "ModuleNotFoundError: No module named 'no_such_module'" in done.stderr


def test_its_package_is_postponed_too(passes):
    passes(
        "postpone('xml.dom.pulldom'); import xml.dom.pulldom as pulldom;"
        "assert 'Node' not in vars(sys.modules['xml.dom']);"
        "assert pulldom.START_DOCUMENT; assert vars(sys.modules['xml.dom'])['Node']"
    )


def test_a_module_that_its_package_imports_is_imported_once(passes, tmp_path):
    package = tmp_path / "whole"
    package.mkdir()
    (package / "__init__.py").write_text("from whole.part import Thing\nnumber = 1\n")
    (package / "part.py").write_text("class Thing: pass\n")
    passes(
        f"sys.path.append({str(tmp_path)!r}); postpone('whole'); import whole;"
        "import whole.part; assert whole.part.Thing is whole.Thing;"
        "assert whole.part.__spec__.origin.endswith('part.py');"
        "from whole.part import Thing; assert Thing is whole.Thing"
    )


def test_the_import_system_finds_what_is_postponed(passes):
    passes(
        "from importlib.util import find_spec; postpone('xml.dom');"
        "assert find_spec('xml.dom').origin.endswith('__init__.py');"
        "assert find_spec('xml.dom.minidom').origin.endswith('minidom.py')"
    )


def test_functions_that_are_imported_by_name_wait_for_a_call(passes):
    passes(
        "postpone('colorsys', 'rgb_to_hls'); from colorsys import rgb_to_hls;"
        "import colorsys; assert 'ONE_THIRD' not in vars(colorsys);"
        "assert rgb_to_hls(0, 0, b=0) == (0, 0, 0);"
        "assert 'ONE_THIRD' in vars(colorsys); assert colorsys.rgb_to_hls(1, 1, 1)"
    )


def test_an_import_that_fails_may_succeed_later(run, tmp_path):
    module = tmp_path / "fragile.py"
    module.write_text("raise ImportError('not today')\n")
    done = run(
        f"sys.path.append({str(tmp_path)!r}); postpone('fragile'); import fragile\n"
        "try: fragile.number\n"
        "except ImportError as error: print(error)\n"
        f"open({str(module)!r}, 'w').write('number = 1  # and longer than before')\n"
        "print(fragile.number)"
    )
    assert done.stdout == "not today\n1\n", done.stderr


@pytest.mark.parametrize("module", ["model.units", "model.metadata", "extraction"])
def test_units_take_none_of_dask(run, module):
    pytest.importorskip("dask")
    done = run(
        f"import nexuslims_core.{module};"
        "from nexuslims_core.model import units; units.registry();"
        "print(vars(sys.modules['dask']).get('config'))"
    )
    assert done.stdout == "None\n", done.stderr


def test_what_a_module_does_not_have_it_does_not_have(run):
    done = run("postpone('colorsys'); import colorsys; colorsys.nothing")
    assert "has no attribute 'nothing'" in done.stderr


def test_threads_that_use_it_at_once_all_get_it(passes):
    passes(
        "postpone('colorsys'); import colorsys;"
        "from concurrent.futures import ThreadPoolExecutor as Pool;"
        "found = list(Pool(8).map(lambda _: colorsys.hls_to_rgb, range(64)));"
        "assert len(set(found)) == 1"
    )
