"""What is wrong with the file of a profile, in the words of whoever wrote it."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from nexuslims_core.profiles.grammar import ACTIONS, Condition, ProfileFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pydantic import BaseModel, ValidationError
    from pydantic_core import ErrorDetails

_MOST = 5
"""Mistakes that are told at once."""


def problems(error: ValidationError) -> Iterator[str]:
    """Yield each mistake: where it is, what was found, and what to write instead."""
    found = error.errors(include_url=False)
    for problem in found[:_MOST]:
        location = problem["loc"]
        if problem["type"] in {"extra_forbidden", "missing"}:
            location = location[:-1]
        yield f"{_where(location)}{_what(problem)}"
    if len(found) > _MOST:
        yield f"and {len(found) - _MOST} more"


def keys(model: type[BaseModel]) -> tuple[str, ...]:
    """Return the keys that a file has for the fields of `model`."""
    return tuple(info.alias or name for name, info in model.model_fields.items())


def _where(location: Sequence[int | str]) -> str:
    """Return a place in the file, as in ``step 2 (rename), to:``."""
    parts = [str(part) for part in location if isinstance(part, str)]
    if location[:1] == ("step",) and len(location) > 1:
        number = int(location[1]) + 1
        # The model of the step, once its action is known, is part of the location.
        action = f" ({location[2]})" if len(location) > 2 else ""  # noqa: PLR2004
        parts = [f"step {number}{action}", *parts[2:]]
    return f"{', '.join(parts)}: " if parts else ""


def _what(problem: ErrorDetails) -> str:
    kind, key = problem["type"], str(problem["loc"][-1])
    if kind == "extra_forbidden":
        return f"{key!r} is no key here; {_hint(key, keys(_model(problem['loc'])))}"
    if kind == "missing":
        return f"{key!r} is missing"
    if kind == "union_tag_not_found":
        return f"'action' is missing; expected one of {', '.join(ACTIONS)}"
    if kind == "union_tag_invalid":
        tag = str(problem["ctx"]["tag"])
        return f"there is no action {tag!r}; {_hint(tag, ACTIONS)}"
    message = problem["msg"].removeprefix("Value error, ")
    if kind == "value_error":
        return message
    return f"{message[:1].lower()}{message[1:]}, found {problem['input']!r:.60}"


def _model(location: Sequence[int | str]) -> type[BaseModel]:
    """Return the model that a key of the file belongs to."""
    if not {"when", "unless"}.isdisjoint(location[:-1]):
        return Condition
    if len(location) > 3:  # noqa: PLR2004 - step, its number, its action, the key
        return ACTIONS[str(location[2])]
    return ProfileFile


def _hint(word: str, choices: Iterable[str]) -> str:
    known = list(choices)
    nearest = difflib.get_close_matches(word, known, n=1)
    if nearest:
        return f"did you mean {nearest[0]!r}?"
    return f"expected one of {', '.join(known)}"
