"""What NexusLIMS relies on, tested by its suite, and what is particular to Acme."""

from __future__ import annotations

import pytest
from nexuslims_core.errors import ExtractionError
from nexuslims_core.types import DataFile, quantity
from nexuslims_extractors_acme.plugin import (
    nexuslims_extractors,
    nexuslims_sample_files,
)
from nexuslims_extractors_acme.reader import MAGIC
from nexuslims_testing.suites.extractor import ExtractorSuite


class TestAcme(ExtractorSuite):
    extractor = next(iter(nexuslims_extractors()))
    # Add the paths of real files here.
    samples = tuple(nexuslims_sample_files())


@pytest.fixture
def read(tmp_path):
    """Return a function that extracts a file of the given bytes."""

    def extract(content):
        path = tmp_path / "image.acm"
        path.write_bytes(content)
        [dataset] = TestAcme.extractor.extract(DataFile.at(path)).datasets
        return dataset

    return extract


def acme(header, pixels=bytes(4)):
    """Return a file of two pixels unless the header says otherwise."""
    text = f"Width=2\nHeight=1\n{header}".encode()
    return MAGIC + len(text).to_bytes(4, "little") + text + pixels


def test_settings_become_typed_fields(read):
    dataset = read(acme("HV=15000\nPixelSize=2e-9\nMag=400\nUser=ada\nGas=none"))
    assert dataset.fields == {
        "acceleration_voltage": quantity(15_000, "V"),
        "pixel_width": quantity(2e-9, "m"),
        "pixel_height": quantity(2e-9, "m"),
        "magnification": 400,
        "operator": "ada",
        "data_dimensions": (1, 2),
    }
    assert dataset.extensions == {"Gas": "none"}
    assert dataset.raw["Acme"]["HV"] == "15000"


@pytest.mark.parametrize("text", ["off", "nan", ""])
def test_a_number_that_cannot_be_read_is_kept_as_text(read, text):
    dataset = read(acme(f"HV={text}"))
    assert "acceleration_voltage" not in dataset.fields
    assert dataset.extensions["HV"] == text
    assert dataset.notes == (f"HV: expected a number, found {text!r}",)


def test_a_file_that_was_cut_off_says_what_is_missing(read):
    with pytest.raises(ExtractionError, match="expected 4 bytes of pixels, found 3"):
        read(acme("HV=15000", pixels=bytes(3)))
