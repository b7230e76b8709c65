from __future__ import annotations

import zipfile

import numpy as np
import pytest
from nexuslims_core.types import DataFile
from nexuslims_extractors_hyperspy.plugin import nexuslims_extractors

EXTRACTOR = next(iter(nexuslims_extractors()))


@pytest.fixture
def extractor():
    return EXTRACTOR


@pytest.fixture
def extract():
    """Return a function that extracts all datasets of a file."""

    def extract(path):
        file = DataFile.at(path)
        assert file.extension in EXTRACTOR.extensions
        assert EXTRACTOR.supports(file)
        return EXTRACTOR.extract(file).datasets

    return extract


@pytest.fixture
def extract_one(extract):
    """Return a function that extracts the one dataset of a file."""

    def extract_one(path):
        (dataset,) = extract(path)
        return dataset

    return extract_one


@pytest.fixture
def counts():
    """Return a function that gives the same whole numbers for the same shape."""

    def counts(*shape, dtype="u1"):
        return np.random.default_rng(3).integers(0, 200, shape).astype(dtype)

    return counts


@pytest.fixture
def real_file(shared_folder, tmp_path):
    """Return a function that unpacks a file of RosettaSciIO's: archive, and member."""

    def real_file(name, member=None):
        path = shared_folder / "data" / name
        if member is None:
            return path
        with zipfile.ZipFile(path) as opened:
            opened.extractall(tmp_path)
        return tmp_path / member

    return real_file
