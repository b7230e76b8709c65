"""The extractor passes the conformance suite of the test kit."""

from __future__ import annotations

from nexuslims_core.types import SampleFile
from nexuslims_extractors_tescan.plugin import nexuslims_extractors
from nexuslims_testing.samples.tescan import (
    TescanScan,
    side_car_text,
    tescan_sections,
    vendor_tags,
    write_tescan,
)
from nexuslims_testing.suites.extractor import ExtractorSuite

SCAN = TescanScan()
ION = TescanScan(beam="FIB", detector="SE", voltage_v=30_000)


def _sem(path):
    write_tescan(path, tags=vendor_tags(SCAN))


def _fib(path):
    write_tescan(path, tescan_sections(ION))


def _text(path):
    write_tescan(path, tag=side_car_text(tescan_sections(SCAN)))


def _tags_only(path):
    write_tescan(path, tag=b"", tags=vendor_tags(SCAN))


class TestTescanTiff(ExtractorSuite):
    extractor = next(iter(nexuslims_extractors()))
    samples = (
        SampleFile(name="sem", filename="grain 1.tif", write=_sem),
        SampleFile(name="fib", filename="trench.TIFF", write=_fib),
        SampleFile(name="text", filename="older.tif", write=_text),
        SampleFile(name="tags-only", filename="exported.tif", write=_tags_only),
    )
