"""What a worker must have in common with the main program to do its work.

Versions come first, see there. The rest is known with the first file: extractors,
preview generators and profiles, which shape what is written, and the folder that it is
written to.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from nexuslims_core.extraction import manager_from

from nexuslims_executor_dask.errors import UnfitWorkerError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from nexuslims_core.manager import PluginManager, PluginRecipe

KINDS = {
    "extractors": "extractor",
    "preview_generators": "preview generator",
    "instrument_profiles": "profile",
}
"""Contributions that shape what is extracted, and what one of each is called."""

MOST_NAMED = 5
"""Differences that a message names one by one."""


@dataclass(frozen=True, kw_only=True)
class Inventory:
    """The contributions that shape what is extracted."""

    names: frozenset[str]
    fingerprints: tuple[str, ...]

    @classmethod
    def of(cls, manager: PluginManager) -> Self:
        """Return that of a plugin manager."""
        return cls(
            names=frozenset(_names(manager)),
            fingerprints=tuple(map(manager.fingerprint, KINDS)),
        )


def _names(manager: PluginManager) -> Iterator[str]:
    for kind, noun in KINDS.items():
        for one in getattr(manager, kind).values():
            owner = manager.owner_of(one)
            yield f"{noun} {one.name} ({owner.distribution} {owner.version})".replace(
                " )", ")"
            )


@functools.lru_cache(maxsize=4)
def inventory_from(recipe: PluginRecipe) -> Inventory:
    """Return the inventory that `recipe` describes, made once per process."""
    return Inventory.of(manager_from(recipe))


@dataclass(frozen=True, kw_only=True)
class Ground:
    """What the main program has, to be compared with what a worker has."""

    recipe: PluginRecipe
    inventory: Inventory
    marker: Path
    """A file of this run in the data folder."""

    def check(self) -> None:
        """See that the process that asks may extract.

        Raises
        ------
        UnfitWorkerError
            If what it would write is not what the main program would write, or not
            in the same place.
        """
        problems = self._problems()
        if problems:
            raise UnfitWorkerError("; ".join(problems))

    def _problems(self) -> list[str]:
        found = _differences(inventory_from(self.recipe), self.inventory)
        if not self.marker.exists():
            found.append(
                f"{self.marker.parent} is another folder there than here, or is not "
                "there; mount NX_DATA_PATH at the same place on all machines"
            )
        return found


def _differences(there: Inventory, here: Inventory) -> list[str]:
    missing = sorted(here.names - there.names)
    added = sorted(there.names - here.names)
    found = [f"only here: {_some(missing)}"] if missing else []
    found += [f"only there: {_some(added)}"] if added else []
    if not found and there.fingerprints != here.fingerprints:
        found = ["plugins of the same names differ; install the same everywhere"]
    return found


def _some(names: list[str]) -> str:
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
