"""Both extractors pass the conformance suite of the test kit."""

from __future__ import annotations

from nexuslims_core.types import SampleFile
from nexuslims_extractors_zeiss.plugin import nexuslims_extractors
from nexuslims_testing.samples.zeiss import (
    SmartSemScan,
    smartsem_lines,
    smartsem_text,
    write_fibics,
    write_orion,
    write_smartsem,
)
from nexuslims_testing.suites.extractor import ExtractorSuite

HIM, SMARTSEM = nexuslims_extractors()


def _unicode(path):
    write_smartsem(path, unicode=True)


def _ions(path):
    write_smartsem(path, scan=SmartSemScan(beam="FIB", rotation_deg=30))


def _with_settings(path):
    settings = smartsem_text(smartsem_lines(SmartSemScan())).encode("cp1252")
    write_fibics(path, tags={34118: settings})


class TestHelium(ExtractorSuite):
    extractor = HIM
    samples = (
        SampleFile(name="orion", filename="pores 1.tif", write=write_orion),
        SampleFile(name="fibics", filename="lines.TIF", write=write_fibics),
        SampleFile(name="fibics-sem", filename="a.tiff", write=_with_settings),
    )


class TestSmartSem(ExtractorSuite):
    extractor = SMARTSEM
    samples = (
        SampleFile(name="sem", filename="grain 1.tif", write=write_smartsem),
        SampleFile(name="sem-utf-16", filename="grain 2.tif", write=_unicode),
        SampleFile(name="fib", filename="trench.TIFF", write=_ions),
    )
