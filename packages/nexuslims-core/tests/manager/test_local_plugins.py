from __future__ import annotations

import sys

import pytest

ONE = """
@hookimpl
def nexuslims_instrument_profiles():
    yield InstrumentProfile(name="{name}", instrument_id="SEM-1")
"""


def test_each_file_of_the_folder_is_a_plugin(local_plugin, discover, info_of):
    local_plugin("our sem.py", ONE.format(name="sem"))
    folder = local_plugin("tem.py", ONE.format(name="tem"))
    manager = discover(local_path=folder)
    assert set(manager.instrument_profiles) == {"sem", "tem"}
    assert info_of(manager, "our sem").distribution == "local: our sem.py"


@pytest.mark.parametrize("name", ["_helper.py", "notes.txt", "tem.py~", "tem.pyc"])
def test_other_files_are_left_alone(name, local_plugin, discover):
    folder = local_plugin(name, "raise AssertionError")
    assert discover(local_path=folder).failures == ()


def test_a_local_file_is_executed_once(local_plugin, discover, tmp_path):
    log = tmp_path / "log"
    folder = local_plugin(
        "counted.py", f"with open({str(log)!r}, 'a') as log:\n    log.write('x')"
    )
    discover(local_path=folder)
    discover(local_path=folder)
    assert log.read_text() == "x"


def test_a_local_file_that_changed_is_executed_again(local_plugin, discover):
    local_plugin("tem.py", ONE.format(name="old"))
    discover(local_path=local_plugin("tem.py", ONE.format(name="old")))
    manager = discover(local_path=local_plugin("tem.py", ONE.format(name="new")))
    assert set(manager.instrument_profiles) == {"new"}


def test_nothing_is_written_beside_a_local_file(local_plugin, discover):
    folder = local_plugin("tem.py", ONE.format(name="tem"))
    discover(local_path=folder)
    assert [path.name for path in folder.iterdir()] == ["tem.py"]


def test_a_broken_local_file_costs_itself_alone(local_plugin, discover, info_of):
    local_plugin("bad.py", "def broken(:")
    folder = local_plugin("good.py", ONE.format(name="good"))
    manager = discover(local_path=folder)
    (failure,) = info_of(manager, "bad").failures
    assert (failure.stage, failure.distribution) == ("load", "local: bad.py")
    assert "SyntaxError" in failure.error
    assert "nexuslims_local_bad" not in sys.modules
    assert set(manager.instrument_profiles) == {"good"}


def test_a_local_file_is_compiled_by_its_own_rules(local_plugin, discover):
    folder = local_plugin("future.py", "def f(x: 1 / 0): ...")
    (failure,) = discover(local_path=folder).failures
    assert "ZeroDivisionError" in failure.error


def test_a_folder_that_is_missing_is_reported(tmp_path, discover):
    (failure,) = discover(local_path=tmp_path / "missing").failures
    assert str(tmp_path / "missing") in failure.distribution
    assert "FileNotFoundError" in failure.error


def test_a_folder_named_like_a_module_is_reported(tmp_path, discover):
    (tmp_path / "odd.py").mkdir()
    (failure,) = discover(local_path=tmp_path).failures
    assert failure.distribution == "local: odd.py"


@pytest.mark.parametrize("name", ["tem", "tem.py", "local: tem.py"])
def test_a_local_file_can_be_disabled(name, local_plugin, discover, info_of):
    folder = local_plugin("tem.py", "raise AssertionError")
    manager = discover(disabled=[name], local_path=folder)
    assert info_of(manager, "tem").status == "disabled"
    assert "nexuslims_local_tem" not in sys.modules


def test_an_installed_plugin_wins_over_a_local_file(
    install, local_plugin, discover, info_of
):
    install("acme", ONE.format(name="same"))
    folder = local_plugin("a.py", ONE.format(name="same"))
    manager = discover(local_path=folder)
    (failure,) = info_of(manager, "a").failures
    assert "acme" in failure.error
    assert "local: a.py" in failure.error
