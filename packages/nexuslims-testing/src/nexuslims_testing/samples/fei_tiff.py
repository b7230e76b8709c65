"""TIFF files as FEI and Thermo Fisher SEM, FIB and TEM instruments write them.

Our own writer and our own values: no bytes of real files. A scanning microscope's
settings are sections of keys in tag 34682, newer software adds XML in tag 34683; a TEM
has a list of labels in tag 34682.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal
from xml.sax.saxutils import escape

from nexuslims_testing.samples.micrograph import as_integers, grains
from nexuslims_testing.samples.tiff import Value, tiff_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    import numpy as np

SETTINGS_TAG, XML_TAG = 34682, 34683
CALIBRATION_TAGS, CALIBRATION_UNIT_TAG = (65450, 65451), 65452

Sections = dict[str, dict[str, str]]


@dataclass(frozen=True, kw_only=True)
class Scan:
    """Conditions under which an image was scanned."""

    acquired: datetime = datetime(2026, 3, 17, 14, 5, 9)  # noqa: DTZ001 - the instrument's clock
    operator: str = "jdoe"
    label: str = "weld, heat-affected zone"
    beam: str = "EBeam"
    scan: str = "EScan"
    detector: str = "ETD"
    signal: str = "SE"
    voltage_v: float = 20_000
    current_a: float = 4e-10
    working_distance_m: float = 0.0101
    field_width_m: float = 1.28e-4
    dwell_s: float = 3e-6
    rotation_rad: float = 0.0
    stage_m: tuple[float, float, float] = (0.0042, -0.0117, 0.0101)
    stage_rad: tuple[float, float, float] = (0.7854, 0.1745, 0.0)
    """Rotation, alpha and beta tilt."""
    pressure_pa: float = 0.00027
    vacuum: str = "High vacuum"
    system: str = "Nexus 450"
    width: int = 256
    height: int = 192


def scan_sections(scan: Scan) -> Sections:
    """Return a full set of settings for `scan`; change it as a test needs."""
    return {
        **_who_and_what(scan),
        scan.beam: _beam(scan),
        scan.scan: _scan(scan),
        "Image": _image(scan),
        "Vacuum": {
            "ChPressure": _text(scan.pressure_pa),
            "Gas": "",
            "UserMode": scan.vacuum,
            "Humidity": "",
        },
        "Specimen": {"Temperature": "", "Humidity": ""},
        "Detectors": {"Number": "1", "Name": scan.detector, "Mode": scan.signal},
        scan.detector: _detector(scan),
        "PrivateFei": {"TimeOfCreation": f"{scan.acquired:%d.%m.%Y %H:%M:%S}"},
    }


def _who_and_what(scan: Scan) -> Sections:
    return {
        "User": {
            "Date": f"{scan.acquired:%m/%d/%Y}",
            "Time": f"{scan.acquired:%I:%M:%S %p}",
            "User": scan.operator,
            "UserText": scan.label,
            "UserTextUnicode": scan.label.encode("utf-16-le").hex().upper(),
        },
        "System": {
            "Type": "DualBeam" if scan.beam == "IBeam" else "SEM",
            "Dnumber": "N4500001",
            "Software": "9.1.0.1234",
            "BuildNr": "1234",
            "Source": "FEG",
            "Column": "Pathfinder",
            "FinalLens": "Pathfinder",
            "Chamber": "NX-300",
            "Stage": "100 x 100",
            "Pump": "TMP",
            "ESEM": "no",
            "Aperture": "manual",
            "SystemType": scan.system,
        },
        "Beam": {"Spot": "3", "Beam": scan.beam, "Scan": scan.scan},
    }


def _beam(scan: Scan) -> dict[str, str]:
    positions = zip("XYZ", scan.stage_m, strict=True)
    angles = zip(("R", "Ta", "Tb"), scan.stage_rad, strict=True)
    return {
        "HV": _text(scan.voltage_v),
        "HFW": _text(scan.field_width_m),
        "VFW": _text(scan.field_width_m * scan.height / scan.width),
        "WD": _text(scan.working_distance_m),
        "EucWD": "0.01",
        "BeamCurrent": _text(scan.current_a),
        "EmissionCurrent": "0.000121",
        "TiltCorrectionIsOn": "no",
        "TiltCorrectionAngle": "0",
        "DynamicFocusIsOn": "no",
        "DynamicWDIsOn": "no",
        "ScanRotation": _text(scan.rotation_rad),
        "ImageMode": "Normal",
        "BeamMode": "N-Beam",
        "SourceTiltX": "0.0021",
        "SourceTiltY": "-0.0013",
        "StigmatorX": "0.0008",
        "StigmatorY": "-0.0031",
        "BeamShiftX": "0",
        "BeamShiftY": "0",
        "PreTilt": "0",
        **{f"Stage{axis}": _text(value) for axis, value in (*positions, *angles)},
    }


def _scan(scan: Scan) -> dict[str, str]:
    pixel = scan.field_width_m / scan.width
    return {
        "InternalScan": "true",
        "Dwell": _text(scan.dwell_s),
        "PixelWidth": _text(pixel),
        "PixelHeight": _text(pixel),
        "HorFieldsize": _text(scan.field_width_m),
        "VerFieldsize": _text(pixel * scan.height),
        "FrameTime": _text(scan.dwell_s * scan.width * scan.height),
        "LineTime": _text(scan.dwell_s * scan.width),
        "Mainslock": "On",
        "LineIntegration": "1",
        "ScanInterlacing": "1",
    }


def _image(scan: Scan) -> dict[str, str]:
    return {
        "DigitalContrast": "1",
        "DigitalBrightness": "0",
        "DigitalGamma": "1",
        "Average": "0",
        "Integrate": "4",
        "ResolutionX": str(scan.width),
        "ResolutionY": str(scan.height),
        "DriftCorrected": "Off",
        "ZoomFactor": "1.0",
        "ZoomPanX": "0.5",
        "ZoomPanY": "0.5",
        "MagCanvasRealWidth": "0.1",
        "MagnificationMode": "3",
        "ScreenMagCanvasRealWidth": "0.25",
        "ScreenMagnificationMode": "3",
        "PostProcessing": "None",
    }


def _detector(scan: Scan) -> dict[str, str]:
    return {
        "Contrast": "61.5",
        "Brightness": "44.25",
        "EnhancedContrast": "50",
        "Mix": "100",
        "Signal": scan.signal,
        "Grid": "250",
        "ContrastDB": "12.5",
        "BrightnessDB": "-1.75",
        "MinimumDwellTime": "1e-007",
    }


def _text(value: float) -> str:
    return f"{value:.6g}"


def settings_text(sections: Mapping[str, Mapping[str, str]]) -> bytes:
    """Return settings as the microscope writes them: lines ending in CR LF, one NUL."""
    blocks = (
        "\r\n".join((f"[{name}]", *(f"{k}={v}" for k, v in keys.items()), ""))
        for name, keys in sections.items()
    )
    return "\r\n".join(blocks).encode() + b"\0"


def scan_xml(scan: Scan) -> bytes:
    """Return FEI's XML for the same scan."""
    pixel = scan.field_width_m / scan.width
    return (
        '<?xml version="1.0"?>\r\n<Metadata>\r\n'
        f"<Core><UserID>{escape(scan.operator)}</UserID></Core>\r\n"
        f"<Instrument><InstrumentClass>{escape(scan.system)}</InstrumentClass>"
        "</Instrument>\r\n"
        f"<Acquisition><AcquisitionDatetime>{scan.acquired.isoformat()}"
        "</AcquisitionDatetime><BeamType>Electron</BeamType></Acquisition>\r\n"
        f"<Optics><AccelerationVoltage>{scan.voltage_v}</AccelerationVoltage>"
        f"<WorkingDistance>{scan.working_distance_m}</WorkingDistance></Optics>\r\n"
        "<StageSettings><StagePosition>"
        f"<X>{scan.stage_m[0]}</X><Y>{scan.stage_m[1]}</Y><Z>{scan.stage_m[2]}</Z>"
        f"<Rotation>{scan.stage_rad[0]}</Rotation><Tilt><Alpha>{scan.stage_rad[1]}"
        f"</Alpha><Beta>{scan.stage_rad[2]}</Beta></Tilt>"
        "</StagePosition></StageSettings>\r\n"
        f"<ScanSettings><DwellTime>{scan.dwell_s}</DwellTime></ScanSettings>\r\n"
        "<Detectors><ScanningDetector>"
        f"<DetectorName>{escape(scan.detector)}</DetectorName>"
        "</ScanningDetector></Detectors>\r\n"
        f'<BinaryResult><PixelSize><X unit="m">{pixel}</X><Y unit="m">{pixel}</Y>'
        "</PixelSize></BinaryResult>\r\n</Metadata>\0"
    ).encode()


TEM_LABELS: tuple[tuple[str, str, str], ...] = (
    ("Microscope", "Nexus T200 ST", ""),
    ("User", "jdoe", ""),
    ("Gun type", "FEG", ""),
    ("High tension", "200", "kV"),
    ("Extraction voltage", "4200", "V"),
    ("Emission", "38.5", "uA"),
    ("Mode", "TEM uP SA Zoom Image", ""),
    ("Defocus", "-0.750", "um"),
    ("Magnification", "29000", "x"),
    ("Spot size", "3", ""),
    ("Stage X", "-112.400", "um"),
    ("Stage Y", "61.250", "um"),
    ("Stage Z", "8.125", "um"),
    ("Stage A", "-12.50", "deg"),
    ("Stage B", "0.25", "deg"),
    ("Filter mode", "", ""),
)
"""Labels, values and units of a TEM image."""


def tem_text(labels: Iterable[tuple[str, str, str]] = TEM_LABELS) -> bytes:
    """Return the settings of a TEM."""
    rows = (
        f"<Data><Label>{escape(label)}</Label><Value>{escape(value)}</Value>"
        f"<Unit>{escape(unit)}</Unit></Data>"
        for label, value, unit in labels
    )
    return f"<Root>{''.join(rows)}</Root>".encode() + b"\0"


def write_fei_tiff(
    path: Path,
    *,
    settings: bytes,
    xml: bytes = b"",
    pixels: np.ndarray | None = None,
    tagless: bool = False,
    tags: Mapping[int, Value] | None = None,
    byte_order: Literal["<", ">"] = "<",
    big: bool = False,
) -> None:
    """Write a TIFF with FEI metadata.

    Parameters
    ----------
    settings
        Content of tag 34682; empty for none. See `settings_text` and `tem_text`.
    xml
        Content of tag 34683; empty for none.
    pixels
        The image; a small one of grains by default.
    tagless
        Append settings and XML to the file instead, as if a program had lost the tags.
    tags
        Further tags, see `tiff_bytes`.
    """
    image = as_integers(grains(64, 48, seed=1)) if pixels is None else pixels
    texts = {SETTINGS_TAG: settings, XML_TAG: xml}
    kept: dict[int, Value] = {} if tagless else {k: v for k, v in texts.items() if v}
    content = tiff_bytes(
        image, {**kept, **(tags or {})}, byte_order=byte_order, big=big
    )
    path.write_bytes(content + (settings + xml if tagless else b""))


def write_scan(
    path: Path,
    scan: Scan,
    *,
    image: np.ndarray | None = None,
    bits: int = 8,
    xml: bool = False,
) -> None:
    """Write the image of a scanning microscope.

    Parameters
    ----------
    image
        Brightness from 0 to 1; grains by default.
    xml
        Add FEI's XML.
    """
    shown = grains(scan.width, scan.height, seed=7) if image is None else image
    write_fei_tiff(
        path,
        settings=settings_text(scan_sections(scan)),
        xml=scan_xml(scan) if xml else b"",
        pixels=as_integers(shown, bits),
    )


def write_tem(
    path: Path,
    *,
    image: np.ndarray,
    labels: Iterable[tuple[str, str, str]] = TEM_LABELS,
    pixels_per_cm: int = 40_000_000,
) -> None:
    """Write the image of a TEM, its pixel size in tags beside the labels."""
    calibration: dict[int, Value] = dict.fromkeys(CALIBRATION_TAGS, (pixels_per_cm, 1))
    write_fei_tiff(
        path,
        settings=tem_text(labels),
        pixels=as_integers(image),
        tags={**calibration, CALIBRATION_UNIT_TAG: 3},
    )
