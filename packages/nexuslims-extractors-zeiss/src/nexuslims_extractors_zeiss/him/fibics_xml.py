"""Fibics's XML: sections of elements, or of items with names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nexuslims_core.reading.findings import Findings, number
from nexuslims_core.reading.markup import as_groups
from nexuslims_core.reading.tables import Field, tabulated
from nexuslims_core.types import quantity

from nexuslims_extractors_zeiss.him.fields import (
    FIBICS_FIELDS,
    FIBICS_TYPED,
    FIBICS_WRITES,
)
from nexuslims_extractors_zeiss.units import MEASURED, in_unit, is_unset

if TYPE_CHECKING:
    from collections.abc import Mapping
    from xml.etree import ElementTree as ET

GROUP = "Fibics"

TIME = ("Application", "Date")

DATA_TYPES = {"SEM": "SEM_Imaging", "FIB": "FIB_Imaging"}
"""Kinds of acquisition by the name of the beam, where it is not that of an Orion."""


def describe(root: ET.Element, columns: int, rows: int) -> Findings:
    """Return what the XML says.

    Parameters
    ----------
    columns, rows
        Size of the image; zeros when unknown.
    """

    def find(row: Field) -> object:
        return value(root, row)

    def find_typed(row: Field) -> object:
        found = value(root, row)
        return None if is_unset(row, found) else found

    found = tabulated(FIBICS_FIELDS, find)
    beam = text(element_of(root, "Image", "Beam"))
    return Findings(
        data_type=DATA_TYPES.get(beam.upper(), "HIM_Imaging"),
        fields=_pixels(found.fields, columns, rows),
        raw={GROUP: as_groups(root)},
    ).joined(found, tabulated(FIBICS_TYPED, find_typed))


def value(root: ET.Element, row: Field) -> object:
    """Return the value of a row, in the row's unit; `None` where there is none."""
    element = element_of(root, row.section, row.key)
    if element is None:
        return None
    told, written = text(element), element.get("units", "")
    if told.startswith("="):
        # Detectors: "=500.0 V".
        told = told.removeprefix("=").strip()
        measured = MEASURED.fullmatch(told)
        if measured:
            told, written = measured["number"], measured["unit"] or written
    return in_unit(told, written, row.unit, assumed(row)) if row.unit else told


def assumed(row: Field) -> str:
    """Return in which unit the file has a number, where it does not say so."""
    return FIBICS_WRITES.get(row.unit, row.unit)


def element_of(root: ET.Element, section: str, name: str) -> ET.Element | None:
    """Return the element, or the item, of that name in a section."""
    group = next((child for child in root if child.tag == section), ())
    fitting = (one for one in group if name in {one.tag, one.get("name")})
    return next(fitting, None)


def text(element: ET.Element | None) -> str:
    """Return the text of an element; empty where there is none."""
    return "" if element is None else (element.text or "").strip()


def _pixels(fields: Mapping[str, Any], columns: int, rows: int) -> dict[str, Any]:
    """Return the size of a pixel: of the field of view, that of one of so many."""
    sizes: dict[str, Any] = {}
    for name, direction, pixels in (
        ("pixel_width", "horizontal", columns),
        ("pixel_height", "vertical", rows),
    ):
        width = fields.get(f"{direction}_field_width")
        micrometres = None if width is None else number(width.magnitude)
        if micrometres and pixels:
            sizes[name] = quantity(micrometres * 1000 / pixels, "nm")
    return sizes
