"""From an environment to settings, and what of them people may see."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from nexuslims_core.settings.core import Settings
from nexuslims_core.settings.environment import PREFIX, Environment
from nexuslims_core.settings.instances import Instance, field_of
from nexuslims_core.settings.parsing import Names, parse
from nexuslims_core.settings.problems import SettingsError
from nexuslims_core.settings.redaction import (
    REDACTED,
    SHORTEST_SECRET,
    names_a_secret,
    redact_text,
    secret_fields,
    secrets_in,
    secrets_in_text,
    shown,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from nexuslims_core.plugin_settings import PluginSettings


def load_settings(
    env_file: Path | None = None, environ: Mapping[str, str] | None = None
) -> Settings:
    """Return the settings of NexusLIMS; see `Environment.read` for where from.

    Raises
    ------
    SettingsError
        If any is missing or wrong; names all of them.
    ConfigurationError
        If the file cannot be read.
    """
    return settings_from(Environment.read(env_file, environ))


def settings_from(source: Environment) -> Settings:
    """Return the settings of NexusLIMS that `source` holds.

    Raises
    ------
    SettingsError
        If any is missing or wrong; names all of them.
    """
    settings, problems = parse(Settings, Names(prefix=Settings.env_prefix), source)
    if settings is None:
        raise SettingsError(problems)
    return settings


@dataclass(frozen=True, kw_only=True)
class UnknownName:
    """A variable that nothing reads."""

    variable: str
    origin: str
    nearest: str | None = None
    """The variable that may have been meant."""

    def __str__(self) -> str:
        hint = (
            f"did you mean {self.nearest}?"
            if self.nearest
            else "is the plugin that reads it installed?"
        )
        return f"{self.variable} (from {self.origin}) is not used: {hint}"


def unknown_names(
    source: Environment, models: Iterable[type[PluginSettings]] = ()
) -> tuple[UnknownName, ...]:
    """Return the variables that neither NexusLIMS nor one of its plugins reads.

    Parameters
    ----------
    models
        Settings of the installed plugins.
    """
    models = tuple(models)
    core = {f"{Settings.env_prefix}{name.upper()}" for name in Settings.model_fields}
    unknown = [
        variable
        for variable in sorted(source.values)
        if variable not in core and not any(field_of(each, variable) for each in models)
    ]
    return tuple(
        UnknownName(
            variable=variable,
            origin=source.origin(variable),
            nearest=_nearest(variable, core, models),
        )
        for variable in unknown
    )


def _nearest(
    variable: str, core: set[str], models: tuple[type[PluginSettings], ...]
) -> str | None:
    number = variable.rpartition("_")[2]
    suffix = f"_{number}" if number.isdecimal() else ""
    names = {
        f"{model.env_prefix}{name.upper()}{suffix}"
        for model in models
        for name in model.model_fields
    }
    # What all names begin with would make any two of them look alike.
    known = {name.removeprefix(PREFIX): name for name in sorted(core | names)}
    own = variable.removeprefix(PREFIX)
    near = difflib.get_close_matches(own, known, n=1, cutoff=0.8)
    return known[near[0]] if near else None


def redacted(
    settings: Settings | None, instances: Iterable[Instance] = ()
) -> dict[str, Any]:
    """Return the configuration by variable, JSON-able, with ``***`` for secrets.

    An instance that cannot be used is shown as it was written.
    """
    shown_values: dict[str, Any] = {}
    if settings is not None:
        for name in Settings.model_fields:
            shown_values[f"{Settings.env_prefix}{name.upper()}"] = shown(settings, name)
        if settings.db_url is not None:
            url = settings.db_url.get_secret_value()
            shown_values["NX_DB_URL"] = redact_text(url)
    for instance in instances:
        shown_values |= _redacted_instance(instance)
    return dict(sorted(shown_values.items()))


def _redacted_instance(instance: Instance) -> dict[str, Any]:
    if instance.settings is not None:
        return {
            instance.variable(name): shown(instance.settings, name)
            for name in instance.model.model_fields
        }
    hidden = {instance.variable(name) for name in secret_fields(instance.model)}
    return {
        variable: REDACTED if variable in hidden else redact_text(text)
        for variable, text in instance.given.items()
    }


def secrets(
    settings: Settings | None,
    instances: Iterable[Instance] = (),
    source: Environment | None = None,
) -> frozenset[str]:
    """Return the configured secrets, also as URLs quote them, to keep out of logs.

    With `source`, also those of variables that nothing reads, going by their names.
    """
    found: set[str] = set()
    if settings is not None:
        found.update(secrets_in(settings))
    for instance in instances:
        found.update(_secrets_of(instance))
    for variable, text in (source.values if source else {}).items():
        found.update([text] if names_a_secret(variable) else secrets_in_text(text))
    found |= {quote(each, safe="") for each in found}
    return frozenset(each for each in found if len(each) >= SHORTEST_SECRET)


def _secrets_of(instance: Instance) -> Iterator[str]:
    if instance.settings is not None:
        yield from secrets_in(instance.settings)
        return
    hidden = {instance.variable(name) for name in secret_fields(instance.model)}
    for variable, text in instance.given.items():
        yield from [text] if variable in hidden else secrets_in_text(text)
