"""TIFF files as Zeiss and Fibics software writes them.

Our own writers and our own values: no bytes of real files. SmartSEM has lines of keys
and values in tag 34118 (and once more, as UTF-16, in 34119), an Orion has XML in tag
65000, and Fibics has XML of its own in tag 51023.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal
from xml.sax.saxutils import escape, quoteattr

import numpy as np

from nexuslims_testing.samples.micrograph import as_integers, grains
from nexuslims_testing.samples.tiff import Value, tiff_bytes

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

SMARTSEM_TAG, SMARTSEM_UNICODE_TAG = 34118, 34119
ORION_TAG, FIBICS_TAG = 65000, 51023

COLOUR_MAP = tuple(shade * 257 for shade in range(256)) * 3
"""Every index is its own shade, as SmartSEM and Fibics write it."""


@dataclass(frozen=True, kw_only=True)
class SmartSemScan:
    """Conditions under which an image was scanned."""

    acquired: datetime = datetime(2026, 5, 7, 16, 20, 5)  # noqa: DTZ001 - the instrument's clock
    user: str = "JDOE"
    operator: str = ""
    microscope: str = "Nexus 55"
    detector: str = "SE2"
    beam: Literal["SEM", "FIB"] = "SEM"
    voltage_kv: float = 15
    magnification_kx: float = 2.5
    working_distance_mm: float = 8.4
    current_pa: float = 120
    pixel_nm: float = 50
    dwell_ns: float = 800
    line_ms: float = 0.06
    rotation_deg: float | None = None
    """`None`: scan rotation is off."""
    stage_mm: tuple[float, float, float, float] = (61.25, 58.125, 27.5, 0.25)
    """X, Y, Z and M."""
    stage_deg: tuple[float, float] = (12.5, 3.5)
    """Rotation and tilt."""
    width: int = 64
    height: int = 48


def smartsem_lines(scan: SmartSemScan) -> dict[str, str]:
    """Return what SmartSEM says for each key; change it as a test needs."""
    return {**_switches(scan), **_measured(scan), **_stage(scan), **_words(scan)}


def _switches(scan: SmartSemScan) -> dict[str, str]:
    return {
        "DP_HIGH_CURRENT": "High Current = Off",
        "DP_DWELL_TIME": f"Dwell Time = {scan.dwell_ns:g} ns",
        "DP_COLUMN_TYPE": "Column = Nexus",
        "DP_FIB_PRESENT": f"FIB Present = {'Yes' if scan.beam == 'FIB' else 'No'}",
        "DP_FIB_IMAGING": f"FIB Imaging = {scan.beam}",
        "DP_FIB_IMAGE_PROBE": "FIB Image Probe = 30kV:50pA",
        "DP_DETECTOR_CHANNEL": f"Signal A = {scan.detector}",
        "DP_DETECTOR_TYPE": f"Detector = {scan.detector}",
        "DP_SCAN_ROT": f"Scan Rot = {'Off' if scan.rotation_deg is None else 'On'}",
        "DP_NOISE_REDUCTION": "Noise Reduction = Line Avg",
        "DP_SCANRATE": "Scan Speed = 4",
        "DP_VAC_MODE": "Vacuum Mode = High Vacuum",
        "DP_APERTURE": "Aperture No. = 1",
        "DP_FINAL_LENS": "Final Lens = 1500: 68 deg",
        "DP_SEM": f"Sem = {scan.microscope}",
        "DP_IMAGE_STORE": f"Store resolution = {scan.width} * {scan.height}",
    }


def _measured(scan: SmartSemScan) -> dict[str, str]:
    return {
        "AP_ACTUALKV": f"EHT = {scan.voltage_kv:5.2f} kV",
        "AP_MANUALKV": f"EHT Target = {scan.voltage_kv:5.2f} kV",
        "AP_MAG": f"Mag =  {scan.magnification_kx:6.2f} K X",
        "AP_WD": f"WD = {scan.working_distance_mm:4.1f} mm",
        "AP_IPROBE": f"I Probe = {scan.current_pa:6.1f} pA",
        "AP_BEAM_CURRENT": "Beam Current =   80.0 µA",
        "AP_BEAM_CURRENT_MONITOR": "Beam I Monitor Range Error 279.600006",
        "AP_EXTCURRENT": "Ext I Monitor =  231.5 µA",
        "AP_ACTUALCURRENT": "Fil I =  2.330 A",
        "AP_APERTURESIZE": "Aperture Size = 30.00 µm",
        "AP_IMAGE_PIXEL_SIZE": f"Image Pixel Size = {scan.pixel_nm:g} nm",
        "AP_WIDTH": f"Width = {scan.pixel_nm * scan.width / 1000:.4g} µm",
        "AP_HEIGHT": f"Height = {scan.pixel_nm * scan.height / 1000:.4g} µm",
        "AP_SCANROTATION": f"Scan Rotation = {scan.rotation_deg or 0:5.1f} °",
        "AP_LINE_TIME": f"Line Time = {scan.line_ms:g} ms",
        "AP_FRAME_TIME": "Cycle Time = 1.6  Mins",
        "AP_LINE_AVERAGE_COUNT": "Line Avg.Count = 1     ",
        "AP_BRIGHTNESS": "Brightness =  50.5 %",
        "AP_CONTRAST": "Contrast =  31.25 %",
        "AP_SYSTEM_VAC": "System Vacuum = 2.50e-006 mbar",
        "AP_COLUMN_VAC": "Gun Vacuum = 2.38e-010 mbar",
        "AP_CHAMBER_PRESSURE": "Chamber = 0.00e+000 Pa",
        "AP_RADIAL_AREA_0": "Db 1 =     0. nm²",
        "AP_HCSTAGE_TEMP": "Peltier Temp =  20.0 °C",
    }


def _stage(scan: SmartSemScan) -> dict[str, str]:
    lengths = zip("XYZM", scan.stage_mm, strict=True)
    angles = zip("RT", scan.stage_deg, strict=True)
    return {
        **{
            f"AP_STAGE_AT_{a}": f"Stage at {a} = {value:.4f} mm" for a, value in lengths
        },
        **{f"AP_STAGE_AT_{a}": f"Stage at {a} = {value:5.1f} °" for a, value in angles},
    }


def _words(scan: SmartSemScan) -> dict[str, str]:
    return {
        "AP_TIME": f"Time :{scan.acquired:%H:%M:%S}",
        "AP_DATE": f"Date :{scan.acquired.day} {scan.acquired:%b %Y}",
        "SV_VERSION": "Version = V06.00.00.00 : 09-Jun-16",
        "SV_USER_TEXT": "User Text = weld, heat-affected zone",
        "SV_FILE_NAME": "File Name = grain_01.tif",
        "SV_USER_NAME": f"User Name = {scan.user}",
        "SV_SAMPLE_ID": "Sample ID = S-17",
        "SV_SERIAL_NUMBER": "Serial No. = Nexus-99-01",
        "SV_OPERATOR": f"Operator = {scan.operator}",
    }


def smartsem_numbers(scan: SmartSemScan) -> list[str]:
    """Return the numbers that stand before the first key."""
    return [
        *("0", "0", "0"),
        f"{scan.pixel_nm * 1e-9:.6e}",
        f"{scan.magnification_kx * 1e3:.6e}",
        "6",
        f"{scan.voltage_kv * 1e3:.6e}",
    ]


def smartsem_text(lines: Mapping[str, str], numbers: list[str] | None = None) -> str:
    """Return settings as in tag 34118: a line with a key, and one for what it says."""
    pairs = [part for pair in lines.items() for part in pair]
    return "".join(f"{line}\r\n" for line in (*(numbers or ["0"] * 7), *pairs))


def write_smartsem(
    path: Path,
    lines: Mapping[str, str] | None = None,
    *,
    scan: SmartSemScan | None = None,
    unicode: bool = False,
    tags: Mapping[int, Value] | None = None,
    pixels: np.ndarray | None = None,
) -> None:
    """Write an image of SmartSEM.

    Parameters
    ----------
    lines
        What is said for each key; by default what `smartsem_lines` tells of `scan`.
    unicode
        Write the settings once more as UTF-16, as newer software does.
    tags
        Further tags, see `tiff_bytes`.
    pixels
        The image; a small one of grains by default.
    """
    scan = scan or SmartSemScan()
    text = smartsem_text(
        smartsem_lines(scan) if lines is None else lines, smartsem_numbers(scan)
    )
    told: dict[int, Value] = {
        262: 3,
        320: COLOUR_MAP,
        SMARTSEM_TAG: text.encode("cp1252", errors="replace"),
    }
    if unicode:
        told[SMARTSEM_UNICODE_TAG] = text.encode("utf-16-le")
    if pixels is None:
        pixels = as_integers(grains(scan.width, scan.height, seed=13))
    path.write_bytes(tiff_bytes(pixels, {**told, **(tags or {})}))


ORION_VALUES: Mapping[str, tuple[str, str]] = {
    "ScalingX": ("1.5E-09", "m"),
    "ScalingY": ("1.5E-09", "m"),
    "ColumnType": ("GFIS", "Unitless"),
    "AccelerationVoltage": ("25010", "Volts"),
    "ExtractionVoltage": ("-31500", "Volts"),
    "SpotNumber": ("4", "Unitless"),
    "BlankerCurrent": ("1.25", "picoAmps"),
    "WorkingDistance": ("9.75", "mm"),
    "Fov": ("0.096", "Microns"),
    "ScanRotate": ("2.5", "Degrees"),
    "ApertureSize": ("10", ""),
    "ChamberPressure": ("3.1E-07", "Torr"),
    "GunTemp": ("74.25", "K"),
    "DetectorName": ("ETDetector", ""),
    "ETGridVoltage": ("450", "Volts"),
    "FloodGunState": ("", ""),
    "StageX": ("12000.5", "um"),
    "StageY": ("-800.25", "um"),
    "StageZ": ("0.5", "mm"),
    "StageTilt": ("0.25", "Degrees"),
    "StageRotate": ("45.5", "Degrees"),
    "ImageWidth": ("64", ""),
    "ImageHeight": ("48", ""),
    "DwellTime": ("2", "uSec"),
    "TimeStamp": ("5/07/2026 4:20:05 PM", ""),
    "Magnification4x5": ("1190000", ""),
    "System.Model": ("Nexus Orion", ""),
    "GFIS.BeamCurrent": ("1.5", "pA"),
    "GFIS.IonGas": ("Helium", ""),
    "GFIS.ApertureSize": ("10", "Microns"),
    "SAS.ScanSize": ("64 x 48", ""),
    "Stage.XLocation": ("12000.5", "\N{GREEK SMALL LETTER MU}m"),
}
"""Values and units of an Orion, by the name of their element."""


def orion_xml(values: Mapping[str, tuple[str, str]] = ORION_VALUES) -> bytes:
    """Return Zeiss's XML."""
    elements = (
        f"<{name}><Value>{escape(value)}</Value><Units>{escape(unit)}</Units></{name}>"
        for name, (value, unit) in values.items()
    )
    return f"<ImageTags>{''.join(elements)}</ImageTags>".encode()


def write_orion(
    path: Path,
    xml: bytes | None = None,
    *,
    bar: int = 16,
    tags: Mapping[int, Value] | None = None,
) -> None:
    """Write an image of an Orion: colours with opacity, a data bar below.

    Parameters
    ----------
    xml
        Content of its tag; see `orion_xml`.
    bar
        Rows of the data bar.
    """
    grey = as_integers(grains(64, 48 + bar, seed=17))
    grey[48:] = 0
    pixels = np.stack([grey, grey, grey, np.full_like(grey, 255)], axis=-1)
    told: dict[int, Value] = {338: 2, ORION_TAG: orion_xml() if xml is None else xml}
    path.write_bytes(tiff_bytes(pixels, {**told, **(tags or {})}))


FIBICS_VALUES: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "Application": {
        "Version": ("NPVE v9.9", ""),
        "Date": ("2026-05-07T16:20:05.250-04:00", ""),
        "SupportsTransparency": ("true", ""),
    },
    "Image": {
        "Width": ("64", ""),
        "Height": ("48", ""),
        "BoundingBox.Left": ("0", ""),
        "Machine": ("CONSOLE99", ""),
        "Beam": ("Orion", ""),
        "Aperture": ("[2] He 20 µm (25.0kV|s=4.0)", ""),
        "Detector": ("ET", ""),
        "Contrast": ("31.5", ""),
    },
    "Scan": {
        "Dwell": ("2500", "ns"),
        "LineAvg": ("4", ""),
        "FOV_X": ("3.2", "um"),
        "FOV_Y": ("2.4", "um"),
        "ScanRot": ("1.5", "deg"),
        "Focus": ("0.0115", ""),
    },
    "Stage": {
        "X": ("-1200.5", "um"),
        "Y": ("300.25", "um"),
        "Z": ("11.5", "um"),
        "Tilt": ("0.5", "deg"),
        "Rot": ("46.25", "deg"),
        "M": ("0", "mm"),
    },
    "BeamInfo": {
        "BeamI": ("1.75", ""),
        "AccV": ("25000", ""),
        "GFISGas": ("He", ""),
    },
    "DetectorInfo": {
        "Collector": ("=450.0 V", ""),
        "Stage Bias": ("=0.0 V", ""),
    },
}
"""Values and units of Fibics's sections."""

ITEMS = ("BeamInfo", "DetectorInfo")
"""Sections whose values are items with names."""


def fibics_xml(
    values: Mapping[str, Mapping[str, tuple[str, str]]] = FIBICS_VALUES,
) -> bytes:
    """Return Fibics's XML."""
    sections = (
        f"<{name}>{''.join(_fibics_value(name, *one) for one in keys.items())}</{name}>"
        for name, keys in values.items()
    )
    head = '<?xml version="1.0" encoding="iso-8859-1"?>\r\n<Fibics version="1.0">'
    return f"{head}{''.join(sections)}</Fibics>".encode("latin-1") + b"\0"


def _fibics_value(section: str, key: str, told: tuple[str, str]) -> str:
    value, unit = told
    if section in ITEMS:
        return f"<item name={quoteattr(key)}>{escape(value)}</item>"
    units = f" units={quoteattr(unit)}" if unit else ""
    return f"<{key}{units}>{escape(value)}</{key}>"


def write_fibics(
    path: Path,
    xml: bytes | None = None,
    *,
    tags: Mapping[int, Value] | None = None,
) -> None:
    """Write an image that Fibics software took.

    Parameters
    ----------
    xml
        Content of its tag; see `fibics_xml`.
    """
    told: dict[int, Value] = {
        262: 3,
        305: b"Fibics NPVE 9.9\0",
        306: b"2026:05:07 16:20:05\0",
        320: COLOUR_MAP,
        FIBICS_TAG: fibics_xml() if xml is None else xml,
    }
    pixels = as_integers(grains(64, 48, seed=19))
    path.write_bytes(tiff_bytes(pixels, {**told, **(tags or {})}))
