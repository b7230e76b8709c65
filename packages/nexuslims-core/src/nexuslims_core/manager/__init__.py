"""Finding plugins, and keeping each one's failures from the rest of the program.

pluggy registers plugins but isolates nothing, so three stages are guarded here: loading
(import), collecting (the hooks are called) and calling (contributions at work).
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import json
import threading
from types import MappingProxyType
from typing import TYPE_CHECKING, ParamSpec, TypeVar

import pluggy

from nexuslims_core import hookspecs
from nexuslims_core.errors import NexusLIMSError
from nexuslims_core.manager.collecting import collect, misspelt
from nexuslims_core.manager.kinds import HOOK_PREFIX, KINDS, details, kind_of
from nexuslims_core.manager.loading import BUILT_IN, Candidate, installed, local
from nexuslims_core.manager.ordering import in_order, ties
from nexuslims_core.manager.records import (
    ContributionInfo,
    PluginCallError,
    PluginFailure,
    PluginIdentity,
    PluginInfo,
    PluginRecipe,
    Stage,
    Status,
)
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

    from nexuslims_core.plugin_settings import PluginSettings

__all__ = [
    "ContributionInfo",
    "PluginCallError",
    "PluginFailure",
    "PluginIdentity",
    "PluginInfo",
    "PluginManager",
    "PluginRecipe",
    "Stage",
    "Status",
]

C = TypeVar("C", bound=Contribution)
P = ParamSpec("P")
T = TypeVar("T")

_FINGERPRINTED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"extractors": ("extractors", "instrument_profiles")}
)
"""Kinds whose output depends on other kinds too."""


class PluginManager:
    """The plugins of this program, and what they contribute.

    Make one with `discover`, `of` or `from_recipe`. A hook is called when its
    contributions are first asked for, so that showing help loads commands alone. It
    can be pickled: the other process finds the plugins again.
    """

    def __init__(self, candidates: Iterable[Candidate], recipe: PluginRecipe) -> None:
        self._recipe = recipe
        self._registry = pluggy.PluginManager("nexuslims")
        self._registry.add_hookspecs(hookspecs)
        self._candidates: dict[str, Candidate] = {}
        self._disabled: set[str] = set()
        self._failures: list[tuple[str, PluginFailure]] = []
        self._collected: dict[str, Mapping[str, Contribution]] = {}
        self._owners: dict[tuple[str, str], str] = {}
        self._lock = threading.RLock()
        for candidate in candidates:
            self._load(candidate)

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
            Folder of local plugins: each ``*.py`` without leading ``_`` is one.
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
        recipe = PluginRecipe(modules=names)
        return cls(map(_given, plugins), recipe)

    @classmethod
    def from_recipe(cls, recipe: PluginRecipe) -> PluginManager:
        """Return a manager like the one that gave `recipe`."""
        if recipe.modules is not None:
            return cls.of(*map(importlib.import_module, recipe.modules))
        candidates = installed()
        if recipe.local_path is not None:
            candidates += _local_candidates(recipe.local_path)
        return cls(candidates, recipe)

    @property
    def recipe(self) -> PluginRecipe:
        """What makes the same manager again in another process; can be pickled."""
        return self._recipe

    def __reduce__(self) -> tuple[Callable[..., PluginManager], tuple[PluginRecipe]]:
        return (PluginManager.from_recipe, (self._recipe,))

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
        return tuple(failure for _, failure in self._failures)

    def plugins(self) -> tuple[PluginInfo, ...]:
        """Return all plugins that were found, after calling every hook."""
        for kind in KINDS:
            self._of_kind(kind)
        return tuple(map(self._info, self._candidates))

    def notes(self) -> tuple[str, ...]:
        """Return what is no failure and yet surprising, one sentence each."""
        unmatched = sorted(
            name
            for name in self._recipe.disabled
            if not any(known.is_named_in([name]) for known in self._candidates.values())
        )
        built_in = [
            f"{known.identity.name} is built in and cannot be disabled"
            for known in self._candidates.values()
            if known.built_in and known.is_named_in(self._recipe.disabled)
        ]
        return (
            *(f"{name} is disabled, but no such plugin exists" for name in unmatched),
            *built_in,
            *ties(self.extractors.values()),
            *ties(self.preview_generators.values()),
            *ties(self.export_destinations.values()),
        )

    def owner_of(self, contribution: Contribution) -> PluginIdentity:
        """Return the plugin that gave `contribution`.

        Raises
        ------
        KeyError
            If none of this manager's plugins did.
        """
        kind = kind_of(contribution)
        self._of_kind(kind)
        return self._candidates[self._owners[kind, contribution.name]].identity

    def fingerprint(self, kind: str = "extractors") -> str:
        """Return a hash that changes when contributions of `kind` come, go or change.

        For extractors, instrument profiles count too: both shape what is extracted.
        """
        parts = []
        for each in _FINGERPRINTED.get(kind, (kind,)):
            for name, contribution in sorted(self._of_kind(each).items()):
                owner = self._candidates[self._owners[each, name]]
                who = (owner.identity.distribution, owner.identity.version)
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
        except (Exception, SystemExit) as error:
            context = f"{kind_of(contribution)} {contribution.name}"
            failure = self.owner_of(contribution).failure("call", error, context)
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

        The code that takes the items is not blamed on the plugin.
        """
        iterator = iter(self.call(contribution, function, *args, **kwargs))
        end = object()
        while (item := self.call(contribution, next, iterator, end)) is not end:
            yield item  # type: ignore[misc]

    def _load(self, candidate: Candidate) -> None:
        name = self._unique_name(candidate.identity)
        self._candidates[name] = candidate
        if self._is_disabled(candidate):
            self._registry.set_blocked(name)
            self._disabled.add(name)
            return
        try:
            plugin = candidate.load()
            self._registry.register(plugin, name)
            problems = list(misspelt(candidate.identity, plugin))
        # Whatever a third party's import raises costs that party alone; sys.exit too.
        except (Exception, SystemExit) as error:  # noqa: BLE001
            if self._registry.has_plugin(name):
                self._registry.unregister(name=name)
            problems = [candidate.identity.failure("load", error)]
        self._failures += [(name, problem) for problem in problems]

    def _unique_name(self, identity: PluginIdentity) -> str:
        name = f"{identity.name} ({identity.distribution})"
        while name in self._candidates:
            name += "'"
        return name

    def _is_disabled(self, candidate: Candidate) -> bool:
        if candidate.built_in:
            return False
        if not self._recipe.plugins_enabled:
            return True
        return candidate.is_named_in(self._recipe.disabled)

    def _all(self, type_: type[C]) -> Mapping[str, C]:
        kind = next(kind for kind, known in KINDS.items() if known is type_)
        return self._of_kind(kind)  # type: ignore[return-value]

    def _of_kind(self, kind: str) -> Mapping[str, Contribution]:
        with self._lock:
            if kind not in self._collected:
                found = self._collect(kind)
                self._collected[kind] = MappingProxyType(in_order(found))
            return self._collected[kind]

    def _collect(self, kind: str) -> dict[str, Contribution]:
        taken: dict[str, Contribution] = {}
        for name, hook in self._hooks(kind):
            identity = self._candidates[name].identity
            found, failures = collect(identity, kind, hook)
            for contribution in found:
                owner = self._owners.setdefault((kind, contribution.name), name)
                if contribution.name in taken:
                    failures.append(self._second(kind, contribution, identity, owner))
                else:
                    taken[contribution.name] = contribution
            self._failures += [(name, failure) for failure in failures]
        return taken

    def _hooks(self, kind: str) -> Iterator[tuple[str, Callable[[], object]]]:
        """Yield the implementations of a hook in the order plugins were loaded."""
        caller = getattr(self._registry.hook, f"{HOOK_PREFIX}{kind}")
        order = {name: position for position, name in enumerate(self._candidates)}
        implementations = sorted(
            caller.get_hookimpls(), key=lambda each: order[each.plugin_name]
        )
        for each in implementations:
            yield each.plugin_name, each.function

    def _second(
        self, kind: str, contribution: Contribution, giver: PluginIdentity, owner: str
    ) -> PluginFailure:
        first = self._candidates[owner].identity.distribution
        error = (
            f"{kind} {contribution.name!r} of {giver.distribution} is not used: "
            f"{first} gives one of that name; disable one of the two plugins"
        )
        return giver.failure("collect", error)

    def _info(self, name: str) -> PluginInfo:
        identity = self._candidates[name].identity
        contributions = tuple(
            ContributionInfo(
                kind=kind, name=own, details=details(self._of_kind(kind)[own])
            )
            for (kind, own), owner in self._owners.items()
            if owner == name
        )
        failures = tuple(failure for owner, failure in self._failures if owner == name)
        return PluginInfo(
            name=identity.name,
            distribution=identity.distribution,
            version=identity.version,
            status=self._status(name, contributions, failures),
            contributions=contributions,
            failures=failures,
        )

    def _status(
        self,
        name: str,
        contributions: tuple[ContributionInfo, ...],
        failures: tuple[PluginFailure, ...],
    ) -> Status:
        if name in self._disabled:
            return "disabled"
        if not failures:
            return "ok"
        return "partial" if contributions else "failed"


def _given(plugin: object) -> Candidate:
    name = str(getattr(plugin, "__name__", type(plugin).__name__))
    return Candidate(
        identity=PluginIdentity(name=name, distribution=name),
        load=lambda: plugin,
        built_in=name == BUILT_IN,
    )


def _local_candidates(folder: Path) -> list[Candidate]:
    try:
        return local(folder)
    except OSError as error:
        return [_unlistable(folder, error)]


def _unlistable(folder: Path, error: OSError) -> Candidate:
    def load() -> object:
        raise error

    identity = PluginIdentity(name="local", distribution=f"local: {folder}")
    return Candidate(identity=identity, load=load)
