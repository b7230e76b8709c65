"""Contributions of this distribution."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from nexuslims_core import hookimpl
from nexuslims_core.plugin_settings import PluginSettings
from nexuslims_core.types import (
    DataFile,
    Destination,
    ExportDestination,
    Extraction,
    Extractor,
    Harvester,
    Site,
    Source,
)

if TYPE_CHECKING:
    from collections.abc import Iterable


class LogbookSettings(PluginSettings):
    """Where the logbook is."""

    env_prefix = "NX_LOGBOOK_"

    file: Path
    """CSV with the columns id, instrument, user, start, end, title, sample, consent."""


class ShareSettings(PluginSettings):
    """Where records go."""

    env_prefix = "NX_SHARE_"

    folder: Path


@hookimpl
def nexuslims_harvesters() -> Iterable[Harvester]:
    """Yield the logbook."""
    yield Harvester(name="logbook", settings=LogbookSettings, connect=_open_logbook)


@hookimpl
def nexuslims_extractors() -> Iterable[Extractor]:
    """Yield the reader of line profiles."""
    yield Extractor(
        name="profile_extractor",
        extensions=frozenset({"prf"}),
        priority=150,
        supports=_is_profile,
        extract=_read_profile,
    )


@hookimpl
def nexuslims_export_destinations() -> Iterable[ExportDestination]:
    """Yield the share."""
    yield ExportDestination(name="share", settings=ShareSettings, connect=_open_share)


def _open_logbook(settings: LogbookSettings, site: Site) -> Source:
    from nexuslims_labbook.logbook import Logbook

    return Logbook(settings.file, site.instruments)


def _is_profile(file: DataFile) -> bool:
    return file.head.startswith(b"PROFILE ")


def _read_profile(file: DataFile) -> Extraction:
    from nexuslims_labbook.profile import read

    return read(file)


def _open_share(settings: ShareSettings, _site: Site) -> Destination:
    from nexuslims_labbook.share import Share

    return Share(settings.folder)
