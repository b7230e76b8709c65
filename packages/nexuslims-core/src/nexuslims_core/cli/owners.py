"""Which instrument a file comes from, as the database tells it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nexuslims_core.errors import ConfigurationError, NexusLIMSError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from nexuslims_core.cli.context import Configuration
    from nexuslims_core.types import Instrument


@dataclass(frozen=True, kw_only=True)
class Owners:
    """The instruments of a facility, and where their files are."""

    folders: Mapping[Path, Instrument]
    """By folder; empty where nothing is configured."""
    chosen: Instrument | None = None
    """The one that all files are taken to be from, wherever they are."""
    problem: str = ""
    """Why the database that is configured does not tell."""

    def of(self, path: Path) -> Instrument | None:
        """Return the instrument that the file at `path` is from, if it is known."""
        if self.chosen is not None:
            return self.chosen
        for place in (path.absolute(), path.resolve()):
            for folder in place.parents:
                if folder in self.folders:
                    return self.folders[folder]
        return None


def owners(chosen: Configuration, pid: str | None) -> Owners:
    """Return whose files are where.

    Without settings nothing is known, and without a database neither, which is no error
    unless an instrument is named.

    Parameters
    ----------
    pid
        Instrument that all files are taken to be from.

    Raises
    ------
    NexusLIMSError
        If `pid` is given and there is no such instrument.
    """
    try:
        known = _instruments(chosen)
    except NexusLIMSError as error:
        if pid is not None:
            raise
        # Who has no settings does not miss a database.
        missing = isinstance(error, ConfigurationError)
        return Owners(folders={}, problem="" if missing else str(error))
    if pid is None:
        return Owners(folders=_folders(known, chosen))
    for one in known:
        if one.pid == pid:
            return Owners(folders={}, chosen=one)
    names = ", ".join(one.pid for one in known) or "none"
    raise ConfigurationError(f"there is no instrument {pid!r}; there are: {names}")


def _instruments(chosen: Configuration) -> tuple[Instrument, ...]:
    with chosen.store() as store:
        return store.instruments()


def _folders(
    known: tuple[Instrument, ...], chosen: Configuration
) -> dict[Path, Instrument]:
    from nexuslims_core.pipeline.scan import instrument_folder

    found: dict[Path, Instrument] = {}
    for one in known:
        try:
            folder = instrument_folder(one, chosen.settings.instrument_data_path)
        except ConfigurationError:  # `nexuslims check` tells of it
            continue
        for place in (folder.absolute(), folder.resolve()):
            found.setdefault(place, one)
    return found
