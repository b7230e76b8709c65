"""What every stage of a run may use."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nexuslims_core.pipeline.halt import Halt
from nexuslims_core.settings import redact_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from nexuslims_core.manager import PluginManager
    from nexuslims_core.pipeline.connect import ConnectedDestination, ConnectedSource
    from nexuslims_core.pipeline.progress import Progress
    from nexuslims_core.settings import Environment, Settings
    from nexuslims_core.store import Store
    from nexuslims_core.types import Site


@dataclass(frozen=True, kw_only=True)
class RunContext:
    """Settings, plugins and connections of one run."""

    settings: Settings
    environment: Environment
    """Where plugins' settings come from."""
    site: Site
    manager: PluginManager
    store: Store
    sources: tuple[ConnectedSource, ...]
    destinations: Sequence[ConnectedDestination]
    """Connected and checked when they are first looked at."""
    blocked_instruments: Mapping[str, str]
    """Instruments that failed a check, with the reason."""
    progress: Progress
    now: Callable[[], datetime]
    """The clock (aware)."""
    owner: str
    """Name under which this runner leases sessions."""
    extractors_fingerprint: str
    """Changes when extractors are installed, upgraded or removed."""
    secrets: frozenset[str] = field(repr=False)
    """What must not stand in anything that is told, logged or stored."""
    halt: Halt = field(default_factory=Halt)
    """Asks for the end of the run."""

    def told(self, text: str) -> str:
        """Return what foreign code said, without any secret."""
        return redact_text(text, self.secrets)
