"""Zeiss's XML: elements named with dots, each of a value and its unit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nexuslims_core.reading.findings import Findings, number, scaled
from nexuslims_core.reading.markup import as_groups
from nexuslims_core.reading.tables import Field, tabulated
from nexuslims_core.types import quantity

from nexuslims_extractors_zeiss.him.fields import (
    ZEISS_FIELDS,
    ZEISS_TYPED,
    ZEISS_WRITES,
)
from nexuslims_extractors_zeiss.units import in_unit, is_unset

if TYPE_CHECKING:
    from xml.etree import ElementTree as ET

GROUP = "ImageTags"

TIME = "TimeStamp"


def describe(root: ET.Element) -> Findings:
    """Return what the XML says."""

    def find(row: Field) -> object:
        return value(root, row)

    def find_typed(row: Field) -> object:
        found = value(root, row)
        return None if is_unset(row, found) else found

    return Findings(
        data_type="HIM_Imaging", fields=_height(root), raw={GROUP: as_groups(root)}
    ).joined(tabulated(ZEISS_FIELDS, find), tabulated(ZEISS_TYPED, find_typed))


def value(root: ET.Element, row: Field) -> object:
    """Return the value of a row, in the row's unit; `None` where there is none."""
    element = element_of(root, row.key)
    if element is None:
        return None
    told = text(element)
    written = element.findtext("Units") or ""
    return in_unit(told, written, row.unit, assumed(row)) if row.unit else told


def assumed(row: Field) -> str:
    """Return in which unit the file has a number, where it does not say so."""
    return ZEISS_WRITES.get(row.unit, row.unit)


def element_of(root: ET.Element, path: str) -> ET.Element | None:
    """Return the element of that name, or at that path where dots are levels."""
    literal = next((child for child in root if child.tag == path), None)
    return literal if literal is not None else root.find(path.replace(".", "/"))


def text(element: ET.Element | None) -> str:
    """Return the text of a value; empty where there is none."""
    if element is None:
        return ""
    return (element.findtext("Value") or element.text or "").strip()


def _height(root: ET.Element) -> dict[str, Any]:
    """Return how far down the image reaches, which the file does not say itself."""
    metres = number(text(element_of(root, "ScalingY")))
    rows = number(text(element_of(root, "ImageHeight")))
    if metres is None or rows is None or metres <= 0 or rows <= 0:
        return {}
    height = scaled(scaled(metres, rows), "1e6")
    return {"vertical_field_width": quantity(height, "µm")}
