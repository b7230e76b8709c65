"""Contributions of this distribution."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nexuslims_core import hookimpl
from nexuslims_core.types import DataFile, Extraction, Extractor

if TYPE_CHECKING:
    from collections.abc import Iterable


@hookimpl
def nexuslims_extractors() -> Iterable[Extractor]:
    """Yield the readers of FEI and Thermo Fisher formats."""
    yield Extractor(
        name="fei_tif_extractor",
        extensions=frozenset({"tif", "tiff"}),
        priority=160,
        supports=_is_fei_tiff,
        extract=_extract_fei_tiff,
        version="1",
    )


def _is_fei_tiff(file: DataFile) -> bool:
    from nexuslims_extractors_fei.tiff.source import is_fei_tiff

    return is_fei_tiff(file)


def _extract_fei_tiff(file: DataFile) -> Extraction:
    from nexuslims_extractors_fei.tiff.extract import extract

    return extract(file)
