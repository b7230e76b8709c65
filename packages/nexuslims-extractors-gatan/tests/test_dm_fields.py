"""Every tag of the tables arrives under its name, in its place, with its unit."""

from __future__ import annotations

import numpy as np
import pytest
from nexuslims_core.model.schema import SpectrumImageMetadata
from nexuslims_core.types import quantity
from nexuslims_extractors_gatan.dm.fields import FIELDS, NONZERO, OVERRIDING_EDS

# Path below ImageTags, place, unit, kind. Written out, so that a slip in the table of
# the program is not repeated here. "|" stands for a slash in a name.
ROWS = """
Microscope Info/Voltage; acceleration_voltage; V
Microscope Info/Actual Magnification; Actual Magnification; -
Microscope Info/Cs(mm); Cs; mm
Microscope Info/Field of View (µm); horizontal_field_width; µm
Microscope Info/Operation Mode; Operation Mode; text
Microscope Info/Imaging Mode; Imaging Mode; text
Microscope Info/Illumination Mode; illumination_mode; text
Microscope Info/Specimen; specimen; text
Microscope Info/Microscope; Microscope; text
Microscope Info/Operator; operator; text
Microscope Info/Name; Name; text
Microscope Info/Facility; Facility; text
Microscope Info/Condenser Aperture; Condenser Aperture; -
Microscope Info/Objective Aperture; Objective Aperture; -
Microscope Info/Selected Area Aperture; Selected Area Aperture; -
Microscope Info/Spot Size; Spot Size; -
Microscope Info/Objective focus (um); Objective Focus; µm
Microscope Info/Stage Position/Stage X; stage_position/x; µm
Microscope Info/Stage Position/Stage Y; stage_position/y; µm
Microscope Info/Stage Position/Stage Z; stage_position/z; µm
Microscope Info/Stage Position/Stage Alpha; stage_position/tilt_alpha; deg
Microscope Info/Stage Position/Stage Beta; stage_position/tilt_beta; deg
Microscope Info/Emission Current (µA); emission_current; µA
Microscope Info/Probe Current (nA); beam_current; nA
Microscope Info/Probe Size (nm); Probe Size; nm
Session Info/Detector; detector_type; text
Session Info/Microscope; Microscope; text
Session Info/Operator; operator; text
Session Info/Specimen; specimen; text
Meta Data/Acquisition Mode; Analytic Acquisition Mode; text
Meta Data/Format; Analytic Format; text
Meta Data/Signal; Analytic Signal; text
Acquisition/Device/Name; acquisition_device; text
DataBar/Device Name; acquisition_device; text
Acquisition/Parameters/High Level/Exposure (s); Exposure Time; s
Acquisition/Parameters/High Level/Exposure (s); acquisition_time; s
DataBar/Exposure Time (s); Exposure Time; s
DataBar/Exposure Time (s); acquisition_time; s
GMS Version/Created; GMS Version; text
GMS Version/Saved; GMS Version; text
Acquisition/Parameters/High Level/Processing; Camera|Detector Processing; text
DataBar/Signal Name; Signal Name; text
DigiScan/Sample Time; dwell_time; µs
DigiScan/Rotation; scan_rotation; deg
DigiScan/Flyback; Flyback Time; µs
EELS/Acquisition/Exposure (s); EELS/Exposure; s
EELS/Acquisition/Exposure (s); acquisition_time; s
EELS/Acquisition/Integration time (s); EELS/Integration time; s
EELS/Acquisition/Integration time (s); acquisition_time; s
EELS/Acquisition/Number of frames; EELS/Number of frames; -
EELS/Experimental Conditions/Collection semi-angle (mrad); EELS/Collection semi-angle; mrad
EELS/Experimental Conditions/Collection semi-angle (mrad); Collection Angle; mrad
EELS/Experimental Conditions/Convergence semi-angle (mrad); EELS/Convergence semi-angle; mrad
EELS/Experimental Conditions/Convergence semi-angle (mrad); convergence_angle; mrad
EDS/Acquisition/Continuous Mode; EDS/Continuous Mode; text
EDS/Acquisition/Count Rate Unit; EDS/Count Rate Unit; text
EDS/Acquisition/Dispersion (eV); EDS/Dispersion; eV
EDS/Acquisition/Energy Cutoff (V); EDS/Energy Cutoff; V
EDS/Acquisition/Exposure (s); EDS/Exposure; s
EDS/Count rate; EDS/Count rate; -
EDS/Live time; EDS/Live time; s
EDS/Live time; live_time; s
EDS/Real time; EDS/Real time; s
EDS/Real time; acquisition_time; s
EDS/Detector Info/Active layer; EDS/Active layer; -
EDS/Detector Info/Azimuthal angle; EDS/Azimuthal angle; deg
EDS/Detector Info/Azimuthal angle; azimuthal_angle; deg
EDS/Detector Info/Dead layer; EDS/Dead layer; -
EDS/Detector Info/Detector type; EDS/Detector type; text
EDS/Detector Info/Elevation angle; EDS/Elevation angle; deg
EDS/Detector Info/Elevation angle; elevation_angle; deg
EDS/Detector Info/Fano; EDS/Fano; -
EDS/Detector Info/Gold layer; EDS/Gold layer; -
EDS/Detector Info/Incidence angle; EDS/Incidence angle; deg
EDS/Detector Info/Solid angle; EDS/Solid angle; sr
EDS/Detector Info/Stage tilt; EDS/Stage tilt; deg
EDS/Detector Info/Window thickness; EDS/Window thickness; -
EDS/Detector Info/Window type; EDS/Window type; -
EDS/Detector Info/Zero fwhm; EDS/Zero fwhm; -
SI/Acquisition/Pixel time (s); Spectrum Imaging/Pixel time; s
SI/Acquisition/Pixel time (s); pixel_time; s
SI/Acquisition/SI Application Mode/Name; Spectrum Imaging/Scan Mode; text
SI/Acquisition/SI Application Mode/Name; scan_mode; text
SI/Acquisition/Spatial Sampling/Height (pixels); Spectrum Imaging/Spatial Sampling (Vertical); -
SI/Acquisition/Spatial Sampling/Width (pixels); Spectrum Imaging/Spatial Sampling (Horizontal); -
SI/Acquisition/Scan Options/Sub-pixel sampling; Spectrum Imaging/Sub-pixel Sampling Factor; -
CL/Acquisition/Exposure (s); Cathodoluminescence/Exposure; s
CL/Acquisition/Dwell time (s); Cathodoluminescence/Dwell time; s
CL/Acquisition/Integration time (s); Cathodoluminescence/Integration time; s
CL/Acquisition/Number of frames; Cathodoluminescence/Number of frames; -
CL/Acquisition/Dispersion grating (lines|mm); Cathodoluminescence/Grating; 1/mm
CL/Acquisition/Central wavelength (nm); Cathodoluminescence/Central wavelength; nm
CL/Acquisition/Start wavelength (nm); Cathodoluminescence/Start wavelength; nm
CL/Acquisition/Step-size (nm); Cathodoluminescence/Step size; nm
Acquisition/Monarc Spectrometer/Grating; Cathodoluminescence/Grating; 1/mm
Acquisition/Monarc Spectrometer/Slit Width; Cathodoluminescence/Slit Width; mm
Acquisition/Monarc Spectrometer/Bandpass; Cathodoluminescence/Bandpass; nm
Acquisition/Monarc Spectrometer/PMT HV; Cathodoluminescence/PMT Voltage; V
Acquisition/Monarc Spectrometer/Filter; Cathodoluminescence/Filter; text
Acquisition/Monarc Spectrometer/Polarizer; Cathodoluminescence/Polarizer; text
"""  # noqa: E501 - one row per line
SPECTROMETER = """
Aperture label
Dispersion (eV|ch)
Energy loss (eV)
Instrument name
Drift tube enabled
Drift tube voltage (V)
Slit inserted
Slit width (eV)
Prism offset (V)
Prism offset enabled
"""
CASES = [tuple(row.split("; ")) for row in ROWS.strip().splitlines()]
CASES += [
    (f"{group}/{name}", f"EELS/Spectrometer {name}", "-")
    for group in ("EELS Spectrometer", "EELS/Acquisition/Spectrometer")
    for name in SPECTROMETER.strip().splitlines()
]
IDS = [f"{path} to {place}" for path, place, _ in CASES]
NUMBERS = [case for case in CASES if case[2] != "text"]

CUBE = np.zeros((16, 3, 4), np.float32)
SPECTRAL = {"Meta Data/Format": "Spectrum image", "Meta Data/Signal": "EELS"}
"""A spectrum image, which may have every typed field."""


@pytest.fixture
def extract_cube(extract):
    def extract_cube(tags):
        told = {path: one for path, one in SPECTRAL.items() if path not in tags}
        # A group that makes a spectrum image of spectra, and one that makes spectra.
        told |= {"SI/Acquisition/Channels": 16, "SI/Acquisition/Pixel time (s)": 9.5}
        told["EELS/Acquisition/Number of frames"] = 1
        axes = {"scales": (0.5, 1.0, 1.0), "units": ("eV", "nm", "nm")}
        return extract(told | tags, pixels=CUBE, **axes)

    return extract_cube


def _found(dataset, place):
    if place.partition("/")[0] in SpectrumImageMetadata.model_fields:
        name, _, part = place.partition("/")
        value = dataset.fields.get(name)
        return value.get(part) if part and value is not None else value
    value = dataset.extensions
    for part in place.split("/"):
        value = value.get(part.replace("|", "/"), {})
    return value if value != {} else None


def test_the_table_has_no_other_rows():
    told = {path.replace("/", ".").replace("|", "/") for path, _, _ in CASES}
    known = {f"{row.section}.{row.key}" for row in (*FIELDS, *NONZERO)}
    label = "Meta Data.Experiment keywords.TagGroup1.Label"
    assert known == told | {label}


@pytest.mark.parametrize(("path", "place", "unit"), CASES, ids=IDS)
def test_a_tag_arrives(extract_cube, path, place, unit):
    value = "Cu 27" if unit == "text" else 0.375
    expected = value if unit in {"text", "-"} else quantity(0.375, unit)
    found = _found(extract_cube({path: value}), place)
    assert found == expected
    assert str(found) == str(expected)


@pytest.mark.parametrize(("path", "place", "unit"), CASES, ids=IDS)
def test_numbers_as_text_are_numbers_where_numbers_are_expected(
    extract_cube, path, place, unit
):
    expected = {"text": " 12.5 ".strip(), "-": 12.5}.get(unit)
    found = _found(extract_cube({path: " 12.5 "}), place)
    assert found == (expected if expected is not None else quantity(12.5, unit))


@pytest.mark.parametrize("value", ["DO NOT EDIT", "DO NOT ENTER", "", "  "])
@pytest.mark.parametrize(
    ("path", "place"),
    [case[:2] for case in CASES if case[2] == "text"],
    ids=[case[0] for case in CASES if case[2] == "text"],
)
def test_what_says_nothing_is_skipped(extract_cube, path, place, value):
    assert _found(extract_cube({path: value}), place) is None


@pytest.mark.parametrize(
    ("path", "place", "unit"), NUMBERS, ids=[f"{a} to {b}" for a, b, _ in NUMBERS]
)
@pytest.mark.parametrize("value", [np.arange(300.0), (1.5, 2.5)], ids=["array", "pair"])
def test_lists_in_place_of_numbers_cost_nothing_else(
    extract_cube, path, place, unit, value
):
    found = extract_cube({path: value})
    assert found.fields["data_dimensions"] == "(3, 4, 16)"
    assert not isinstance(_found(found, place), float)


def test_a_zero_is_kept(extract_cube):
    dataset = extract_cube({"Microscope Info/Cs(mm)": 0.0, "DigiScan/Rotation": 0.0})
    assert dataset.extensions["Cs"] == quantity(0, "mm")
    assert dataset.fields["scan_rotation"] == quantity(0, "deg")


@pytest.mark.parametrize("row", NONZERO, ids=lambda row: row.key)
def test_a_zero_that_means_unknown_is_skipped(extract_cube, row):
    dataset = extract_cube({f"Microscope Info/{row.key}": 0.0})
    assert row.typed not in dataset.fields
    assert row.display[0] not in dataset.extensions


def test_text_for_a_typed_number_is_kept_and_noted(extract_cube):
    dataset = extract_cube({"Microscope Info/Voltage": "high"})
    assert "acceleration_voltage" not in dataset.fields
    assert dataset.extensions["Voltage"] == "high"
    assert dataset.notes == ("Voltage: expected a number in V, found 'high'.",)


@pytest.mark.parametrize(
    "name", ["Field of View (µm)", "Field of View (\N{GREEK SMALL LETTER MU}m) "]
)
def test_a_name_may_be_written_in_other_ways(extract, tmp_path, name):
    if "\N{GREEK SMALL LETTER MU}" in name:
        name = name.encode("utf-8").decode("cp1252")
    dataset = extract({f"Microscope Info/{name}": 2.5, "Microscope Info/Cs(mm)\n": 1.0})
    assert dataset.fields["horizontal_field_width"] == quantity(2.5, "µm")
    assert dataset.extensions["Cs"] == quantity(1, "mm")


def test_a_session_goes_before_the_microscope(extract):
    dataset = extract(
        {
            "Session Info/Operator": "Ada",
            "Session Info/Specimen": "Au",
            "Session Info/Microscope": "Titan",
            "Microscope Info/Operator": "service",
            "Microscope Info/Specimen": "none",
            "Microscope Info/Microscope": "TEM",
        }
    )
    assert dataset.fields["operator"] == "Ada"
    assert dataset.fields["specimen"] == "Au"
    assert dataset.extensions["Microscope"] == "Titan"


def test_an_empty_session_leaves_what_the_microscope_says(extract):
    tags = {"Session Info/Operator": "", "Microscope Info/Operator": "service"}
    assert extract(tags).fields["operator"] == "service"


def test_a_camera_goes_before_the_bar_below_the_image(extract):
    dataset = extract(
        {
            "Acquisition/Device/Name": "Ultrascan",
            "DataBar/Device Name": "camera",
            "Acquisition/Parameters/High Level/Exposure (s)": 0.5,
            "DataBar/Exposure Time (s)": 1.0,
        }
    )
    assert dataset.fields["acquisition_device"] == "Ultrascan"
    assert dataset.extensions["Exposure Time"] == quantity(0.5, "s")
    assert dataset.fields["acquisition_time"] == quantity(0.5, "s")


def test_the_version_that_made_a_file_goes_before_the_one_that_saved_it(extract):
    dataset = extract({"GMS Version/Created": "2.3", "GMS Version/Saved": "3.5"})
    assert dataset.extensions["GMS Version"] == "2.3"


def test_the_second_keyword_of_an_experiment_is_a_label(extract):
    keywords = {"#0": {"Label": "Spectrum Imaging"}, "#1": {"Label": "EELS"}}
    dataset = extract({"Meta Data/Experiment keywords": keywords})
    assert dataset.extensions["Analytic Label"] == "EELS"


@pytest.mark.parametrize("row", OVERRIDING_EDS, ids=lambda row: row.key)
def test_settings_of_a_spectrum_image_go_before_those_of_eds(extract_cube, row):
    tags = {f"SI/Acquisition/{row.key}": "7", f"EDS/Acquisition/{row.key}": "3"}
    found = extract_cube(tags).extensions["EDS"][row.display[1]]
    assert found == (quantity(7, row.unit) if row.unit else "7")


def test_settings_of_a_spectrum_image_are_not_of_eds_without_it(extract_cube):
    dataset = extract_cube({"SI/Acquisition/Exposure (s)": 3.0})
    assert "EDS" not in dataset.extensions
