"""Whether a folder can be the catalogue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nexuslims_core.errors import ConfigurationError

from nexuslims_exporter_html.entries import FOLDER as ENTRIES
from nexuslims_exporter_html.publish import INDEX

if TYPE_CHECKING:
    from pathlib import Path

    from nexuslims_core.types import Site

PROBE = ".writable"


def check_folder(folder: Path, site: Site) -> None:
    """Raise `ConfigurationError` unless `folder` can hold the catalogue of `site`.

    It is made if it does not exist.
    """
    if not folder.is_absolute():
        msg = (
            f"NX_HTML_PATH is {str(folder)!r}, a relative path; give an absolute one, "
            "which means the same whatever directory a run starts in"
        )
        raise ConfigurationError(msg)
    _check_place(folder, site)
    _check_writable(folder)
    _check_content(folder)


def _check_place(folder: Path, site: Site) -> None:
    here = folder.resolve()
    instruments = site.instrument_data_path.resolve()
    if here.is_relative_to(instruments):
        msg = (
            f"NX_HTML_PATH is {folder}, inside the instruments' files "
            f"(NX_INSTRUMENT_DATA_PATH, {instruments}), where nothing may be written"
        )
        raise ConfigurationError(msg)
    for name, other in (
        ("NX_DATA_PATH", site.data_path),
        ("the folder of records", site.records_path),
    ):
        if other.resolve().is_relative_to(here):
            msg = (
                f"NX_HTML_PATH is {folder}, which holds {name} ({other}); give the "
                "catalogue a folder of its own"
            )
            raise ConfigurationError(msg)


def _check_writable(folder: Path) -> None:
    probe = folder / PROBE
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        msg = (
            f"the catalogue's folder {folder} cannot be written: {error}. Give "
            "NX_HTML_PATH a folder that the user who runs nexuslims may write to"
        )
        raise ConfigurationError(msg) from error


def _check_content(folder: Path) -> None:
    if (folder / INDEX).exists() and not (folder / ENTRIES).is_dir():
        msg = (
            f"NX_HTML_PATH is {folder}, which holds an {INDEX} that is no catalogue's; "
            "it would be overwritten. Give the catalogue a folder of its own"
        )
        raise ConfigurationError(msg)
