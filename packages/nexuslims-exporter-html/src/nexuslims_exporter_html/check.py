"""The folder of the catalogue, and whether it can be one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nexuslims_core.errors import ConfigurationError
from nexuslims_core.exporting.folder import OwnFolder

from nexuslims_exporter_html.entries import FOLDER as ENTRIES
from nexuslims_exporter_html.publish import INDEX

if TYPE_CHECKING:
    from pathlib import Path

    from nexuslims_core.types import Site


def own_folder(path: Path) -> OwnFolder:
    """Return the folder of the catalogue."""
    return OwnFolder(
        path=path,
        setting="NX_HTML_PATH",
        name="the catalogue in",
        use="the catalogue's folder",
        remedy="give the catalogue a folder of its own",
    )


def check_folder(folder: OwnFolder, site: Site) -> None:
    """Raise `ConfigurationError` unless `folder` can hold the catalogue of `site`.

    It is made if it does not exist.
    """
    folder.check(site)
    _check_content(folder.path)


def _check_content(folder: Path) -> None:
    if (folder / INDEX).exists() and not (folder / ENTRIES).is_dir():
        msg = (
            f"NX_HTML_PATH is {folder}, which holds an {INDEX} that is no catalogue's; "
            "it would be overwritten. Give the catalogue a folder of its own"
        )
        raise ConfigurationError(msg)
