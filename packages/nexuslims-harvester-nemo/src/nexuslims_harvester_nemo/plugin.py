"""Contributes the harvester ``nemo``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nexuslims_core import hookimpl
from nexuslims_core.types import Harvester

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nexuslims_core.types import Site, Source

    from nexuslims_harvester_nemo.settings import NemoSettings


def connect(settings: NemoSettings, site: Site) -> Source:
    """Return one NEMO server as a source of sessions; nothing is sent yet."""
    from nexuslims_harvester_nemo.source import NemoSource

    return NemoSource(settings, site)


@hookimpl
def nexuslims_harvesters() -> Iterable[Harvester]:
    """Yield the harvester for NEMO servers."""
    from nexuslims_harvester_nemo.settings import NemoSettings

    yield Harvester(name="nemo", settings=NemoSettings, connect=connect)
