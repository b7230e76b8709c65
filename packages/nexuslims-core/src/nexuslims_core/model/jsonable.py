"""Turn anything that a reader may find in a file into values of strict JSON."""

from __future__ import annotations

import base64
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import numpy as np
import pint

from nexuslims_core.model.units import long_name

if TYPE_CHECKING:
    from collections.abc import Iterator

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"

MAX_ITEMS = 1024
"""Longer arrays and lists are data, not metadata: they are described, not dumped."""

MAX_BYTES = 65536
"""Longer byte strings likewise."""

_MAX_DEPTH = 40
_MAX_INT_BITS = 1024
_SURROGATES = re.compile("[\ud800-\udfff]")
_BINARY = re.compile("[\x00-\x08\x0e-\x1f\x7f]")


def jsonable(value: object, depth: int = 0) -> Json:  # noqa: PLR0911 - one per kind
    """Return `value` as strict JSON (RFC 8259), readable and never excessively long.

    Quantities become ``{"value": …, "unit": "kilovolt"}``, times ISO 8601, raw bytes
    base64; NaN and infinities become text, since JSON has none. Arrays and lists of
    more than `MAX_ITEMS` become one sentence that describes them.
    """
    kind = type(value)
    # What most values are is told at once: the rest is asked in turn what it is.
    if kind is str and value.isascii():  # type: ignore[attr-defined]
        return value  # type: ignore[return-value]
    if kind is dict and depth < _MAX_DEPTH:
        return _object(value, depth)  # type: ignore[arg-type]
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, Enum):
        return jsonable(value.value, depth)
    if isinstance(value, str):
        return _SURROGATES.sub("\ufffd", value)
    if isinstance(value, int):
        return int(value) if value.bit_length() <= _MAX_INT_BITS else hex(value)
    if isinstance(value, float):
        return _finite(float(value))
    return _compound(value, depth)


def _compound(value: object, depth: int) -> Json:  # noqa: PLR0911 - one per kind
    if depth >= _MAX_DEPTH:
        return "[left out: nested too deeply]"
    if isinstance(value, pint.Quantity):
        return _quantity(value, depth)
    if isinstance(value, Mapping):
        return _object(value, depth)
    if isinstance(value, np.ndarray):
        return _array(value, depth)
    if isinstance(value, np.generic):
        return _scalar(value, depth)
    if isinstance(value, bytes | bytearray | memoryview):
        return _bytes(bytes(value))
    if isinstance(value, Sequence):
        return _list(value, len(value), depth)
    if isinstance(value, set | frozenset):
        return _list(sorted(value, key=str), len(value), depth)
    return _atom(value)


def _atom(value: object) -> Json:
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, Decimal | Fraction):
        return _finite(_double(value))
    if isinstance(value, pint.Unit):
        return long_name(value)
    if hasattr(value, "shape") and hasattr(value, "dtype"):
        # Arrays that live elsewhere (HDF5, Dask) are not read for a description.
        return f"[left out: {value.dtype}, shape {value.shape}]"
    return jsonable(str(value))


def _double(value: Decimal | Fraction) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf
    except ValueError:  # A signalling NaN.
        return math.nan


def _finite(value: float) -> Json:
    if math.isfinite(value):
        return value
    if math.isnan(value):
        return "NaN"
    return "Infinity" if value > 0 else "-Infinity"


def _quantity(value: pint.Quantity[Any], depth: int) -> Json:
    try:
        unit = long_name(cast("pint.Unit", value.units))
    except ValueError:
        unit = str(value.units)
    return {"value": jsonable(value.magnitude, depth + 1), "unit": unit}


def _object(value: Mapping[Any, object], depth: int) -> Json:
    result: dict[str, Json] = {}
    for key, item in value.items():
        name = key if type(key) is str and key.isascii() else _key(key)
        result[_unused(name, result)] = jsonable(item, depth + 1)
    return result


def _key(key: object) -> str:
    if isinstance(key, bytes):
        return _bytes(key)
    return _SURROGATES.sub("\ufffd", str(key))


def _unused(name: str, taken: Mapping[str, object]) -> str:
    """Return `name`, numbered when keys that differ by type alone become the same."""
    number = 2
    unused = name
    while unused in taken:
        unused = f"{name} ({number})"
        number += 1
    return unused


def _array(value: np.ndarray, depth: int) -> Json:
    if value.size > MAX_ITEMS:
        return f"[left out: {value.size} values, {value.dtype}, shape {value.shape}]"
    if value.ndim == 0:
        return jsonable(value[()], depth)
    return [jsonable(item, depth + 1) for item in value]


def _scalar(value: np.generic, depth: int) -> Json:
    if isinstance(value, np.void):
        if value.dtype.names:
            names = value.dtype.names
            return {name: jsonable(value[name], depth + 1) for name in names}
        return base64.b64encode(value.tobytes()).decode("ascii")
    if isinstance(value, np.datetime64 | np.timedelta64):
        return str(value)
    if isinstance(value, np.floating):
        # The shortest text of its own precision: single-precision 0.1 stays 0.1.
        return _finite(float(str(value)))
    item = value.item()
    return str(item) if isinstance(item, complex) else jsonable(item, depth)


def _bytes(value: bytes) -> str:
    if len(value) > MAX_BYTES:
        return f"[left out: {len(value)} bytes]"
    try:
        text = value.rstrip(b"\x00").decode("utf-8")
    except UnicodeDecodeError:
        text = "\x00"
    if _BINARY.search(text):
        return base64.b64encode(value).decode("ascii")
    return text


def _list(value: Iterable[object], size: int, depth: int) -> Json:
    if size > MAX_ITEMS:
        return f"[left out: {size} items]"
    return list(_items(value, depth))


def _items(value: Iterable[object], depth: int) -> Iterator[Json]:
    for item in value:
        yield jsonable(item, depth + 1)
