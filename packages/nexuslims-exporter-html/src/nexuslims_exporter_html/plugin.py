"""What this distribution adds to NexusLIMS: the destination ``html``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nexuslims_core import hookimpl
from nexuslims_core.types import ExportDestination

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nexuslims_core.types import Destination, Site

    from nexuslims_exporter_html.settings import HtmlSettings


def connect(settings: HtmlSettings, site: Site) -> Destination:
    """Return the catalogue that `settings` describe."""
    from nexuslims_exporter_html.destination import HtmlCatalogue

    return HtmlCatalogue(settings, site)


@hookimpl
def nexuslims_export_destinations() -> Iterator[ExportDestination]:
    """Yield the catalogue; it is served last, so that it can link to the others."""
    from nexuslims_exporter_html.settings import HtmlSettings

    yield ExportDestination(
        name="html", priority=10, settings=HtmlSettings, connect=connect
    )
