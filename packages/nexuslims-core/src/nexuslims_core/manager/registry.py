"""Plugins as loaded, their contributions as collected, and all that failed."""

from __future__ import annotations

import threading
from types import MappingProxyType
from typing import TYPE_CHECKING

import pluggy

from nexuslims_core import hookspecs
from nexuslims_core.manager.collecting import collect, misspelt
from nexuslims_core.manager.kinds import HOOK_PREFIX, details
from nexuslims_core.manager.ordering import in_order
from nexuslims_core.manager.records import (
    ContributionInfo,
    PluginFailure,
    PluginIdentity,
    PluginInfo,
    Status,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from nexuslims_core.manager.loading import Candidate
    from nexuslims_core.types import Contribution


class Registry:
    """Loads candidates at once, and calls a hook when it is first asked for.

    Parameters
    ----------
    candidates
        Plugins, in the order in which they are asked and win over each other.
    is_disabled
        Tells which of them not to import.
    """

    def __init__(
        self,
        candidates: Iterable[Candidate],
        is_disabled: Callable[[Candidate], bool],
    ) -> None:
        self._pluggy = pluggy.PluginManager("nexuslims")
        self._pluggy.add_hookspecs(hookspecs)
        self._candidates: dict[str, Candidate] = {}
        self._failures: list[tuple[str, PluginFailure]] = []
        self._collected: dict[str, Mapping[str, Contribution]] = {}
        self._owners: dict[tuple[str, str], str] = {}
        self._lock = threading.RLock()
        for candidate in candidates:
            self._add(candidate, disabled=is_disabled(candidate))

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        """All plugins, the disabled ones included."""
        return tuple(self._candidates.values())

    @property
    def failures(self) -> tuple[PluginFailure, ...]:
        """What failed so far."""
        return tuple(failure for _, failure in self._failures)

    def of_kind(self, kind: str) -> Mapping[str, Contribution]:
        """Return all contributions of a kind by name, best first."""
        with self._lock:
            if kind not in self._collected:
                found = self._collect(kind)
                self._collected[kind] = MappingProxyType(in_order(found))
            return self._collected[kind]

    def owner(self, kind: str, name: str) -> Candidate:
        """Return the plugin that gave a contribution.

        Raises
        ------
        KeyError
            If there is none of this kind and name.
        """
        self.of_kind(kind)
        return self._candidates[self._owners[kind, name]]

    def infos(self) -> tuple[PluginInfo, ...]:
        """Return what is known of each plugin so far."""
        return tuple(map(self._info, self._candidates))

    def _add(self, candidate: Candidate, *, disabled: bool) -> None:
        name = self._unique_name(candidate.identity)
        self._candidates[name] = candidate
        if disabled:
            self._pluggy.set_blocked(name)
            return
        try:
            plugin = candidate.load()
            self._pluggy.register(plugin, name)
            problems = list(misspelt(candidate.identity, plugin))
        # Whatever a third party's import raises costs that party alone; sys.exit too.
        except (Exception, SystemExit) as error:  # noqa: BLE001
            # Some releases of pluggy keep the hooks that came before the faulty one.
            if self._pluggy.has_plugin(name):
                self._pluggy.unregister(name=name)
            problems = [candidate.identity.failure("load", error)]
        self._failures += [(name, problem) for problem in problems]

    def _unique_name(self, identity: PluginIdentity) -> str:
        """Return a name for pluggy: two distributions may name their entry alike."""
        name = f"{identity.name} ({identity.distribution})"
        while name in self._candidates:
            name += "'"
        return name

    def _collect(self, kind: str) -> dict[str, Contribution]:
        taken: dict[str, Contribution] = {}
        for name, hook in self._hooks(kind):
            identity = self._candidates[name].identity
            found, failures = collect(identity, kind, hook)
            for contribution in found:
                owner = self._owners.setdefault((kind, contribution.name), name)
                if contribution.name in taken:
                    first = self._candidates[owner].identity
                    failures.append(_taken(kind, contribution.name, identity, first))
                else:
                    taken[contribution.name] = contribution
            self._failures += [(name, failure) for failure in failures]
        return taken

    def _hooks(self, kind: str) -> list[tuple[str, Callable[[], object]]]:
        """Return the implementations of a hook, in the order in which names are taken.

        Whoever was installed first keeps a name: adding a plugin must not change what
        others do. pluggy would call the plugin that was registered last first.
        """
        caller = getattr(self._pluggy.hook, f"{HOOK_PREFIX}{kind}")
        order = {
            name: (not one.built_in, one.installed_at, position)
            for position, (name, one) in enumerate(self._candidates.items())
        }
        found = [(each.plugin_name, each.function) for each in caller.get_hookimpls()]
        return sorted(found, key=lambda item: order[item[0]])

    def _info(self, name: str) -> PluginInfo:
        identity = self._candidates[name].identity
        contributions = tuple(self._contributions(name))
        failures = tuple(failure for owner, failure in self._failures if owner == name)
        return PluginInfo(
            name=identity.name,
            distribution=identity.distribution,
            version=identity.version,
            status=self._status(name, given=bool(contributions), bad=bool(failures)),
            contributions=contributions,
            failures=failures,
        )

    def _contributions(self, name: str) -> Iterator[ContributionInfo]:
        for kind, collected in self._collected.items():
            for own, contribution in collected.items():
                if self._owners[kind, own] == name:
                    yield ContributionInfo(
                        kind=kind, name=own, details=details(contribution)
                    )

    def _status(self, name: str, *, given: bool, bad: bool) -> Status:
        if self._pluggy.is_blocked(name):
            return "disabled"
        if not bad:
            return "ok"
        return "partial" if given else "failed"


def _taken(
    kind: str, name: str, giver: PluginIdentity, first: PluginIdentity
) -> PluginFailure:
    error = (
        f"{name!r} of {giver.distribution} is not used: {first.distribution} "
        f"has {kind} of that name too; disable one of the two"
    )
    return giver.failure("collect", error)
