"""Small DM3 and DM4 files, tag by tag as told.

Layout: "Structure of the DM3 file format" by Greg Jefferis and Bernd Gamm's notes on
DM4. Counts and types are big-endian in any file; only values have the byte order that
its header tells. In DM4, counts have eight bytes, and every tag tells its length.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

VERSION_3 = 3

GROUP, TAG = 20, 21
"""What an entry of a group is."""

STRUCT, ARRAY = 15, 20
LONG, USHORT, FLOAT, DOUBLE, BOOLEAN, LONG_LONG = 3, 4, 6, 7, 8, 11
"""Types of values."""

CODES = {LONG: "i", USHORT: "H", FLOAT: "f", DOUBLE: "d", BOOLEAN: "B", LONG_LONG: "q"}
"""Letters of `struct` for single values."""

ARRAY_TYPES = {
    "i2": 2,
    "i4": 3,
    "u2": 4,
    "u4": 5,
    "f4": 6,
    "f8": 7,
    "u1": 8,
    "i1": 9,
    "i8": 11,
    "u8": 12,
}
"""Types of the elements of arrays, by NumPy's names."""

DATA_TYPES = {
    "i2": 1,
    "f4": 2,
    "c8": 3,
    "u1": 6,
    "i4": 7,
    "i1": 9,
    "u2": 10,
    "u4": 11,
    "f8": 12,
    "c16": 13,
}
"""DigitalMicrograph's numbers of types of pixels."""

RGB, PACKED_COMPLEX = 23, 27

Tree = dict[str, Any]
"""Tags: groups are dictionaries; an empty name, or one that begins with a hash and
tells apart the others of its group, is written as none."""


@dataclass(frozen=True, kw_only=True)
class Image:
    """An image, or what else has pixels."""

    pixels: np.ndarray
    """Slowest axis first; three of ``uint8`` on a last axis are colour where `rgb`."""
    name: str = "image"
    tags: Tree = field(default_factory=dict)
    """Its group ``ImageTags``."""
    scales: Sequence[float] = ()
    """Like the axes of `pixels`."""
    origins: Sequence[float] = ()
    """In pixels: the position of pixel `i` is ``(i - origin) * scale``."""
    units: Sequence[str] = ()
    rgb: bool = False
    shape: tuple[int, ...] = ()
    """Dimensions to tell, if not those of `pixels`."""
    data_type: int = 0
    """Type of pixels to tell, if not that of `pixels`."""
    identity: tuple[int, int, int, int] = (1, 2, 3, 4)
    annotations: Sequence[Tree] = ()


@dataclass(frozen=True, kw_only=True)
class _Format:
    version: Literal[3, 4]
    byte_order: Literal["<", ">"]

    def count(self, value: int) -> bytes:
        return struct.pack(">i" if self.version == VERSION_3 else ">q", value)

    def size(self, content: bytes) -> bytes:
        return b"" if self.version == VERSION_3 else self.count(len(content))


def write_dm(
    path: Path,
    images: Sequence[Image],
    *,
    version: Literal[3, 4] = 3,
    byte_order: Literal["<", ">"] = "<",
    thumbnail: bool = True,
    extra: Mapping[str, Any] | None = None,
) -> None:
    """Write a file of images.

    Parameters
    ----------
    thumbnail
        Whether the first entry of the list of images is a thumbnail, as is usual.
    extra
        Further tags of the whole file; they may replace the usual ones.
    """
    tree = document(images, thumbnail=thumbnail) | dict(extra or {})
    path.write_bytes(dm_bytes(tree, version=version, byte_order=byte_order))


def document(images: Sequence[Image], *, thumbnail: bool = True) -> Tree:
    """Return the tags of a file of images."""
    listed = [_THUMBNAIL, *images] if thumbnail else list(images)
    first = 1 if thumbnail else 0
    shown = range(first, len(listed))
    tree = {
        "ApplicationBounds": (0, 0, 600, 900),
        "DocumentObjectList": _list(
            {
                "AnnotationGroupList": _list(*listed[index].annotations),
                "AnnotationType": 20,
                "ImageDisplayType": 1,
                "ImageSource": source,
            }
            for source, index in enumerate(shown)
        ),
        "ImageList": _list(*map(image_tags, listed)),
        "ImageSourceList": _list(
            {"ClassName": "ImageSource:Simple", "ImageRef": index} for index in shown
        ),
        "LayoutType": "Unknown",
    }
    if thumbnail:
        tree["Thumbnails"] = _list({"ImageIndex": 0, "SourceSize_Pixels": (4, 4)})
    return tree


def image_tags(image: Image) -> Tree:
    """Return the entry of an image in the list of images."""
    pixels = image.pixels
    shape = image.shape or pixels.shape[: pixels.ndim - image.rgb]
    axes = range(len(shape))
    scales, origins = image.scales or [1.0] * len(shape), image.origins or [0.0] * 9
    units = image.units or [""] * len(shape)
    return {
        "ImageData": {
            "Calibrations": {
                "Brightness": {"Origin": 0.0, "Scale": 1.0, "Units": ""},
                # DigitalMicrograph lists the fastest axis first.
                "Dimension": _list(
                    {
                        "Origin": float(origins[axis]),
                        "Scale": float(scales[axis]),
                        "Units": units[axis],
                    }
                    for axis in reversed(axes)
                ),
                "DisplayCalibratedUnits": 1,
            },
            "Data": _rgb(pixels) if image.rgb else pixels.ravel(),
            "DataType": image.data_type or _data_type(image),
            "Dimensions": {f"#{axis}": shape[axis] for axis in reversed(axes)},
            "PixelDepth": 4 if image.rgb else pixels.itemsize,
        },
        "ImageTags": image.tags,
        "Name": image.name,
        "UniqueID": {f"#{place}": one for place, one in enumerate(image.identity)},
    }


def _data_type(image: Image) -> int:
    return RGB if image.rgb else DATA_TYPES[image.pixels.dtype.str[1:]]


def _rgb(pixels: np.ndarray) -> np.ndarray:
    """Return colours as numbers of 32 bits: red, green and blue from the high end."""
    red, green, blue = np.moveaxis(pixels.astype(np.int32), -1, 0)
    numbers: np.ndarray = (red << 16 | green << 8 | blue).ravel()
    return numbers


def _list(*entries: Any) -> Tree:  # noqa: ANN401 - groups, or one iterable of them
    single = len(entries) == 1 and not isinstance(entries[0], dict)
    numbered = enumerate(entries[0] if single else entries)
    return {f"#{index}": one for index, one in numbered}


_THUMBNAIL = Image(pixels=np.zeros((4, 4, 3), np.uint8), rgb=True, name="thumbnail")


def dm_bytes(
    tree: Mapping[str, Any],
    *,
    version: Literal[3, 4] = 3,
    byte_order: Literal["<", ">"] = "<",
) -> bytes:
    """Return a file of tags.

    Parameters
    ----------
    tree
        By name: groups are mappings, text is text, whole and other numbers are such,
        tuples structures, lists of tuples arrays of structures, NumPy's arrays arrays.
    version
        3 (DM3) or 4 (DM4).
    byte_order
        ``"<"`` (Windows) or ``">"`` (old Macintoshes).
    """
    format_ = _Format(version=version, byte_order=byte_order)
    content = _group(tree, format_)
    little = int(byte_order == "<")
    # Of the eight zeros at the end, DM3 counts four, DM4 none.
    length = format_.count(len(content) + (4 if version == VERSION_3 else 0))
    head = struct.pack(">i", version) + length + struct.pack(">i", little)
    return head + content + bytes(8)


def _group(tree: Mapping[str, Any], format_: _Format) -> bytes:
    entries = b"".join(_entry(name, one, format_) for name, one in tree.items())
    return b"\1\0" + format_.count(len(tree)) + entries


def _entry(name: str, value: Any, format_: _Format) -> bytes:  # noqa: ANN401 - see `dm_bytes`
    is_group = isinstance(value, dict)
    content = _group(value, format_) if is_group else _tag(value, format_)
    written = b"" if name.startswith("#") else name.encode("cp1252", "replace")
    head = struct.pack(">BH", GROUP if is_group else TAG, len(written)) + written
    return head + format_.size(content) + content


def _tag(value: Any, format_: _Format) -> bytes:  # noqa: ANN401 - see `dm_bytes`
    definition, data = _value(value, format_)
    numbers = b"".join(map(format_.count, (len(definition), *definition)))
    return b"%%%%" + numbers + data


def _value(value: Any, format_: _Format) -> tuple[list[int], bytes]:  # noqa: ANN401 - as above
    """Return the definition of a value, and the value itself."""
    if isinstance(value, str):
        units = np.frombuffer(value.encode("utf-16-le"), "<u2")
        return _array(units, format_)
    if isinstance(value, np.ndarray):
        return _array(value, format_)
    if isinstance(value, tuple):
        types = list(map(_type, value))
        return _definition(types), _packed(value, types, format_)
    if isinstance(value, list):
        types = list(map(_type, value[0]))
        data = b"".join(_packed(one, types, format_) for one in value)
        return [ARRAY, *_definition(types), len(value)], data
    return [_type(value)], _packed((value,), [_type(value)], format_)


def _definition(types: Sequence[int]) -> list[int]:
    return [STRUCT, 0, len(types), *(number for one in types for number in (0, one))]


def _array(values: np.ndarray, format_: _Format) -> tuple[list[int], bytes]:
    if values.dtype.kind == "c":
        part = values.dtype.itemsize // 2
        type_ = ARRAY_TYPES[f"f{part}"]
        dtype = np.dtype(f"{format_.byte_order}c{2 * part}")
        definition = [ARRAY, *_definition([type_] * 2), values.size]
        return definition, values.astype(dtype).tobytes()
    name = values.dtype.str[1:]
    data = values.astype(f"{format_.byte_order}{name}").tobytes()
    return [ARRAY, ARRAY_TYPES[name], values.size], data


def _packed(values: Sequence[Any], types: Sequence[int], format_: _Format) -> bytes:
    codes = "".join(CODES[one] for one in types)
    return struct.pack(format_.byte_order + codes, *values)


def _type(value: Any) -> int:  # noqa: ANN401 - a number
    if isinstance(value, bool):
        return BOOLEAN
    if isinstance(value, np.float32):
        return FLOAT
    if isinstance(value, float):
        return DOUBLE
    return LONG if abs(value) < 2**31 else LONG_LONG
