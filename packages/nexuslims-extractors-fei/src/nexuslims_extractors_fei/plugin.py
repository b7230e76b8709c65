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
        formats={
            "FEI and Thermo Fisher SEM, FIB and TEM images": ("tif", "tiff"),
            "Thermo Fisher Auto Slice & View images": ("tif", "tiff"),
        },
        version="3",
        imports=("nexuslims_extractors_fei.tiff.extract",),
    )
    yield Extractor(
        name="ser_emi_extractor",
        extensions=frozenset({"ser", "emi"}),
        priority=160,
        supports=_is_tia,
        extract=_extract_tia,
        formats={"FEI TIA": ("ser", "emi")},
        version="1",
        imports=("nexuslims_extractors_fei.tia.extract",),
    )
    yield Extractor(
        name="velox_emd_extractor",
        extensions=frozenset({"emd"}),
        priority=160,
        supports=_is_velox,
        extract=_extract_velox,
        formats={"Thermo Fisher Velox": ("emd",)},
        version="1",
    )


def _is_fei_tiff(file: DataFile) -> bool:
    from nexuslims_extractors_fei.tiff.source import is_fei_tiff

    return is_fei_tiff(file)


def _extract_fei_tiff(file: DataFile) -> Extraction:
    from nexuslims_extractors_fei.tiff.extract import extract

    return extract(file)


def _is_tia(file: DataFile) -> bool:
    from nexuslims_extractors_fei.tia.extract import is_tia

    return is_tia(file)


def _extract_tia(file: DataFile) -> Extraction:
    from nexuslims_extractors_fei.tia.extract import extract

    return extract(file)


def _is_velox(file: DataFile) -> bool:
    from nexuslims_extractors_fei.velox.contents import is_velox

    return is_velox(file)


def _extract_velox(file: DataFile) -> Extraction:
    from nexuslims_extractors_fei.velox.extract import extract

    return extract(file)
