"""What a run with nothing to do leaves alone: most runs are such."""

from __future__ import annotations

import re
import subprocess

import pytest

HEAVY = {"PIL", "dask", "jinja2", "numpy", "pint", "rich", "rsciio", "scipy"}


@pytest.mark.parametrize("arguments", [["--help"], ["run"]])
def test_libraries_for_files_and_pages_are_not_loaded(facility, arguments):
    command = facility.command(*arguments)
    command[1:1] = ["-X", "importtime"]

    done = subprocess.run(
        command,
        env=facility.environment,
        cwd=facility.folder,
        capture_output=True,
        text=True,
        check=True,
    )

    loaded = set(re.findall(r"^import time:.*\|\s+(\w+)", done.stderr, re.MULTILINE))
    assert "nexuslims_core" in loaded
    assert not loaded & HEAVY
