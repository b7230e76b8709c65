"""Contributions of this distribution."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nexuslims_core import hookimpl
from nexuslims_core.types import Command, ExportDestination

if TYPE_CHECKING:
    from collections.abc import Iterator

    import click
    from nexuslims_core.types import Destination, Site

    from nexuslims_exporter_labarchives.settings import LabArchivesSettings


def connect(settings: LabArchivesSettings, site: Site) -> Destination:
    """Return the notebook that `settings` describe."""
    from nexuslims_exporter_labarchives.destination import LabArchivesDestination

    return LabArchivesDestination(settings, site)


def load_get_uid() -> click.Command:
    """Return the command ``labarchives-get-uid``."""
    from nexuslims_exporter_labarchives.login import get_uid

    return get_uid


@hookimpl
def nexuslims_export_destinations() -> Iterator[ExportDestination]:
    """Yield the destination ``labarchives``."""
    from nexuslims_exporter_labarchives.settings import LabArchivesSettings

    yield ExportDestination(
        name="labarchives",
        priority=90,
        settings=LabArchivesSettings,
        connect=connect,
    )


@hookimpl
def nexuslims_commands() -> Iterator[Command]:
    """Yield the command that tells an account's `uid`."""
    yield Command(
        name="labarchives-get-uid",
        load=load_get_uid,
        help="Ask LabArchives for the uid of an account.",
    )
