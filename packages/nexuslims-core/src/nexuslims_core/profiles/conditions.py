"""Whether a step of a profile applies to a dataset."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pint

from nexuslims_core.model.units import convert, number, parse_quantity, symbol
from nexuslims_core.profiles.places import MISSING, get
from nexuslims_core.profiles.words import path_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nexuslims_core.model.files import DataFile, Dataset
    from nexuslims_core.profiles.grammar import Condition, Step

_MOST_TEXT = 10_000
"""Characters of a value that are searched."""


def applies(step: Step, dataset: Dataset) -> bool:
    """Tell whether the conditions of `step` hold for `dataset`."""
    if step.when and not any(holds(one, dataset) for one in step.when):
        return False
    return not any(holds(one, dataset) for one in step.unless)


def holds(condition: Condition, dataset: Dataset) -> bool:
    """Tell whether all that `condition` asks for is so."""
    if not _holds_for_file(condition, dataset.file):
        return False
    if condition.path is None:
        return True
    found = get(dataset, condition.path)
    if condition.exists is not None and condition.exists is not _exists(found):
        return False
    return _holds_for_value(condition, found)


def _holds_for_file(condition: Condition, file: DataFile) -> bool:
    if condition.extension and file.extension not in condition.extension:
        return False
    return not condition.word or not path_words(file).isdisjoint(condition.word)


def _exists(found: object) -> bool:
    return found is not MISSING and found is not None and found != ""


def _holds_for_value(condition: Condition, found: object) -> bool:
    texts = list(_texts(found))
    if condition.equals and not any(_is(found, one) for one in condition.equals):
        return False
    if condition.contains and not any(
        part.casefold() in text.casefold()
        for text in texts
        for part in condition.contains
    ):
        return False
    pattern = condition.matches
    return pattern is None or any(pattern.search(text) for text in texts)


def _texts(found: object) -> Iterator[str]:
    """Yield a value as people read it; each item of a list by itself."""
    if found is MISSING or found is None or isinstance(found, Mapping):
        return
    if isinstance(found, list | tuple):
        for item in found:
            yield from _texts(item)
    elif isinstance(found, pint.Quantity):
        yield f"{found.magnitude} {symbol(str(found.units))}".strip()
    else:
        yield str(found)[:_MOST_TEXT]


def _is(found: object, expected: object) -> bool:
    if isinstance(found, list | tuple):
        return any(_is(item, expected) for item in found)
    if isinstance(found, pint.Quantity):
        return _is_quantity(found, expected)
    if isinstance(expected, str):
        texts = (text.strip().casefold() for text in _texts(found))
        return expected.strip().casefold() in texts
    if isinstance(expected, bool) or isinstance(found, bool):
        return found is expected
    return _is_number(found, expected)


def _is_number(found: object, expected: object) -> bool:
    try:
        value = float(found) if isinstance(found, str) else number(found)
        return _close(value, number(expected))
    except ValueError:
        return False


def _is_quantity(found: pint.Quantity[Any], expected: object) -> bool:
    try:
        if not isinstance(expected, str):
            return _close(number(found.magnitude), number(expected))
        wanted = parse_quantity(expected)
        return _close(convert(found, str(wanted.units)).magnitude, wanted.magnitude)
    except ValueError:
        return False


def _close(one: float, other: float) -> bool:
    return math.isclose(one, other, rel_tol=1e-9)
