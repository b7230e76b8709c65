"""The files that the plugin guide shows work as they stand there."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest
from nexuslims_core.extraction import read
from nexuslims_core.manager import PluginManager
from nexuslims_core.types import DataFile, Instrument

NAME = re.compile(r"`(?P<path>[\w/]+\.py)`:")


@pytest.fixture
def guide(blocks, tmp_path):
    """Return a folder with the files that the guide shows."""
    for block in blocks("docs/plugins.md"):
        if found := NAME.fullmatch(block.before):
            path = tmp_path / found["path"]
            path.parent.mkdir(exist_ok=True)
            path.write_text(block.text, "utf-8")
    return tmp_path


def test_its_tests_pass(guide):
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-W", "error", "tests"],
        cwd=guide,
        env={**os.environ, "PYTHONPATH": "plugins", "PYTEST_ADDOPTS": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "passed" in done.stdout


def test_its_plugins_are_found_as_local_files(guide):
    manager = PluginManager.discover(local_path=guide / "plugins")
    local = [one for one in manager.plugins() if one.distribution.startswith("local")]
    assert {one.name: one.status for one in local} == dict.fromkeys(
        ("acme", "our_sem", "paper", "share"), "ok"
    )


def test_a_profile_adjusts_what_the_extractor_found(guide):
    manager = PluginManager.discover(local_path=guide / "plugins")
    path = guide / "sample.acm"
    manager.sample_files["acme"].write(path)
    instrument = Instrument(
        pid="SEM-1", display_name="SEM", location="", filestore_path="SEM"
    )
    [signal] = read(DataFile.at(path, instrument), manager).signals
    assert signal.dataset.extensions["Facility"] == "Hall of Microscopes"
    assert signal.dataset.raw["Acme"]["GAS"] == "argon"
    assert ("Operator",) in signal.dataset.flagged
    voltage = signal.metadata.as_json()["nx_meta"]["acceleration_voltage"]
    assert voltage == {"value": 15.0, "unit": "kilovolt"}
