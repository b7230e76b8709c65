"""Contributions of this distribution."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nexuslims_core import hookimpl
from nexuslims_core.types import ExportDestination

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nexuslims_core.types import Destination, Site

    from nexuslims_exporter_cdcs.settings import CdcsSettings


def connect(settings: CdcsSettings, site: Site) -> Destination:
    """Return the repository that `settings` describe."""
    from nexuslims_exporter_cdcs.destination import CdcsDestination

    return CdcsDestination(settings, site)


@hookimpl
def nexuslims_export_destinations() -> Iterator[ExportDestination]:
    """Yield the destination ``cdcs``."""
    from nexuslims_exporter_cdcs.settings import CdcsSettings

    yield ExportDestination(
        name="cdcs", priority=100, settings=CdcsSettings, connect=connect
    )
