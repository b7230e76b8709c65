"""Types of datasets, by what the tags say and by the axes."""

from __future__ import annotations

import numpy as np
import pytest

IMAGE = {"pixels": np.zeros((6, 8), np.uint16)}
SPECTRUM = {"pixels": np.zeros(16, np.float32)}
EELS_LINE = {"pixels": np.zeros((4, 16), np.float32), "units": ("nm", "eV")}
EDS_CUBE = {"pixels": np.zeros((16, 3, 4), np.int32), "units": ("keV", "nm", "nm")}
RECIPROCAL = {**IMAGE, "units": ("1/nm", "1/nm")}
LENGTHS = {**IMAGE, "units": ("nm", "nm")}

MODE = "Microscope Info/Illumination Mode"
IMAGING = "Microscope Info/Imaging Mode"
STEM, TEM = {MODE: "STEM NANOPROBE"}, {MODE: "TEM"}
EELS = {"EELS/Acquisition/Exposure (s)": 0.5}
EDS = {"EDS/Live time": 2.0}
MAP = {"SI/Acquisition/Pixel time (s)": 0.5, "Meta Data/Format": "Spectrum image"}
STATE = {"EELS Spectrometer/Instrument name": "GIF"}

CASES = {
    "nothing": ({}, IMAGE, "Image", "TEM_Imaging"),
    "TEM": (TEM, IMAGE, "Image", "TEM_Imaging"),
    "STEM": (STEM, IMAGE, "Image", "STEM_Imaging"),
    "SEM": ({MODE: "SEM"}, IMAGE, "Image", "SEM_Imaging"),
    "EELS of a TEM": ({**TEM, **EELS}, SPECTRUM, "Spectrum", "TEM_EELS"),
    "EELS of a STEM": ({**STEM, **EELS}, SPECTRUM, "Spectrum", "STEM_EELS"),
    "EELS without a mode": (EELS, SPECTRUM, "Spectrum", "TEM_EELS"),
    "EDS of a TEM": ({**TEM, **EDS}, SPECTRUM, "Spectrum", "TEM_EDS"),
    "EDS of a STEM": ({**STEM, **EDS}, SPECTRUM, "Spectrum", "STEM_EDS"),
    "both, EDS last": ({**EELS, **EDS}, SPECTRUM, "Spectrum", "TEM_EDS"),
    "both, of electrons": (
        {**EELS, **EDS, "Meta Data/Signal": "EELS"},
        SPECTRUM,
        "Spectrum",
        "TEM_EELS",
    ),
    "map of EELS": (
        {**STEM, **EELS, **MAP, "Meta Data/Signal": "EELS"},
        EELS_LINE,
        "SpectrumImage",
        "EELS_Spectrum_Imaging",
    ),
    "map of EDS": (
        {**STEM, **EDS, **MAP, "Meta Data/Signal": "X-ray"},
        EDS_CUBE,
        "SpectrumImage",
        "EDS_Spectrum_Imaging",
    ),
    "map without settings of its scan": (
        {"Meta Data/Format": "Spectrum image", "Meta Data/Signal": "X-ray"},
        EDS_CUBE,
        "SpectrumImage",
        "EDS_Spectrum_Imaging",
    ),
    "image beside a map": (
        {
            **STEM,
            **EELS,
            "SI/Acquisition/Pixel time (s)": 1.0,
            "Meta Data/Format": "Image",
        },
        LENGTHS,
        "Image",
        "STEM_Imaging",
    ),
    "image made of spectra": (
        {
            **STEM,
            "Meta Data/Format": "Image",
            "Meta Data/Signal": "EELS",
            "Processing": {"#0": {"Operation": "Signal Integration"}},
        },
        LENGTHS,
        "Spectrum",
        "STEM_EELS",
    ),
    "image through a spectrometer": ({**TEM, **STATE}, LENGTHS, "Image", "TEM_Imaging"),
    "spectrum of light": (
        {"Meta Data/Signal": "CL", MODE: "SEM"},
        {**SPECTRUM, "units": ("nm",)},
        "Spectrum",
        "SEM_CL",
    ),
    "energies alone": ({}, {**SPECTRUM, "units": ("eV",)}, "Spectrum", "TEM_EELS"),
    "energies of X-rays": ({}, {**SPECTRUM, "units": ("keV",)}, "Spectrum", "TEM_EDS"),
    "profile": ({}, {**SPECTRUM, "units": ("nm",)}, "Spectrum", "TEM_Spectrum"),
    "reciprocal axes": (TEM, RECIPROCAL, "Diffraction", "TEM_Diffraction"),
    "reciprocal axes of STEM": (STEM, RECIPROCAL, "Diffraction", "STEM_Diffraction"),
    "diffraction mode": (
        {**TEM, IMAGING: "DIFFRACTION"},
        IMAGE,
        "Diffraction",
        "TEM_Diffraction",
    ),
    "diffraction mode of STEM": (
        {**STEM, IMAGING: "DIFFRACTION"},
        IMAGE,
        "Image",
        "STEM_Imaging",
    ),
    "diffraction through a spectrometer": (
        {**TEM, IMAGING: "EFTEM DIFFRACTION", **STATE},
        RECIPROCAL,
        "Diffraction",
        "TEM_Diffraction",
    ),
    "power spectrum": (
        {**TEM, "Private/FFT/Filtered": 0},
        RECIPROCAL,
        "Image",
        "TEM_Imaging",
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_type(extract, case):
    tags, pixels, dataset_type, data_type = case
    dataset = extract(tags, **pixels)
    assert (dataset.dataset_type, dataset.data_type) == (dataset_type, data_type)


def test_what_the_type_may_not_have_is_kept(extract):
    tags, pixels, *_ = CASES["image made of spectra"]
    dataset = extract(tags, **pixels, scales=(2.0, 3.0))
    assert "pixel_width" not in dataset.fields
    assert str(dataset.extensions["Pixel Width"]) == "3.0 nanometer"


def test_frames_of_a_scan_are_diffraction_patterns(extract):
    dataset = extract(
        {**STEM, IMAGING: "DIFFRACTION"},
        pixels=np.zeros((2, 3, 8, 8), np.uint16),
        units=("nm", "nm", "1/nm", "1/nm"),
        scales=(4.0, 4.0, 0.1, 0.1),
    )
    assert dataset.data_type == "STEM_Diffraction"
    assert str(dataset.fields["pixel_width"]) == "4.0 nanometer"
