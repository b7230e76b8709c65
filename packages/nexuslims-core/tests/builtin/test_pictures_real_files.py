"""Image files of real programs, against what other readers find in them.

The values were read with tifffile and as plain text.
"""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pytest
from nexuslims_core.builtin.pictures.extract import extract, supports
from nexuslims_core.types import DataFile

MICROMETRES_PER_PIXEL = 0.1686747


@pytest.fixture
def read(shared_folder):
    """Return a function that extracts from a real file."""

    def read(name):
        file = DataFile.at(shared_folder / "data" / "rosettasciio" / "tiff" / name)
        assert supports(file)
        [dataset] = extract(file).datasets
        assert dataset.notes == ()
        return dataset

    return read


@pytest.mark.parametrize(
    "name",
    [
        "test_loading_image_saved_with_imageJ.tif",
        "test_loading_image_saved_with_DM.tif",
    ],
)
def test_the_size_of_pixels_of_imagej_and_digitalmicrograph(read, name):
    dataset = read(name)

    assert dataset.fields["data_dimensions"] == "(68, 68)"
    for field in ("pixel_width", "pixel_height"):
        size = dataset.fields[field]
        assert size.units == "micrometer"
        assert float(size.magnitude) == pytest.approx(MICROMETRES_PER_PIXEL, rel=1e-6)
    view = float(dataset.fields["horizontal_field_width"].to("um").magnitude)
    assert view == pytest.approx(68 * MICROMETRES_PER_PIXEL, rel=1e-6)


def test_what_imagej_kept_of_the_file_before(read):
    dataset = read("test_loading_image_saved_with_imageJ.tif")

    assert dataset.extensions["Software"] == "ImageJ 1.51a"
    assert dataset.raw["ImageJ"]["max"] == "5040.0927734375"
    info = dataset.raw["ImageJ"]["Info"]
    assert info.startswith("root.ApplicationBounds = {0,0,701,1276}\n")
    # The text has 37992 bytes, in two per character.
    assert len(info) == 37992 // 2


def test_the_same_pixels_from_both_programs(read):
    """One was made of the other: floating point and whole numbers."""
    pixels = [
        np.asarray(read(name).preview.read())
        for name in (
            "test_loading_image_saved_with_imageJ.tif",
            "test_loading_image_saved_with_DM.tif",
        )
    ]

    assert {one.shape for one in pixels} == {(68, 68)}
    assert {one.dtype.kind for one in pixels} == {"f", "i"}


def test_imagej_without_scale(read):
    dataset = read("test_loading_image_saved_with_imageJ_no_scale.tif")

    assert set(dataset.fields) == {"data_dimensions"}


def test_an_optical_microscope_names_its_camera_and_time(read):
    dataset = read("optical_Zeiss_AxioVision_BW.tif")

    assert dataset.fields["acquisition_device"] == "AxioCamERc5s"
    assert dataset.creation_time == datetime(2016, 6, 13, 16, 8, 49)  # noqa: DTZ001
    assert "pixel_width" not in dataset.fields
