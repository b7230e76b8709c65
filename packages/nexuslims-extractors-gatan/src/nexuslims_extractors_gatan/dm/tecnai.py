"""What FEI's plug-in for DigitalMicrograph writes about a Tecnai or Titan.

It is one text with a part per line, ``Microscope Info`` in a group that is called
``Tecnai``, or has a name that ends so. Every part is read by itself: what is missing,
or is written in another way, costs nothing else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nexuslims_core.reading.findings import number
from nexuslims_core.types import quantity

from nexuslims_extractors_gatan.dm.tags import group, scalar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

GROUP, INFO, SPECIMEN = "Tecnai", "Microscope Info", "Specimen Info"

NOT_AVAILABLE = "not available yet"
"""What the text on the specimen says until somebody enters one."""

FILTER = "Filter related settings:"
"""The line before the settings of an energy filter."""

MU, THETA, PHI, DEGREE = (
    "\N{GREEK SMALL LETTER MU}",
    "\N{GREEK SMALL LETTER THETA}",
    "\N{GREEK SMALL LETTER PHI}",
    "\N{DEGREE SIGN}",
)

VALUE = r"([-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)"
"""A number, as it is written in a part."""

STAGE_NAMES = (
    f"X ({MU}m)",
    f"Y ({MU}m)",
    f"Z ({MU}m)",
    f"{THETA} ({DEGREE})",
    f"{PHI} ({DEGREE})",
)


def _text(found: str) -> str | None:
    return found.strip() or None


def _whole(found: str) -> int | float | None:
    value = number(found)
    return int(value) if value is not None and value == int(value) else value


@dataclass(frozen=True, kw_only=True)
class Part:
    """A pattern of a part, and the names of the values in its groups."""

    pattern: re.Pattern[str]
    names: tuple[str, ...]
    read: Callable[[str], Any] = number


def _part(pattern: str, *names: str, read: Callable[[str], Any] = number) -> Part:
    return Part(pattern=re.compile(pattern), names=names, read=read)


def _aperture(found: str) -> int | float | None:
    """Return the diameter of an aperture; `None` while it is retracted."""
    return _whole(found.strip().removesuffix("um").strip())


PARTS: tuple[Part, ...] = (
    _part(r"Microscope (.+)", "Tecnai Microscope Name", read=_text),
    _part(r"User (.+)", "Tecnai User", read=_text),
    _part(r"Gun (.+?) Extr volt.*", "Gun Name", read=_text),
    _part(rf"Gun .*Extr volt {VALUE}.*", "Extractor Voltage (V)", read=_whole),
    _part(rf"Gun .*Gun Lens {VALUE}.*", "Gun Lens #", read=_whole),
    _part(rf"Gun .*Emission {VALUE} ?uA.*", f"Emission Current ({MU}A)"),
    _part(r"Mode (.+?)(?: Defocus.*| Magn .*| CL .*)?", "Tecnai Mode", read=_text),
    _part(rf"Mode .*Defocus (?:\(um\) )?{VALUE}.*", "Defocus"),
    _part(rf"Mode .*Magn {VALUE} ?x.*", "Magnification"),
    _part(rf"Mode .*CL {VALUE} ?m.*", "Camera Length (m)"),
    _part(rf"Spot {VALUE}.*", "Spot", read=_whole),
    _part(rf"C2 {VALUE} ?%", "C2 Lens Strength (%)"),
    _part(rf"C3 {VALUE} ?%", "C3 Lens Strength (%)"),
    _part(rf"Obj {VALUE} ?%", "Objective Lens Strength (%)"),
    _part(rf"Dif {VALUE} ?%", "Diffraction Lens Strength (%)"),
    _part(rf"Image shift {VALUE}/.*", f"Image Shift X ({MU}m)"),
    _part(rf"Image shift [^/]*/{VALUE} ?um", f"Image Shift Y ({MU}m)"),
    _part(r"C1 Aperture: (.+)", f"C1 Aperture ({MU}m)", read=_aperture),
    _part(r"C2 Aperture: (.+)", f"C2 Aperture ({MU}m)", read=_aperture),
    _part(r"OBJ Aperture: (.+)", f"Objective Aperture ({MU}m)", read=_aperture),
    _part(r"SA Aperture: (.+)", f"Selected Area Aperture ({MU}m)", read=_aperture),
)

FILTER_PARTS: tuple[Part, ...] = (
    _part(r"Mode: (.+)", "Mode", read=_text),
    _part(rf"Selected dispersion: {VALUE}.*", "Dispersion (eV/channel)"),
    _part(rf"Selected aperture: {VALUE}.*", "Aperture (mm)"),
    _part(rf"Prism shift: {VALUE}.*", "Prism Shift (eV)"),
    _part(rf"Drift tube: {VALUE}.*", "Drift Tube (eV)"),
    _part(rf"Total energy loss: {VALUE}.*", "Total Energy Loss (eV)"),
)
"""Of an energy filter."""


def parsed(text: str) -> dict[str, Any]:
    """Return what the text says, by display name.

    Names have the units, as values are numbers. ``Stage Position`` and ``Tecnai
    Filter`` are groups.
    """
    about, _, of_filter = text.partition(FILTER)
    values = dict(_values(_lines(about), PARTS))
    stage = _stage(_lines(about))
    filter_ = dict(_values(_lines(of_filter), FILTER_PARTS))
    groups = {"Stage Position": stage, "Tecnai Filter": filter_}
    return values | {name: one for name, one in groups.items() if one}


def _lines(text: str) -> list[str]:
    """Return the parts of a text; U+2028, which ends them, is a line's end."""
    return [line.strip() for line in text.splitlines()]


def _values(lines: list[str], parts: tuple[Part, ...]) -> Iterator[tuple[str, Any]]:
    for part in parts:
        matches = (part.pattern.fullmatch(line) for line in lines)
        match = next(filter(None, matches), None)
        if match is not None:
            for name, found in zip(part.names, match.groups(), strict=True):
                yield name, part.read(found)


def _stage(lines: list[str]) -> dict[str, float]:
    text = next((one[6:] for one in lines if one.startswith("Stage ")), "")
    matches = (re.match(rf"\s*{VALUE}", one) for one in text.split(","))
    values = [number(match[1]) if match else None for match in matches]
    named = zip(STAGE_NAMES, values, strict=False)
    return {name: value for name, value in named if value is not None}


def typed(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the typed fields that parsed values give."""
    fields: dict[str, Any] = {}
    emission = values.get(f"Emission Current ({MU}A)")
    length = values.get("Camera Length (m)")
    if emission is not None:
        fields["emission_current"] = quantity(emission, "µA")
    if length is not None:
        fields["camera_length"] = quantity(length, "m")
    if values.get("Magnification") is not None:
        fields["magnification"] = float(values["Magnification"])
    stage = values.get("Stage Position", {})
    axes = zip(("x", "y", "z"), STAGE_NAMES, strict=False)
    position = {axis: quantity(stage[one], "µm") for axis, one in axes if one in stage}
    return fields | ({"stage_position": position} if position else {})


def tecnai_group(tree: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the first group of a tree whose name ends in ``Tecnai``, or none."""
    for name, value in tree.items():
        if not isinstance(value, dict):
            continue
        if str(name).strip().endswith(GROUP) and INFO in value:
            return value
        within = tecnai_group(value)
        if within:
            return within
    return {}


def tecnai_fields(tags: Mapping[str, Any]) -> dict[str, Any]:
    """Return the typed fields that an image's tags give through FEI's text."""
    return typed(parsed(str(scalar(group(tags, GROUP).get(INFO)) or "")))
