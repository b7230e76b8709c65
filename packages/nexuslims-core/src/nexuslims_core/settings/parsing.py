"""From the text of variables to the fields of a settings model."""

from __future__ import annotations

import collections.abc
import types
import typing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar, cast

from pydantic import BaseModel, ValidationError
from pydantic_settings import EnvSettingsSource

from nexuslims_core.errors import NexusLIMSError
from nexuslims_core.settings.environment import split_list
from nexuslims_core.settings.problems import Problem
from nexuslims_core.settings.redaction import REDACTED, redact_text, secret_fields

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic.fields import FieldInfo
    from pydantic_core import ErrorDetails
    from pydantic_settings import BaseSettings

    from nexuslims_core.settings.environment import Environment

M = TypeVar("M", bound=BaseModel)

_LISTS = (
    list,
    tuple,
    set,
    frozenset,
    collections.abc.Sequence,
    collections.abc.Collection,
    collections.abc.Set,
)
_MAPPINGS = (dict, collections.abc.Mapping)

MISTAKES = (
    ArithmeticError,
    AttributeError,
    LookupError,
    NexusLIMSError,
    OSError,
    RuntimeError,
    TypeError,
)
"""What a validator with a mistake in it may raise; pydantic answers `ValueError`."""


@dataclass(frozen=True, kw_only=True)
class Names:
    """Names of the variables of one model: prefix, field in capitals, suffix."""

    prefix: str
    suffix: str = ""

    def variable(self, field: str) -> str:
        """Return the name of the variable that fills `field`."""
        return f"{self.prefix}{field.upper()}{self.suffix}"


def parse(
    model: type[M], names: Names, source: Environment
) -> tuple[M | None, tuple[Problem, ...]]:
    """Return the settings that `source` holds for `model`, or what is wrong with them.

    A validator that raises what pydantic does not take for an answer, a mistake of the
    model's author, is a problem too.
    """
    fields, problems = _decoded(model, names, source)
    try:
        settings = model.model_validate(fields)
    except MISTAKES as error:
        message = f"its validator failed: {type(error).__name__}: {error}"
        return None, (*problems, _problem_of_all(model, names, source, message))
    except ValidationError as error:
        details = error.errors(
            include_url=False, include_context=False, include_input=False
        )
    else:
        return (None, tuple(problems)) if problems else (settings, ())
    reported = {problem.variable for problem in problems}
    found = [_problem(model, names, source, detail) for detail in details]
    problems += [each for each in found if each and each.variable not in reported]
    return None, tuple(problems)


class _Text(EnvSettingsSource):
    """Reads the variables of one model from text that is given, not from the process.

    Lists may also be separated by commas.
    """

    def __init__(self, model: type[BaseModel], texts: Mapping[str, str]) -> None:
        self._texts = texts
        super().__init__(cast("type[BaseSettings]", model), case_sensitive=True)

    def _load_env_vars(self) -> Mapping[str, str]:
        return self._texts

    def decode_complex_value(
        self, field_name: str, field: FieldInfo, value: object
    ) -> object:
        """Return the items of a list, or what JSON says."""
        if _is_any_of(field.annotation, _LISTS):
            return split_list(str(value))
        return super().decode_complex_value(field_name, field, value)

    def decoded(self, name: str, field: FieldInfo) -> object:
        """Return the value of a field that is set."""
        value, _, is_complex = self.get_field_value(field, name)
        return self.prepare_field_value(name, field, value, is_complex)


def _decoded(
    model: type[BaseModel], names: Names, source: Environment
) -> tuple[dict[str, Any], list[Problem]]:
    """Return the fields that are set; lists and mappings as such, the rest as text."""
    given = {
        name: text
        for name in model.model_fields
        if (text := source.values.get(names.variable(name))) is not None
    }
    reader = _Text(model, given)
    fields: dict[str, Any] = {}
    problems: list[Problem] = []
    for name, text in given.items():
        info = model.model_fields[name]
        try:
            fields[name] = reader.decoded(name, info)
        except ValueError:
            fields[name] = text
            variable = names.variable(name)
            value = REDACTED if name in secret_fields(model) else redact_text(text)
            problems.append(
                Problem(
                    variable=variable,
                    value=value,
                    origin=source.origin(variable),
                    expected=_expected_syntax(info.annotation),
                )
            )
    return fields, problems


def _expected_syntax(annotation: Any) -> str:  # noqa: ANN401 - any annotation
    if _is_any_of(annotation, _MAPPINGS):
        return 'expected a JSON object such as {"name": "value"}'
    return 'expected a JSON list such as ["one", "two"], or one,two'


def _is_any_of(annotation: Any, classes: tuple[Any, ...]) -> bool:  # noqa: ANN401
    """Tell whether an annotation, or a member of its union, is one of `classes`."""
    origin = typing.get_origin(annotation) or annotation
    if origin is typing.Annotated:
        return _is_any_of(typing.get_args(annotation)[0], classes)
    if origin in (typing.Union, types.UnionType):
        return any(_is_any_of(each, classes) for each in typing.get_args(annotation))
    is_model = isinstance(origin, type) and issubclass(origin, BaseModel)
    return origin in classes or (is_model and dict in classes)


def _problem(
    model: type[BaseModel], names: Names, source: Environment, detail: ErrorDetails
) -> Problem | None:
    # A default that is made from another field, which has a problem of its own.
    if detail["type"] == "default_factory_not_called":
        return None
    if not detail["loc"]:
        return _problem_of_all(model, names, source, detail["msg"])
    name = str(detail["loc"][0])
    variable = names.variable(name)
    if (text := source.values.get(variable)) is None:
        others = [each for each in _given(model, names, source) if each != variable]
        why = f"required beside {others[0]}" if names.suffix and others else "required"
        return Problem(variable=variable, expected=_described(model, name, why))
    secret = name in secret_fields(model)
    message = _sentence(detail["msg"])
    return Problem(
        variable=variable,
        value=REDACTED if secret else redact_text(text),
        origin=source.origin(variable),
        expected=_described(
            model, name, redact_text(message, {text} if secret else ())
        ),
    )


def _problem_of_all(
    model: type[BaseModel], names: Names, source: Environment, message: str
) -> Problem:
    """Return the problem that a validator of the whole model reports."""
    given = _given(model, names, source)
    secrets = {
        source.values[variable]
        for name in secret_fields(model)
        if (variable := names.variable(name)) in source.values
    }
    return Problem(
        variable=", ".join(given) or f"{names.prefix}*{names.suffix}",
        expected=redact_text(_sentence(message), secrets),
        origin=source.origin(given[0]) if given else "",
    )


def _given(model: type[BaseModel], names: Names, source: Environment) -> list[str]:
    """Return the variables of a model that are set."""
    variables = [names.variable(name) for name in model.model_fields]
    return [variable for variable in variables if variable in source.values]


def _described(model: type[BaseModel], name: str, message: str) -> str:
    info = model.model_fields.get(name)
    return f"{message} ({info.description})" if info and info.description else message


def _sentence(message: str) -> str:
    """Return pydantic's message as the end of a sentence of ours."""
    message = message.removeprefix("Value error, ").removeprefix("Assertion failed, ")
    return message.replace("Input should be", "expected", 1)
