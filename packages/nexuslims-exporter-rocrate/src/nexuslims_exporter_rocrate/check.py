"""Whether a folder can hold the crates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nexuslims_core.errors import ConfigurationError

if TYPE_CHECKING:
    from pathlib import Path

    from nexuslims_core.types import Site

PROBE = ".writable"


def check_folder(folder: Path, site: Site) -> None:
    """Raise `ConfigurationError` unless `folder` can hold the crates of `site`.

    It is made if it does not exist.
    """
    if not folder.is_absolute():
        msg = (
            f"NX_ROCRATE_PATH is {str(folder)!r}, a relative path; give an absolute "
            "one, which means the same whatever directory a run starts in"
        )
        raise ConfigurationError(msg)
    _check_place(folder, site)
    _check_writable(folder)


def _check_place(folder: Path, site: Site) -> None:
    here = folder.resolve()
    instruments = site.instrument_data_path.resolve()
    if here.is_relative_to(instruments):
        msg = (
            f"NX_ROCRATE_PATH is {folder}, inside the instruments' files "
            f"(NX_INSTRUMENT_DATA_PATH, {instruments}), where nothing may be written"
        )
        raise ConfigurationError(msg)
    for name, other in (
        ("NX_DATA_PATH", site.data_path),
        ("the folder of records", site.records_path),
    ):
        if other.resolve().is_relative_to(here):
            msg = (
                f"NX_ROCRATE_PATH is {folder}, which holds {name} ({other}); give the "
                "crates a folder of their own"
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
            f"the folder of crates {folder} cannot be written: {error}. Give "
            "NX_ROCRATE_PATH a folder that the user who runs nexuslims may write to"
        )
        raise ConfigurationError(msg) from error
