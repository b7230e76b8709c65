"""The extractor passes the conformance suite of the test kit."""

from __future__ import annotations

import numpy as np
from nexuslims_core.types import SampleFile
from nexuslims_extractors_gatan.plugin import nexuslims_extractors
from nexuslims_testing.samples.dm import Image, write_dm
from nexuslims_testing.samples.micrograph import as_integers, particles
from nexuslims_testing.suites.extractor import ExtractorSuite

MICROSCOPE = {
    "Voltage": 300000.0,
    "Indicated Magnification": 57000.0,
    "Illumination Mode": "STEM NANOPROBE",
    "STEM Camera Length": 77.0,
    "Field of View (µm)": 1.25,
    "Stage Position": {"Stage X": 1.5, "Stage Y": -20.25, "Stage Z": 3.75},
}
BAR = {
    "Acquisition Date": "11/13/2019",
    "Acquisition Time": "12:31:51 PM",
    "Device Name": "DigiScan",
}
ANNOTATION = {"AnnotationType": 5, "Rectangle": (2.0, 3.0, 9.0, 12.0)}


def _image(path):
    pixels = as_integers(particles(32, 24, seed=3), 16)
    tags = {"Microscope Info": MICROSCOPE, "DataBar": BAR}
    image = Image(
        pixels=pixels,
        tags=tags,
        scales=(0.5, 0.5),
        units=("nm", "nm"),
        annotations=(ANNOTATION,),
    )
    write_dm(path, [image])


def _spectrum_image(path):
    cube = np.random.default_rng(1).poisson(9, (32, 4, 5)).astype(np.float32)
    tags = {
        "Microscope Info": MICROSCOPE,
        "Meta Data": {"Format": "Spectrum image", "Signal": "EELS"},
        "EELS": {"Acquisition": {"Exposure (s)": 0.5, "Number of frames": 2}},
        "SI": {"Acquisition": {"Pixel time (s)": 0.5, "Start time": "4:34:54 PM"}},
    }
    image = Image(
        pixels=cube,
        tags=tags,
        scales=(0.5, 2.0, 2.0),
        origins=(-600.0, 0.0, 0.0),
        units=("eV", "nm", "nm"),
    )
    write_dm(path, [image], version=4)


def _several(path):
    spectrum = Image(
        pixels=np.arange(64, dtype=np.int32),
        scales=(0.01,),
        units=("keV",),
        tags={"Meta Data": {"Signal": "X-ray"}, "EDS": {"Live time": 3.5}},
    )
    picture = Image(pixels=np.full((5, 7, 3), 90, np.uint8), rgb=True)
    transform = Image(pixels=np.ones((8, 5), np.complex64), shape=(8, 8), data_type=27)
    write_dm(path, [spectrum, picture, transform], byte_order=">")


class TestDigitalMicrograph(ExtractorSuite):
    extractor = next(iter(nexuslims_extractors()))
    samples = (
        SampleFile(name="image", filename="HAADF 1.dm3", write=_image),
        SampleFile(name="eels-si", filename="SI.dm4", write=_spectrum_image),
        SampleFile(name="several", filename="all.DM3", write=_several),
    )
