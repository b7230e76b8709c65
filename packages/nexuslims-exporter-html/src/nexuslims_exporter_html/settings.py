"""Settings of the catalogue; all are optional."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - pydantic reads it
from typing import ClassVar

from nexuslims_core.plugin_settings import DestinationSettings
from pydantic import Field, HttpUrl


class HtmlSettings(DestinationSettings):
    """Where the catalogue is and what it is called."""

    env_prefix: ClassVar[str] = "NX_HTML_"

    path: Path | None = None
    """Folder of the catalogue, absolute; default: ``catalogue`` in NX_DATA_PATH."""
    title: str = Field(default="NexusLIMS records", min_length=1)
    """Heading of the catalogue."""
    url: HttpUrl | None = None
    """Address at which a web server shows the folder, if one does.

    Links to records, in the log and at other destinations, then begin with it instead
    of ``file:``.
    """
    side_cars: bool = True
    """Whether to copy the JSON file with the complete metadata of each dataset."""
    lock_timeout_s: float = Field(default=60.0, gt=0)
    """How long to wait for another process that is writing to the catalogue."""
