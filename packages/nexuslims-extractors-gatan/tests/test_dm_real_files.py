"""Real files of several microscopes; values read in the files by hand."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from nexuslims_core.errors import ExtractionError
from nexuslims_core.types import DataFile, quantity
from nexuslims_extractors_gatan.plugin import nexuslims_instrument_profiles

PROFILES = {one.instrument_id: one for one in nexuslims_instrument_profiles()}

NEXUS = "nexuslims/"
HYPERSPY = "rosettasciio/digitalmicrograph/"

EELS_MAP = f"{NEXUS}643_Titan_EELS_proc_intgrate_and_bg_dataZeroed.dm3"
EFTEM = f"{NEXUS}EFTEM_DIFFRACTION_dataZeroed.dm3"
EDS_SI = f"{NEXUS}Titan_EDS_SI_dataZeroed.dm4"
EELS_SI = f"{NEXUS}Titan_EELS_SI_dataZeroed.dm3"
EELS = f"{NEXUS}Titan_EELS_proc_1_dataZeroed.dm3"
FFT = f"{NEXUS}Titan_FFT.dm3"
STACK = f"{NEXUS}Titan_STEM_stack_dataZeroed.dm3"
TECNAI = f"{NEXUS}Titan_Tecnai_TEM_diffraction_dataZeroed.dm3"
TITAN = f"{NEXUS}Titan_opmode_diffraction_dataZeroed.dm3"
DRAWN = f"{NEXUS}Titan_opmode_diffraction_dataZeroed_annotations.dm3"
SURVEY = f"{NEXUS}Titan_survey_image_dataZeroed.dm3"
JEOL = f"{NEXUS}neoarm-gatan_image_dataZeroed.dm4"
STEM = f"{NEXUS}test_STEM_image.dm3"
CUT_OFF = f"{NEXUS}test_corrupted.dm3"
EDS = f"{HYPERSPY}1D/test-EDS_spectrum.dm3"
TWO = f"{HYPERSPY}2D/multi_signal.dm3"
CL_SI = f"{HYPERSPY}2D/test-MonarcCL_spectrum-SI.dm4"
LINE = f"{HYPERSPY}2D/test-MonoCL_spectrum-SI.dm4"
UK = f"{HYPERSPY}Fei HAADF-UK_location.dm3"
BUILT = f"{HYPERSPY}test_stackbuilder_imagestack.dm3"

# Type, kind, number of typed fields, dimensions, time.
FOUND = {
    EELS_MAP: [("Spectrum", "STEM_EELS", 10, "(61, 62)", None)],
    EFTEM: [
        ("Diffraction", "TEM_Diffraction", 10, "(2048, 2048)", "2019-07-15T15:39:45")
    ],
    EDS_SI: [
        (
            "SpectrumImage",
            "EDS_Spectrum_Imaging",
            18,
            "(100, 4096)",
            "2019-05-21T15:49:18",
        )
    ],
    EELS_SI: [
        (
            "SpectrumImage",
            "EELS_Spectrum_Imaging",
            14,
            "(1186, 2048)",
            "2016-04-22T16:34:54",
        )
    ],
    EELS: [("Spectrum", "STEM_EELS", 12, "(1340,)", None)] * 4,
    FFT: [("Image", "STEM_Imaging", 13, "(512, 512)", "2019-07-31T11:34:12")],
    STACK: [("Image", "STEM_Imaging", 15, "(12, 1024, 1024)", "2020-01-13T17:05:46")],
    TECNAI: [
        ("Diffraction", "TEM_Diffraction", 8, "(2048, 2048)", "2018-11-13T14:03:34")
    ],
    TITAN: [
        ("Diffraction", "TEM_Diffraction", 8, "(2048, 2048)", "2019-03-22T14:39:25")
    ],
    DRAWN: [
        ("Diffraction", "TEM_Diffraction", 8, "(2048, 2048)", "2019-03-22T14:39:25")
    ],
    SURVEY: [("Image", "STEM_Imaging", 15, "(1024, 1024)", "2019-11-13T12:31:51")],
    JEOL: [("Image", "STEM_Imaging", 14, "(1024, 1024)", "2025-01-10T01:10:00")],
    STEM: [("Image", "STEM_Imaging", 12, "(68, 68)", "2016-08-08T16:26:37")],
    EDS: [("Spectrum", "STEM_EDS", 12, "(4096,)", "2016-08-08T21:46:19")],
    TWO: [
        ("Image", "STEM_Imaging", 15, "(512, 512)", "2019-12-10T15:32:41"),
        ("Spectrum", "TEM_Spectrum", 1, "(512,)", None),
    ],
    CL_SI: [
        (
            "SpectrumImage",
            "CL_Spectrum_Imaging",
            15,
            "(3, 3, 670)",
            "2021-09-16T12:06:09",
        )
    ],
    LINE: [
        (
            "SpectrumImage",
            "CL_Spectrum_Imaging",
            10,
            "(67, 1336)",
            "2020-11-04T14:41:01",
        )
    ],
    UK: [("Image", "STEM_Imaging", 13, "(4, 16)", "2016-08-27T20:52:30")],
    BUILT: [("Image", "STEM_Imaging", 12, "(3, 2, 16)", "2015-05-17T17:00:16")],
}


@pytest.mark.parametrize("name", FOUND)
def test_a_real_file_is_understood(real_file, extract_path, name):
    datasets = extract_path(real_file(name))
    assert [
        (
            one.dataset_type,
            one.data_type,
            len(one.fields),
            one.fields["data_dimensions"],
            one.creation_time.isoformat() if one.creation_time else None,
        )
        for one in datasets
    ] == FOUND[name]
    assert [note for one in datasets for note in one.notes] == []


VALUES = {
    SURVEY: {
        "acceleration_voltage": quantity(300000, "V"),
        "magnification": 640000,
        "camera_length": quantity(100, "mm"),
        "horizontal_field_width": quantity(0.20570563882934678, "µm"),
        "pixel_width": quantity(0.138108029961586, "nm"),
        "dwell_time": quantity(1, "µs"),
        "stage_position/x": quantity(-184.918, "µm"),
        "stage_position/tilt_beta": quantity(-9.680007357176232, "deg"),
        "operator": "User_Name____",
        "specimen": "XX_XXXXXX_XX",
        "detector_type": "GIF CCD",
        "illumination_mode": "STEM NANOPROBE",
        "acquisition_device": "DigiScan",
    },
    EELS_SI: {
        "convergence_angle": quantity(13, "mrad"),
        "channel_size": quantity(0.5, "eV"),
        "starting_energy": quantity(300, "eV"),
        "pixel_time": quantity(0.5, "s"),
        "scan_mode": "LineScan",
        # 4:34:54 PM to 4:44:59 PM
        "acquisition_time": quantity(605, "s"),
        "extensions/EELS/Collection semi-angle": quantity(13.88888931274414, "mrad"),
        "extensions/EELS/Spectrometer Drift tube voltage (V)": 400,
        "extensions/EELS/Spectrometer Prism offset enabled": 1,
        "extensions/Analytic Label": "EELS",
        "extensions/Binning (Vertical)": 128,
        "extensions/Spectrum Imaging/Spatial Sampling (Horizontal)": 1186,
    },
    EDS_SI: {
        "azimuthal_angle": quantity(45, "deg"),
        "elevation_angle": quantity(40, "deg"),
        "stage_position/z": quantity(0.92268, "µm"),
        "extensions/EDS/Detector type": "SIUTW",
        "extensions/EDS/Continuous Mode": "semi continuous",
        "extensions/EDS/Dispersion": quantity(10, "eV"),
        "extensions/Spectrum Imaging/Acquisition Duration": quantity(108, "s"),
    },
    EELS: {
        "elements": ("Li", "Si"),
        "extensions/EELS/Number of frames": 575,
        "extensions/EELS/Spectrometer Aperture label": "2mm",
        "extensions/EELS/Processing Steps": (
            "Aligned parent SI By Peak, Extracted from SI"
        ),
    },
    EELS_MAP: {
        "extensions/EELS/Background Removal Model": "Power Law",
        "extensions/EELS/Processing Steps": "Background Removal, Signal Integration",
    },
    EFTEM: {
        "camera_length": quantity(1050, "mm"),
        "extensions/Imaging Mode": "EFTEM DIFFRACTION",
        "extensions/Actual Magnification": 977.2877001246084,
        "extensions/STEM Camera Length": quantity(5, "mm"),
        "extensions/Camera|Detector Processing": "Gain Normalized",
    },
    TECNAI: {
        # The name of the image is "06 - DP - 245mm".
        "camera_length": quantity(245, "mm"),
        "acquisition_time": quantity(0.2, "s"),
        "emission_current": quantity(135, "µA"),
        "stage_position/x": quantity(-186.344, "µm"),
        "stage_position/z": quantity(107.164, "µm"),
    },
    JEOL: {
        "extensions/Condenser Aperture": 5,
        "extensions/Objective Aperture": 4,
        "extensions/Selected Area Aperture": 0,
        "extensions/Signal Name": "ADF",
        "extensions/GMS Version": "3.60.4441.0",
        "stage_position/z": quantity(50.2806, "µm"),
    },
    STACK: {
        "pixel_width": quantity(0.012053539976477623, "nm"),
        "stage_position/tilt_beta": quantity(10.17498559638975, "deg"),
    },
    EDS: {
        "live_time": quantity(3.806, "s"),
        "channel_size": quantity(0.004999999888241291, "keV"),
        "extensions/EDS/Count rate": 431,
        "extensions/EDS/Solid angle": quantity(0.7, "sr"),
    },
    CL_SI: {
        "pixel_width": quantity(0.015058605000376701, "µm"),
        "extensions/Cathodoluminescence/Grating": quantity(1200, "1/mm"),
        "extensions/Cathodoluminescence/PMT Voltage": quantity(1000, "V"),
    },
    LINE: {
        "extensions/Spectrum Imaging/Artefact Correction": (
            "Spatial drift correction every 1 second(s)"
        ),
    },
}


@pytest.mark.parametrize(
    ("name", "place", "value"),
    [
        (name, place, one)
        for name, told in VALUES.items()
        for place, one in told.items()
    ],
)
def test_a_value_of_a_real_file(real_file, extract_path, name, place, value):
    dataset = extract_path(real_file(name))[0]
    where, _, part = place.partition("/")
    found = dataset.extensions if where == "extensions" else dataset.fields
    for key in (part if where == "extensions" else place).split("/"):
        found = found[key.replace("|", "/")]
    assert found == value


def test_every_file_of_hyperspy_is_read(shared_folder, extract_path):
    folder = shared_folder / "data" / HYPERSPY
    paths = sorted(folder.rglob("*.dm[34]"))
    assert len(paths) > 50
    for path in paths:
        for dataset in extract_path(path):
            assert dataset.notes == ()
            assert dataset.preview.read()[...].size


@pytest.mark.parametrize("dimensions", [1, 2, 3])
@pytest.mark.parametrize("version", [3, 4])
@pytest.mark.parametrize("type_", [1, 2, 6, 10, 12, 14])
def test_pixels_of_files_of_one_to_eight(
    shared_folder, extract_path, dimensions, version, type_
):
    name = f"{HYPERSPY}{dimensions}D/test-{type_}.dm{version}"
    (dataset,) = extract_path(shared_folder / "data" / name)
    expected = np.arange(1, 2**dimensions + 1).reshape((2,) * dimensions)
    if type_ == 14:
        expected = np.ones_like(expected)
    assert dataset.preview.read()[...].tolist() == expected.tolist()


def test_pixels_are_those_at_their_place_in_the_file(real_file, extract_path):
    path = real_file(TWO)
    image, plot = extract_path(path)
    content = path.read_bytes()
    # Offsets of the arrays of 512x512 unsigned and 512 floating-point numbers.
    pixels = np.frombuffer(content, "<u2", 512 * 512, 155921).reshape(512, 512)
    assert np.array_equal(image.preview.read()[...], pixels)
    values = struct.unpack_from("<512f", content, 684965)
    assert plot.preview.read()[...].tolist() == list(values)


def test_counts_of_a_spectrum_image_are_averaged(real_file, extract_path):
    path = real_file(EDS_SI)
    content = path.read_bytes()
    (dataset,) = extract_path(path)
    # In DM4: the name, eight bytes, "%%%%", four numbers of eight bytes, the array.
    images = content.index(b"Live time", content.index(b"Images")) + 9 + 8 + 4 + 32
    counted = struct.unpack_from("<100f", content, images)
    average = dataset.extensions["EDS"]["Live time (SI Average)"]
    assert average.magnitude == pytest.approx(sum(counted) / 100)


def test_drawings_of_all_kinds(real_file, extract_path):
    (dataset,) = extract_path(real_file(DRAWN))
    found = dataset.preview.annotations
    kinds = [one.kind for one in found]
    assert {kind: kinds.count(kind) for kind in kinds if kind != "line"} == {
        "ellipse": 2,
        "points": 1,
        "double arrow": 1,
        "arrow": 1,
        "rectangle": 2,
        "text": 2,
    }
    assert [one.text for one in found if one.kind == "text"] == ["6.03 1/nm", "Text"]
    (arrow,) = (one for one in found if one.kind == "arrow")
    assert arrow.points == (
        (1391.9671630859375, 109.33880615234375),
        (1623.2607421875, 378.4804992675781),
    )
    assert arrow.colour == (0, 128, 64)


def test_a_file_that_was_cut_off_says_so(real_file, extractor):
    file = DataFile.at(real_file(CUT_OFF))
    assert extractor.supports(file)
    with pytest.raises(ExtractionError, match="The file ends after 624 of 96392 bytes"):
        extractor.extract(file)


def _profiled(instrument, dataset):
    for step in PROFILES[instrument].parsers.values():
        dataset = step(dataset)
    return dataset


@pytest.mark.parametrize(
    ("name", "instrument", "data_type"),
    [
        (EFTEM, "FEI-Titan-STEM", "TEM_EFTEM_Diffraction"),
        (TECNAI, "FEI-Titan-TEM", "TEM_Diffraction"),
        (TITAN, "FEI-Titan-TEM", "TEM_Diffraction"),
        (SURVEY, "FEI-Titan-STEM", "STEM_Imaging"),
    ],
)
def test_a_profile_tells_the_type(real_file, extract_path, name, instrument, data_type):
    (dataset,) = extract_path(real_file(name))
    assert _profiled(instrument, dataset).data_type == data_type


def test_the_titan_tem_tells_its_settings(real_file, extract_path):
    (dataset,) = extract_path(real_file(TECNAI))
    found = _profiled("FEI-Titan-TEM", dataset)
    assert found.extensions["Tecnai User"] == "MBK1"
    assert found.extensions["Camera Length (m)"] == 0.245
    assert found.extensions["Tecnai Filter"]["Dispersion (eV/channel)"] == 0.1
    assert (
        found.extensions["Stage Position"]["\N{GREEK SMALL LETTER THETA} (°)"] == -0.84
    )
    assert "specimen" not in found.fields


def test_the_titan_stem_distrusts_its_users(real_file, extract_path):
    (dataset,) = extract_path(real_file(SURVEY))
    flagged = _profiled("FEI-Titan-STEM", dataset).flagged
    assert flagged == (("Detector",), ("Operator",), ("Specimen",))
