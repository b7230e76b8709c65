"""Settings whose value depends on others, or needs more than a unit."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from nexuslims_core.reading.findings import Findings, decimals, number
from nexuslims_core.types import quantity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from nexuslims_core.reading.ini import Sections

SWITCHES = (
    ("beam", "TiltCorrectionIsOn", "yes", "Tilt Correction Enabled"),
    ("beam", "DynamicFocusIsOn", "yes", "Dynamic Focus Enabled"),
    ("beam", "DynamicWDIsOn", "yes", "Dynamic WD Enabled"),
    ("Image", "DriftCorrected", "On", "Drift Correction Applied"),
    ("scan", "InternalScan", "true", "Internal Scan"),
)
"""Section or role, key, the value that means yes, and display name."""


def special_fields(sections: Sections, names: Mapping[str, str]) -> Findings:
    """Return what the table of fields cannot say.

    Parameters
    ----------
    names
        Names of the sections that are the beam, the scan and the detector.
    """
    extensions: dict[str, Any] = {
        f"{role.capitalize()} Name": names[role]
        for role in ("beam", "detector")
        if role in names
    }
    beam = sections.get(names.get("beam", ""), {})
    operator = sections.get("User", {}).get("User")
    extensions.update(_switches(sections, names))
    extensions.update(_tilt_correction(beam))
    extensions.update(_frames(sections.get("Image", {})))
    extensions.update(_system(sections.get("System", {})))
    if operator:
        extensions["Operator"] = operator
    fields = {**_dimensions(sections.get("Image", {})), **_rotation(beam)}
    return Findings(
        fields=fields,
        extensions=extensions,
        # A login that a whole group shares says little about who sat there.
        flagged=(("Operator",),) if operator else (),
    ).joined(_pressure(sections.get("Vacuum", {})))


def _switches(
    sections: Sections, names: Mapping[str, str]
) -> Iterator[tuple[str, bool]]:
    for section, key, yes, display in SWITCHES:
        text = sections.get(names.get(section, section), {}).get(key)
        if text:
            yield display, text == yes


def _tilt_correction(beam: Mapping[str, str]) -> dict[str, Any]:
    angle = number(beam.get("TiltCorrectionAngle", ""))
    if angle is None or beam.get("TiltCorrectionIsOn") != "yes":
        return {}
    return {"Tilt Correction Angle": float(angle)}


def _frames(image: Mapping[str, str]) -> dict[str, Any]:
    frames = number(image.get("Integrate", ""))
    return {"Frames Integrated": frames} if frames is not None and frames > 1 else {}


def _system(system: Mapping[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    if system.get("Software"):
        build = system.get("BuildNr")
        suffix = f" (build {build})" if build else ""
        found["Software Version"] = system["Software"] + suffix
    column = " ".join(filter(None, (system.get("Column"), system.get("Type"))))
    if column:
        found["Column Type"] = column
    return found


def _pressure(vacuum: Mapping[str, str]) -> Findings:
    text = vacuum.get("ChPressure", "")
    if number(text) is not None:
        return Findings(fields={"chamber_pressure": quantity(text, "Pa")})
    return Findings(extensions={"Chamber Pressure": text} if text else {})


def _dimensions(image: Mapping[str, str]) -> dict[str, str]:
    width, height = image.get("ResolutionX"), image.get("ResolutionY")
    return {"data_dimensions": f"({width}, {height})"} if width and height else {}


def _rotation(beam: Mapping[str, str]) -> dict[str, Any]:
    text = beam.get("ScanRotation", "")
    radians = number(text)
    if radians is None:
        return {}
    degrees = round(math.degrees(radians), decimals(text))
    return {"scan_rotation": quantity(degrees, "deg")}


def user_text(user: Mapping[str, str]) -> dict[str, str]:
    """Return the label in full where the microscope's code page lost characters.

    ``UserText`` has a question mark for each of those; ``UserTextUnicode`` is the
    same label as UTF-16 in hexadecimal digits.
    """
    if "?" not in user.get("UserText", ""):
        return {}
    try:
        label = bytes.fromhex(user.get("UserTextUnicode", "")).decode("utf-16-le")
    except ValueError:
        return {}
    label = label.replace("\0", "").strip()
    return {"User Text": label} if label else {}
