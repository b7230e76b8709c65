from __future__ import annotations

import os
import tarfile
import zipfile

import numpy as np
import pytest
from nexuslims_core.types import DataFile
from nexuslims_extractors_fei.plugin import nexuslims_extractors
from nexuslims_testing.samples.fei_tiff import (
    Scan,
    scan_sections,
    settings_text,
    write_fei_tiff,
)
from nexuslims_testing.samples.tia import object_info, write_emi, write_ser
from nexuslims_testing.samples.velox import VeloxSignal, stem, write_velox

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

    def extract(settings=None, *, modified=None, **told):
        path = tmp_path / "image.tif"
        if settings is None:
            settings = scan_sections(Scan())
        content = settings if isinstance(settings, bytes) else settings_text(settings)
        write_fei_tiff(path, settings=content, **told)
        if modified is not None:
            os.utime(path, (modified.timestamp(),) * 2)
        return extract_path(path)

    return extract


@pytest.fixture
def changed():
    """Return a function that gives usual settings with one value replaced."""

    def changed(section, key, value):
        sections = scan_sections(Scan())
        sections.setdefault(section, {})[key] = value
        return sections

    return changed


@pytest.fixture
def real_file(shared_folder, tmp_path):
    """Return a function that unpacks a real file: an archive's name, and a member's."""

    def real_file(name, member=None):
        archive = shared_folder / "data" / name
        if member is None:
            return archive
        if archive.suffix == ".zip":
            with zipfile.ZipFile(archive) as opened:
                return tmp_path / opened.extract(member, tmp_path)
        with tarfile.open(archive) as opened:
            opened.extract(member, tmp_path, filter="data")
        return tmp_path / member

    return real_file


@pytest.fixture
def extract_all():
    """Return a function that extracts the datasets of a file of any of our formats."""

    def extract_all(path, instrument=None):
        file = DataFile.at(path, instrument)
        (extractor,) = (
            one
            for one in nexuslims_extractors()
            if file.extension in one.extensions and one.supports(file)
        )
        return extractor.extract(file).datasets

    return extract_all


@pytest.fixture
def tia_image(tmp_path, extract_all):
    """Return a function that writes and extracts an image with an ``.emi``."""

    def tia_image(*, calibration=(0.0, 2e-9), **told):
        path = tmp_path / "image_1.ser"
        pixels = np.arange(12, dtype="u2").reshape(1, 3, 4)
        write_ser(path, pixels, calibration=calibration)
        write_emi(tmp_path / "image.emi", [object_info(**told)])
        (dataset,) = extract_all(path)
        return dataset

    return tia_image


@pytest.fixture
def tia_spectra(tmp_path, extract_all):
    """Return a function that writes and extracts spectra with an ``.emi``."""

    def tia_spectra(*, count=1, channels=8, calibration=(0.0, 5.0), **told):
        path = tmp_path / "spectra_1.ser"
        write_ser(path, np.ones((count, channels), "i4"), calibration=calibration)
        write_emi(tmp_path / "spectra.emi", [object_info(spectrum=True, **told)])
        (dataset,) = extract_all(path)
        return dataset

    return tia_spectra


@pytest.fixture
def velox(tmp_path, extract_all):
    """Return a function that writes and extracts one signal of a Velox file."""

    def velox(*, kind="Image", data=None, changes=None, settings=None, **told):
        path = tmp_path / "a.emd"
        if data is None:
            data = np.ones((6, 8, 1) if kind == "Image" else (16, 1), "u2")
        signal = VeloxSignal(
            kind=kind, data=data, metadata=stem(changes), settings=settings or {}
        )
        write_velox(path, [signal], **told)
        (dataset,) = extract_all(path)
        return dataset

    return velox
