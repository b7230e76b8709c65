"""The extractors pass the conformance suite of the test kit."""

from __future__ import annotations

import numpy as np
from nexuslims_core.types import SampleFile
from nexuslims_extractors_edax.plugin import nexuslims_extractors
from nexuslims_testing.samples.edax import SPECTRUM, counts, write_spc, write_spd
from nexuslims_testing.samples.emsa import EDS, EELS, edge, write_msa
from nexuslims_testing.suites.extractor import ExtractorSuite

EXTRACTORS = {one.name: one for one in nexuslims_extractors()}
CUBE = (counts(32, 160) * np.ones((3, 4, 1))).astype("u2")


def _old_spc(path):
    write_spc(path, {**SPECTRUM, "fVersion": 0.61, "numPts": 1024})


def _eds(path):
    write_msa(path, {**EDS, "NPOINTS": "200"}, counts(200, 100))


def _eels(path):
    write_msa(path, EELS, edge(), paired=False, columns=4, newline="\n")


def _map(path):
    write_spd(path, CUBE)


class TestSpc(ExtractorSuite):
    extractor = EXTRACTORS["spc_extractor"]
    samples = (
        SampleFile(name="spectrum", filename="weld 7.spc", write=write_spc),
        SampleFile(name="old", filename="old.SPC", write=_old_spc),
    )


class TestSpd(ExtractorSuite):
    extractor = EXTRACTORS["spd_extractor"]
    samples = (
        SampleFile(name="map", filename="map.spd", write=_map),
        SampleFile(name="line", filename="line.lsd", write=_map),
    )


class TestMsa(ExtractorSuite):
    extractor = EXTRACTORS["msa_extractor"]
    samples = (
        SampleFile(name="eds", filename="weld 7.msa", write=_eds),
        SampleFile(name="eels", filename="edge.EMSA", write=_eels),
    )
