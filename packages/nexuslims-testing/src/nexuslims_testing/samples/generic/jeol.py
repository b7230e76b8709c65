"""Files of JEOL's Analysis Station: trees of named values, binary.

Layout: a leaf is a mark, a name, the kind and the length of its value, the value, and a
mark that ends it; a group has leaves and groups instead of a value.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

BEGIN, END = b"\x01", b"\xff"

CREATED = 42_832.5
"""Days since the end of 1899: 7 April 2017, noon."""


def tree_bytes(tree: Mapping[str, Any]) -> bytes:
    """Return a tree: groups are mappings; leaves text, numbers of NumPy, or arrays."""
    return b"".join(_node(name, value) for name, value in tree.items()) + END


def _node(name: str, value: Any) -> bytes:  # noqa: ANN401 - see above
    title = name.encode() + b"\0"
    head = BEGIN + struct.pack("<i", len(title)) + title
    if hasattr(value, "items"):
        inside = b"".join(_node(key, one) for key, one in value.items())
        return head + struct.pack("<2i", 0, 0) + inside + END
    kind, content = _leaf(value)
    return head + struct.pack("<2i", kind, len(content)) + content + END


def _leaf(value: Any) -> tuple[int, bytes]:  # noqa: ANN401 - see above
    if isinstance(value, str):
        return 12, value.encode() + b"\0"
    kinds = {"u1": 1, "u2": 2, "i4": 3, "f4": 4, "f8": 5}
    array = np.asarray(value)
    kind = kinds[f"{array.dtype.kind}{array.dtype.itemsize}"]
    return kind + (5 if array.ndim else 0), array.tobytes()


def write_img(path: Path, pixels: np.ndarray, *, title: str = "IMG1") -> None:
    """Write an image of a TEM at 200 kV; .img and .map are alike."""
    height, width = pixels.shape
    tree = {
        "Instrument": {
            "Type": np.uint16(0),
            "ScanSize": np.float32(178),
            "Name": "JEM-2100F(UHR)",
            "AccV": np.float32(200),
            "Currnnt": np.float32(2.5),
            "Mag": np.int32(40_000),
            "WorkD": np.float32(6),
            "ScanR": np.float32(239),
        },
        "FileType": "JED-2200:IMG",
        "Image": {
            "Created": np.float64(CREATED),
            "Size": np.array([width, height], np.int32),
            "Bits": pixels.astype(np.uint8).ravel(),
            "Title": title,
        },
    }
    head = struct.pack("<I32s3I", 52, b"JED-2200:LibJxImageForm", 0, 0, 52)
    path.write_bytes(head.ljust(64, b"\0") + tree_bytes(tree))


def write_pts(
    path: Path, events: list[tuple[int, int, int]], *, side: int = 64
) -> None:
    """Write a map of one frame.

    Parameters
    ----------
    events
        Row, column and channel of each X-ray, in the order of the scan.
    side
        Pixels in a row, and rows.
    """
    measured = {
        "Doc": {
            "LiveTime": np.float64(32.5),
            "RealTime": np.float64(36.5),
            "CountRate": np.int32(561),
            "DeadTime": np.uint16(4),
            "DwellTime(msec)": np.float64(0.1),
            "Sweep": np.uint16(1),
            "CoefA": np.float64(0.01),
            "CoefB": np.float64(-0.001),
        },
        "Meas Cond": {"Tpl": "T4", "Pixels": f"{side}x{side}"},
        "MeasCond": {
            "AccKV": np.float32(200),
            "AccNA": np.float32(2.5),
            "Mag": np.int32(40_000),
            "WD": np.float32(6),
            "ScanR": np.float32(239),
        },
    }
    detector = {
        "SEM": "JEM-2100F(UHR)",
        "DetT": "EX24075JGT",
        "MnKaRES": np.float32(138),
        "TakeAng": np.float32(22.3),
        "DirAng": np.float32(90),
        "ElevAng": np.float32(22.3),
        "ValidSize": np.float32(30),
        "ScanSize": np.float32(178),
    }
    tree = {
        "PTTD Data": {"AnalyzableMap MeasData": measured},
        "PTTD Param": {
            "Params": {
                "PARAMPAGE0_SEM": detector,
                "PARAMPAGE1_EDXRF": {"Tpl": {"T4": {"DigZ": np.uint16(0)}}},
            }
        },
    }
    settings = bytes(12) + tree_bytes(tree)
    stream = _stream(events, side)
    head_place, data_place = 512, 512 + len(settings)
    head = struct.pack(
        "<I8s6I128s132sd",
        *(304, b"PTTDFILE", 0, 1, head_place, len(settings), data_place, len(stream)),
        *(b"", b"", CREATED),
    )
    path.write_bytes(head.ljust(head_place, b"\0") + settings + stream)


def _stream(events: list[tuple[int, int, int]], side: int) -> bytes:
    """Return rows, columns and channels as marked words; every pixel is visited."""
    step = 4096 // side
    words = []
    for row in range(side):
        words.append(0x9000 | row * step)
        for column in range(side):
            words.append(0x8000 | column * step)
            here = [one for one in events if one[:2] == (row, column)]
            words += [0xB000 | channel for _, _, channel in here]
    return np.array(words, "<u2").tobytes()


def write_eds(path: Path, counts: np.ndarray, *, operator: str = "ada") -> None:
    """Write a spectrum of a TEM at 200 kV, with iron and sulphur selected."""
    head = struct.pack("<I6xd80s32s", 2, CREATED, b"pyrite", operator.encode())
    head = head[:4] + b"\2\0\0\0\0\0" + head[10:]
    numbers = struct.pack("<i10d", 1, *(0.0,) * 10)
    numbers += struct.pack("<i9d", 7, 0, 1.75, 0.14, 62, 0.01, 30.0, 34.97, 15, 10_590)
    numbers += struct.pack("<i4d", 109, 1, 2, 10_501, 0)
    numbers += struct.pack("<i4d", 109, 1, 2, 14.2, 0)
    numbers += struct.pack("<2d32sid32s", 0.01, -0.002, b"Live Time", 0, 0, b"T2")
    spectrum = struct.pack("<i", len(counts)) + counts.astype("<i4").tobytes()
    elements = struct.pack("<3i", 0, 0, 2)
    elements += _element(b"S K", 16, 2.31) + _element(b"Fe K", 26, 6.4)
    path.write_bytes(head + numbers + spectrum + elements + _parameters())


def _element(name: bytes, atomic: int, energy: float) -> bytes:
    lines = struct.pack("<idHb1sb1si", 1, energy, atomic, 1, name[:1], 1, b"K", 1)
    return (
        struct.pack("<iH2i2H14x4d32si", 2, atomic, 1, 0, 1, 2, energy, 0, 0, 0, name, 0)
        + struct.pack("<i", 1)
        + lines
    )


def _parameters() -> bytes:
    texts = struct.pack("<16s16s16s", b"EX24075JGT", b"JEM-2100F(UHR)", b"ED")
    beam = struct.pack("<2d38x", 200.0, 2.5)
    geometry = struct.pack("<6dId5H", 138, 5.5, 14.5, 0, 22.3, 90, 0, 178, *(1,) * 5)
    detector = struct.pack(
        "<5d4sHd16s6H5d",
        5.5,
        90,
        0,
        22.3,
        30,
        b"Al",
        13,
        0.02,
        b"C",
        *(0,) * 6,
        *(0.0,) * 5,
    )
    window = struct.pack("<2d4sH3d", 0.01, 1.15, b"Au", 79, 0.015, 0.1, 3.0)
    return struct.pack("<2i", 0, 5) + texts + beam + geometry + detector + window


def write_asw(path: Path, files: tuple[str, ...]) -> None:
    r"""Write a project that names files, as in ``Sample\00_View\View_1.img``."""
    views = {
        str(index): {"Filename": name, "Memo": f"view {index}"}
        for index, name in enumerate(files)
    }
    tree = {
        "FileType": "Analysis Station",
        "SampleInfo": {"0": {"ViewInfo": {"0": {"ViewData": views}}}},
    }
    path.write_bytes(bytes(12) + tree_bytes(tree))
