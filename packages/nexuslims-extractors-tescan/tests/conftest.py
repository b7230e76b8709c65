from __future__ import annotations

import tarfile

import pytest
from nexuslims_core.types import DataFile
from nexuslims_extractors_tescan.plugin import nexuslims_extractors
from nexuslims_testing.samples.tescan import TescanScan, tescan_sections, write_tescan

EXTRACTOR = next(iter(nexuslims_extractors()))


@pytest.fixture
def extractor():
    return EXTRACTOR


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
    """Return a function that writes settings and what else is told, and extracts."""

    def extract(sections=None, **told):
        path = tmp_path / "image.tif"
        write_tescan(path, sections, **told)
        return extract_path(path)

    return extract


@pytest.fixture
def changed():
    """Return a function that gives usual settings with one value replaced."""

    def changed(section, key, value):
        sections = tescan_sections(TescanScan())
        sections.setdefault(section, {})[key] = value
        return sections

    return changed


@pytest.fixture
def real_image(shared_folder, tmp_path):
    """Return the real image, unpacked with its side-car."""
    name = "tescan-pfib_dataZeroed"
    with tarfile.open(shared_folder / "data/nexuslims" / f"{name}.tar.gz") as archive:
        archive.extractall(tmp_path, filter="data")
    return tmp_path / f"{name}.tif"
