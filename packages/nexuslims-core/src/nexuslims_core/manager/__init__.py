"""Finding plugins, and keeping each one's failures from the rest of the program.

pluggy registers plugins but isolates nothing, so three stages are guarded here: loading
(import), collecting (the hooks are called) and calling (contributions at work).
"""

from __future__ import annotations

from nexuslims_core.manager.kinds import KINDS
from nexuslims_core.manager.plugin_manager import PluginManager
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

__all__ = [
    "KINDS",
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
