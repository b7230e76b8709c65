"""Metadata of SEM and FIB instruments, from their settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nexuslims_core.reading.findings import Findings, number
from nexuslims_core.reading.tables import Field, tabulated
from nexuslims_core.types import quantity

from nexuslims_extractors_fei.tiff.fields import FIELDS
from nexuslims_extractors_fei.tiff.special import special_fields, user_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from nexuslims_core.reading.ini import Sections, Settings

STAGE = {
    "x": ("StageX", "m"),
    "y": ("StageY", "m"),
    "z": ("StageZ", "m"),
    "rotation": ("StageR", "rad"),
    "tilt_alpha": ("StageTa", "rad"),
    "tilt_beta": ("StageTb", "rad"),
}
"""Keys and units of the stage's axes; FEI's XML has the same numbers."""


def describe(settings: Settings) -> Findings:
    """Return what `settings` say, by the table `FIELDS` and the special rules."""
    sections = settings.sections
    names, notes = section_names(sections)

    def find(field: Field) -> str | None:
        section = sections.get(names.get(field.section, field.section), {})
        return section.get(field.key)

    beam = sections.get(names.get("beam", ""), {})
    return Findings(
        fields={**_stage(beam), **_detector(names)},
        raw=dict(sections),
        notes=(*notes, *_rejected(settings.rejected)),
    ).joined(
        tabulated(FIELDS, find),
        special_fields(sections, names),
        Findings(extensions=user_text(sections.get("User", {}))),
    )


def _detector(names: Mapping[str, str]) -> dict[str, str]:
    return {"detector_type": names["detector"]} if "detector" in names else {}


def section_names(sections: Sections) -> tuple[dict[str, str], list[str]]:
    """Return the names of the sections in each role, and notes on guessed ones.

    Where the file does not name the section, the only one that can be meant is taken.
    """
    named = {
        "beam": ("Beam", "Beam", list(_ending(sections, "Beam"))),
        "scan": ("Beam", "Scan", list(_ending(sections, "Scan"))),
        "detector": ("Detectors", "Name", list(_detectors(sections))),
    }
    names: dict[str, str] = {}
    notes: list[str] = []
    for role, (section, key, possible) in named.items():
        name = sections.get(section, {}).get(key)
        if name:
            names[role] = name
        elif section not in sections and len(possible) == 1:
            names[role] = possible[0]
            notes.append(
                f"Section [{section}] is missing, which names the {role}; "
                f"[{possible[0]}] is the only one there is."
            )
    return names, notes


def _ending(sections: Sections, kind: str) -> Iterator[str]:
    return (name for name in sections if name.endswith(kind) and name != kind)


def _detectors(sections: Sections) -> Iterator[str]:
    return (
        name for name, keys in sections.items() if {"Brightness", "Contrast"} <= {*keys}
    )


def _stage(beam: Mapping[str, str]) -> dict[str, Any]:
    values = {axis: number(beam.get(key, "")) for axis, (key, _) in STAGE.items()}
    stage = {
        axis: quantity(value, STAGE[axis][1])
        for axis, value in values.items()
        if value is not None
    }
    return {"stage_position": stage} if stage else {}


def _rejected(lines: tuple[str, ...]) -> tuple[str, ...]:
    if not lines:
        return ()
    first = f"the first is {lines[0][:80]!r}."
    return (f"Lines that are neither section nor key=value: {len(lines)}; {first}",)
