"""Metadata of TEMs: a list of labels with values and units."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nexuslims_core.reading.findings import Findings, number
from nexuslims_core.reading.markup import salvage
from nexuslims_core.types import quantity

if TYPE_CHECKING:
    from xml.etree import ElementTree as ET

STAGE = {
    "Stage X": "x",
    "Stage Y": "y",
    "Stage Z": "z",
    "Stage A": "tilt_alpha",
    "Stage B": "tilt_beta",
}

TYPED = {
    "Emission": "emission_current",
    "Camera length": "camera_length",
    "Convergence angle": "convergence_angle",
    "Stem rotation": "scan_rotation",
}
"""Labels that are typed fields beside the extension of their name."""

FACTORS = {"": 1, "x": 1, "kx": 1000}
"""Units of magnifications."""

UNITS = {"um": "µm", "uA": "µA", "deg": "deg", "kV": "kV", "V": "V", "nm": "nm"}
UNITS |= {"mm": "mm", "m": "m", "rad": "rad", "mrad": "mrad"}
"""Units of typed values, as TEM files write them and as we do."""


def describe(text: str) -> Findings:
    """Return what a ``<Root>`` list says.

    Raises
    ------
    ValueError
        If `text` is no such list.
    """
    root, problem = salvage(text)
    if root is None:
        raise ValueError(problem)
    rows = list(map(_row, root.iter("Data")))
    fields: dict[str, Any] = {}
    stage: dict[str, Any] = {}
    extensions: dict[str, Any] = {}
    for label, value, unit in rows:
        known = unit in UNITS and number(value) is not None
        if known and label == "High tension":
            fields["acceleration_voltage"] = quantity(value, UNITS[unit])
        elif known and label in STAGE:
            stage[STAGE[label]] = quantity(value, UNITS[unit])
        elif label and value:
            extensions[label] = f"{value} {unit}".strip()
            fields.update(_typed(label, value, unit))
    if stage:
        fields["stage_position"] = stage
    diffraction = "Diffraction" in str(extensions.get("Mode", ""))
    return Findings(
        dataset_type="Diffraction" if diffraction else "Image",
        data_type="TEM_Diffraction" if diffraction else "TEM_Imaging",
        fields=fields,
        extensions=extensions,
        # A login that a whole group shares says little about who sat there.
        flagged=(("Operator",), ("User",)) if "User" in extensions else (),
        raw={"Root": [{"Label": a, "Value": b, "Unit": c} for a, b, c in rows]},
        notes=(f"The metadata are damaged: {problem}.",) if problem else (),
    )


def _typed(label: str, value: str, unit: str) -> dict[str, Any]:
    """Return the typed field that a label is beside its extension, if it is one."""
    found = number(value)
    if label == "User":
        return {"operator": value}
    if label == "Magnification" and found is not None and unit in FACTORS:
        return {"magnification": float(found * FACTORS[unit])}
    if label in TYPED and found is not None and unit in UNITS:
        return {TYPED[label]: quantity(found, UNITS[unit])}
    return {}


def _row(data: ET.Element) -> tuple[str, str, str]:
    label, value, unit = (
        (data.findtext(name) or "").strip() for name in ("Label", "Value", "Unit")
    )
    return label, value, unit
