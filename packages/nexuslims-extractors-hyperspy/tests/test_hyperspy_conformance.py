"""The extractor passes the conformance suite of the test kit, with four formats."""

from __future__ import annotations

import numpy as np
from nexuslims_core.types import SampleFile
from nexuslims_extractors_hyperspy.plugin import nexuslims_extractors
from nexuslims_testing.samples.generic import blockfile, holder_logs, jeol, mrc
from nexuslims_testing.suites.extractor import ExtractorSuite

PATTERNS = np.arange(3 * 4 * 36).reshape(3, 4, 6, 6) % 200


def _mrc(path):
    block = mrc.fei1_block(
        {"HT": 300_000.0, "Alpha tilt": -12.5, "Timestamp": 43_000.0}
    )
    pixels = np.arange(3 * 8 * 9, dtype="f4").reshape(3, 8, 9)
    path.write_bytes(mrc.mrc_bytes(pixels, kind=b"FEI1", extended=block * 3))


def _blockfile(path):
    blockfile.write_blockfile(path, PATTERNS)


def _eds(path):
    jeol.write_eds(path, PATTERNS[0, 0, 0])


class TestHyperspy(ExtractorSuite):
    extractor = next(iter(nexuslims_extractors()))
    samples = (
        SampleFile(name="mrc", filename="tilt series.mrc", write=_mrc),
        SampleFile(name="blockfile", filename="scan.blo", write=_blockfile),
        SampleFile(name="eds", filename="point 1.EDS", write=_eds),
        SampleFile(
            name="log", filename="heating.csv", write=holder_logs.write_protochips
        ),
    )
