"""Reading the configuration: ``NX_*`` variables of the environment and a `.env` file.

Nothing else in NexusLIMS or its plugins reads either of them. The environment itself is
cheap to read; what validates it is imported when it is first asked for.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from nexuslims_core.settings.environment import Environment

if TYPE_CHECKING:
    from nexuslims_core.settings.core import Settings as Settings
    from nexuslims_core.settings.instances import Instance as Instance
    from nexuslims_core.settings.instances import plugin_instances as plugin_instances
    from nexuslims_core.settings.problems import Problem as Problem
    from nexuslims_core.settings.problems import SettingsError as SettingsError
    from nexuslims_core.settings.reading import UnknownName as UnknownName
    from nexuslims_core.settings.reading import load_settings as load_settings
    from nexuslims_core.settings.reading import redacted as redacted
    from nexuslims_core.settings.reading import secrets as secrets
    from nexuslims_core.settings.reading import settings_from as settings_from
    from nexuslims_core.settings.reading import unknown_names as unknown_names
    from nexuslims_core.settings.redaction import redact_text as redact_text

__all__ = [
    "Environment",
    "Instance",
    "Problem",
    "Settings",
    "SettingsError",
    "UnknownName",
    "load_settings",
    "plugin_instances",
    "redact_text",
    "redacted",
    "secrets",
    "settings_from",
    "unknown_names",
]

_HOMES = {
    "core": ("Settings",),
    "instances": ("Instance", "plugin_instances"),
    "problems": ("Problem", "SettingsError"),
    "reading": (
        "UnknownName",
        "load_settings",
        "redacted",
        "secrets",
        "settings_from",
        "unknown_names",
    ),
    "redaction": ("redact_text",),
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever the name stands for
    """Import the module that has `name` on first use: pydantic takes its time."""
    for home, names in _HOMES.items():
        if name in names:
            return getattr(importlib.import_module(f"{__name__}.{home}"), name)
    msg = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(msg)
