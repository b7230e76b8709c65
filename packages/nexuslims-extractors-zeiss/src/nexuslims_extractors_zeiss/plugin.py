"""Contributions of this distribution."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nexuslims_core import hookimpl
from nexuslims_core.types import DataFile, Extraction, Extractor

if TYPE_CHECKING:
    from collections.abc import Iterable


@hookimpl
def nexuslims_extractors() -> Iterable[Extractor]:
    """Yield the readers of Zeiss and Fibics images."""
    yield Extractor(
        name="orion_him_tif_extractor",
        extensions=frozenset({"tif", "tiff"}),
        priority=160,
        supports=_is_him_tiff,
        extract=_extract_him_tiff,
        formats={"Zeiss Orion and Fibics images": ("tif", "tiff")},
        version="1",
        imports=("nexuslims_extractors_zeiss.him.extract",),
    )
    yield Extractor(
        name="smartsem_tif_extractor",
        extensions=frozenset({"tif", "tiff"}),
        priority=160,
        supports=_is_smartsem_tiff,
        extract=_extract_smartsem_tiff,
        formats={"Zeiss SmartSEM images": ("tif", "tiff")},
        version="1",
        imports=("nexuslims_extractors_zeiss.smartsem.extract",),
    )


def _is_him_tiff(file: DataFile) -> bool:
    from nexuslims_extractors_zeiss.him.source import is_him_tiff

    return is_him_tiff(file)


def _extract_him_tiff(file: DataFile) -> Extraction:
    from nexuslims_extractors_zeiss.him.extract import extract

    return extract(file)


def _is_smartsem_tiff(file: DataFile) -> bool:
    from nexuslims_extractors_zeiss.smartsem.source import is_smartsem_tiff

    return is_smartsem_tiff(file)


def _extract_smartsem_tiff(file: DataFile) -> Extraction:
    from nexuslims_extractors_zeiss.smartsem.extract import extract

    return extract(file)
