"""Where a value of a dataset is: how profiles name it, and getting it there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from nexuslims_core.model.schema import StagePosition, display_name, known_fields

if TYPE_CHECKING:
    from nexuslims_core.model.files import Dataset

Kind = Literal["field", "extension", "raw", "type"]
"""Typed fields, extensions, raw groups; and what kind of data it is."""

SEPARATOR = " / "
MISSING = object()
"""Stands for a value that is not there; `None` may be one that is."""

_PREFIXES: Mapping[str, Kind] = {"raw:": "raw", "extension:": "extension"}
_TYPES = {
    "DatasetType": "DatasetType",
    "dataset_type": "DatasetType",
    "Data Type": "Data Type",
    "data_type": "Data Type",
}
RESERVED = frozenset(
    {
        "Creation Time",
        "Instrument ID",
        "NexusLIMS Extraction",
        "creation_time",
        "extensions",
        "instrument_id",
        "nexuslims_extraction",
        "warnings",
    }
)
"""What NexusLIMS itself says of a dataset."""


class Misplaced(ValueError):  # noqa: N818 - it is a state of things, told to a person
    """There is no such place in this dataset, or it is taken."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """The name of a value, as a profile gives it."""

    kind: Kind
    parts: tuple[str, ...]
    """Names of groups, then of the value; a typed field's is that of the schema."""
    spelt: tuple[str, ...]
    """The parts as they were written."""

    def __str__(self) -> str:
        prefix = "raw:" if self.kind == "raw" else ""
        return prefix + SEPARATOR.join(self.spelt)

    @property
    def shown(self) -> tuple[str, ...]:
        """The parts as people read them in a record."""
        return (display_name(self.parts[0]), *self.parts[1:])


def parse(path: object) -> Place:
    """Return the place that a path names.

    Parameters
    ----------
    path
        Names joined by ``" / "``, or a list of them. The first may begin with ``raw:``
        or ``extension:``; otherwise it is a typed field, by its name in the schema or
        in records, if there is one of that name, and an extension if not.

    Raises
    ------
    ValueError
        If it is no path.
    """
    first, *rest = _names(path)
    for prefix, kind in _PREFIXES.items():
        if first.startswith(prefix):
            return _explicit(kind, (first.removeprefix(prefix).strip(), *rest))
    return _implicit((first, *rest))


def _names(path: object) -> tuple[str, ...]:
    parts = path.split(SEPARATOR) if isinstance(path, str) else path
    if isinstance(parts, list) and parts:
        names = tuple(one.strip() for one in parts if isinstance(one, str))
        if len(names) == len(parts) and all(names):
            return names
    msg = f"{path!r} is no path; expected a name, names joined by ' / ', or a list"
    raise ValueError(msg)


def _explicit(kind: Kind, names: tuple[str, ...]) -> Place:
    if not names[0]:
        raise ValueError("a name is missing after the colon")
    return Place(kind=kind, parts=names, spelt=names)


def _implicit(names: tuple[str, ...]) -> Place:
    first, *rest = names
    if first in _TYPES and not rest:
        return Place(kind="type", parts=(_TYPES[first],), spelt=names)
    field = _field_name(first)
    if field is not None:
        return Place(kind="field", parts=(field, *rest), spelt=names)
    return Place(kind="extension", parts=names, spelt=names)


def _field_name(name: str) -> str | None:
    """Return the typed field that goes by `name`, in the schema or in records."""
    if name in known_fields():
        return name
    others = {one.display_name: field for field, one in known_fields().items()}
    others |= {"data_dimensions": "data_dimensions"}
    others |= {"Data Dimensions": "data_dimensions"}
    return others.get(name)


def get(dataset: Dataset, place: Place) -> Any:  # noqa: ANN401 - whatever is there
    """Return the value at `place`, or `MISSING`.

    An extension that has the name of a typed field is found where the field is absent.
    """
    found = located(dataset, place)
    return MISSING if found is None else _get(_group(dataset, found.kind), found.parts)


def located(dataset: Dataset, place: Place) -> Place | None:
    """Return where the value of `place` really is, or `None` if it is nowhere."""
    choices = [place]
    if place.kind == "field":
        choices += [
            replace(place, kind="extension", parts=parts)
            for parts in (place.spelt, place.shown)
        ]
    for choice in choices:
        if _get(_group(dataset, choice.kind), choice.parts) is not MISSING:
            return choice
    return None


def put(dataset: Dataset, place: Place, value: object) -> Dataset:
    """Return a copy of `dataset` that has `value` at `place`.

    Raises
    ------
    Misplaced
        If a value stands where a group would have to be.
    """
    group = _put(_group(dataset, place.kind), place.parts, value)
    return _with_group(dataset, place.kind, group)


def remove(dataset: Dataset, place: Place) -> Dataset:
    """Return a copy of `dataset` without the value at `place`, if there is one.

    Groups that become empty go with it.

    Raises
    ------
    Misplaced
        If it is an item of a list.
    """
    found = located(dataset, place)
    if found is None:
        return dataset
    group = _without(_group(dataset, found.kind), found.parts)
    return _with_group(dataset, found.kind, group)


def _group(dataset: Dataset, kind: Kind) -> Mapping[str, Any]:
    if kind == "field":
        return dataset.fields
    if kind == "extension":
        return dataset.extensions
    if kind == "raw":
        return dataset.raw
    return {"DatasetType": dataset.dataset_type, "Data Type": dataset.data_type}


def _with_group(dataset: Dataset, kind: Kind, group: Mapping[str, Any]) -> Dataset:
    if kind == "field":
        return replace(dataset, fields=group)
    if kind == "extension":
        return replace(dataset, extensions=group)
    return replace(dataset, raw=group)


def _get(group: object, parts: Sequence[str]) -> Any:  # noqa: ANN401
    for part in parts:
        group = _item(_plain(group), part)
        if group is MISSING:
            return MISSING
    return group


def _item(group: object, part: str) -> object:
    if isinstance(group, Mapping):
        return group.get(part, MISSING)
    if isinstance(group, list | tuple) and part.isdecimal() and int(part) < len(group):
        return group[int(part)]
    return MISSING


def _plain(group: object) -> object:
    if isinstance(group, StagePosition):
        return {name: value for name, value in group if value is not None}
    return group


def _put(group: object, parts: Sequence[str], value: object) -> dict[str, Any]:
    group = _plain(group)
    if not isinstance(group, Mapping):
        msg = f"there is a value, {group!r:.60}, where a group would have to be"
        raise Misplaced(msg)
    name, *rest = parts
    return {**group, name: _put(group.get(name, {}), rest, value) if rest else value}


def _without(group: object, parts: Sequence[str]) -> dict[str, Any]:
    group = _plain(group)
    if not isinstance(group, Mapping):
        raise Misplaced("single items of a list cannot be removed")
    name, *rest = parts
    inner = _without(group[name], rest) if rest else {}
    kept = {key: item for key, item in group.items() if key != name}
    return {**group, name: inner} if inner else kept
