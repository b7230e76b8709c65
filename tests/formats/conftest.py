"""Real files of every vendor, unpacked once."""

from __future__ import annotations

import pytest
from nexuslims_testing import corpus


@pytest.fixture(scope="session")
def real_files(shared_folder, tmp_path_factory):
    """Return the folder of all real files, unpacked, and the files."""
    folder = tmp_path_factory.mktemp("real files")
    return folder, corpus.unpacked(shared_folder / "data", folder)


@pytest.fixture(scope="session")
def results(real_files):
    """Return what became of each real file, by its path below the folder."""
    folder, paths = real_files
    corpus.warm_up()
    return {one.path: one for one in (corpus.measure(p, folder) for p in paths)}
