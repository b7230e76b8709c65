"""The plugin manager."""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import json
import sys
from types import MappingProxyType
from typing import TYPE_CHECKING, ParamSpec, TypeVar, cast

from nexuslims_core.errors import NexusLIMSError
from nexuslims_core.manager.kinds import KINDS, details, kind_of
from nexuslims_core.manager.loading import find, given
from nexuslims_core.manager.ordering import ties
from nexuslims_core.manager.records import (
    PluginCallError,
    PluginFailure,
    PluginIdentity,
    PluginInfo,
    PluginRecipe,
)
from nexuslims_core.manager.registry import Registry
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

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
    from pathlib import Path

    from nexuslims_core.manager.loading import Candidate
    from nexuslims_core.plugin_settings import PluginSettings

C = TypeVar("C", bound=Contribution)
P = ParamSpec("P")
T = TypeVar("T")

_FINGERPRINTED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"extractors": ("extractors", "instrument_profiles")}
)
"""Kinds whose work depends on contributions of other kinds."""


class PluginManager:
    """The plugins of this program, and what they contribute.

    Make one with `discover`, `of` or `from_recipe`. A hook is called when its
    contributions are first asked for, so that showing help asks for commands alone. A
    manager can be pickled: the other process finds the plugins again.
    """

    def __init__(self, candidates: Iterable[Candidate], recipe: PluginRecipe) -> None:
        self._recipe = recipe
        self._registry = Registry(candidates, self._is_disabled)

    @classmethod
    def discover(
        cls,
        *,
        disabled: Collection[str] = (),
        local_path: Path | None = None,
        plugins_enabled: bool = True,
    ) -> PluginManager:
        """Load what is installed.

        Parameters
        ----------
        disabled
            Plugins that are not even imported, by name of entry point, distribution or
            local file. The built-in plugin cannot be disabled.
        local_path
            Folder of local plugins: each ``*.py`` without leading ``_`` is one, and
            each ``*.toml`` a profile.
        plugins_enabled
            If false, only the built-in plugin is loaded.
        """
        recipe = PluginRecipe(
            disabled=frozenset(disabled),
            local_path=local_path,
            plugins_enabled=plugins_enabled,
        )
        return cls.from_recipe(recipe)

    @classmethod
    def of(cls, *plugins: object) -> PluginManager:
        """Return a manager of the given modules alone: nothing is discovered."""
        names = tuple(str(getattr(plugin, "__name__", "")) for plugin in plugins)
        return cls(map(given, plugins), PluginRecipe(modules=names))

    @classmethod
    def from_recipe(cls, recipe: PluginRecipe) -> PluginManager:
        """Return a manager like the one that gave `recipe`."""
        if recipe.modules is not None:
            return cls.of(*map(importlib.import_module, recipe.modules))
        return cls(find(recipe.local_path), recipe)

    @property
    def recipe(self) -> PluginRecipe:
        """What makes the same manager again in another process; can be pickled.

        Raises
        ------
        TypeError
            If the manager was made of objects that are no importable modules.
        """
        for name in self._recipe.modules or ():
            if name not in sys.modules:
                msg = f"{name!r} is no importable module: no other process can find it"
                raise TypeError(msg)
        return self._recipe

    def __reduce__(self) -> tuple[Callable[..., PluginManager], tuple[PluginRecipe]]:
        return (PluginManager.from_recipe, (self.recipe,))

    @property
    def harvesters(self) -> Mapping[str, Harvester]:
        """Kinds of schedulers, by name."""
        return self._all(Harvester)

    @property
    def extractors(self) -> Mapping[str, Extractor]:
        """Readers of file formats, by name; highest priority first."""
        return self._all(Extractor)

    @property
    def preview_generators(self) -> Mapping[str, PreviewGenerator]:
        """Renderers of previews, by name; highest priority first."""
        return self._all(PreviewGenerator)

    @property
    def instrument_profiles(self) -> Mapping[str, InstrumentProfile]:
        """Adjustments for single instruments, by the profile's name."""
        return self._all(InstrumentProfile)

    @property
    def export_destinations(self) -> Mapping[str, ExportDestination]:
        """Kinds of repositories, by name; highest priority first."""
        return self._all(ExportDestination)

    @property
    def executors(self) -> Mapping[str, Executor]:
        """Ways to run extraction in parallel, by name."""
        return self._all(Executor)

    @property
    def notifiers(self) -> Mapping[str, Notifier]:
        """Ways to tell people what a run did, by name."""
        return self._all(Notifier)

    @property
    def commands(self) -> Mapping[str, Command]:
        """Sub-commands of ``nexuslims``, by name."""
        return self._all(Command)

    @property
    def sample_files(self) -> Mapping[str, SampleFile]:
        """Writers of sample files, by name."""
        return self._all(SampleFile)

    @property
    def settings_models(self) -> tuple[type[PluginSettings], ...]:
        """Settings of all plugins, each model once."""
        having: tuple[Harvester | ExportDestination | Executor | Notifier, ...] = (
            *self.harvesters.values(),
            *self.export_destinations.values(),
            *self.executors.values(),
            *self.notifiers.values(),
        )
        return tuple(dict.fromkeys(contribution.settings for contribution in having))

    @property
    def failures(self) -> tuple[PluginFailure, ...]:
        """What failed so far; hooks that nobody asked for were not called yet."""
        return self._registry.failures

    def plugins(self) -> tuple[PluginInfo, ...]:
        """Return all plugins that were found, after calling every hook."""
        for kind in KINDS:
            self._registry.of_kind(kind)
        return self._registry.infos()

    def notes(self) -> tuple[str, ...]:
        """Return what is no failure and yet surprising, one sentence each."""
        ranked: tuple[
            Mapping[str, Extractor | PreviewGenerator | ExportDestination], ...
        ]
        ranked = (self.extractors, self.preview_generators, self.export_destinations)
        return (
            *self._notes_on_disabled(),
            *(
                note
                for contributions in ranked
                for note in ties(contributions.values(), self.owner_of)
            ),
        )

    def owner_of(self, contribution: Contribution) -> PluginIdentity:
        """Return the plugin that gave `contribution`.

        Raises
        ------
        KeyError
            If none of this manager's plugins did.
        """
        kind = kind_of(contribution)
        return self._registry.owner(kind, contribution.name).identity

    def fingerprint(self, kind: str = "extractors") -> str:
        """Return a hash that changes when contributions of `kind` come, go or change.

        For extractors, instrument profiles count too: both shape what is extracted.
        """
        parts = []
        for each in _FINGERPRINTED.get(kind, (kind,)):
            for name, contribution in sorted(self._registry.of_kind(each).items()):
                owner = self._registry.owner(each, name)
                who = [owner.identity.distribution, owner.identity.version]
                parts.append([each, *who, owner.digest, name, details(contribution)])
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()

    @contextlib.contextmanager
    def guard(self, contribution: Contribution) -> Iterator[None]:
        """Name the plugin when code of `contribution` inside the block raises.

        Errors of `nexuslims_core.errors` are what hooks may raise, and pass.

        Raises
        ------
        PluginCallError
            Instead of anything else.
        """
        try:
            yield
        except NexusLIMSError:
            raise
        # A mistake in a plugin, whatever it is, gets its name here; sys.exit too.
        except (Exception, SystemExit) as error:
            context = f"{type(contribution).__name__} {contribution.name!r}"
            failure = self._blamed(contribution).failure("call", error, context)
            raise PluginCallError(failure) from error

    def call(
        self,
        contribution: Contribution,
        function: Callable[P, T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Return what a function of `contribution` returns; see `guard`."""
        with self.guard(contribution):
            return function(*args, **kwargs)

    def iterate(
        self,
        contribution: Contribution,
        function: Callable[P, Iterable[T]],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> Iterator[T]:
        """Yield what a function of `contribution` yields; see `guard`.

        What the code that takes the items raises is not blamed on the plugin.
        """
        with self.guard(contribution):
            iterator = iter(function(*args, **kwargs))
        while True:
            with self.guard(contribution):
                try:
                    item = next(iterator)
                except StopIteration:
                    return
            yield item

    def _is_disabled(self, candidate: Candidate) -> bool:
        if candidate.built_in or self._recipe.modules is not None:
            return False
        if not self._recipe.plugins_enabled:
            return True
        return candidate.is_named_in(self._recipe.disabled)

    def _notes_on_disabled(self) -> Iterator[str]:
        candidates = self._registry.candidates
        for name in sorted(self._recipe.disabled):
            meant = [each for each in candidates if each.is_named_in([name])]
            if not meant:
                yield f"{name} is disabled, but there is no plugin of that name"
            elif any(each.built_in for each in meant):
                yield f"{name} is built in and stays enabled"

    def _blamed(self, contribution: Contribution) -> PluginIdentity:
        try:
            return self.owner_of(contribution)
        except KeyError:  # not from a plugin, but made by the program that calls it
            return PluginIdentity(name=contribution.name, distribution="no plugin")

    def _all(self, type_: type[C]) -> Mapping[str, C]:
        kind = next(kind for kind, known in KINDS.items() if known is type_)
        # Every item was checked to be of its kind's type.
        return cast("Mapping[str, C]", self._registry.of_kind(kind))
