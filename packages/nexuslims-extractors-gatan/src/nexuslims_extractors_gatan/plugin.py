"""Contributions of this distribution."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nexuslims_core import hookimpl
from nexuslims_core.types import (
    DataFile,
    Dataset,
    Extraction,
    Extractor,
    InstrumentProfile,
)

if TYPE_CHECKING:
    from collections.abc import Iterable


@hookimpl
def nexuslims_extractors() -> Iterable[Extractor]:
    """Yield the readers of this distribution."""
    yield Extractor(
        name="dm3_extractor",
        extensions=frozenset({"dm3", "dm4"}),
        priority=160,
        supports=_is_dm,
        extract=_extract_dm,
        formats={"Gatan DigitalMicrograph": ("dm3", "dm4")},
        version="1",
        imports=("nexuslims_extractors_gatan.dm.extract",),
    )


@hookimpl
def nexuslims_instrument_profiles() -> Iterable[InstrumentProfile]:
    """Yield what is known of three microscopes, whatever format they write."""
    yield InstrumentProfile(
        name="fei-titan-stem",
        instrument_id="FEI-Titan-STEM",
        parsers={"doubtful values": _doubt_titan_stem, "type": _type_titan_stem},
    )
    yield InstrumentProfile(
        name="fei-titan-tem",
        instrument_id="FEI-Titan-TEM",
        parsers={"Tecnai": _read_tecnai, "type": _type_titan_tem},
    )
    yield InstrumentProfile(
        name="jeol-jem-tem",
        instrument_id="JEOL-JEM-TEM",
        parsers={"type": _type_jeol_tem},
    )


def _is_dm(file: DataFile) -> bool:
    from nexuslims_extractors_gatan.dm.header import is_dm

    return is_dm(file)


def _extract_dm(file: DataFile) -> Extraction:
    from nexuslims_extractors_gatan.dm.extract import extract

    return extract(file)


def _doubt_titan_stem(dataset: Dataset) -> Dataset:
    from nexuslims_extractors_gatan.profiles.microscopes import doubt_titan_stem

    return doubt_titan_stem(dataset)


def _type_titan_stem(dataset: Dataset) -> Dataset:
    from nexuslims_extractors_gatan.profiles.microscopes import type_titan_stem

    return type_titan_stem(dataset)


def _read_tecnai(dataset: Dataset) -> Dataset:
    from nexuslims_extractors_gatan.profiles.tecnai import read_tecnai

    return read_tecnai(dataset)


def _type_titan_tem(dataset: Dataset) -> Dataset:
    from nexuslims_extractors_gatan.profiles.microscopes import type_titan_tem

    return type_titan_tem(dataset)


def _type_jeol_tem(dataset: Dataset) -> Dataset:
    from nexuslims_extractors_gatan.profiles.microscopes import type_jeol_tem

    return type_jeol_tem(dataset)
