"""The metadata of an image, from its settings and tags."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from nexuslims_core.reading.findings import Findings, number, scaled
from nexuslims_core.reading.tables import Field, tabulated
from nexuslims_core.types import quantity

from nexuslims_extractors_tescan.fields import BEAM, BEAM_FIELDS, FALLBACKS, FIELDS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nexuslims_core.reading.ini import Sections

BEAMS = ("SEM", "FIB")
"""Sections of beams: of electrons, and of ions."""

ONLY_IF_ABSENT = ("Make", "Model", "Software Version")
"""Tags that add to the settings."""


def describe(
    sections: Sections, tags: Mapping[str, str], size: tuple[int, int]
) -> Findings:
    """Return what settings and tags say.

    Parameters
    ----------
    size
        Columns and rows of the image; zeros when unknown.
    """
    beam = imaging_beam(sections)
    other = next((one for one in BEAMS if one in sections and one != beam), "")
    found = _settings(sections, beam)
    return Findings(
        data_type="FIB_Imaging" if beam == "FIB" else "SEM_Imaging",
        fields={**_dimensions(size), **_field_widths(sections.get("MAIN", {}), size)},
        extensions={"Beam": beam} if beam else {},
        raw=dict(sections),
    ).joined(
        _tags(tags, found),
        found,
        _other_beam(sections, other),
        _operator(sections, tags),
    )


def imaging_beam(sections: Sections) -> str:
    """Return the section of the beam that made the image: the one with a detector.

    A FIB-SEM may describe both columns; empty where neither is.
    """
    present = [name for name in BEAMS if name in sections]
    detecting = [name for name in present if sections[name].get("Detector")]
    return next(iter((*detecting, *present)), "")


def _settings(sections: Sections, beam: str) -> Findings:
    def find(field: Field) -> str | None:
        if field.section != BEAM:
            return sections.get(field.section, {}).get(field.key)
        return _beam_value(sections.get(beam, {}), field.key)

    return tabulated(FIELDS, find)


def _beam_value(section: Mapping[str, str], key: str) -> str | None:
    return section.get(key) or section.get(FALLBACKS.get(key, ""))


def _other_beam(sections: Sections, name: str) -> Findings:
    """Return the settings of the beam that did not make the image, in a group."""
    section = sections.get(name, {})
    rows = (replace(row, display=(name, *row.display), typed="") for row in BEAM_FIELDS)
    return tabulated(rows, lambda row: _beam_value(section, row.key))


def _dimensions(size: tuple[int, int]) -> dict[str, str]:
    return {"data_dimensions": str(size)} if all(size) else {}


def _field_widths(main: Mapping[str, str], size: tuple[int, int]) -> dict[str, Any]:
    """Return how much of the specimen was scanned; the data bar was not."""
    columns, rows = size
    strip = number(main.get("ImageStripSize", ""))
    if strip is not None and 0 < strip < rows:
        rows -= int(strip)
    fields = {}
    for name, key, pixels in (
        ("horizontal_field_width", "PixelSizeX", columns),
        ("vertical_field_width", "PixelSizeY", rows),
    ):
        metres = number(main.get(key, ""))
        if metres is not None and metres > 0 and pixels:
            fields[name] = quantity(scaled(scaled(metres, pixels), "1e6"), "µm")
    return fields


def _tags(tags: Mapping[str, str], found: Findings) -> Findings:
    extensions = {
        name: tags[name]
        for name in ONLY_IF_ABSENT
        if name in tags and name not in found.extensions
    }
    if "TIFF DateTime" in tags:
        extensions["TIFF DateTime"] = tags["TIFF DateTime"]
    device = found.fields.get("acquisition_device") or tags.get("Model")
    return Findings(
        fields={"acquisition_device": device} if device else {}, extensions=extensions
    )


def _operator(sections: Sections, tags: Mapping[str, str]) -> Findings:
    main = sections.get("MAIN", {})
    name = main.get("FullUserName") or main.get("UserName") or tags.get("Operator")
    if not name:
        return Findings()
    # A login that a whole group shares says little about who sat there.
    return Findings(extensions={"Operator": name}, flagged=(("Operator",),))
