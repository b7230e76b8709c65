"""Real TIA files; the expected values were read from them with other means."""

from __future__ import annotations

import contextlib
import re
import struct
import tarfile
import warnings
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from nexuslims_core.types import DataFile, quantity
from nexuslims_extractors_fei.plugin import nexuslims_extractors

NEXUSLIMS = "nexuslims/tia_ser_emi.tar.gz"
OTHERS = "data/rosettasciio/tia"
EXTRACTOR = list(nexuslims_extractors())[1]

# File, types, shape, time, magnification, high tension in kV, some of the extensions.
FILES = [
    (
        "Titan_STEM_1_stem_image_dataZeroed_1.ser",
        ("Image", "STEM_Imaging"),
        "(1024, 1024)",
        "2011-11-16 09:46:13",
        {"magnification": 115_000, "dwell_time": quantity(3.2e-5, "s")},
        {"Gun Lens": 804, "OBJ Aperture": "retracted"},
    ),
    (
        "Titan_STEM_3_image_stack_dataZeroed_1.ser",
        ("Image", "STEM_Imaging"),
        "(5, 1024, 1024)",
        "2012-01-31 13:43:40",
        {"magnification": 80_000, "dwell_time": quantity(2e-6, "s")},
        {"Frame Time": quantity(2, "s")},
    ),
    (
        "Titan_TEM_10_emi_list_4_images_dataZeroed_3.ser",
        ("Image", "STEM_Imaging"),
        "(2048, 2048)",
        "2018-11-14 17:09:55",
        {"magnification": 160_000},
        {"emi Filename": "Titan_TEM_10_emi_list_4_images_dataZeroed.emi"},
    ),
    (
        "Titan_TEM_11_bad_emi_dataZeroed_1.ser",
        ("Image", "TEM_Imaging"),
        "(2048, 2048)",
        "2019-02-19 20:09:18",
        {"acquisition_device": "BM-UltraScan", "acquisition_time": quantity(1, "s")},
        {"Binning": 1},
    ),
    (
        "Titan_TEM_12_no_accompanying_emi_dataZeroed_1.ser",
        ("Image", "TEM_Imaging"),
        "(2048, 2048)",
        "None",
        {},
        {"emi Filename": None},
    ),
    (
        "Titan_TEM_2_HAADF_STEM_dataZeroed_1.ser",
        ("Image", "STEM_Imaging"),
        "(1024, 1024)",
        "2019-06-28 15:53:31",
        {"magnification": 14_000, "dwell_time": quantity(1.2e-5, "s")},
        {"Frame Time": quantity(14.9988, "s")},
    ),
    (
        "Titan_TEM_3_eds_spectrum_image_dataZeroed_1.ser",
        ("SpectrumImage", "STEM_EDS_Spectrum_Imaging"),
        "(9, 10, 3993)",
        "2019-07-17 13:50:23",
        {"pixel_time": quantity(5, "s"), "emission_current": quantity(145, "µA")},
        {"Manufacturer": "EDAX", "Energy Resolution": quantity(10, "eV")},
    ),
    (
        "Titan_TEM_5_eds_spectrum_dataZeroed_1.ser",
        ("Spectrum", "TEM_EDS_Spectrum"),
        "(3993,)",
        "2019-12-11 16:02:38",
        {"acquisition_time": quantity(25, "s"), "magnification": 185_000},
        {
            "Shaping Time": quantity(51.2, "s"),
            "Microscope Tilt 1": quantity(6e-5, "rad"),
        },
    ),
    (
        "Titan_TEM_6_diffraction_dataZeroed_1.ser",
        ("Diffraction", "TEM_Diffraction"),
        "(2048, 2048)",
        "2018-10-30 17:01:03",
        {"camera_length": quantity(0.3, "m"), "acquisition_time": quantity(0.2, "s")},
        {"Mode": "TEM uP SA Zoom Diffraction", "SA Aperture": quantity(10, "µm")},
    ),
]


@pytest.fixture(scope="module")
def tia_folder(shared_folder, tmp_path_factory):
    """Return the unpacked folder of Titan files."""
    folder = tmp_path_factory.mktemp("tia")
    with tarfile.open(shared_folder / "data" / NEXUSLIMS) as archive:
        archive.extractall(folder, filter="data")
    return folder


def _only(path):
    file = DataFile.at(path)
    assert EXTRACTOR.supports(file)
    (dataset,) = EXTRACTOR.extract(file).datasets
    return dataset


@pytest.mark.parametrize(
    ("name", "types", "shape", "time", "fields", "extensions"),
    FILES,
    ids=[row[0].partition("_dataZeroed")[0] for row in FILES],
)
def test_a_titan_file(tia_folder, name, types, shape, time, fields, extensions):
    dataset = _only(tia_folder / name)
    assert (dataset.dataset_type, dataset.data_type) == types
    assert dataset.fields["data_dimensions"] == shape
    assert str(dataset.creation_time) == time
    assert {key: dataset.fields[key] for key in fields} == fields
    assert {key: dataset.extensions[key] for key in extensions} == extensions
    if time != "None":
        assert dataset.fields["acceleration_voltage"] == quantity(300, "kV")
        assert len(dataset.fields) >= 8
    assert str(np.asarray(dataset.preview.read()).shape) == shape


def test_the_stage_and_the_filter_of_a_titan(tia_folder):
    dataset = _only(tia_folder / "Titan_STEM_1_stem_image_dataZeroed_1.ser")
    stage = dataset.fields["stage_position"]
    assert stage["x"] == quantity(46.293, "µm")
    assert stage["z"] == quantity(-127.155, "µm")
    assert dataset.fields["scan_rotation"] == quantity(-95.8, "deg")
    assert dataset.fields["operator"] == "OPERATOR__"
    filter_ = dataset.extensions["Tecnai Filter"]
    assert filter_["Slit Width"] == quantity(1, "eV")
    assert filter_["Selected Aperture"] == "1 mm"
    # 6.317839699121225e-10 m stand at byte 236 as a number of eight bytes.
    content = (tia_folder / dataset.file.path.name).read_bytes()
    (step,) = struct.unpack_from("<d", content, 236)
    assert dataset.fields["pixel_width"].to("m").magnitude == pytest.approx(step)


def test_the_tilts_of_the_conditions_are_the_stages_in_radians(tia_folder):
    dataset = _only(tia_folder / "Titan_TEM_3_eds_spectrum_image_dataZeroed_1.ser")
    tilt = dataset.extensions["Microscope Tilt 1"].to("deg").magnitude
    stage = dataset.fields["stage_position"]["tilt_alpha"].magnitude
    assert tilt == pytest.approx(stage, abs=0.005)


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("Titan_STEM_1_stem_image_dataZeroed", 0),
        ("Titan_TEM_2_HAADF_STEM_dataZeroed", 0),
        # The first object is the image that the scan was chosen on.
        ("Titan_TEM_3_eds_spectrum_image_dataZeroed", 1),
        ("Titan_TEM_5_eds_spectrum_dataZeroed", 0),
        ("Titan_TEM_6_diffraction_dataZeroed", 0),
    ],
)
def test_every_line_of_a_description_is_there(tia_folder, name, place):
    content = (tia_folder / f"{name}.emi").read_bytes()
    objects = re.findall(rb"<ObjectInfo>.*?</ObjectInfo>", content, re.DOTALL)
    root = ET.fromstring(objects[place].decode())
    dataset = _only(tia_folder / f"{name}_1.ser")
    shown = str((dataset.extensions, dataset.fields))
    for data in root.iter("Data"):
        value = (data.findtext("Value") or "").strip()
        with contextlib.suppress(ValueError):
            value = str(float(value)) if "." in value else value
        assert value in shown, (data.findtext("Label"), value)


# Times of the first elements: the number behind the tag's type, and what it means.
TAGGED = [
    ("new/128x128x5-diffraction_preview_1.ser", 65738, 1_456_165_114),
    ("old/64x64_diffraction_acquire_1.ser", 16510, 1_456_073_486),
    ("old/16x16-spectrum_image-5x5x1024_1.ser", 4444, 1_456_138_587),
]


@pytest.mark.parametrize(("name", "place", "seconds"), TAGGED)
def test_a_series_alone_has_the_time_of_its_first_tag(
    shared_folder, tmp_path, name, place, seconds
):
    path = tmp_path / "alone_1.ser"
    path.write_bytes((shared_folder / OTHERS / name).read_bytes())
    assert struct.unpack_from("<I", path.read_bytes(), place + 4) == (seconds,)
    dataset = _only(path)
    assert dataset.creation_time == datetime.fromtimestamp(seconds, UTC)


def test_a_camera_in_stem_takes_diffraction_patterns(shared_folder):
    name = "16x16-line_profile_horizontal_5x128x128_EDS_2.ser"
    path = shared_folder / OTHERS / "new" / name
    dataset = _only(path)
    assert (dataset.dataset_type, dataset.data_type) == (
        "Diffraction",
        "STEM_Diffraction",
    )
    position, y, _ = dataset.preview.axes
    assert (position.unit, y.unit) == ("nm", "1/nm")
    assert position.scale == pytest.approx(3.6886364090376355)
    assert dataset.extensions["Camera Name Path"] == "BM-Ceta"
    content = path.read_bytes()
    # The first image begins at byte 210, with its bottom row.
    bottom = np.frombuffer(content, "<i4", 128, 160 + 50)
    assert (np.asarray(dataset.preview.read()[0, -1]) == bottom).all()


@pytest.mark.parametrize("folder", ["new", "old"])
def test_arrays_are_those_of_another_reader(shared_folder, folder):
    tia = pytest.importorskip("rsciio.tia")
    paths = sorted((shared_folder / OTHERS / folder).glob("*.ser"))
    assert paths
    for path in paths:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            (theirs,) = tia.file_reader(path)
        ours = np.asarray(_only(path).preview.read())
        assert (ours == theirs["data"].reshape(ours.shape)).all(), path.name
