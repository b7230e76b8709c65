"""The TIFF extractor passes the conformance suite of the test kit."""

from __future__ import annotations

from dataclasses import replace

from nexuslims_core.types import SampleFile
from nexuslims_extractors_fei.plugin import nexuslims_extractors
from nexuslims_testing.samples.fei_tiff import (
    Scan,
    scan_sections,
    settings_text,
    write_fei_tiff,
    write_scan,
    write_tem,
)
from nexuslims_testing.samples.micrograph import particles
from nexuslims_testing.suites.extractor import ExtractorSuite

SCAN = Scan(width=48, height=32)


def _sem(path):
    write_scan(path, SCAN)


def _sem_16_bit_with_xml(path):
    write_scan(path, replace(SCAN, detector="CBS"), bits=16, xml=True)


def _tagless(path):
    settings = settings_text(scan_sections(SCAN))
    write_fei_tiff(path, settings=settings, tagless=True)


def _tem(path):
    write_tem(path, image=particles(32, 32, seed=5))


class TestFeiTiff(ExtractorSuite):
    extractor = next(iter(nexuslims_extractors()))
    samples = (
        SampleFile(name="sem", filename="grain 1.tif", write=_sem),
        SampleFile(name="sem-xml", filename="a.TIFF", write=_sem_16_bit_with_xml),
        SampleFile(name="tagless", filename="resaved.tif", write=_tagless),
        SampleFile(name="tem", filename="Au 29kx.tif", write=_tem),
    )
