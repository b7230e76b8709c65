"""Contributions of this distribution."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nexuslims_core import hookimpl
from nexuslims_core.types import ExportDestination

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nexuslims_core.types import Destination, Site

    from nexuslims_exporter_elabftw.settings import ElabftwSettings


def connect(settings: ElabftwSettings, site: Site) -> Destination:
    """Return the notebook that `settings` describe."""
    from nexuslims_exporter_elabftw.destination import ElabftwDestination

    return ElabftwDestination(settings, site)


@hookimpl
def nexuslims_export_destinations() -> Iterator[ExportDestination]:
    """Yield the destination ``elabftw``."""
    from nexuslims_exporter_elabftw.settings import ElabftwSettings

    yield ExportDestination(
        name="elabftw", priority=85, settings=ElabftwSettings, connect=connect
    )
