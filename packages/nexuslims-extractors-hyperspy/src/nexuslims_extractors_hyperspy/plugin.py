"""Contributions of this distribution."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nexuslims_core import hookimpl
from nexuslims_core.types import DataFile, Extraction, Extractor

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

FORMATS: Mapping[str, tuple[str, ...]] = {
    "Arina": ("h5",),
    "Blockfile": ("blo",),
    "Bruker": ("bcf", "spx"),
    "Delmic": ("h5", "hdf5"),
    "DENS": ("dens",),
    "DigitalMicrograph": ("dm3", "dm4"),
    "DigitalSurf": ("pro", "sur"),
    "EDAX": ("lsd", "spc", "spd"),
    "EMD": ("de5", "emd", "h5", "hdf5"),
    "EMPAD": ("xml",),
    "Hamamatsu": ("img",),
    "HSPY": ("hdf5", "hspy"),
    "Impulse": ("csv",),
    "JEOL": ("asw", "eds", "img", "map", "pts"),
    "JobinYvon": ("xml",),
    "MRC": ("ali", "map", "mrc", "mrcs", "preali", "rec", "st"),
    "MRCZ": ("mrc", "mrcz"),
    "MSA": ("ems", "emsa", "mas", "msa"),
    "netCDF": ("nc",),
    "NeXus": ("h5", "hdf5", "nxs"),
    "numpy": ("npy",),
    "PantaRhei": ("prz",),
    "Phenom": ("elid",),
    "Protochips": ("csv",),
    "Quadstar": ("sac", "sbc"),
    "QuantumDetector": ("mib",),
    "Renishaw": ("wdf",),
    "Ripple": ("rpl",),
    "Semper": ("unf",),
    "TIA": ("emi", "ser"),
    "TIFF": ("tif", "tiff"),
    "Tofwerk": ("h5",),
    "Topspin": ("app5",),
    "TriVista": ("tvf",),
    "TVIPS": ("tvips",),
    "USID": ("h5", "hdf5"),
    "ZSPY": ("zspy",),
}
"""The formats that RosettaSciIO lists but for those of pictures, by its names, each
with its extensions and a few more.

A test compares them with `nexuslims_extractors_hyperspy.formats`, which needs
RosettaSciIO and cannot be imported here.
"""

EXTENSIONS = frozenset(one for several in FORMATS.values() for one in several)


@hookimpl
def nexuslims_extractors() -> Iterable[Extractor]:
    """Yield the reader of what RosettaSciIO reads."""
    yield Extractor(
        name="hyperspy_extractor",
        extensions=EXTENSIONS,
        priority=60,
        supports=_is_supported,
        extract=_extract,
        formats=FORMATS,
        version="1",
    )


def _is_supported(file: DataFile) -> bool:
    from nexuslims_extractors_hyperspy.formats import identified

    return identified(file) is not None


def _extract(file: DataFile) -> Extraction:
    from nexuslims_extractors_hyperspy.extract import extract

    return extract(file)
