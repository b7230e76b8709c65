"""Settings of the built-in contributions."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from nexuslims_core.plugin_settings import PluginSettings


class DatabaseSettings(PluginSettings):
    """The `database` harvester needs no settings."""

    env_prefix: ClassVar[str] = "NX_DATABASE_"


class ProcessSettings(PluginSettings):
    """What worker processes may take, besides what the run's settings say."""

    env_prefix: ClassVar[str] = "NX_FILE_"

    memory_mb: int | None = Field(default=None, ge=0)
    """Megabytes that one file may take on Linux; 0 for no limit. By default three
    quarters of the machine's memory, divided by the workers, and 1024 at least.
    """


class InlineSettings(PluginSettings):
    """Work in the main process needs no settings."""

    env_prefix: ClassVar[str] = "NX_INLINE_"
