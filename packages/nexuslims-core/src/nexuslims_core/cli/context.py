"""Settings, plugins and database of one command, made when they are first needed."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from nexuslims_core.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import click

    from nexuslims_core.manager import PluginManager
    from nexuslims_core.settings import Environment, Instance, Settings
    from nexuslims_core.store import Store


@dataclass(frozen=True, kw_only=True)
class Configuration:
    """What the options before the command name decide."""

    env_file: Path | None = None
    no_plugins: bool = False
    ambient: bool = True
    """Whether variables of the process count, beside those of the file."""

    @cached_property
    def environment(self) -> Environment:
        """Variables of the process and of the `.env` file."""
        from nexuslims_core.settings import Environment

        return Environment.read(self.env_file, None if self.ambient else {})

    @cached_property
    def settings(self) -> Settings:
        """The validated settings.

        Raises
        ------
        ConfigurationError
            If any is missing or wrong.
        """
        from nexuslims_core.settings import settings_from

        return settings_from(self.environment)

    @cached_property
    def manager(self) -> PluginManager:
        """The installed plugins; works without any other configuration.

        Raises
        ------
        ConfigurationError
            If the folder of local plugins cannot be made out.
        """
        from nexuslims_core.cli.output import our_stdout
        from nexuslims_core.manager import PluginManager

        try:
            local_path = self.environment.local_plugins
        except ValueError as error:
            raise ConfigurationError(f"NX_LOCAL_PROFILES_PATH: {error}") from error
        with our_stdout():
            return PluginManager.discover(
                disabled=self.environment.disabled_plugins,
                local_path=local_path,
                plugins_enabled=not self.no_plugins,
            )

    @cached_property
    def instances(self) -> tuple[Instance, ...]:
        """Every configured instance of every plugin's settings."""
        from nexuslims_core.cli.output import our_stdout
        from nexuslims_core.settings import plugin_instances

        with our_stdout():
            return tuple(
                instance
                for model in self.manager.settings_models
                for instance in plugin_instances(model, self.environment)
            )

    @cached_property
    def secrets(self) -> frozenset[str]:
        """What must not be shown or logged."""
        from nexuslims_core.settings import secrets

        return secrets(self.settings, self.instances, self.environment)

    @property
    def database_url(self) -> str:
        """URL of the database that the settings name."""
        from nexuslims_core.store import database_url

        if self.settings.db_url is not None:
            return self.settings.db_url.get_secret_value()
        return database_url(self.settings.db_path)

    @contextlib.contextmanager
    def store(self, *, create: bool = False) -> Iterator[Store]:
        """Open the database for a ``with`` block.

        Parameters
        ----------
        create
            Make it first where there is none.
        """
        from nexuslims_core.cli.database import checked_store

        with checked_store(self.database_url, create=create) as store:
            yield store


def configuration(ctx: click.Context) -> Configuration:
    """Return the configuration of the running command, made once."""
    root = ctx.find_root()
    if not isinstance(root.obj, Configuration):
        root.obj = Configuration(
            env_file=root.params.get("env_file"),
            no_plugins=bool(root.params.get("no_plugins")),
        )
    return root.obj


def plugin_manager(ctx: click.Context) -> PluginManager:
    """Return the installed plugins."""
    return configuration(ctx).manager
