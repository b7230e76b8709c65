"""Small ``.emd`` files as Velox writes them on Thermo Fisher's TEMs: HDF5 with JSON."""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

NEXT_PIXEL = 65535
"""What stands in a stream of counts when the beam moves on."""

SPARE = 16
"""Characters that are reserved behind the JSON of a signal; Velox reserves more."""

STEM: Mapping[str, Any] = {
    "Core": {"MetadataSchemaVersion": "v1/2013/07", "UserId": "microscopist"},
    "Instrument": {
        "ControlSoftwareVersion": "3.16.1",
        "Manufacturer": "FEI Company",
        "InstrumentId": "3678",
        "InstrumentClass": "Titan",
        "InstrumentModel": "Themis",
        "ComputerName": "TITAN0001",
    },
    "Acquisition": {
        "AcquisitionStartDatetime": {"DateTime": "1709189884"},
        "AcquisitionDatetime": {"DateTime": "0"},
        "BeamType": "",
        "SourceType": "XFEG",
    },
    "Optics": {
        "AccelerationVoltage": "300000",
        "GunLensSetting": "727.75",
        "ExtractorVoltage": "3600.5",
        "SpotIndex": "6",
        "C2LensIntensity": "0.22195",
        "BeamConvergence": "0.025",
        "LastMeasuredScreenCurrent": "2.165e-10",
        "Defocus": "-2.5e-07",
        "OperatingMode": "2",
        "ProjectorMode": "1",
        "IlluminationMode": "Probe",
        "HighMagnificationMode": "None",
        "CameraLength": "0.1159",
        "FullScanFieldOfView": {"x": "4.6e-07", "y": "4.6e-07"},
        "Apertures": {
            "Aperture-0": {"Name": "C2", "Type": "Circular", "Diameter": "7e-05"},
            "Aperture-1": {"Name": "OBJ", "Type": "None"},
        },
    },
    "Stage": {
        "Position": {"x": "-0.00041", "y": "0.0004", "z": "-0.000143"},
        "AlphaTilt": "0.0815",
        "BetaTilt": "-0.0175",
        "HolderType": "FEI Double Tilt",
    },
    "Scan": {
        "ScanSize": {"width": "128", "height": "128"},
        "DwellTime": "0.001",
        "FrameTime": "0.288",
        "LineTime": "0.018",
        "ScanRotation": "-0.2864",
        "MainsLockOn": "false",
    },
    "Vacuum": {"VacuumMode": "Ready"},
    "Detectors": {
        "Detector-0": {
            "DetectorName": "HAADF",
            "DetectorType": "ScanningDetector",
            "Enabled": "true",
            "Gain": "38.19",
            "Offset": "-1.752",
            "CollectionAngleRange": {"begin": "0.05", "end": "0.2"},
        },
        "Detector-1": {
            "DetectorName": "SuperXG21",
            "DetectorType": "AnalyticalDetector",
            "Enabled": "true",
            "ElevationAngle": "0.31416",
            "AzimuthAngle": "0.7854",
            "CollectionAngle": "0.175",
            "Dispersion": "10",
            "OffsetEnergy": "-250",
            "BeginEnergy": "120",
            "ElectronicsNoise": "28.69",
            "PulseProcessTime": "3e-06",
            "RealTime": "0.512",
            "LiveTime": "0.492",
            "InputCountRate": "80",
            "OutputCountRate": "78",
        },
        "Detector-2": {
            "DetectorName": "BM-Ceta",
            "DetectorType": "ImagingDetector",
            "ExposureTime": "0.8",
            "Binning": {"width": "2", "height": "2"},
            "ReadOutArea": {"left": "0", "top": "0", "right": "4096", "bottom": "4096"},
        },
    },
    "BinaryResult": {
        "DetectorIndex": "0",
        "Detector": "HAADF",
        "PixelSize": {"width": "3.6e-09", "height": "3.6e-09"},
        "PixelUnitX": "m",
        "PixelUnitY": "m",
        "Offset": {"x": "-3.96e-08", "y": "-3.24e-08"},
    },
    "Sample": {"SampleId": "A 12", "SampleDescription": "a lamella"},
    "CustomProperties": {
        "StemMagnification": {"type": "double", "value": "225000"},
        "Detectors[SuperXG21].CommercialName": {"type": "string", "value": "Super-X"},
        "Detectors[SuperXG21].Temperature": {"type": "double", "value": "203.25"},
    },
}
"""Metadata of a STEM image, as all of Velox's: numbers are texts."""

EDS: Mapping[str, Any] = {
    "BinaryResult.DetectorIndex": "1",
    "BinaryResult.Detector": "SuperXG2",
}
"""What makes the metadata of X-rays of it; with `stem`."""

CAMERA: Mapping[str, Any] = {
    "Optics.OperatingMode": "1",
    "Optics.NominalMagnification": "1271519.155",
    "Scan": {"ScanSize": {"width": "0", "height": "0"}},
    "BinaryResult.DetectorIndex": "2",
    "BinaryResult.Detector": "BM-Ceta",
    "CustomProperties": {"StemMagnification": {"type": "bool", "value": "0"}},
}
"""What makes the metadata of a camera of it; with `stem`."""


@dataclass(frozen=True, kw_only=True)
class VeloxSignal:
    """One signal of a file."""

    kind: str
    """Name of the group: ``Image``, ``Spectrum``, ``SpectrumStream`` and so on."""
    name: str = "0" * 32
    data: np.ndarray | None = None
    """As on disk: images as rows, columns, frames; spectra and streams as columns."""
    metadata: Mapping[str, Any] | bytes | None = None
    """JSON, or bytes in its place; none when left out."""
    settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Further JSON beside it, by the name of the data set."""


def stem(changes: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the metadata of a STEM image with some values replaced.

    Parameters
    ----------
    changes
        By dotted path; `None` takes a value out.
    """
    tree: dict[str, Any] = copy.deepcopy(dict(STEM))
    for path, value in (changes or {}).items():
        *groups, name = path.split(".")
        inner = tree
        for one in groups:
            inner = inner.setdefault(one, {})
        if value is None:
            inner.pop(name, None)
        else:
            inner[name] = value
    return tree


def stream(counts: Sequence[Sequence[int]]) -> np.ndarray:
    """Return the stream of the channels that were counted at each pixel."""
    values: list[int] = []
    for pixel in counts:
        values += [*pixel, NEXT_PIXEL]
    return np.array(values, "u2").reshape(-1, 1)


def write_velox(
    path: Path,
    signals: Sequence[VeloxSignal],
    *,
    version: Mapping[str, Any] | None = None,
    titles: Mapping[str, str] | None = None,
    elements: Sequence[int] = (),
) -> None:
    """Write a Velox file.

    Parameters
    ----------
    version
        What it says of its format; version 11 of Velox by default. Before that, titles
        and elements stand at other places.
    titles
        Titles of images, by the name of their signal.
    elements
        Atomic numbers of the elements that were chosen for quantification.
    """
    told = {"version": "11", "format": "Velox"} if version is None else version
    with h5py.File(path, "w") as tree:
        _put(tree, "Version", told)
        _put(tree, "Info", {"applicationVersion": "3.10.1.9-test"})
        tree.create_group("Data")
        for signal in signals:
            _signal(tree, signal)
        number = str(told.get("version", ""))
        new = not number.isdecimal() or int(number) >= 11  # noqa: PLR2004 - see above
        for index, (name, title) in enumerate((titles or {}).items()):
            _title(tree, index, f"/Data/Image/{name}", title, new=new)
        if elements:
            place = "SharedProperties/EDSSpectrumQuantificationSettings"
            place = place if new else "Operations/ImageQuantificationOperation"
            _put(tree, f"{place}/q", {"elementSelection": [str(n) for n in elements]})


def _put(tree: h5py.Group, name: str, value: Mapping[str, Any]) -> None:
    text = h5py.string_dtype()
    tree.create_dataset(name, (1,), dtype=text, data=[json.dumps(value, indent=1)])


def _signal(tree: h5py.File, signal: VeloxSignal) -> None:
    group = tree.create_group(f"Data/{signal.kind}/{signal.name}")
    if signal.data is not None:
        group.create_dataset("Data", data=signal.data, chunks=_chunks(signal))
    if signal.metadata is not None:
        told = signal.metadata
        content = told if isinstance(told, bytes) else json.dumps(told).encode()
        characters = np.frombuffer(content + bytes(SPARE), "u1")
        group.create_dataset("Metadata", data=characters.reshape(-1, 1))
    for name, value in signal.settings.items():
        _put(group, name, value)


def _chunks(signal: VeloxSignal) -> tuple[int, ...] | None:
    """Return one chunk per frame, as Velox cuts images."""
    assert signal.data is not None  # noqa: S101 - for the type checker
    if signal.kind != "Image" or signal.data.ndim < 3:  # noqa: PLR2004 - no frames
        return None
    return (*signal.data.shape[:2], *(1 for _ in signal.data.shape[2:]))


def _title(tree: h5py.File, index: int, data: str, title: str, *, new: bool) -> None:
    if not new:
        shown = {"dataPath": data, "display": {"id": "a", "label": title}}
        _put(tree, f"Presentation/Displays/ImageDisplay/{index}", shown)
        return
    reference = f"/SharedProperties/ImageSeriesDataReference/{index}"
    _put(tree, reference, {"dataPath": data})
    shown_ = {"data": reference, "id": title, "title": title}
    _put(tree, f"Displays/ImageDisplay/{index}", shown_)
