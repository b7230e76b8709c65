"""The formats that RosettaSciIO lists, how each is told, and what its mapping lacks.

Modules and extensions are RosettaSciIO's own; a format that it gains needs one row
here, because an extension alone is not enough to claim a file.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from nexuslims_extractors_hyperspy import (
    bruker,
    empad,
    impulse,
    jeol,
    looks,
    mrc,
    nexus,
    recognise,
    tables,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from nexuslims_core.reading.tables import Field
    from nexuslims_core.types import DataFile

    from nexuslims_extractors_hyperspy.recognise import Recogniser

    Signal: TypeAlias = Mapping[str, Any]


def _nothing(_file: DataFile) -> Mapping[str, Any]:
    return {}


@dataclass(frozen=True, kw_only=True)
class Format:
    """What we add to RosettaSciIO's knowledge of a format."""

    name: str
    """As in RosettaSciIO's list."""
    what: str
    """For messages: ``a Bruker file``."""
    told_by: str
    """For people: how files of it are told."""
    recognise: Recogniser
    also: frozenset[str] = frozenset()
    """Extensions that RosettaSciIO does not list."""
    table: tuple[Field, ...] = ()
    """Settings that RosettaSciIO leaves in ``original_metadata``."""
    factors: Mapping[str, float | str | None] = field(default_factory=dict)
    """By path in the standard tree: what values that RosettaSciIO hands over in another
    unit than the standard's are multiplied by; `None` where no unit is documented."""
    clock: Literal["file's", "instrument's", "ours"] = "file's"
    """Whose time zone times are in: the one stated; the instrument's, or that of this
    computer, whatever is stated."""
    options: Callable[[DataFile], Mapping[str, Any]] = _nothing
    """Arguments for RosettaSciIO's reader."""
    read: Callable[[DataFile], list[Signal]] | None = None
    """Reads the file in place of RosettaSciIO's reader, or around it."""
    extra: str = ""
    """Of this distribution: installs what the reader needs beyond our own needs."""
    is_log: bool = False
    """Whether its signals are columns of one log."""
    lazy_from: int = 0
    """Bytes from which on the file is read lazily."""


STAGE = "Acquisition_instrument.{}.Stage.{}"
BEAM = "Acquisition_instrument.TEM.{}"


def _for_stages(factor: str | None, kinds: str, axes: str) -> dict[str, Any]:
    return {STAGE.format(kind, axis): factor for kind in kinds.split() for axis in axes}


MEBIBYTE = 1 << 20

FORMATS: tuple[Format, ...] = (
    Format(
        name="Bruker",
        what="a Bruker file",
        told_by="signature of its container; root element `TRTSpectrum`",
        recognise=recognise.either(
            recognise.starts(b"AAMVHFSS"), recognise.markup(rb"<TRTSpectrum\b")
        ),
        table=tables.BRUKER,
        # Bruker's stage is in µm, as its software shows it; the standard says mm.
        factors=_for_stages("0.001", "SEM TEM", "xyz"),
        read=bruker.read,
    ),
    Format(
        name="JEOL",
        what="a JEOL Analysis Station file",
        told_by="signatures of its five kinds of files",
        recognise=jeol.is_jeol,
        table=tables.JEOL,
        read=jeol.read,
    ),
    Format(
        name="MRC",
        what="an MRC file",
        told_by="`MAP` at byte 208, or a header that fits the file's size",
        recognise=mrc.is_mrc,
        also=frozenset({"map", "rec", "st", "mrcs", "preali"}),
        table=tables.MRC,
        read=mrc.read,
    ),
    Format(
        name="MRCZ",
        what="an MRCZ file",
        told_by="as MRC",
        recognise=mrc.is_mrc,
        extra="mrcz",
    ),
    Format(
        name="Blockfile",
        what="a blockfile",
        told_by="`IMGBLO`",
        recognise=recognise.starts(b"IMGBLO"),
        table=tables.BLOCKFILE,
        # In metres where the standard says mm.
        factors={BEAM.format("camera_length"): "1000"},
        options=looks.checked_blockfile,
    ),
    Format(
        name="TVIPS",
        what="a TVIPS stream",
        told_by="a header of 256 bytes, version 1 or 2; first file of a series",
        recognise=looks.is_tvips,
        table=tables.TVIPS,
        # Seconds since 1970, which RosettaSciIO turns into local time and calls UTC.
        clock="ours",
        factors={
            **_for_stages(None, "TEM", "xyz"),
            BEAM.format("beam_current"): None,
        },
    ),
    Format(
        name="QuantumDetector",
        what="a Merlin file",
        told_by="`MQ1,`",
        recognise=recognise.starts(b"MQ1,"),
        table=tables.MERLIN,
    ),
    Format(
        name="EMPAD",
        what="an EMPAD file",
        told_by="elements `root` and `raw_file`; the `.raw` file beside it",
        recognise=recognise.markup(rb"<root\b", rb"<raw_file\b"),
        table=tables.EMPAD,
        read=empad.read,
    ),
    Format(
        name="JobinYvon",
        what="a LabSpec file",
        told_by="elements `LSX_...`",
        recognise=recognise.markup(rb"<LSX_(?:Data|Tree|Matrix)\b"),
    ),
    Format(
        name="EMD",
        what="an EMD file",
        told_by="Velox's groups `Version` and `Data`; EMD's attribute `version_major`",
        recognise=recognise.hdf5(looks.is_emd),
        also=frozenset({"h5", "hdf5"}),
    ),
    Format(
        name="HSPY",
        what="a HyperSpy file",
        told_by="group `Experiments`",
        recognise=recognise.hdf5(lambda opened: "Experiments" in opened),
        # RosettaSciIO keeps lazily read files open until the process ends.
        lazy_from=32 * MEBIBYTE,
    ),
    Format(
        name="ZSPY",
        what="a zipped zspy file",
        told_by="a ZIP archive with `Experiments/`",
        recognise=recognise.archive("Experiments/"),
        options=lambda _file: {"mode": "r"},
    ),
    Format(
        name="Tofwerk",
        what="a TofDAQ file",
        told_by="groups `FullSpectra` and `TimingData`",
        recognise=recognise.hdf5(
            lambda opened: "FullSpectra" in opened and "TimingData" in opened
        ),
        options=lambda _file: {"show_progressbar": False},
    ),
    Format(
        name="Delmic",
        what="a Delmic file",
        told_by="groups `Acquisition...` with `PhysicalData`",
        recognise=recognise.hdf5(looks.is_delmic),
        options=lambda _file: {"signal": "all"},
    ),
    Format(
        name="USID",
        what="a USID file",
        told_by="groups `Measurement_...`, attributes of pyUSID",
        recognise=recognise.hdf5(looks.is_usid),
        extra="usid",
    ),
    Format(
        name="Arina",
        what="an Arina master file",
        told_by="data sets `entry/data/data_...`",
        recognise=recognise.hdf5(looks.is_arina),
        options=looks.checked_arina,
    ),
    Format(
        name="Topspin",
        what="a TopSpin file",
        told_by="groups named by GUIDs, with `Metadata`",
        recognise=recognise.hdf5(looks.is_topspin),
        options=lambda _file: {"show_progressbar": False},
    ),
    Format(
        name="NeXus",
        what="a NeXus file",
        told_by="attributes `NX_class`",
        read=nexus.read,
        recognise=recognise.hdf5(
            lambda opened: looks.has_attribute(opened, "NX_class")
        ),
        also=frozenset({"h5", "hdf5"}),
    ),
    Format(
        name="PantaRhei",
        what="a Panta Rhei file",
        told_by="an archive with `data.npy` and `meta_data.npy`",
        recognise=recognise.archive("data", "meta_data"),
        table=tables.PANTA_RHEI,
        # In metres where the standard says mm.
        factors={BEAM.format("camera_length"): "1000"},
    ),
    Format(
        name="Phenom",
        what="a Phenom Element Identification file",
        told_by="`EID2` in a bzip2 stream",
        recognise=looks.is_phenom,
        table=tables.PHENOM,
        # The zone stated is that of the computer which reads the file.
        clock="instrument's",
    ),
    Format(
        name="Protochips",
        what="a Protochips log",
        told_by="columns `Time`, `Notes`; `Date (yyyy.mm.dd)` and `Time units`",
        recognise=recognise.text(
            r"\ATime, ?Notes,", r"Date \(yyyy\.mm\.dd\) = ", r"\bTime units = "
        ),
        table=tables.PROTOCHIPS,
        is_log=True,
    ),
    Format(
        name="Impulse",
        what="an Impulse log",
        told_by="columns `TimeStamp`, `Experiment time`",
        recognise=recognise.text(r"\A(?:\xef\xbb\xbf)?TimeStamp, ?Experiment time,"),
        read=impulse.read,
        is_log=True,
    ),
    Format(
        name="DENS",
        what="a DigiHeater log",
        told_by="`Digiheater` in its first line",
        recognise=recognise.text(r"\A\s*[^\n]*\tDigiheater \d"),
        is_log=True,
    ),
    Format(
        name="Hamamatsu",
        what="a Hamamatsu streak image",
        told_by="`IM` and a header that makes sense",
        recognise=looks.is_hamamatsu,
    ),
    Format(
        name="Semper",
        what="a Semper file",
        told_by="a Fortran record with sizes",
        recognise=looks.is_semper,
    ),
    Format(
        name="Ripple",
        what="a Ripple file",
        told_by="keys `data-length` and `record-by`; the `.raw` file beside it",
        recognise=recognise.text(r"data-length", r"record-by"),
    ),
    Format(
        name="DigitalSurf",
        what="a Digital Surf file",
        told_by="`DIGITAL SURF` or `DSCOMPRESSED`",
        recognise=recognise.starts(b"DIGITAL SURF", b"DSCOMPRESSED"),
    ),
    Format(
        name="netCDF",
        what="an EELSLab file",
        told_by="netCDF with the name of EELSLab",
        recognise=recognise.head(rb"CDF[\1\2].*EELSLab"),
    ),
    Format(
        name="TriVista",
        what="a TriVista file",
        told_by="element `XmlMain`",
        recognise=recognise.markup(rb"<XmlMain\b"),
    ),
    Format(
        name="Renishaw",
        what="a Renishaw file",
        told_by="`WDF1`",
        recognise=recognise.starts(b"WDF1"),
    ),
    Format(
        name="Quadstar",
        what="a Quadstar file",
        told_by="a time and sizes that make sense",
        recognise=looks.is_quadstar,
    ),
    Format(
        name="numpy",
        what="a NumPy array",
        told_by="`\\x93NUMPY`",
        recognise=recognise.starts(b"\x93NUMPY"),
    ),
    Format(
        name="TIFF",
        what="a TIFF file",
        told_by=(
            "marks of ImageJ, DigitalMicrograph, TVIPS, JEOL SightX, Olympus SIS, "
            "Hamamatsu, AxioCam, Zeiss SEM, FEI"
        ),
        recognise=recognise.either(
            recognise.tags(
                *(50838, 50839),
                *(65003, 65004, 65005, 65009, 65010, 65011, 65024),
                *(37706, 33471, 33560, 34118, 34680, 34682),
            ),
            recognise.tag_text(270, rb"ImageJ="),
            recognise.tag_text(271, rb"JEOL"),
            recognise.tag_text(272, rb"AxioCam"),
            recognise.tag_text(315, rb"Copyright Hamamatsu"),
        ),
        # Lazily, a stack is unpacked onto the disk.
        lazy_from=64 * MEBIBYTE,
    ),
    Format(
        name="DigitalMicrograph",
        what="a DigitalMicrograph file",
        told_by="version 3 or 4 and byte order",
        recognise=looks.is_dm,
    ),
    Format(
        name="TIA",
        what="a TIA file",
        told_by="`II\\x97\\x01` (.ser), `JK` (.emi)",
        recognise=recognise.starts(b"II\x97\x01", b"JK\0\2"),
    ),
    Format(
        name="MSA",
        what="an EMSA/MAS file",
        told_by="`#FORMAT`",
        recognise=recognise.text(r"\A\s*#FORMAT\s*:"),
    ),
    Format(
        name="EDAX",
        what="an EDAX file",
        told_by="`MAPSPECTRA_DATA` (.spd, .lsd), version 0.61 or 0.70 (.spc)",
        recognise=recognise.either(recognise.starts(b"MAPSPECTRA_DATA"), looks.is_spc),
    ),
)
"""In the order in which they are asked; a file is of the first that knows it."""

EXCLUDED: Mapping[str, str] = {
    "Image": "plain pictures, which core's `image_file_extractor` reads",
}
"""Formats of RosettaSciIO that are left to others, each with the reason."""


@cache
def listed() -> Mapping[str, tuple[str, frozenset[str]]]:
    """Return RosettaSciIO's list: module and extensions, by the name of the format."""
    from rsciio import IO_PLUGINS, set_log_level

    # What it warns of is for who calls it; it writes that to the operator's terminal.
    set_log_level("ERROR")
    return {
        one["name"]: (
            str(one["api"]),
            frozenset(extension.lower() for extension in one["file_extensions"]),
        )
        for one in IO_PLUGINS
    }


@cache
def extensions() -> Mapping[str, frozenset[str]]:
    """Return the extensions of each of our formats, as far as this release reads it."""
    known = listed()
    return {
        one.name: known[one.name][1] | one.also for one in FORMATS if one.name in known
    }


def identified(file: DataFile) -> Format | None:
    """Return the format of a file, by extension and content; `None` if foreign."""
    known = extensions()
    for one in FORMATS:
        if file.extension in known.get(one.name, ()) and _tells(one, file):
            return one
    return None


def _tells(one: Format, file: DataFile) -> bool:
    try:
        return one.recognise(file)
    except OSError:
        return False
