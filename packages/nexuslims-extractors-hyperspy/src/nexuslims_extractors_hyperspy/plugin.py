"""Contributions of this distribution."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nexuslims_core import hookimpl
from nexuslims_core.types import DataFile, Extraction, Extractor

if TYPE_CHECKING:
    from collections.abc import Iterable

EXTENSIONS = frozenset(
    {
        *("ali", "app5", "asw"),
        *("bcf", "blo"),
        *("csv",),
        *("de5", "dens", "dm3", "dm4"),
        *("eds", "elid", "emd", "emi", "ems", "emsa"),
        *("h5", "hdf5", "hspy"),
        *("img",),
        *("lsd",),
        *("map", "mas", "mib", "mrc", "mrcs", "mrcz", "msa"),
        *("nc", "npy", "nxs"),
        *("preali", "prz", "pro", "pts"),
        *("rec", "rpl"),
        *("sac", "sbc", "ser", "spc", "spd", "spx", "st", "sur"),
        *("tif", "tiff", "tvf", "tvips"),
        *("unf",),
        *("wdf",),
        *("xml",),
        *("zspy",),
    }
)
"""Extensions that RosettaSciIO lists but for those of pictures, and a few more.

A test compares them with `nexuslims_extractors_hyperspy.formats`, which needs
RosettaSciIO and cannot be imported here.
"""


@hookimpl
def nexuslims_extractors() -> Iterable[Extractor]:
    """Yield the reader of what RosettaSciIO reads."""
    yield Extractor(
        name="hyperspy_extractor",
        extensions=EXTENSIONS,
        priority=60,
        supports=_is_supported,
        extract=_extract,
        version="1",
    )


def _is_supported(file: DataFile) -> bool:
    from nexuslims_extractors_hyperspy.formats import identified

    return identified(file) is not None


def _extract(file: DataFile) -> Extraction:
    from nexuslims_extractors_hyperspy.extract import extract

    return extract(file)
