"""Keeping secrets out of what people and log files get to see."""

from __future__ import annotations

import collections.abc
import re
import typing
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from pydantic import BaseModel, SecretBytes, SecretStr
from pydantic_core import to_jsonable_python

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

REDACTED = "***"

SHORTEST_SECRET = 4
"""Fewer characters are no secret, and censoring them would garble every log line."""

_SECRET_WORDS = ("TOKEN", "PASSWORD", "SECRET", "API_KEY", "PRIVATE_KEY")
_CREDENTIALS = re.compile(r"(?P<start>\b[\w+.-]+://[^/?#@\s]*?:)(?P<secret>[^\s]+)@")
"""A password in a URL, though it hold unquoted ``/`` or ``@``: rather too much."""
_QUOTED_CREDENTIALS = re.compile(r"://[^/?#@\s]*?:(?P<secret>[^/?#@\s]+)@")
_PARAMETER = re.compile(
    r"(?P<start>[?&](?:password|passwd|pwd|token|secret|api_?key)=)(?P<secret>[^&#\s]+)",
    re.IGNORECASE,
)


def names_a_secret(variable: str) -> bool:
    """Tell whether a variable holds a secret, by its name."""
    return any(word in variable.upper() for word in _SECRET_WORDS)


def secret_fields(model: type[BaseModel]) -> frozenset[str]:
    """Return the fields of `model` whose values nobody should see."""
    return frozenset(
        name
        for name, info in model.model_fields.items()
        if not info.repr or names_a_secret(name) or _holds_secret(info.annotation)
    )


def redact_text(text: str, secrets: Iterable[str] = ()) -> str:
    """Return `text` with ``***`` for passwords in URLs and for each of `secrets`."""
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, REDACTED)
    text = _CREDENTIALS.sub(rf"\g<start>{REDACTED}@", text)
    return _PARAMETER.sub(rf"\g<start>{REDACTED}", text)


def secrets_in_text(text: str) -> Iterator[str]:
    """Yield passwords in URLs, as written and as meant."""
    for pattern in (_CREDENTIALS, _QUOTED_CREDENTIALS, _PARAMETER):
        for match in pattern.finditer(text):
            yield match["secret"]
            yield unquote(match["secret"])


def secrets_in(model: BaseModel) -> Iterator[str]:
    """Yield the secrets that a settings object holds."""
    named = {name for name in type(model).model_fields if names_a_secret(name)}
    for name in type(model).model_fields:
        yield from _secrets_of(getattr(model, name), secret=name in named)


def shown(model: BaseModel, name: str) -> Any:  # noqa: ANN401 - whatever JSON takes
    """Return the value of a field as JSON takes it, redacted."""
    value = getattr(model, name)
    if value is None or value == "":
        return value
    if name in secret_fields(type(model)) and not isinstance(value, bool):
        return REDACTED
    if isinstance(value, set | frozenset):
        value = sorted(value, key=str)
    return _redacted(to_jsonable_python(value, fallback=str))


def _redacted(value: Any) -> Any:  # noqa: ANN401 - whatever JSON takes
    if isinstance(value, str):
        return redact_text(value)
    if isinstance(value, list):
        return [_redacted(item) for item in value]
    if isinstance(value, dict):
        return {
            key: REDACTED if names_a_secret(key) else _redacted(item)
            for key, item in value.items()
        }
    return value


def _secrets_of(value: object, *, secret: bool) -> Iterator[str]:
    if isinstance(value, SecretStr):
        yield value.get_secret_value()
        yield from secrets_in_text(value.get_secret_value())
    elif isinstance(value, SecretBytes):
        yield value.get_secret_value().decode(errors="replace")
    elif isinstance(value, BaseModel):
        yield from secrets_in(value)
    elif isinstance(value, str):
        yield from ([value] if secret else secrets_in_text(value))
    elif isinstance(value, collections.abc.Mapping):
        for item in value.values():
            yield from _secrets_of(item, secret=secret)
    elif isinstance(value, list | tuple | set | frozenset):
        for item in value:
            yield from _secrets_of(item, secret=secret)
    elif value is not None:
        yield from secrets_in_text(str(value))


def _holds_secret(annotation: Any) -> bool:  # noqa: ANN401 - any annotation
    if annotation in (SecretStr, SecretBytes):
        return True
    return any(map(_holds_secret, typing.get_args(annotation)))
