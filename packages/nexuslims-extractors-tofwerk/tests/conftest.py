from __future__ import annotations

import pytest
from nexuslims_core.types import DataFile
from nexuslims_extractors_tofwerk.plugin import nexuslims_extractors
from nexuslims_testing.samples.tofwerk import Milling, write_tofwerk

EXTRACTOR = next(iter(nexuslims_extractors()))


@pytest.fixture
def extract_path():
    """Return a function that extracts the one dataset of a file."""

    def extract_path(path):
        file = DataFile.at(path)
        assert EXTRACTOR.supports(file)
        (dataset,) = EXTRACTOR.extract(file).datasets
        return dataset

    return extract_path


@pytest.fixture
def extract(tmp_path, extract_path):
    """Return a function that writes a measurement as told, and extracts."""

    def extract(**told):
        path = tmp_path / "depth.h5"
        write_tofwerk(path, Milling(**told))
        return extract_path(path)

    return extract
