"""Real files of every vendor."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from nexuslims_testing.corpus import Measured, unpacked


@pytest.fixture(scope="session")
def real_files(shared_folder, tmp_path_factory):
    """Return the folder of all real files, unpacked, and the files."""
    folder = tmp_path_factory.mktemp("real files")
    return folder, unpacked(shared_folder / "data", folder)


@pytest.fixture(scope="session")
def results(shared_folder):
    """Return what became of each real file, by its path below the folder.

    A program of its own does it: what tests before used of memory is not counted.
    """
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "nexuslims_testing.corpus",
            str(shared_folder / "data"),
            "--json",
        ],
        stdout=subprocess.PIPE,
        check=True,
    )
    found = (Measured(**one) for one in json.loads(done.stdout))
    return {one.path: one for one in found}
