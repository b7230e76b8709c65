"""Lines of metadata as PropertyValues, annotated with the EM Glossary and QUDT."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from nexuslims_core.exporting.names import digest
from nexuslims_core.exporting.text import clean
from nexuslims_core.model.schema import FieldDescriptor, known_fields
from nexuslims_core.model.units import (
    QUDT,
    QUDT_NAMES,
    convert,
    parse_unit,
    qudt_iri,
    registry,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nexuslims_core.types import MetaValue

SEPARATOR = " \N{EN DASH} "
"""Joins the levels of the names of nested metadata, see `MetaValue.name`."""

MISTRUSTED = "Flagged by NexusLIMS: this value may be wrong."


@dataclass(frozen=True, kw_only=True)
class _Measure:
    value: float | str
    unit: str | None = None
    iri: str | None = None


@cache
def _descriptors() -> Mapping[str, FieldDescriptor]:
    """Return what is known about fields, by the names that records show."""
    return {
        name: field
        for key, field in known_fields().items()
        for name in (field.display_name, key)
    }


def property_value(meta: MetaValue, *, eln: bool = False) -> dict[str, Any]:
    """Return the entity of one line of metadata; equal lines give equal entities.

    What the line is about is said by the IRI of the term in the EM Glossary, where
    there is one: as `propertyID`, the place that schema.org has for it. The ELN file
    format wants the path of the property there, and the IRI as `identifier`.

    Parameters
    ----------
    meta
        A line of a record.
    eln
        Whether to write it as importers of ``.eln`` files read it.
    """
    found = _descriptors().get(meta.name)
    term = found.emg_uri if found else None
    measure = _measure(meta, pure=found is not None and found.unit == "")
    fields = {
        "name": clean(meta.name),
        "value": measure.value,
        "unitText": clean(measure.unit) if measure.unit else None,
        "unitCode": measure.iri,
        "propertyID": _path(meta.name) if eln else term,
        "identifier": term if eln else None,
        "description": MISTRUSTED if meta.warning else None,
    }
    known = {key: value for key, value in fields.items() if value is not None}
    number = digest(json.dumps(known, sort_keys=True))[:16]
    return {"@id": f"#property-{number}", "@type": "PropertyValue", **known}


def _path(name: str) -> str:
    """Return the levels of a name joined by full stops, with none inside a level."""
    return ".".join(clean(level).replace(".", "_") for level in name.split(SEPARATOR))


def _measure(meta: MetaValue, *, pure: bool) -> _Measure:
    """Return value and unit; as a number where it is one, otherwise as text."""
    number = _number(meta.value) if meta.unit or pure else None
    if number is None:
        return _Measure(value=clean(meta.value), unit=meta.unit)
    if not meta.unit:
        return _Measure(value=number, iri=QUDT + QUDT_NAMES[""])
    iri = _iri(meta.unit)
    return _Measure(value=number, unit=meta.unit, iri=iri) if iri else _plain(meta)


def _plain(meta: MetaValue) -> _Measure:
    """Return a value without QUDT unit: ``80 kX`` as 80000, others as they are."""
    value = float(meta.value)
    try:
        # Not `quantity`: Pint would evaluate whatever a file has for a unit.
        unit = parse_unit(meta.unit or "")
        number = convert(registry().Quantity(value, unit), "")
    except ValueError:
        return _Measure(value=value, unit=meta.unit)
    return _Measure(value=float(number.magnitude), iri=QUDT + QUDT_NAMES[""])


def _iri(unit: str) -> str | None:
    try:
        return qudt_iri(unit)
    except ValueError:
        return None


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
