"""EMPAD: settings in one file, frames in another that may not have been copied."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nexuslims_core.reading.standard import looked_up

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nexuslims_core.types import DataFile


def read(file: DataFile) -> list[Mapping[str, Any]]:
    """Return the signal; with a note where its frames are missing or cut off."""
    from rsciio.empad import file_reader

    (signal,) = file_reader(str(file.path), lazy=True)
    name = str(looked_up(signal["original_metadata"], "root.raw_file.filename"))
    raw = file.path.with_name(name.replace("\\", "/").rpartition("/")[2])
    expected = signal["data"].nbytes
    found = raw.stat().st_size if raw.is_file() else 0
    if found >= expected:
        return [signal]
    note = (
        f"Its frames are missing: expected {expected} bytes or more in {raw.name} "
        f"beside it, found {found}."
    )
    bare = {**signal, "data": None, "shape": signal["data"].shape, "notes": [note]}
    return [bare | SERIES]


SERIES = {"dataset_type": "Diffraction", "data_type": "Diffraction"}
"""What EMPAD's frames are, whether they are there or not."""
