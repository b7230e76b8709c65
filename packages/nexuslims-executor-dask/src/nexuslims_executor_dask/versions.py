"""What is installed, here and on a worker.

A worker imports this in the thread that it talks to the scheduler with: nothing heavy.
"""

from __future__ import annotations

import importlib.metadata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def versions() -> dict[str, str]:
    """Return the versions of core and its plugins, by distribution."""
    entries = importlib.metadata.entry_points(group="nexuslims")
    found = {one.dist.name: one.dist.version for one in entries if one.dist is not None}
    return {**found, "nexuslims-core": importlib.metadata.version("nexuslims-core")}


def outdated(there: Mapping[str, str], here: Mapping[str, str]) -> list[str]:
    """Return how versions on a worker differ from those of this program.

    What is installed on one side only is no difference: a worker needs no harvester.
    """
    return [
        f"{name} is {there[name]} there and {here[name]} here"
        for name in sorted(there.keys() & here.keys())
        if there[name] != here[name]
    ]
