"""TIFF files as Tescan SEM and FIB instruments write them, and their side-cars.

Our own writer and our own values: no bytes of real files. Settings are sections of
keys, in a `.hdr` file beside the image and, without headers, in blocks of tag 50431.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from nexuslims_testing.samples.micrograph import as_integers, grains
from nexuslims_testing.samples.tiff import Value, tiff_bytes

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import numpy as np

SETTINGS_TAG = 50431
KINDS = {"MAIN": 2, "SEM": 3, "GAMA": 4, "FIB": 5}
THUMBNAIL = 1

Sections = dict[str, dict[str, str]]


@dataclass(frozen=True, kw_only=True)
class TescanScan:
    """Conditions under which an image was scanned."""

    acquired: datetime = datetime(2026, 4, 21, 9, 41, 7)  # noqa: DTZ001 - the instrument's clock
    user: str = "jdoe"
    full_name: str = "Jane Doe"
    beam: Literal["SEM", "FIB"] = "SEM"
    device: str = "TESCAN NEXUS X"
    detector: str = "E-T"
    voltage_v: float = 10_000
    current_a: float = 1.5e-10
    working_distance_m: float = 0.0061
    pixel_m: float = 2.5e-8
    magnification: float = 20_000
    dwell_s: float = 3.2e-6
    rotation_deg: float = 12.5
    stage_m: tuple[float, float, float] = (0.0123, -0.0045, 0.0071)
    stage_deg: tuple[float, float] = (33.0, 5.5)
    """Rotation and tilt."""
    pressure_pa: float = 0.00042
    strip: int = 16
    """Rows of the data bar, below what was scanned."""


def tescan_sections(scan: TescanScan) -> Sections:
    """Return a full set of settings for `scan`; change it as a test needs."""
    return {"MAIN": _main(scan), scan.beam: _beam(scan)}


def _main(scan: TescanScan) -> dict[str, str]:
    return {
        "AccFrames": "4",
        "AccType": "Line",
        "Company": "Nexus Institute",
        "Date": f"{scan.acquired:%Y-%m-%d}",
        "Description": "weld, heat-affected zone",
        "Device": scan.device,
        "DeviceModel": "N9999",
        "FullUserName": scan.full_name,
        "ImageStripSize": str(scan.strip),
        "Magnification": f"{scan.magnification:.1f}",
        "MagnificationReference": "0.127",
        "OrigFileName": "grain 001",
        "PixelSizeX": _text(scan.pixel_m),
        "PixelSizeY": _text(scan.pixel_m),
        "SerialNumber": "999-0001",
        "Sign": "",
        "SoftwareVersion": "Nexus Essence 1.0.0, build 1",
        "Time": f"{scan.acquired:%H:%M:%S}",
        "UserName": scan.user,
        "ViewFieldsCountX": "1",
        "ViewFieldsCountY": "1",
    }


def _beam(scan: TescanScan) -> dict[str, str]:
    return {
        "AcceleratorVoltage": _text(scan.voltage_v),
        "ApertureDiameter": "0.00003",
        "ApertureOptimization": "1.0",
        "ChamberPressure": _text(scan.pressure_pa),
        "CrossFree": "0",
        "CrossSectionShiftX": "0.0000021",
        "CrossSectionShiftY": "-0.0000004",
        "DepthOfFocus": "0.0000008",
        "Detector": scan.detector,
        "Detector0": scan.detector,
        "Detector0FlatField": "0",
        "Detector0Gain": "51.25",
        "Detector0Offset": "70.5",
        "DwellTime": _text(scan.dwell_s),
        "EmissionCurrent": "0.00021",
        "Gun": "Schottky",
        "GunTiltX": "20.5",
        "GunTiltY": "-3.25",
        "HV": _text(scan.voltage_v),
        "ImageShiftX": "-0.00000012",
        "ImageShiftY": "0.00000034",
        "LUTGamma": "1.0",
        "PotentialMode": "Potential",
        "PredictedBeamCurrent": _text(scan.current_a),
        "PrimaryDetectorGain": "51.25",
        "PrimaryDetectorOffset": "70.5",
        "ScanID": "77",
        "ScanMode": "RESOLUTION",
        "ScanRotation": _text(scan.rotation_deg),
        "ScanSpeed": "5.0",
        "SpecimenCurrent": "-0.000000000011",
        "SpotSize": "0.000000004",
        "StageRotation": _text(scan.stage_deg[0]),
        "StageTilt": _text(scan.stage_deg[1]),
        "StageX": _text(scan.stage_m[0]),
        "StageY": _text(scan.stage_m[1]),
        "StageZ": _text(scan.stage_m[2]),
        "StigmatorX": "1.25",
        "StigmatorY": "-0.75",
        "SyncMains": "Yes",
        "TubeVoltage": "7000.0",
        "VirtualObserverDistance": "0.019",
        "WD": _text(scan.working_distance_m),
    }


def _text(value: float) -> str:
    """Return a number as Tescan writes it: never with an exponent."""
    return f"{value:.15f}".rstrip("0")


def side_car_text(sections: Mapping[str, Mapping[str, str]]) -> bytes:
    """Return settings as in a `.hdr` file: lines ending in CR LF."""
    blocks = (
        "\r\n".join((f"[{name}]", *(f"{k}={v}" for k, v in keys.items()), "", ""))
        for name, keys in sections.items()
    )
    return "".join(blocks).encode()


def tag_content(
    sections: Mapping[str, Mapping[str, str]], thumbnail: bytes = bytes(range(256))
) -> bytes:
    """Return settings as in tag 50431: a thumbnail, and a block for each section."""
    texts = (
        (KINDS[name], "".join(f"{k}={v}\n" for k, v in keys.items()).encode() + b"\0")
        for name, keys in sections.items()
    )
    blocks = (_block(*block) for block in ((THUMBNAIL, thumbnail), *texts, (0, b"")))
    return b"".join(blocks)


def _block(kind: int, content: bytes) -> bytes:
    return struct.pack("<IH", len(content) + 2, kind) + content


def write_tescan(
    path: Path,
    sections: Mapping[str, Mapping[str, str]] | None = None,
    *,
    tag: bytes | None = None,
    side_car: bytes = b"",
    tags: Mapping[int, Value] | None = None,
    pixels: np.ndarray | None = None,
) -> None:
    """Write a Tescan image.

    Parameters
    ----------
    sections
        Settings in tag 50431; those of `TescanScan` by default.
    tag
        Content of that tag in place of `sections`; empty for none.
    side_car
        Content of a `.hdr` file beside it; empty for none. See `side_car_text`.
    tags
        Further tags, see `tiff_bytes`.
    pixels
        The image; a small one of grains above a data bar by default.
    """
    if pixels is None:
        pixels = as_integers(grains(64, 48 + TescanScan.strip, seed=11), 16)
        pixels[-TescanScan.strip :] = 0
    if tag is None:
        tag = tag_content(sections or tescan_sections(TescanScan()))
    told: dict[int, Value] = {SETTINGS_TAG: tag} if tag else {}
    path.write_bytes(tiff_bytes(pixels, {**told, **(tags or {})}))
    if side_car:
        path.with_suffix(".hdr").write_bytes(side_car)


def vendor_tags(scan: TescanScan) -> dict[int, Value]:
    """Return the plain tags that Tescan's software fills in."""
    texts = {
        271: "TESCAN - http://www.tescan.com/",
        272: scan.device,
        305: "Nexus Essence 1.0.0, build 1",
        306: f"{scan.acquired:%Y:%m:%d %H:%M:%S}",
        315: scan.user,
    }
    return {tag: text.encode() + b"\0" for tag, text in texts.items()}
