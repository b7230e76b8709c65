"""What the steps of a declared profile do to a dataset."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import singledispatch
from typing import TYPE_CHECKING, Any

import pint

from nexuslims_core.model.jsonable import jsonable
from nexuslims_core.model.schema import in_unit
from nexuslims_core.model.units import number, parse_quantity, parse_unit, registry
from nexuslims_core.profiles.conditions import applies
from nexuslims_core.profiles.grammar import (
    Convert,
    Copy,
    Remove,
    Rename,
    Set,
    Step,
    Type,
    Warn,
)
from nexuslims_core.profiles.places import (
    MISSING,
    Misplaced,
    get,
    located,
    put,
    remove,
)

if TYPE_CHECKING:
    from nexuslims_core.model.files import Dataset
    from nexuslims_core.profiles.places import Place


def run(step: Step, dataset: Dataset, *, label: str) -> Dataset:
    """Return `dataset` as `step` leaves it.

    What the step cannot do to this dataset costs the step alone: the dataset stays as
    it is, with a note.

    Parameters
    ----------
    label
        How notes name the step.
    """
    if not applies(step, dataset):
        return dataset
    try:
        return apply(step, dataset)
    except ValueError as error:
        note = f"{label}: {error}; nothing is changed"
        return replace(dataset, notes=(*dataset.notes, note))


@singledispatch
def apply(step: Step, dataset: Dataset) -> Dataset:
    """Do what `step` says, whatever its conditions.

    Raises
    ------
    ValueError
        If it cannot be done to this dataset.
    """
    raise NotImplementedError(type(step).__name__)


@apply.register(Rename)
def _rename(step: Rename, dataset: Dataset) -> Dataset:
    value = get(dataset, step.source)
    if value is MISSING:
        return dataset
    moved = remove(dataset, step.source)
    there = _exactly(moved, step.target)
    if there is not MISSING and jsonable(there) != jsonable(value):
        msg = f"{step.target} is there already, with another value"
        raise Misplaced(msg)
    return put(moved, step.target, value)


@apply.register(Copy)
def _copy(step: Copy, dataset: Dataset) -> Dataset:
    value = get(dataset, step.source)
    return dataset if value is MISSING else put(dataset, step.target, value)


@apply.register(Convert)
def _convert(step: Convert, dataset: Dataset) -> Dataset:
    place = located(dataset, step.path)
    if place is None:
        return dataset
    found = _measured(get(dataset, place), step.number_unit or step.unit)
    return put(dataset, place, in_unit(found, step.unit))


@apply.register(Set)
def _set(step: Set, dataset: Dataset) -> Dataset:
    return put(dataset, step.path, step.given)


@apply.register(Type)
def _type(step: Type, dataset: Dataset) -> Dataset:
    return replace(
        dataset,
        dataset_type=step.dataset_type or dataset.dataset_type,
        data_type=step.data_type or dataset.data_type,
    )


@apply.register(Warn)
def _warn(step: Warn, dataset: Dataset) -> Dataset:
    found = [located(dataset, place) for place in step.paths]
    new = [
        place.shown
        for place in found
        if place is not None and place.shown not in dataset.flagged
    ]
    return replace(dataset, flagged=(*dataset.flagged, *dict.fromkeys(new)))


@apply.register(Remove)
def _remove(step: Remove, dataset: Dataset) -> Dataset:
    for place in step.paths:
        dataset = remove(dataset, place)
    return dataset


def _exactly(dataset: Dataset, place: Place) -> Any:  # noqa: ANN401 - what is there
    """Return what is at `place` itself, or `MISSING`."""
    found = located(dataset, place)
    return get(dataset, place) if found == place else MISSING


def _measured(value: object, unit: str) -> object:
    """Return a number, or text that is one, as a quantity; a quantity as it is."""
    if isinstance(value, str):
        value = parse_quantity(value)
    if isinstance(value, Mapping):
        return value
    if not isinstance(value, pint.Quantity):
        return registry().Quantity(number(value), parse_unit(unit))
    if value.units == registry().Unit(""):
        return registry().Quantity(value.magnitude, parse_unit(unit))
    return value
