"""Contributions of this distribution."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nexuslims_core import hookimpl
from nexuslims_core.types import DataFile, Extraction, Extractor

if TYPE_CHECKING:
    from collections.abc import Iterable


@hookimpl
def nexuslims_extractors() -> Iterable[Extractor]:
    """Yield the reader of Tofwerk's FIB-ToF-SIMS files."""
    yield Extractor(
        name="tofwerk_pfib_extractor",
        extensions=frozenset({"h5", "hdf5"}),
        priority=160,
        supports=_is_tofwerk,
        extract=_extract_tofwerk,
        formats={"Tofwerk FIB-ToF-SIMS": ("h5",)},
        version="1",
    )


def _is_tofwerk(file: DataFile) -> bool:
    from nexuslims_extractors_tofwerk.source import is_tofwerk

    return is_tofwerk(file)


def _extract_tofwerk(file: DataFile) -> Extraction:
    from nexuslims_extractors_tofwerk.extract import extract

    return extract(file)
