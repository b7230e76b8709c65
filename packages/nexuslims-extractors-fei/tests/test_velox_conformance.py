"""The Velox extractor passes the conformance suite of the test kit."""

from __future__ import annotations

import numpy as np
from nexuslims_core.types import SampleFile
from nexuslims_extractors_fei.plugin import nexuslims_extractors
from nexuslims_testing.samples.micrograph import particles
from nexuslims_testing.samples.velox import (
    CAMERA,
    EDS,
    VeloxSignal,
    stem,
    stream,
    write_velox,
)
from nexuslims_testing.suites.extractor import ExtractorSuite

FRAME = (particles(24, 16, seed=3) * 60_000).astype("u2")[:, :, np.newaxis]
HALF = np.zeros((4, 3, 1), [("realFloatHalfEven", "<f4"), ("imagFloatHalfEven", "<f4")])
SCAN = {"ScanSize": {"width": "8", "height": "8"}, "DwellTime": "1e-3"}
SCAN |= {"ScanArea": {"left": "0", "top": "0", "right": "0.5", "bottom": "0.25"}}
MAP = stem({**EDS, "BinaryResult.DetectorIndex": None, "Scan": SCAN})


def _image(path):
    image = VeloxSignal(kind="Image", data=FRAME, metadata=stem())
    write_velox(path, [image], titles={image.name: "HAADF"})


def _camera(path):
    stack = np.concatenate([FRAME, FRAME // 2], axis=2)
    tem = VeloxSignal(kind="Image", name="a", data=stack, metadata=stem(CAMERA))
    half = VeloxSignal(kind="Image", name="b", data=HALF, metadata=stem(CAMERA))
    write_velox(path, [tem, half], version={"version": "9", "format": "Velox"})


def _analysis(path):
    counts = [[pixel % 7, 20, pixel] for pixel in range(8)]
    settings = {"AcquisitionSettings": {"bincount": "64"}}
    frames = {"SpectrumImageSettings": {"startFramePosition": "1"}}
    write_velox(
        path,
        [
            VeloxSignal(
                kind="Spectrum", data=np.ones((64, 1), "u4"), metadata=stem(EDS)
            ),
            VeloxSignal(kind="SpectrumImage", metadata=MAP, settings=frames),
            VeloxSignal(
                kind="SpectrumStream",
                data=stream(counts),
                metadata=MAP,
                settings=settings,
            ),
        ],
        elements=(6, 29),
    )


def _losses(path):
    told = {"Data": {"dispersion": 0.25, "offset": -20, "exposureTime": 0.004}}
    losses = VeloxSignal(
        kind="EelsSpectrumImage",
        data=np.arange(4 * 32 * 2, dtype="u2").reshape(4, 32, 2),
        metadata=MAP,
        settings={"AcquisitionMetadata": told},
    )
    write_velox(path, [losses])


class TestVelox(ExtractorSuite):
    extractor = list(nexuslims_extractors())[2]
    samples = (
        SampleFile(name="image", filename="1234 HAADF 225 kx.emd", write=_image),
        SampleFile(name="camera", filename="camera.emd", write=_camera),
        SampleFile(name="analysis", filename="SI 225 kx.emd", write=_analysis),
        SampleFile(name="losses", filename="EELS.emd", write=_losses),
    )
