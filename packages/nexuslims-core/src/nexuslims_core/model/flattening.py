"""Turn a dataset's stored metadata into the lines of a record.

Works from the JSON of a side-car, so that a record can be built without reading the
data file again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from nexuslims_core.model.record import MetaValue

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SEPARATOR = " \N{EN DASH} "
"""Joins the levels of nested names."""

HIDDEN = frozenset({"DatasetType", "extensions", "warnings"})
"""Keys that are written elsewhere in a record, or guide how others are written."""

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SPACE = re.compile("[ \t\n\r]+")
_QUANTITY_KEYS = ({"value", "unit"}, {"value", "units"})


class _Leaf(NamedTuple):
    path: tuple[str, ...]
    value: str
    unit: str | None = None


def xml_text(text: str) -> str:
    """Return `text` with U+FFFD for each character that XML 1.0 cannot hold."""
    if text.isascii() and text.isprintable():
        return text
    return _NOT_XML.sub("\ufffd", text)


def xml_token(text: str) -> str:
    """Return `text` as an ``xs:token``: XML's white space trimmed and collapsed."""
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip(" ")  # As most texts are; the rest costs ten times that.
    return _SPACE.sub(" ", xml_text(text)).strip(" ")


def flatten(nx_meta: Mapping[str, Any]) -> tuple[MetaValue, ...]:
    """Return the metadata of one dataset as lines for people, sorted by name.

    Extensions stand beside the fields of the schema. One that has the name of such a
    field does not replace it: it goes below ``Extensions``, unless both say the same.

    Parameters
    ----------
    nx_meta
        The `nx_meta` object of a side-car.
    """
    flags = _flags(nx_meta.get("warnings"))
    lines: dict[str, MetaValue] = {}
    for leaf in _top(nx_meta):
        line = _line(leaf, flags)
        lines[_free(line.name, lines)] = line
    extensions = nx_meta.get("extensions")
    for leaf in _top(extensions if isinstance(extensions, Mapping) else {}):
        line = _line(leaf, flags)
        if line.name not in lines:
            lines[line.name] = line
        elif not _same(line, lines[line.name]):
            lines[_free(f"Extensions{SEPARATOR}{line.name}", lines)] = line
    return tuple(
        lines[name] if lines[name].name == name else replace(lines[name], name=name)
        for name in sorted(lines, key=lambda name: (name.lower(), name))
    )


def _flags(warnings: object) -> frozenset[str]:
    """Return the joined names of what is flagged, as written and as displayed."""
    entries = warnings if isinstance(warnings, list | tuple) else ()
    names = set()
    for entry in entries:
        path = [entry] if isinstance(entry, str) else entry
        parts = [xml_token(str(part)) for part in path or ()]
        if parts:
            names.add(SEPARATOR.join(parts))
            names.add(SEPARATOR.join((_displayed(parts[0]), *parts[1:])))
    return frozenset(names)


def _line(leaf: _Leaf, flags: frozenset[str]) -> MetaValue:
    name = SEPARATOR.join(leaf.path)
    return MetaValue(
        name=name,
        value=xml_text(leaf.value),
        unit=leaf.unit if leaf.unit is None else xml_token(leaf.unit),
        warning=bool(flags) and (name in flags or _is_below(leaf.path, flags)),
    )


def _is_below(path: tuple[str, ...], flags: frozenset[str]) -> bool:
    """Tell whether what `path` is part of is flagged."""
    return any(SEPARATOR.join(path[:depth]) in flags for depth in range(1, len(path)))


def _same(one: MetaValue, other: MetaValue) -> bool:
    return (one.value, one.unit) == (other.value, other.unit)


def _free(name: str, taken: Mapping[str, object]) -> str:
    number = 2
    free = name
    while free in taken:
        free = f"{name} ({number})"
        number += 1
    return free


def _top(mapping: Mapping[str, Any]) -> Iterator[_Leaf]:
    for key, value in mapping.items():
        if key not in HIDDEN:
            yield from _leaves((_shown(key),), value)


# The same names and units come again in every file.
@lru_cache(maxsize=4096)
def _shown(key: str) -> str:
    return _part(_displayed(key))


def _displayed(key: str) -> str:
    # A program that only passes on what workers made needs neither fields nor units,
    # which take longer to import than many files to read.
    from nexuslims_core.model.schema import display_name

    return display_name(key)


@lru_cache(maxsize=4096)
def _part(name: str) -> str:
    return xml_token(name) or "(unnamed)"


def _leaves(path: tuple[str, ...], value: object) -> Iterator[_Leaf]:
    """Yield the lines below `path`; what is empty says nothing and yields none."""
    if isinstance(value, Mapping):
        if _is_quantity(value):
            yield from _quantity(path, value)
            return
        for key, item in value.items():
            yield from _leaves((*path, _part(str(key))), item)
    elif isinstance(value, list | tuple) and any(isinstance(v, Mapping) for v in value):
        for number, item in enumerate(value, start=1):
            yield from _leaves((*path, str(number)), item)
    else:
        text = _text(value)
        if text:
            yield _Leaf(path=path, value=text)


def _is_quantity(value: Mapping[str, Any]) -> bool:
    unit = value.get("unit", value.get("units"))
    return set(value) in _QUANTITY_KEYS and isinstance(unit, str)


def _quantity(path: tuple[str, ...], value: Mapping[str, Any]) -> Iterator[_Leaf]:
    magnitude = value["value"]
    if isinstance(magnitude, int) and not isinstance(magnitude, bool):
        magnitude = float(magnitude) if abs(magnitude) < 2**53 else magnitude
    text = _text(magnitude)
    if text:
        unit = _unit(str(value.get("unit", value.get("units"))))
        yield _Leaf(path=path, value=text, unit=unit)


@lru_cache(maxsize=1024)
def _unit(name: str) -> str:
    from nexuslims_core.model.schema import unit_symbol

    return unit_symbol(name)


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return _joined(value)
    if isinstance(value, Mapping):
        return json.dumps(value, ensure_ascii=False)
    return str(value)


def _joined(values: Iterable[object]) -> str:
    """Return a list as people write it, a list of lists as JSON does."""
    if any(isinstance(value, list | tuple) for value in values):
        return json.dumps(values, ensure_ascii=False)
    texts = [_text(value) for value in values]
    if texts and all(text.endswith(".") for text in texts):
        return " ".join(texts)
    return ("; " if any("," in text for text in texts) else ", ").join(texts)
