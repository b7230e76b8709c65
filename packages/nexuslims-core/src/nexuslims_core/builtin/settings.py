"""Settings of the built-in contributions."""

from __future__ import annotations

from typing import ClassVar

from nexuslims_core.plugin_settings import PluginSettings


class DatabaseSettings(PluginSettings):
    """The `database` harvester needs no settings."""

    env_prefix: ClassVar[str] = "NX_DATABASE_"


class ProcessSettings(PluginSettings):
    """Worker processes need no settings beyond those of the run."""

    env_prefix: ClassVar[str] = "NX_PROCESS_"


class InlineSettings(PluginSettings):
    """Work in the main process needs no settings."""

    env_prefix: ClassVar[str] = "NX_INLINE_"
