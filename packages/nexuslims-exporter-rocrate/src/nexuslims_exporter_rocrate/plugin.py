"""What this distribution adds to NexusLIMS: the destination ``rocrate``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nexuslims_core import hookimpl
from nexuslims_core.types import ExportDestination

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nexuslims_core.types import Destination, Site

    from nexuslims_exporter_rocrate.settings import RoCrateSettings


def connect(settings: RoCrateSettings, site: Site) -> Destination:
    """Return the folder of crates that `settings` describe."""
    from nexuslims_exporter_rocrate.destination import RoCrates

    return RoCrates(settings, site)


@hookimpl
def nexuslims_export_destinations() -> Iterator[ExportDestination]:
    """Yield the folder of crates; served late, so that crates link to the others."""
    from nexuslims_exporter_rocrate.settings import RoCrateSettings

    yield ExportDestination(
        name="rocrate", priority=30, settings=RoCrateSettings, connect=connect
    )
