from __future__ import annotations

import tarfile

import pytest
from nexuslims_core.types import DataFile
from nexuslims_extractors_zeiss.plugin import nexuslims_extractors
from nexuslims_testing.samples.zeiss import (
    write_fibics,
    write_orion,
    write_smartsem,
)

HIM, SMARTSEM = nexuslims_extractors()


@pytest.fixture
def him():
    return HIM


@pytest.fixture
def smartsem():
    return SMARTSEM


@pytest.fixture
def extract_path():
    """Return a function that extracts the one dataset of a file, by who claims it."""

    def extract_path(path):
        file = DataFile.at(path)
        (extractor,) = (one for one in (HIM, SMARTSEM) if one.supports(file))
        (dataset,) = extractor.extract(file).datasets
        return dataset

    return extract_path


@pytest.fixture
def extract_smartsem(tmp_path, extract_path):
    """Return a function that writes lines and what else is told, and extracts."""

    def extract_smartsem(lines=None, **told):
        path = tmp_path / "image.tif"
        write_smartsem(path, lines, **told)
        return extract_path(path)

    return extract_smartsem


@pytest.fixture
def extract_orion(tmp_path, extract_path):
    """Return a function that writes Zeiss's XML and what else is told, and extracts."""

    def extract_orion(xml=None, **told):
        path = tmp_path / "image.tif"
        write_orion(path, xml, **told)
        return extract_path(path)

    return extract_orion


@pytest.fixture
def extract_fibics(tmp_path, extract_path):
    """Return a function that writes Fibics's XML and what else, and extracts."""

    def extract_fibics(xml=None, **told):
        path = tmp_path / "image.tif"
        write_fibics(path, xml, **told)
        return extract_path(path)

    return extract_fibics


@pytest.fixture
def real_file(shared_folder, tmp_path):
    """Return a function that gives a real file, unpacked where a member is named."""

    def real_file(name, member=None):
        path = shared_folder / "data" / name
        if member is None:
            return path
        with tarfile.open(path) as archive:
            archive.extract(member, tmp_path, filter="data")
        return tmp_path / member

    return real_file
