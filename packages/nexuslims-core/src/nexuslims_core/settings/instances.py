"""Settings of plugins: one instance per server, folder or account."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nexuslims_core.settings.parsing import Names, parse

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from nexuslims_core.plugin_settings import PluginSettings
    from nexuslims_core.settings.environment import Environment
    from nexuslims_core.settings.problems import Problem

_NUMBER = re.compile(r"(?P<field>.+)_(?P<number>[0-9]+)")


@dataclass(frozen=True, kw_only=True)
class Instance:
    """One set of a plugin's settings: usable, or with what is wrong with it."""

    model: type[PluginSettings]
    number: int | None = None
    """As in ``NX_NEMO_TOKEN_2``; `None` for ``NX_CDCS_TOKEN``."""
    suffix: str = ""
    """What follows the plugin's name to tell instances apart: empty, or ``_2``."""
    settings: PluginSettings | None = None
    """`None` when it cannot be used."""
    problems: tuple[Problem, ...] = ()
    given: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Its variables that are set, as text."""

    def variable(self, name: str) -> str:
        """Return the variable that fills the field `name`."""
        return Names(prefix=self.model.env_prefix, suffix=self.suffix).variable(name)


def plugin_instances(
    model: type[PluginSettings], source: Environment
) -> tuple[Instance, ...]:
    """Return the instances of a plugin that are configured, by number.

    The unnumbered one comes first; it also exists when the plugin needs no settings. An
    instance takes nothing from another, and one that is wrong leaves the others usable.
    """
    given: dict[str, dict[str, str]] = {}
    if not any(info.is_required() for info in model.model_fields.values()):
        given[""] = {}
    for variable, suffix in _variables(model, source):
        given.setdefault(suffix, {})[variable] = source.values[variable]
    return tuple(
        _instance(model, suffix, given[suffix], source)
        for suffix in sorted(given, key=_order)
    )


def field_of(model: type[PluginSettings], variable: str) -> tuple[str, str] | None:
    """Return the field that a variable fills, and its suffix; `None` for no field."""
    if not variable.startswith(model.env_prefix):
        return None
    fields = {name.upper(): name for name in model.model_fields}
    rest = variable.removeprefix(model.env_prefix)
    # A field may end in a number itself, so its whole name is tried first.
    if rest in fields:
        return fields[rest], ""
    match = _NUMBER.fullmatch(rest)
    if match is None or match["field"] not in fields:
        return None
    return fields[match["field"]], f"_{match['number']}"


def _variables(
    model: type[PluginSettings], source: Environment
) -> Iterator[tuple[str, str]]:
    for variable in source.values:
        if (found := field_of(model, variable)) is not None:
            yield variable, found[1]


def _order(suffix: str) -> tuple[int, str]:
    return (int(suffix.removeprefix("_")) if suffix else -1, suffix)


def _instance(
    model: type[PluginSettings],
    suffix: str,
    given: Mapping[str, str],
    source: Environment,
) -> Instance:
    names = Names(prefix=model.env_prefix, suffix=suffix)
    settings, problems = parse(model, names, source)
    return Instance(
        model=model,
        number=int(suffix.removeprefix("_")) if suffix else None,
        suffix=suffix,
        settings=settings,
        problems=problems,
        given=given,
    )
