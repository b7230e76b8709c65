"""What single formats look like inside, where a signature is not enough."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

from nexuslims_extractors_hyperspy.recognise import groups

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nexuslims_core.types import DataFile

SIDES = range(1, 1 << 16)
"""Plausible sizes of an image, in pixels."""

SEMPER_RECORDS = range(12, 257)
"""Bytes of a Semper file's first record."""

SEMPER_FORMS = range(5)
"""Its kinds of numbers: byte, integers, real, complex."""

TVIPS_HEADER = 256
"""Bytes that a TVIPS header takes, as it says itself."""

TVIPS_VERSIONS, TVIPS_BITS = {1, 2}, {8, 16, 32}

HAMAMATSU_FORMS = {0, 2, 3}
"""Pixels of 8, 16 and 32 bits."""

QUADSTAR_YEARS = range(80, 200)
"""Since 1900."""

DM_VERSIONS = {3, 4}

SPC_VERSIONS = {0.61, 0.7}

GUID = [8, 4, 4, 4, 12]
"""Lengths of the parts of a GUID."""

MOST_FRAMES = 256 << 20
"""Bytes of frames of an Arina; its reader unpacks all of them."""

MOST_CLAIMED = 100
"""How many times its own size a damaged blockfile may claim to hold."""


def numbers(file: DataFile, layout: str, at: int = 0) -> tuple[Any, ...]:
    """Return numbers from a file's first bytes; none if it is too short."""
    if len(file.head) < at + struct.calcsize(layout):
        return ()
    return struct.unpack_from(layout, file.head, at)


def is_semper(file: DataFile) -> bool:
    """Tell the length of a Fortran record, before and after it."""
    found = numbers(file, "<i5h")
    if not found or found[0] not in SEMPER_RECORDS:
        return False
    length, *sizes, _class, form = found
    again = numbers(file, "<i", length + 4)
    return again == (length,) and min(sizes) > 0 and form in SEMPER_FORMS


def is_tvips(file: DataFile) -> bool:
    """Tell the header of a stream's first file; its other files have none."""
    found = numbers(file, "<5I")
    if not found or found[0] != TVIPS_HEADER:
        return False
    _, version, width, height, bits = found
    sizes = width in SIDES and height in SIDES
    return sizes and version in TVIPS_VERSIONS and bits in TVIPS_BITS


def is_phenom(file: DataFile) -> bool:
    """Tell what a bzip2 stream begins with."""
    import bz2

    if not file.head.startswith(b"BZh"):
        return False
    try:
        with bz2.open(file.path) as stream:
            return stream.read(4) == b"EID2"
    except (OSError, ValueError, EOFError):
        return False


def is_quadstar(file: DataFile) -> bool:
    """Tell a time of acquisition, and a number of cycles that the file may hold."""
    found, cycles = numbers(file, "<6B", 8), numbers(file, "<i", 0x64)
    if not found or not cycles:
        return False
    limits = (range(60), range(60), range(24), range(1, 32), range(1, 13))
    *clock, year = found
    timed = all(one in limit for one, limit in zip(clock, limits, strict=True))
    return timed and year in QUADSTAR_YEARS and 0 < cycles[0] < file.size


def is_hamamatsu(file: DataFile) -> bool:
    """Tell the header of a streak image."""
    found = numbers(file, "<2s6h")
    if not found or found[0] != b"IM":
        return False
    _, comment, width, height, _x, _y, form = found
    return comment >= 0 and min(width, height) > 0 and form in HAMAMATSU_FORMS


def is_dm(file: DataFile) -> bool:
    """Tell DigitalMicrograph's version, and its byte order behind the length."""
    found = numbers(file, ">I")
    if not found or found[0] not in DM_VERSIONS:
        return False
    order = numbers(file, ">I", 8 if found == (3,) else 12)
    return order in {(0,), (1,)}


def is_spc(file: DataFile) -> bool:
    """Tell the version of an EDAX spectrum."""
    found = numbers(file, "<f")
    return bool(found) and round(found[0], 2) in SPC_VERSIONS


# HDF5 files, opened.


def has_attribute(opened: Any, *names: str) -> bool:  # noqa: ANN401 - an h5py file
    """Tell whether the file, or a group at its top, has one of the attributes."""
    places = (opened, *groups(opened))
    return any(name in place.attrs for place in places for name in names)


def is_emd(opened: Any) -> bool:  # noqa: ANN401 - an h5py file
    """Tell Velox's groups, or the version of the Berkeley format."""
    velox = "Version" in opened and "Data" in opened
    return velox or has_attribute(opened, "version_major")


def is_arina(opened: Any) -> bool:  # noqa: ANN401 - an h5py file
    """Tell the links of a master file to its data."""
    data = opened.get("entry/data")
    names = [str(name) for name in data] if hasattr(data, "keys") else []
    return bool(names) and all(name.startswith("data_") for name in names)


def is_delmic(opened: Any) -> bool:  # noqa: ANN401 - an h5py file
    """Tell Odemis's acquisitions."""
    named = [name for name in opened if name.startswith("Acquisition")]
    return any("PhysicalData" in opened[name] for name in named)


def is_usid(opened: Any) -> bool:  # noqa: ANN401 - an h5py file
    """Tell measurements, and who wrote them."""
    measured = any(name.startswith("Measurement_") for name in opened)
    return measured and has_attribute(
        opened, "pyUSID_version", "sidpy_version", "translator", "platform"
    )


def is_topspin(opened: Any) -> bool:  # noqa: ANN401 - an h5py file
    """Tell sessions named by GUIDs."""
    guids = [name for name in opened if [len(x) for x in name.split("-")] == GUID]
    return bool(guids) and ("Metadata" in opened or "Metadata" in opened[guids[0]])


def checked_arina(file: DataFile) -> Mapping[str, Any]:
    """Return no arguments for the reader; refuse frames that it cannot hold in memory.

    Raises
    ------
    ValueError
        If there are so many.
    """
    import h5py

    with h5py.File(file.path, "r") as opened:
        needed = sum(one.nbytes for one in opened["entry/data"].values())
    if needed > MOST_FRAMES:
        msg = f"expected at most {MOST_FRAMES} bytes of frames, found {needed}"
        raise ValueError(msg)
    return {}


def checked_blockfile(file: DataFile) -> Mapping[str, Any]:
    """Return no arguments for the reader; refuse sizes that make it take all memory.

    Raises
    ------
    ValueError
        If the header claims many times what the file can hold.
    """
    found = numbers(file, "<4H", 20)
    if not found:
        raise ValueError("expected a header, but the file ends in it")
    side, _rotation, width, height = found
    claimed = width * height * (side * side + 6)
    if not 0 < claimed < MOST_CLAIMED * file.size:
        msg = (
            f"its header claims {width} x {height} patterns of {side} x {side} pixels, "
            f"which do not fit {file.size} bytes"
        )
        raise ValueError(msg)
    return {}
