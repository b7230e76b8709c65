"""Check what an extractor found against the schema, without ever losing any of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import pint
from pydantic import ValidationError

from nexuslims_core.model.creation import creation_time
from nexuslims_core.model.flattening import flatten, xml_text, xml_token
from nexuslims_core.model.jsonable import jsonable
from nexuslims_core.model.schema import (
    MODELS,
    NexusMetadata,
    StagePosition,
    display_name,
    in_unit,
    known_fields,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from nexuslims_core.model.files import Dataset, DatasetType
    from nexuslims_core.model.jsonable import Json

__all__ = ["CREATION_TIME_SOURCE", "Metadata", "flatten", "validate", "xml_text"]

CREATION_TIME_SOURCE = "Creation Time Source"
"""Extension that tells where the creation time comes from."""

RESERVED_GROUPS = frozenset({"nx_meta", "nexuslims_source"})
"""Groups of a side-car that are ours; a raw group of that name is renamed."""

_HEAD = ("creation_time", "data_type", "dataset_type", "instrument_id")
_NOT_FIELDS = frozenset(
    {
        "creation_time",
        "data_type",
        "dataset_type",
        "extensions",
        "nexuslims_extraction",
        "warnings",
    }
)


@dataclass(frozen=True, kw_only=True)
class Metadata:
    """A dataset's metadata, valid against the schema and strictly JSON-able."""

    dataset_type: DatasetType
    data_type: str
    nx_meta: dict[str, Any]
    """What a side-car holds under ``nx_meta``."""
    raw: dict[str, Any] = field(default_factory=dict)
    """The raw groups of the side-car."""
    notes: tuple[str, ...] = ()
    """Sentences on what could not be read or understood."""

    def as_json(self) -> dict[str, Any]:
        """Return ``nx_meta`` and the raw groups, as a side-car holds them."""
        return {"nx_meta": self.nx_meta, **self.raw}


@dataclass(frozen=True, kw_only=True)
class _Misfit:
    """A field that the schema does not take as it is."""

    path: tuple[str, ...]
    value: object
    reason: str = ""
    """Empty when nothing is wrong with it."""
    doubtful: bool = False
    """Whether readers should mistrust the value, and not only its place."""

    @property
    def display_path(self) -> tuple[str, ...]:
        return (display_name(self.path[0]), *self.path[1:])


def validate(
    dataset: Dataset,
    *,
    date: datetime,
    module: str,
    version: str,
    instrument_id: str | None = None,
) -> Metadata:
    """Return the metadata of `dataset`, normalised to the schema.

    Nothing that an extractor found makes this raise: a field that the schema does not
    take (unknown, of another dimension, unintelligible) is kept among the extensions
    under its display name, and a note says why.

    Parameters
    ----------
    date, module, version
        When the file was read, by which extractor of which version.
    instrument_id
        Identifier of the instrument; that of the dataset's file when left out.
    """
    notes = [str(note) for note in dataset.notes]
    dataset_type = _dataset_type(dataset, notes)
    created, source = creation_time(dataset, notes)
    instrument = dataset.file.instrument
    head = {
        "creation_time": created,
        "data_type": _data_type(dataset, dataset_type),
        "dataset_type": dataset_type,
        "instrument_id": instrument_id or (instrument.pid if instrument else None),
    }
    model, misfits = _fit(MODELS[dataset_type], dict(_fields(dataset)), head)
    notes.extend(_note(one) for one in misfits if one.reason)
    stamp = {
        "Date": date.isoformat(),
        "Module": module or "unknown",
        "Version": version or "unknown",
        **({"Extractor Warnings": [jsonable(note) for note in notes]} if notes else {}),
    }
    nx_meta = {
        **_dump(model, created),
        "NexusLIMS Extraction": stamp,
        "warnings": _warnings(dataset, misfits),
        "extensions": _extensions(dataset, misfits, source),
    }
    return Metadata(
        dataset_type=dataset_type,
        data_type=model.data_type,
        nx_meta=nx_meta,
        raw=_raw(dataset),
        notes=tuple(notes),
    )


def _dataset_type(dataset: Dataset, notes: list[str]) -> DatasetType:
    if dataset.dataset_type in MODELS:
        return dataset.dataset_type
    notes.append(f"Dataset type {dataset.dataset_type!r:.80} is none that we know.")
    return "Unknown"


def _data_type(dataset: Dataset, dataset_type: DatasetType) -> str:
    text = dataset.data_type
    if isinstance(text, str) and text.strip():
        return str(jsonable(text))
    return "Unknown" if dataset_type == "Unknown" else "Miscellaneous"


def _fields(dataset: Dataset) -> Iterator[tuple[str, object]]:
    """Yield the fields that say something, in plain values where they can be."""
    names = {"Data Dimensions": "data_dimensions", "Instrument ID": "instrument_id"}
    for key, value in dataset.fields.items():
        if value is None or (isinstance(value, str) and not value.strip()):
            continue
        name = names.get(str(key), str(key))
        if isinstance(value, Mapping):
            yield name, dict(value)
        elif isinstance(value, str | int | float | pint.Quantity | StagePosition):
            yield name, value
        else:
            yield name, jsonable(value)


def _fit(
    model: type[NexusMetadata], fields: dict[str, object], head: dict[str, object]
) -> tuple[NexusMetadata, tuple[_Misfit, ...]]:
    """Return the model of the fields that fit, and those that do not."""
    misfits = list(_foreign(model, fields))
    fitting = {name: fields[name] for name in fields if name not in _paths(misfits)}
    known = {name: value for name, value in head.items() if value is not None}
    try:
        return model.model_validate(fitting | known), tuple(misfits)
    except ValidationError as error:
        for problem in error.errors(include_url=False, include_context=False):
            misfit = _taken(fitting, problem["loc"], problem["msg"])
            if misfit is not None:
                misfits.append(misfit)
    return model.model_validate(fitting | known), tuple(misfits)


def _paths(misfits: list[_Misfit]) -> set[str]:
    return {one.path[0] for one in misfits}


def _foreign(
    model: type[NexusMetadata], fields: Mapping[str, object]
) -> Iterator[_Misfit]:
    """Yield the fields that a model does not have."""
    for name, value in fields.items():
        if name in model.model_fields and name not in _NOT_FIELDS:
            continue
        found = known_fields().get(name)
        if found is None:
            yield _Misfit(path=(name,), value=value, reason="is not in the schema")
        elif found.unit is None:
            yield _Misfit(path=(name,), value=value)
        else:
            yield _measured(name, value, found.unit)


def _measured(name: str, value: object, unit: str) -> _Misfit:
    try:
        return _Misfit(path=(name,), value=in_unit(value, unit))
    except ValueError as error:
        reason = f"is unusable: {error}"
        return _Misfit(path=(name,), value=value, reason=reason, doubtful=True)


def _taken(
    fields: dict[str, object], location: tuple[int | str, ...], message: str
) -> _Misfit | None:
    """Take the part of `fields` that a validation error is about out of them."""
    name = _field_name(str(location[0]))
    if name not in fields:
        return None
    reason = f"is unusable: {message.removeprefix('Value error, ')}"
    group = fields[name]
    path: tuple[str, ...]
    if len(location) > 1 and isinstance(group, dict) and location[1] in group:
        part = str(location[1])
        path, value = (name, part), group.pop(part)
    else:
        path, value = (name,), fields.pop(name)
    return _Misfit(path=path, value=value, reason=reason, doubtful=True)


def _field_name(location: str) -> str:
    """Return the name of the field that pydantic calls by its alias."""
    names = {info.alias: name for name, info in NexusMetadata.model_fields.items()}
    return names.get(location, location)


def _note(misfit: _Misfit) -> str:
    name = " / ".join(misfit.path)
    found = misfit.value
    shown = xml_token(str(found) if isinstance(found, pint.Quantity) else repr(found))
    return f"Field {name} {misfit.reason} (found {shown:.120})."


def _dump(model: NexusMetadata, created: datetime) -> dict[str, Any]:
    """Return the fields of `model` by the names that a side-car gives them."""
    result: dict[str, Any] = {"Creation Time": created.isoformat()}
    for name, info in type(model).model_fields.items():
        value = getattr(model, name)
        if value is None or (name in _NOT_FIELDS and name not in _HEAD):
            continue
        if isinstance(value, StagePosition):
            value = {key: item for key, item in value if item is not None}
        # Pint takes long to compare a quantity with anything.
        if name != "creation_time" and not (isinstance(value, dict) and not value):
            result[info.alias or name] = jsonable(value)
    return result


def _warnings(dataset: Dataset, misfits: tuple[_Misfit, ...]) -> list[Json]:
    flagged: list[object] = [
        [entry] if isinstance(entry, str) else entry for entry in dataset.flagged
    ]
    flagged.extend(list(one.display_path) for one in misfits if one.doubtful)
    return cast("list[Json]", jsonable(flagged))


def _extensions(
    dataset: Dataset, misfits: tuple[_Misfit, ...], source: str
) -> dict[str, Json]:
    extensions = cast("dict[str, Json]", jsonable(dict(dataset.extensions)))
    for misfit in misfits:
        _add(extensions, misfit.display_path, jsonable(misfit.value))
    extensions.setdefault(CREATION_TIME_SOURCE, source)
    return extensions


def _add(extensions: dict[str, Json], path: tuple[str, ...], value: Json) -> None:
    """Put `value` at `path`, beside whatever is there already."""
    *groups, name = path
    for group in groups:
        inner = extensions.setdefault(group, {})
        if not isinstance(inner, dict):
            inner = extensions[f"{group} (unusable)"] = {}
        extensions = inner
    if extensions.get(name) == value:
        return
    free = name
    number = 1
    while free in extensions:
        free = f"{name} (unusable)" if number == 1 else f"{name} (unusable {number})"
        number += 1
    extensions[free] = value


def _raw(dataset: Dataset) -> dict[str, Any]:
    raw = cast("dict[str, Json]", jsonable(dict(dataset.raw)))
    return {
        f"{name} (raw)" if name in RESERVED_GROUPS else name: value
        for name, value in raw.items()
    }
