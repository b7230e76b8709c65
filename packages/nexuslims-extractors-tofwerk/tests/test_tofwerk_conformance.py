"""The extractor passes the conformance suite of the test kit."""

from __future__ import annotations

from nexuslims_core.types import SampleFile
from nexuslims_extractors_tofwerk.plugin import nexuslims_extractors
from nexuslims_testing.samples.tofwerk import Milling, write_tofwerk
from nexuslims_testing.suites.extractor import ExtractorSuite

SMALL = {"writes": 3, "lines": 6, "columns": 5, "samples": 200, "images": 1}


def _processed(path):
    write_tofwerk(path, Milling(**SMALL))


def _raw(path):
    write_tofwerk(path, Milling(**SMALL, processed=False, mode="negative"))


class TestTofwerk(ExtractorSuite):
    extractor = next(iter(nexuslims_extractors()))
    samples = (
        SampleFile(name="processed", filename="depth.h5", write=_processed),
        SampleFile(name="raw", filename="raw 1.H5", write=_raw),
    )
