"""The kinds of contributions, and what makes one of them valid."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import fields
from types import MappingProxyType
from typing import Any

from nexuslims_core.types import (
    Command,
    Contribution,
    Executor,
    ExportDestination,
    Extractor,
    Harvester,
    InstrumentProfile,
    Notifier,
    PreviewGenerator,
    SampleFile,
)

KINDS: Mapping[str, type[Contribution]] = MappingProxyType(
    {
        "harvesters": Harvester,
        "extractors": Extractor,
        "preview_generators": PreviewGenerator,
        "instrument_profiles": InstrumentProfile,
        "export_destinations": ExportDestination,
        "executors": Executor,
        "notifiers": Notifier,
        "commands": Command,
        "sample_files": SampleFile,
    }
)
"""What each hook yields, by the hook's name without ``nexuslims_``."""

HOOK_PREFIX = "nexuslims_"

_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]*")
_ENV_PREFIX = re.compile(r"NX_([A-Z0-9]+_)+")


def kind_of(contribution: Contribution) -> str:
    """Return the kind of a contribution, e.g. ``extractors``."""
    return next(
        kind for kind, type_ in KINDS.items() if isinstance(contribution, type_)
    )


def defects(contribution: Contribution) -> list[str]:
    """Return what is wrong with a contribution's fields; empty when it can be used."""
    return [
        f"{field.name} {defect}"
        for field in fields(contribution)
        if (check := _CHECKS.get(field.name)) is not None
        and (defect := check(getattr(contribution, field.name))) is not None
    ]


def details(contribution: Contribution) -> dict[str, Any]:
    """Return what an operator wants to see of a contribution; JSON-able."""
    shown: dict[str, Any] = {}
    for name in ("extensions", "priority", "version", "instrument_id", "filename"):
        if hasattr(contribution, name):
            shown[name] = getattr(contribution, name)
    if isinstance(contribution, Extractor) and contribution.extensions is not None:
        shown["extensions"] = sorted(contribution.extensions)
    if hasattr(contribution, "settings"):
        shown["settings"] = contribution.settings.env_prefix
    return shown


def _name(value: object) -> str | None:
    if isinstance(value, str) and _NAME.fullmatch(value):
        return None
    return (
        f"is {value!r}, expected lower-case letters, digits, '_', '-' or '.', "
        "starting with a letter or digit"
    )


def _text(value: object) -> str | None:
    return None if isinstance(value, str) else f"is {value!r}, expected text"


def _some_text(value: object) -> str | None:
    return None if isinstance(value, str) and value else f"is {value!r}, expected text"


def _integer(value: object) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return None
    return f"is {value!r}, expected an integer"


def _function(value: object) -> str | None:
    return None if callable(value) else f"is {value!r}, expected a function"


def _functions(value: object) -> str | None:
    if isinstance(value, Mapping) and all(callable(item) for item in value.values()):
        return None
    return f"is {value!r}, expected a mapping of names to functions"


def _mapping(value: object) -> str | None:
    return None if isinstance(value, Mapping) else f"is {value!r}, expected a mapping"


def _extensions(value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, AbstractSet) and value and all(map(_is_extension, value)):
        return None
    return (
        f"is {value!r}, expected None or a frozenset of lower-case extensions "
        "without dot, such as frozenset({'tif'})"
    )


def _is_extension(value: object) -> bool:
    return (
        isinstance(value, str) and value == value.lower() and not value.startswith(".")
    )


def _settings(value: object) -> str | None:
    from nexuslims_core.plugin_settings import PluginSettings

    if not (isinstance(value, type) and issubclass(value, PluginSettings)):
        return f"is {value!r}, expected a subclass of PluginSettings"
    prefix = getattr(value, "env_prefix", None)
    if isinstance(prefix, str) and _ENV_PREFIX.fullmatch(prefix):
        return None
    return f"has env_prefix {prefix!r}, expected capitals such as 'NX_ACME_'"


_CHECKS: Mapping[str, Callable[[object], str | None]] = MappingProxyType(
    {
        "name": _name,
        "priority": _integer,
        "extensions": _extensions,
        "version": _some_text,
        "instrument_id": _some_text,
        "filename": _some_text,
        "help": _text,
        "settings": _settings,
        "parsers": _functions,
        "transformations": _functions,
        "extension_fields": _mapping,
        "formats": _mapping,
        "connect": _function,
        "supports": _function,
        "extract": _function,
        "render": _function,
        "create": _function,
        "notify": _function,
        "load": _function,
        "write": _function,
    }
)
