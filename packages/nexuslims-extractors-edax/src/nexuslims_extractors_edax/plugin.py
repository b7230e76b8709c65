"""Contributions of this distribution."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nexuslims_core import hookimpl
from nexuslims_core.types import DataFile, Extraction, Extractor

if TYPE_CHECKING:
    from collections.abc import Iterable


@hookimpl
def nexuslims_extractors() -> Iterable[Extractor]:
    """Yield the readers of EDAX's formats, and of EMSA/MSA files of any vendor."""
    yield Extractor(
        name="spc_extractor",
        extensions=frozenset({"spc"}),
        priority=160,
        supports=_is_spc,
        extract=_extract_spc,
        formats={"EDAX spectrum": ("spc",)},
        version="1",
    )
    yield Extractor(
        name="spd_extractor",
        extensions=frozenset({"spd", "lsd"}),
        priority=160,
        supports=_is_spd,
        extract=_extract_spd,
        formats={"EDAX map": ("spd",), "EDAX line scan": ("lsd",)},
        version="1",
    )
    yield Extractor(
        name="msa_extractor",
        extensions=frozenset({"msa", "emsa", "ems", "mas"}),
        priority=160,
        supports=_is_msa,
        extract=_extract_msa,
        formats={"EMSA/MAS spectrum (ISO 22029)": ("msa", "emsa", "ems", "mas")},
        version="1",
    )


def _is_spc(file: DataFile) -> bool:
    from nexuslims_extractors_edax.spc.source import is_spc

    return is_spc(file)


def _extract_spc(file: DataFile) -> Extraction:
    from nexuslims_extractors_edax.spc.extract import extract_spectrum

    return extract_spectrum(file)


def _is_spd(file: DataFile) -> bool:
    from nexuslims_extractors_edax.spc.source import is_spd

    return is_spd(file)


def _extract_spd(file: DataFile) -> Extraction:
    from nexuslims_extractors_edax.spc.extract import extract_map

    return extract_map(file)


def _is_msa(file: DataFile) -> bool:
    from nexuslims_extractors_edax.msa.source import is_msa

    return is_msa(file)


def _extract_msa(file: DataFile) -> Extraction:
    from nexuslims_extractors_edax.msa.extract import extract

    return extract(file)
