"""Contributions of this distribution."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nexuslims_core import hookimpl
from nexuslims_core.types import DataFile, Extraction, Extractor

if TYPE_CHECKING:
    from collections.abc import Iterable


@hookimpl
def nexuslims_extractors() -> Iterable[Extractor]:
    """Yield the reader of Tescan images."""
    yield Extractor(
        name="tescan_tif_extractor",
        extensions=frozenset({"tif", "tiff"}),
        priority=160,
        supports=_is_tescan_tiff,
        extract=_extract_tescan_tiff,
        formats={"Tescan SEM and FIB images": ("tif", "tiff")},
        version="1",
        imports=("nexuslims_extractors_tescan.extract",),
    )


def _is_tescan_tiff(file: DataFile) -> bool:
    from nexuslims_extractors_tescan.source import is_tescan_tiff

    return is_tescan_tiff(file)


def _extract_tescan_tiff(file: DataFile) -> Extraction:
    from nexuslims_extractors_tescan.extract import extract

    return extract(file)
