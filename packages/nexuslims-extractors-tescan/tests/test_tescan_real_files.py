"""A real image of a plasma FIB-SEM; values read in file and side-car by hand."""

# ruff: noqa: DTZ001 - the clock of an instrument has no zone

from __future__ import annotations

import tarfile
from datetime import datetime

import numpy as np
import pytest
from nexuslims_core.types import DataFile

OTHERS = (
    ("nexuslims/quanta_image.tif.tar.gz", "quanta_image.tif"),
    ("nexuslims/scios_xml_metadata.tif.tar.gz", "scios_xml_metadata.tif"),
    ("nexuslims/orion-fibics_dataZeroed.tif.tar.gz", "orion-fibics_dataZeroed.tif"),
    ("nexuslims/orion-zeiss_dataZeroed.tif", None),
    ("zeiss-smartsem/FeMoOx_AntiA_04_1k5x_CN.tif", None),
    ("rosettasciio/tiff/optical_Zeiss_AxioVision_BW.tif", None),
    ("rosettasciio/tiff/test_loading_image_saved_with_DM.tif", None),
)


@pytest.fixture(params=["tag", "tag and side-car", "side-car"])
def dataset(request, real_image, extract_path):
    """Return what is read of the image with its settings in one place or in two."""
    if request.param == "tag":
        real_image.with_suffix(".hdr").unlink()
    if request.param == "side-car":
        content = bytearray(real_image.read_bytes())
        entry = content.index((50431).to_bytes(2, "little") + b"\1\0")
        content[entry : entry + 2] = (50432).to_bytes(2, "little")
        real_image.write_bytes(content)
    return extract_path(real_image)


def test_typed_fields(dataset):
    fields = {**dataset.fields, **dataset.fields["stage_position"]}
    del fields["stage_position"]
    assert {name: str(value) for name, value in fields.items()} == {
        "acceleration_voltage": "15.0 kilovolt",
        "acquisition_device": "TESCAN AMBER X",
        "beam_current": "300.3 picoampere",
        "chamber_pressure": "0.61496 millipascal",
        "data_dimensions": "(1280, 1578)",
        "detector_type": "E-T",
        "dwell_time": "10.0 microsecond",
        "emission_current": "217.6420018 microampere",
        "horizontal_field_width": "2.0 micrometer",
        "magnification": "160000.0",
        "pixel_height": "1.5625 nanometer",
        "pixel_width": "1.5625 nanometer",
        "rotation": "30.0 degree",
        "scan_rotation": "0.0 degree",
        "tilt_alpha": "0.0 degree",
        "vertical_field_width": "2.0 micrometer",
        "working_distance": "5.947501 millimeter",
        "x": "0.00407293 meter",
        "y": "0.016073298 meter",
        "z": "0.006311907 meter",
    }
    assert dataset.notes == ()


def test_extensions(dataset):
    found = {name: str(value) for name, value in dataset.extensions.items()}
    assert (
        found.items()
        >= {
            "Beam": "SEM",
            "Magnification": "160.0 kiloX",
            "Aperture Diameter": "9.52 micrometer",
            "Image Shift Y": "300.0 nanometer",
            "MTD Scintillator": "12.0 kilovolt",
            "Original Filename": "ph 4, 13 nm, high sig 001",
            "Potential Mode": "BrightBeam",
            "Scan ID": "1420",
            "Software Version": "TESCAN Essence Version 1.3.7.1, build 8915",
            "Specimen Current": "-246.0 picoampere",
            "Make": "TESCAN - http://www.tescan.com/",
            "Model": "TESCAN AMBER X TESCAN AMBER X",
            "TIFF DateTime": "2025:12:03 12:20:37",
            "Operator": "Nexus User",
        }.items()
    )
    assert len(dataset.raw["SEM"]) == 60
    assert dataset.data_type == "SEM_Imaging"


def test_time_of_acquisition(dataset):
    assert dataset.creation_time == datetime(2025, 12, 3, 17, 19, 26)


def test_preview(dataset):
    pixels = dataset.preview.read()
    assert (pixels.shape, pixels.dtype) == ((1578, 1280), np.uint16)
    assert [axis.unit for axis in dataset.preview.axes] == ["µm", "µm"]
    assert dataset.preview.axes[1].scale == pytest.approx(0.0015625)


@pytest.mark.parametrize(("name", "member"), OTHERS, ids=[one[0] for one in OTHERS])
def test_files_of_others_are_left_to_others(
    shared_folder, tmp_path, extractor, name, member
):
    path = shared_folder / "data" / name
    if member:
        with tarfile.open(path) as archive:
            archive.extract(member, tmp_path, filter="data")
        path = tmp_path / member
    assert not extractor.supports(DataFile.at(path))
