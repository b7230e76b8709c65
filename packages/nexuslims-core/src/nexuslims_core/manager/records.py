"""What the manager tells about plugins: who they are, what they give, what failed."""

from __future__ import annotations

import traceback
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from nexuslims_core.errors import NexusLIMSError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

Stage = Literal["load", "collect", "call"]
"""When a plugin failed: being imported, being asked what it has, or at work."""

Status = Literal["ok", "partial", "failed", "disabled"]
"""``partial``: something of the plugin failed, the rest of it is in use."""


@dataclass(frozen=True, kw_only=True)
class PluginFailure:
    """One thing that went wrong in one plugin."""

    plugin: str
    """Name of its entry point; for a local file its stem."""
    distribution: str
    stage: Stage
    error: str
    """One sentence: what was found, and what was expected."""
    traceback: str = field(default="", repr=False)
    """Python's traceback, for those who ask for it; empty when nothing was raised."""

    def __str__(self) -> str:
        return f"plugin {self.plugin} ({self.distribution}): {self.error}"


@dataclass(frozen=True, kw_only=True)
class PluginIdentity:
    """Which plugin it is."""

    name: str
    distribution: str
    """Name of the distribution, or ``local: <file name>``."""
    version: str = ""

    def failure(
        self, stage: Stage, error: str | BaseException, context: str = ""
    ) -> PluginFailure:
        """Return the record of `error` in this plugin.

        Parameters
        ----------
        error
            A sentence, or the exception that the plugin raised.
        context
            What was being done, put before the error.
        """
        text, trace = error if isinstance(error, str) else describe(error), ""
        if isinstance(error, BaseException):
            trace = "".join(traceback.format_exception(error))
        return PluginFailure(
            plugin=self.name,
            distribution=self.distribution,
            stage=stage,
            error=f"{context}: {text}" if context else text,
            traceback=trace,
        )


@dataclass(frozen=True, kw_only=True)
class ContributionInfo:
    """One contribution, as ``nexuslims plugins list`` shows it."""

    kind: str
    """Name of the hook without ``nexuslims_``, e.g. ``extractors``."""
    name: str
    details: Mapping[str, Any] = field(default_factory=dict)
    """JSON-able: ``priority``, ``extensions``, ``version``, … as the kind has them."""


@dataclass(frozen=True, kw_only=True)
class PluginInfo(PluginIdentity):
    """One plugin, as ``nexuslims plugins list`` shows it."""

    status: Status
    contributions: tuple[ContributionInfo, ...] = ()
    failures: tuple[PluginFailure, ...] = ()


@dataclass(frozen=True, kw_only=True)
class PluginRecipe:
    """All that is needed to make the same manager again in another process."""

    disabled: frozenset[str] = frozenset()
    local_path: Path | None = None
    plugins_enabled: bool = True
    modules: tuple[str, ...] | None = None
    """Names of the only modules to use; `None`: discover what is installed."""


class PluginCallError(NexusLIMSError):
    """A plugin raised something that its hook does not allow.

    Parameters
    ----------
    failure
        What happened and in which plugin.
    """

    def __init__(self, failure: PluginFailure) -> None:
        super().__init__(failure)
        self.failure = failure

    def __str__(self) -> str:
        return str(self.failure)


def describe(error: BaseException) -> str:
    """Return an exception's type and message in one line."""
    if isinstance(error, SystemExit):
        return f"it called sys.exit({error.code!r})"
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__
