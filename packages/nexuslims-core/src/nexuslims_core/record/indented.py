"""JSON for people, indented, as quickly as the standard library writes compact JSON.

With an indentation, `json.dumps` leaves its C encoder for one in Python (see
`json.encoder.JSONEncoder.iterencode`), which took longer than reading many a file. Here
only groups of groups are written in Python.
"""

from __future__ import annotations

from functools import cache
from json import JSONEncoder
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

_STEP = "  "


def indented(value: object) -> str:
    """Return strict JSON, character by character that of `json.dumps`.

    That is, with two spaces per level, text as it is, and no NaN. Keys must be text.

    Raises
    ------
    ValueError
        If a number is not finite.
    TypeError
        If there is anything that JSON has no form for.
    """
    return _written(value, "\n")


def _written(value: object, line: str) -> str:
    """Return JSON of a value in a line, which is a line feed and an indentation."""
    inner = line + _STEP
    encode = _encoder(inner).encode
    if isinstance(value, dict) and any(map(_is_group, value.values())):
        items: Iterable[str] = (
            f"{encode(key)}: {_written(item, inner)}" for key, item in value.items()
        )
    elif isinstance(value, list | tuple) and any(map(_is_group, value)):
        items = (_written(item, inner) for item in value)
    else:
        text = encode(value)
        if not _is_group(value):
            return text
        return f"{text[0]}{inner}{text[1:-1]}{line}{text[-1]}"
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    return f"{opening}{inner}{f',{inner}'.join(items)}{line}{closing}"


def _is_group(value: Any) -> bool:  # noqa: ANN401 - anything that JSON may hold
    """Tell whether a value takes more than one line."""
    return isinstance(value, dict | list | tuple) and bool(value)


@cache
def _encoder(line: str) -> JSONEncoder:
    return JSONEncoder(
        ensure_ascii=False, allow_nan=False, separators=(f",{line}", ": ")
    )
