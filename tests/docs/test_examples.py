"""Python, settings and sessions shown in the documentation work."""

from __future__ import annotations

import io
import shlex
import types
from datetime import UTC, datetime

import pytest
from dotenv import dotenv_values
from nexuslims_core.cli.group import cli
from nexuslims_core.manager import PluginManager
from nexuslims_core.settings import unknown_names
from nexuslims_core.settings.environment import Environment
from nexuslims_testing.facility import set_modified
from nexuslims_testing.samples.fei_tiff import Scan, write_scan


def test_plugins_in_the_reference_are_collected(blocks):
    examples = [one for one in blocks("docs/hooks.md") if one.kind == "python"]
    modules = []
    for number, block in enumerate(examples):
        module = types.ModuleType(f"reference_{number}")
        exec(compile(block.text, str(block.page), "exec"), module.__dict__)
        modules.append(module)
    infos = PluginManager.of(*modules).plugins()
    assert [failure for one in infos for failure in one.failures] == []
    assert len([one for one in infos if one.contributions]) == len(examples)


def test_the_notebook_example_prints_the_type_of_data(
    blocks, tmp_path, monkeypatch, capsys
):
    [block] = [one for one in blocks("docs/user-guide.md") if one.kind == "python"]
    write_scan(tmp_path / "steel fracture 001.tif", Scan())
    monkeypatch.chdir(tmp_path)
    exec(compile(block.text, str(block.page), "exec"), {})
    assert capsys.readouterr().out == "SEM_Imaging\n"


def test_settings_in_examples_exist(blocks, page):
    models = PluginManager.discover().settings_models
    for block in blocks(page):
        if block.kind == "ini" and "NX_" in block.text:
            given = dotenv_values(stream=io.StringIO(block.text))
            environment = Environment.read(
                environ={k: v or "" for k, v in given.items()}
            )
            assert unknown_names(environment, models) == ()


def test_the_test_that_the_kit_shows_passes(blocks, facility):
    page = "packages/nexuslims-testing/README.md"
    [block] = [one for one in blocks(page) if one.kind == "python"]
    names = {}
    exec(compile(block.text, page, "exec"), names)
    [example] = [one for name, one in names.items() if name.startswith("test_")]
    example(facility)


@pytest.fixture
def operator(make_facility, monkeypatch):
    """Return an installation, with its settings and folder those of this process."""
    facility = make_facility(NX_EXECUTOR="inline")
    for name, text in facility.settings.items():
        monkeypatch.setenv(name, text)
    monkeypatch.chdir(facility.folder)
    return facility


def test_the_first_session_of_the_user_guide_becomes_a_record(blocks, operator, capsys):
    [block] = [
        one for one in blocks("docs/user-guide.md") if one.before == "<!-- executed -->"
    ]
    folder = operator.instrument_root / "Atlas"
    folder.mkdir()
    write_scan(folder / "image.tif", Scan(width=64, height=48))
    set_modified(folder / "image.tif", datetime(2026, 11, 20, 9, 30, tzinfo=UTC))

    codes = [execute(line) for line in block.text.splitlines()]

    assert set(codes) == {0}
    assert "html (created)" in capsys.readouterr().out
    [record] = operator.data_path.glob("records/uploaded/*.xml")
    assert "Twins in steel" in record.read_text("utf-8")


def execute(line):
    """Run a line of the guide in this process; return its exit code."""
    program, *arguments = shlex.split(line.removeprefix("$ "))
    assert program == "nexuslims"
    return cli.main(arguments, prog_name=program, standalone_mode=False) or 0
