from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

ONE = """
@hookimpl
def nexuslims_extractors():
    yield extractor("{name}")
"""


def test_an_installed_plugin_is_found_by_its_entry_point(install, discover, info_of):
    install("acme-reader", ONE.format(name="acme"), entry_point="acme", version="2.1")
    manager = discover()
    info = info_of(manager, "acme")
    assert (info.distribution, info.version, info.status) == (
        "acme-reader",
        "2.1",
        "ok",
    )
    assert "acme" in manager.extractors


def test_the_built_in_plugin_comes_first_and_through_its_entry_point(discover):
    first = discover().plugins()[0]
    assert (first.name, first.distribution) == ("core", "nexuslims-core")


def test_plugins_are_sorted_by_the_name_of_their_entry_point(install, discover):
    for name in ("zeta", "alpha", "mid"):
        install(f"dist-of-{name}", ONE.format(name=name), entry_point=name)
    names = [info.name for info in discover().plugins() if info.status != "disabled"]
    assert names == ["core", "alpha", "mid", "zeta"]


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ("import no_such_module_anywhere", "ModuleNotFoundError: No module named"),
        ("def broken(:", "SyntaxError:"),
        ("raise SystemExit(3)", "it called sys.exit(3)"),
        ("import sys; sys.exit('licence expired')", "sys.exit('licence expired')"),
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("def f(): f()\nf()", "RecursionError"),
        ("raise KeyError", "KeyError"),
        (
            "@hookimpl\ndef nexuslims_extractors(config):\n    yield extractor('x')",
            "PluginValidationError",
        ),
    ],
)
def test_a_plugin_that_cannot_be_loaded_costs_itself_alone(
    body, error, install, discover, info_of
):
    install("bad-one", body)
    install("good-one", ONE.format(name="good"))
    manager = discover()
    bad = info_of(manager, "bad-one")
    (failure,) = bad.failures
    assert bad.status == "failed"
    assert (failure.stage, failure.plugin, failure.distribution) == (
        "load",
        "bad-one",
        "bad-one",
    )
    assert error in failure.error
    assert "Traceback" in failure.traceback
    assert info_of(manager, "good-one").status == "ok"
    assert "good" in manager.extractors


def test_an_entry_point_to_nothing_is_a_failure_to_load(install, discover, info_of):
    install("gone", "", raw="[nexuslims]\ngone = no_such_module_at_all:plugin\n")
    (failure,) = info_of(discover(), "gone").failures
    assert failure.stage == "load"


def test_a_keyboard_interrupt_during_import_is_not_swallowed(install, discover):
    install("interrupted", "raise KeyboardInterrupt")
    with pytest.raises(KeyboardInterrupt):
        discover()


def test_hooks_of_a_plugin_that_failed_to_register_are_not_called(
    install, discover, tmp_path
):
    install(
        "half",
        f"""
        from pathlib import Path

        @hookimpl
        def nexuslims_commands():
            Path({str(tmp_path / "called")!r}).touch()
            return ()

        @hookimpl
        def nexuslims_extractors(config):
            return ()
        """,
    )
    discover().plugins()
    assert not (tmp_path / "called").exists()


@pytest.mark.parametrize(
    "name", ["blocked", "dist-of-blocked", "Dist_of.Blocked", " blocked "]
)
def test_a_disabled_plugin_is_not_imported(name, install, discover, info_of):
    install("dist-of-blocked", "raise AssertionError", entry_point="blocked")
    manager = discover(disabled=[name])
    info = info_of(manager, "blocked")
    assert (info.status, info.failures, info.contributions) == ("disabled", (), ())
    assert "dist_of_blocked" not in sys.modules


def test_without_plugins_only_the_built_in_one_is_imported(
    install, local_plugin, discover
):
    install("blocked", "raise AssertionError")
    folder = local_plugin("mine.py", "raise AssertionError")
    manager = discover(plugins_enabled=False, local_path=folder)
    assert {info.status for info in manager.plugins()[1:]} == {"disabled"}
    assert manager.plugins()[0].status == "ok"
    assert manager.failures == ()
    assert "blocked" not in sys.modules


def test_the_built_in_plugin_stays_enabled_and_a_note_says_so(discover):
    manager = discover(disabled=["nexuslims-core"])
    assert manager.plugins()[0].status == "ok"
    assert "nexuslims-core is built in and stays enabled" in manager.notes()


def test_a_disabled_name_that_no_plugin_has_is_noted(discover):
    notes = discover(disabled=["neom"]).notes()
    assert "neom is disabled, but there is no plugin of that name" in notes


def test_two_distributions_may_name_their_entry_points_alike(install, discover):
    install("first-dist", ONE.format(name="one"), entry_point="same")
    install("second-dist", ONE.format(name="two"), entry_point="same")
    manager = discover()
    assert {"one", "two"} <= set(manager.extractors)
    assert manager.failures == ()


def test_of_two_installations_of_a_distribution_the_importable_one_counts(
    install, discover, info_of
):
    install("twice", ONE.format(name="old"), version="1.0")
    install("twice", ONE.format(name="new"), version="2.0")
    manager = discover()
    assert info_of(manager, "twice").version == "2.0"
    assert "new" in manager.extractors


def test_one_module_named_by_two_distributions_is_registered_once(
    install, discover, info_of
):
    install("a-first", ONE.format(name="one"), module="shared_module")
    install("b-second", ONE.format(name="one"), module="shared_module")
    manager = discover()
    assert info_of(manager, "a-first").status == "ok"
    (failure,) = info_of(manager, "b-second").failures
    assert "already registered" in failure.error


def test_a_damaged_entry_points_file_costs_its_distribution_alone(
    install, discover, info_of
):
    install("damaged", "", raw="[nexuslims]\nno equals sign here\n")
    install("good-one", ONE.format(name="good"))
    manager = discover()
    (failure,) = info_of(manager, "damaged").failures
    assert "entry_points.txt cannot be read" in failure.error
    assert "good" in manager.extractors


def test_entry_points_in_another_encoding_stop_nobody(install, discover):
    site = install("latin", "")
    (info,) = site.glob("*.dist-info")
    (info / "entry_points.txt").write_bytes(b"[nexuslims]\n\xe9 = latin\n")
    assert discover().plugins()[0].status == "ok"


def test_metadata_without_a_name_does_not_stop_the_plugin(install, discover, info_of):
    site = install("nameless", ONE.format(name="nameless"))
    (info,) = site.glob("*.dist-info")
    (info / "METADATA").write_text("Metadata-Version: 2.1\n")
    found = info_of(discover(), "nameless")
    assert (found.distribution, found.version) == ("unknown distribution", "")


def test_core_works_without_metadata_of_its_own(tmp_path, pytestconfig):
    """As from a source tree: the folder on `sys.path`, no distribution installed."""
    source = pytestconfig.rootpath / "packages/nexuslims-core/src"
    program = """
import importlib.metadata, json, sys
sys.path.insert(0, sys.argv[1])
importlib.metadata.distributions = lambda: iter(())
from nexuslims_core.manager import PluginManager
first = PluginManager.discover().plugins()[0]
print(json.dumps([first.name, first.distribution, first.status]))
"""
    done = subprocess.run(
        [sys.executable, "-c", program, str(source)],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
    )
    assert json.loads(done.stdout) == ["core", "nexuslims-core", "ok"]


def test_loading_the_manager_loads_neither_pydantic_nor_numbers(tmp_path):
    program = """
import sys
import nexuslims_core.manager
heavy = {"pydantic", "numpy", "sqlalchemy", "httpx", "click", "pint", "lxml"}
print(sorted(heavy & set(sys.modules)))
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
    )
    assert done.stdout.strip() == "[]"


def test_of_two_that_give_one_name_the_one_installed_first_keeps_it(
    install, discover, info_of
):
    later = install("a-later", ONE.format(name="same"))
    earlier = install("z-earlier", ONE.format(name="same"))
    for site, when in ((later, 2_000_000_000), (earlier, 1_000_000_000)):
        (info,) = site.glob("*.dist-info")
        os.utime(info, (when, when))
    manager = discover()
    assert manager.owner_of(manager.extractors["same"]).distribution == "z-earlier"
    (failure,) = info_of(manager, "a-later").failures
    assert "z-earlier" in failure.error
    assert "a-later" in failure.error
