from __future__ import annotations

import tarfile

import numpy as np
import pytest
from nexuslims_core.types import DataFile
from nexuslims_extractors_gatan.plugin import nexuslims_extractors
from nexuslims_testing.samples.dm import Image, write_dm

EXTRACTOR = next(iter(nexuslims_extractors()))


@pytest.fixture
def extractor():
    return EXTRACTOR


@pytest.fixture
def extract_path():
    """Return a function that extracts the datasets of a file."""

    def extract_path(path, instrument=None):
        file = DataFile.at(path, instrument)
        assert EXTRACTOR.supports(file)
        return EXTRACTOR.extract(file).datasets

    return extract_path


@pytest.fixture
def extract(tmp_path, extract_path):
    """Return a function that writes an image with some tags, and extracts it.

    Tags are told by their paths, ``{"Microscope Info/Voltage": 3e5}``.
    """

    def extract(tags=None, *, pixels=None, version=3, byte_order="<", **told):
        pixels = np.zeros((6, 8), np.uint16) if pixels is None else pixels
        image = Image(pixels=pixels, tags=tree(tags or {}), **told)
        path = tmp_path / f"image.dm{version}"
        write_dm(path, [image], version=version, byte_order=byte_order)
        (dataset,) = extract_path(path)
        return dataset

    return extract


def tree(tags):
    """Return tags told by paths as groups."""
    groups = {}
    for path, value in tags.items():
        group = groups
        *parents, name = path.split("/")
        for parent in parents:
            group = group.setdefault(parent, {})
        group[name.replace("|", "/")] = value
    return groups


@pytest.fixture(scope="session")
def unpacked(tmp_path_factory):
    """Return a folder of unpacked files, for all tests."""
    return tmp_path_factory.mktemp("unpacked")


@pytest.fixture
def real_file(shared_folder, unpacked):
    """Return a function that gives the path of a real file, unpacked if need be."""

    def real_file(name):
        path = shared_folder / "data" / name
        if path.exists():
            return path
        if not (unpacked / path.name).exists():
            with tarfile.open(path.with_name(f"{path.name}.tar.gz")) as archive:
                archive.extract(path.name, unpacked, filter="data")
        return unpacked / path.name

    return real_file
