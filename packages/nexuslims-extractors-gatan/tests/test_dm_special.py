"""Tags whose meaning depends on others."""

from __future__ import annotations

import numpy as np
import pytest
from nexuslims_core.types import quantity

STEM = {"Microscope Info/Illumination Mode": "STEM NANOPROBE"}
DIFFRACTING = {
    "Microscope Info/Illumination Mode": "TEM",
    "Microscope Info/Imaging Mode": "DIFFRACTION",
}
MAGNIFICATION = "Microscope Info/Indicated Magnification"
LENGTH = "Microscope Info/STEM Camera Length"
SI = {
    "Meta Data/Format": "Spectrum image",
    "Meta Data/Signal": "X-ray",
    "SI/Acquisition/Pixel time (s)": 1.0,
}
LINES = {
    "pixels": np.zeros((4, 16), np.int32),
    "units": ("nm", "keV"),
    "scales": (1.0, 0.01),
}


def test_a_magnification_is_typed(extract):
    dataset = extract({MAGNIFICATION: 57000.0})
    assert dataset.fields["magnification"] == 57000
    assert MAGNIFICATION.rpartition("/")[2] not in dataset.extensions


def test_the_magnification_of_a_diffracting_tem_is_a_camera_length(extract):
    dataset = extract({**DIFFRACTING, MAGNIFICATION: 245.0, LENGTH: 5.0})
    assert dataset.dataset_type == "Diffraction"
    assert dataset.fields["camera_length"] == quantity(245, "mm")
    assert "magnification" not in dataset.fields
    assert dataset.extensions["Indicated Magnification"] == 245
    assert dataset.extensions["STEM Camera Length"] == quantity(5, "mm")


def test_a_diffraction_pattern_of_stem_has_its_camera_length(extract):
    axes = {"units": ("1/nm", "1/nm"), "scales": (0.1, 0.1)}
    dataset = extract({**STEM, MAGNIFICATION: 1e6, LENGTH: 77.0}, **axes)
    assert dataset.data_type == "STEM_Diffraction"
    assert dataset.fields["camera_length"] == quantity(77, "mm")
    assert dataset.fields["magnification"] == 1e6
    assert dataset.extensions["Indicated Magnification"] == 1e6
    assert "STEM Camera Length" not in dataset.extensions


def test_a_stem_image_has_a_camera_length_in_both_places(extract):
    dataset = extract({**STEM, LENGTH: 77.0})
    assert dataset.fields["camera_length"] == quantity(77, "mm")
    assert dataset.extensions["STEM Camera Length"] == quantity(77, "mm")


@pytest.mark.parametrize("mode", ["TEM", "SEM"])
def test_the_camera_length_of_stem_is_not_that_of_others(extract, mode):
    dataset = extract({"Microscope Info/Illumination Mode": mode, LENGTH: 77.0})
    assert "camera_length" not in dataset.fields
    assert dataset.extensions["STEM Camera Length"] == quantity(77, "mm")


@pytest.mark.parametrize(
    ("binning", "expected"), [((1, 128), (1, 128)), (4, (4, 4)), ("2", (2, 2))]
)
def test_binning_has_two_directions(extract, binning, expected):
    dataset = extract({"Acquisition/Parameters/High Level/Binning": binning})
    names = ("Binning (Horizontal)", "Binning (Vertical)")
    assert tuple(dataset.extensions[name] for name in names) == expected


@pytest.mark.parametrize("binning", [(1, 2, 3), "full", np.arange(40.0)], ids=repr)
def test_other_binning_is_left_out(extract, binning):
    dataset = extract({"Acquisition/Parameters/High Level/Binning": binning})
    assert not [name for name in dataset.extensions if name.startswith("Binning")]


@pytest.mark.parametrize(
    ("operation", "step"),
    [
        ("AlignSIByPeak", "Aligned parent SI By Peak"),
        ("SpectrumCalibrate", "Calibrated Post-acquisition"),
        ("DataPicker", "Extracted from SI"),
        ("Background Removal", "Background Removal"),
        ("Compute Thickness", "Compute Thickness"),
        ("Signal Integration", "Signal Integration"),
    ],
)
def test_a_step_of_processing_is_named(extract, operation, step):
    dataset = extract({"Processing": {"#0": {"Operation": operation}}})
    assert dataset.extensions["EELS"] == {"Processing Steps": step}


def test_steps_of_processing_are_sorted_and_told_once(extract):
    operations = ("Signal Integration", "DataPicker", "Signal Integration", "Other")
    listed = {f"#{place}": {"Operation": one} for place, one in enumerate(operations)}
    dataset = extract({"Processing": listed})
    steps = dataset.extensions["EELS"]["Processing Steps"]
    assert steps == "Extracted from SI, Signal Integration"


def test_the_model_of_a_background_is_told(extract):
    step = {"Operation": "Background Removal", "Parameters": {"Model": "Power Law"}}
    dataset = extract({"Processing": {"#0": step}})
    assert dataset.extensions["EELS"]["Background Removal Model"] == "Power Law"


def test_thicknesses(extract):
    thickness = {
        "Absolute": {"Measurement": 42.5, "Units": "nm", "Mean Free Path": 110.0},
        "Relative": {"Measurement": 0.375},
    }
    assert extract({"EELS/Thickness": thickness}).extensions["EELS"] == {
        "Thickness (absolute) [nm]": quantity(42.5, "nm"),
        "Thickness (absolute) mean free path": quantity(110, "nm"),
        "Thickness (relative) [t/λ]": 0.375,
    }


def test_a_thickness_in_an_odd_unit_is_a_number(extract):
    absolute = {"Measurement": 42.5, "Units": "atoms"}
    dataset = extract({"EELS/Thickness/Absolute": absolute})
    assert dataset.extensions["EELS"] == {"Thickness (absolute) [atoms]": 42.5}


@pytest.mark.parametrize(
    ("tags", "seconds"),
    [
        ({"Exposure (s)": 0.5, "Number of frames": 4}, 2.0),
        ({"Exposure (s)": 0.5}, 0.5),
        ({"Exposure (s)": 0.5, "Integration time (s)": 3.0}, 3.0),
    ],
)
def test_an_eels_spectrum_took_all_its_frames(extract, tags, seconds):
    dataset = extract({f"EELS/Acquisition/{key}": one for key, one in tags.items()})
    assert dataset.fields["acquisition_time"] == quantity(seconds, "s")


def test_a_camera_that_counts_nanoseconds(extract):
    dataset = extract({"Acquisition/Frame/Sequence/Exposure Time (ns)": 200003080.0})
    assert dataset.fields["acquisition_time"] == quantity(0.20000308, "s")


@pytest.mark.parametrize(
    ("start", "end", "seconds"),
    [
        ("4:34:54 PM", "4:44:59 PM", 605),
        ("16:34:54", "16:44:59", 605),
        ("11:59:50 PM", "12:00:10 AM", 20),
        ("23:59:50", "00:00:10", 20),
    ],
)
def test_a_spectrum_image_lasts_from_its_start_to_its_end(extract, start, end, seconds):
    tags = {"SI/Acquisition/Start time": start, "SI/Acquisition/End time": end}
    dataset = extract({**SI, **tags}, **LINES)
    duration = dataset.extensions["Spectrum Imaging"]["Acquisition Duration"]
    assert duration == dataset.fields["acquisition_time"] == quantity(seconds, "s")


@pytest.mark.parametrize("end", ["", "later", "25:00:00"])
def test_a_spectrum_image_without_end_has_no_duration(extract, end):
    tags = {"SI/Acquisition/Start time": "9:00:00 AM", "SI/Acquisition/End time": end}
    dataset = extract({**SI, **tags}, **LINES)
    assert "Acquisition Duration" not in dataset.extensions["Spectrum Imaging"]


@pytest.mark.parametrize(
    ("units", "text"),
    [
        ("row", "Spatial drift correction every 2 row(s)"),
        ("second(s)", "Spatial drift correction every 2 second(s)"),
    ],
)
def test_the_correction_of_drift_is_told_in_words(extract, units, text):
    drift = {"Periodicity": 2, "Units": units}
    path = "SI/Acquisition/Artefact Correction/Spatial Drift"
    dataset = extract({**SI, path: drift}, **LINES)
    assert dataset.extensions["Spectrum Imaging"]["Artefact Correction"] == text


@pytest.mark.parametrize("key", ["Count rate", "Live time", "Real time"])
@pytest.mark.parametrize("number", [4, 3000])
def test_what_was_counted_for_every_pixel_is_averaged(extract, key, number):
    counted = np.linspace(1.0, 3.0, number)
    tags = {**SI, f"EDS/{key}": 9.5, f"EDS/Images/{key}": counted}
    dataset = extract(tags, **LINES)
    eds = dataset.extensions["EDS"]
    average = eds[f"{key} (SI Average)"]
    assert getattr(average, "magnitude", average) == pytest.approx(2)
    assert key not in eds
    assert ("EDS", key) not in dataset.flagged


def test_a_single_spectrum_is_not_averaged(extract):
    tags = {"EDS/Live time": 9.5, "EDS/Images/Live time": np.ones(4)}
    assert extract(tags).extensions["EDS"] == {"Live time": quantity(9.5, "s")}


@pytest.mark.parametrize(
    "key",
    [
        "Count rate",
        "Live time",
        "Real time",
        "Detector Info/Active layer",
        "Detector Info/Azimuthal angle",
        "Detector Info/Dead layer",
        "Detector Info/Detector type",
        "Detector Info/Elevation angle",
        "Detector Info/Fano",
        "Detector Info/Gold layer",
        "Detector Info/Incidence angle",
        "Detector Info/Solid angle",
        "Detector Info/Stage tilt",
        "Detector Info/Window thickness",
        "Detector Info/Window type",
        "Detector Info/Zero fwhm",
    ],
)
def test_doubtful_values_of_eds_are_flagged(extract, key):
    flagged = extract({f"EDS/{key}": 1.5}).flagged
    assert flagged == (("EDS", key.rpartition("/")[2]),)


@pytest.mark.parametrize("key", ["Dispersion (eV)", "Exposure (s)"])
def test_settings_of_eds_are_not_flagged(extract, key):
    assert extract({f"EDS/Acquisition/{key}": 1.5}).flagged == ()


def test_elements_that_a_spectrum_was_quantified_for(extract):
    setup = {f"#{place}": {"Info": {"Z": one}} for place, one in enumerate((3.0, 14.0))}
    axis = {"pixels": np.zeros(16, np.float32), "units": ("eV",), "scales": (0.5,)}
    tags = {"Meta Data/Signal": "EELS", "EELS/Composition/Setup": setup}
    assert extract(tags, **axis).fields["elements"] == ("Li", "Si")


@pytest.mark.parametrize("number", [0.0, 119.0, 14.5, "x", -1])
def test_what_is_no_element_is_left_out(extract, number):
    tags = {"EELS/Composition/Setup": {"#0": {"Info": {"Z": number}}}}
    assert "elements" not in extract(tags, pixels=np.zeros(8, np.float32)).fields


def test_the_width_that_is_told_goes_before_the_one_that_is_seen(extract):
    axes = {"units": ("nm", "nm"), "scales": (2.0, 2.0)}
    fields = extract({"Microscope Info/Field of View (µm)": 0.5}, **axes).fields
    assert fields["horizontal_field_width"] == quantity(0.5, "µm")
    assert fields["pixel_width"] == quantity(2, "nm")
    assert "vertical_field_width" not in fields


def test_the_height_is_told_where_the_width_is_that_of_the_image(extract):
    axes = {"units": ("nm", "nm"), "scales": (2.0, 2.0)}
    fields = extract({"Microscope Info/Field of View (µm)": 0.016}, **axes).fields
    assert fields["vertical_field_width"] == quantity(12, "nm")
