"""Keeping to the typed fields that a type of dataset has."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from nexuslims_core.model.schema import MODELS, in_unit, known_fields

if TYPE_CHECKING:
    from nexuslims_core.reading.findings import Findings


def fitted(findings: Findings) -> Findings:
    """Return findings whose typed fields are those of the dataset's type.

    The others are shown under their names, in the unit that all vendors' are shown in:
    a file may tell its detector's resolution with an image, too. A name that a typed
    field has is not repeated among the extensions.
    """
    known, names = MODELS[findings.dataset_type].model_fields, known_fields()
    fields = {k: v for k, v in findings.fields.items() if k in known}
    others = {
        names[name].display_name: _preferred(name, value)
        for name, value in findings.fields.items()
        if name not in known
    }
    taken = {names[name].display_name for name in fields if name in names}
    extensions = {
        name: value
        for name, value in {**others, **findings.extensions}.items()
        if name not in taken
    }
    return replace(findings, fields=fields, extensions=extensions)


def _preferred(name: str, value: Any) -> Any:  # noqa: ANN401 - whatever a field holds
    unit = known_fields()[name].unit
    if unit is None:
        return value
    try:
        return in_unit(value, unit)
    except ValueError:
        return value
