"""NeXus: the data that a file marks as such, or else whatever arrays it holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nexuslims_core.types import DataFile


def read(file: DataFile) -> list[Mapping[str, Any]]:
    """Return the signals of a file; axes are none where anything else is."""
    from rsciio.nexus import file_reader

    # Without the arrays: some files keep whole data sets among their metadata.
    asked = {"lazy": True, "skip_array_metadata": True}
    marked = file_reader(str(file.path), nxdata_only=True, **asked)
    return list(marked or file_reader(str(file.path), **asked))
