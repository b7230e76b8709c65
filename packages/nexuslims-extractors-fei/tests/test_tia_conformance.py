"""The TIA extractor passes the conformance suite of the test kit."""

from __future__ import annotations

import numpy as np
from nexuslims_core.types import SampleFile
from nexuslims_extractors_fei.plugin import nexuslims_extractors
from nexuslims_testing.samples.micrograph import particles
from nexuslims_testing.samples.tia import (
    TEM,
    Steps,
    object_info,
    write_emi,
    write_ser,
)
from nexuslims_testing.suites.extractor import ExtractorSuite

IMAGE = (particles(24, 16, seed=3) * 60_000).astype("u2")
SPECTRA = np.random.default_rng(1).poisson(3, (6, 64)).astype("i4")
TIME = 1_456_073_586


def _image(path):
    write_emi(path.with_name("grain.emi"), [object_info()])
    write_ser(path, IMAGE[np.newaxis], calibration=(-5e-9, 6e-10), time=TIME)


def _alone(path):
    write_ser(path, np.stack([IMAGE, IMAGE // 2]), planned=20, version=0x0220)


def _diffraction(path):
    info = object_info(description={**TEM, "Mode": ("TEM uP SA Diffraction", "")})
    write_emi(path.with_name("pattern.emi"), [info])
    write_ser(path, IMAGE[np.newaxis], calibration=(-2e9, 4e7))


def _map(path):
    infos = [object_info(reference=True), object_info(spectrum=True)]
    write_emi(path.with_name("map.emi"), infos)
    steps = [
        Steps(size=3, offset=-8e-7, step=8e-8, description="Position", unit="meters"),
        Steps(size=2, offset=8e-7, step=-8e-8, description="Position", unit="meters"),
    ]
    positions = [(i % 3 * 8e-8, i // 3 * -8e-8) for i in range(6)]
    write_ser(
        path, SPECTRA, steps=steps, calibration=(12.0, 100.0), positions=positions
    )


def _emi(path):
    _map(path.with_name(f"{path.stem}_1.ser"))
    path.with_name("map.emi").rename(path)


class TestTia(ExtractorSuite):
    extractor = list(nexuslims_extractors())[1]
    samples = (
        SampleFile(name="image", filename="grain_1.ser", write=_image),
        SampleFile(name="alone", filename="stack_1.ser", write=_alone),
        SampleFile(name="diffraction", filename="pattern_1.ser", write=_diffraction),
        SampleFile(name="map", filename="map_1.ser", write=_map),
        SampleFile(name="emi", filename="Spectrum image.emi", write=_emi),
    )
