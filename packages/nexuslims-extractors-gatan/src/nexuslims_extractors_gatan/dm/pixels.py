"""Pixels of an image, still on disk."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from nexuslims_core.errors import PreviewError

if TYPE_CHECKING:
    from pathlib import Path

    from rsciio.digitalmicrograph._api import ImageObject

COLOURS = frozenset({8, 23})
"""Types of pixels that are four bytes: three colours, and one unused."""

PACKED, OLD_PACKED = frozenset({27, 28}), 5
"""Fourier transforms of which one half is stored."""

MOST_OLD_PIXELS = 4096 * 4096
"""Of the old packing, which can only be unpacked as a whole."""

CHUNK_BYTES = 16_000_000
"""Of a packed transform that is unpacked at a time."""


@dataclass(frozen=True, kw_only=True)
class Stored:
    """Where the pixels of an image are, and in what form."""

    path: Path
    offset: int
    shape: tuple[int, ...]
    """Of the image."""
    order: tuple[int, ...]
    """The image's axes as they are handed over; those of length one are left out."""
    data_type: int
    """DigitalMicrograph's number of the type of pixels."""
    dtype: np.dtype[Any]
    """Of the numbers on disk."""

    @property
    def numbers(self) -> tuple[int, ...]:
        """How many numbers are on disk, by axis."""
        if self.data_type in PACKED:
            return (*self.shape[:-1], self.shape[-1] // 2 + 1)
        if self.data_type == OLD_PACKED:
            return (math.prod(self.shape),)
        return self.shape

    @property
    def size(self) -> int:
        """Bytes on disk."""
        return math.prod(self.numbers) * self.dtype.itemsize


class Pixels:
    """An array that is mapped to memory when a part of it is asked for.

    Parameters
    ----------
    stored
        Where it is.
    unpack
        RosettaSciIO's description of the image, which can unpack it.
    """

    def __init__(self, stored: Stored, unpack: ImageObject) -> None:
        self._stored, self._unpack = stored, unpack
        self.shape = tuple(stored.shape[axis] for axis in stored.order)
        self.ndim = len(self.shape)
        is_old = stored.data_type == OLD_PACKED
        self.dtype = np.dtype("complex64") if is_old else stored.dtype

    def __getitem__(self, part: Any) -> Any:  # noqa: ANN401 - any index
        return self._array[part]

    @cached_property
    def _array(self) -> Any:  # noqa: ANN401 - a memory map, or a dask array
        return _ordered(_unpacked(self._stored, self._unpack), self._stored)


def colours(stored: Stored) -> np.ndarray:
    """Return pixels of colour, mapped to memory, with red, green and blue last."""
    shape = (*stored.shape, 4)
    mapped = np.memmap(stored.path, np.uint8, "r", stored.offset, shape)
    # A number of 32 bits: alpha, red, green, blue from its highest byte to its lowest.
    is_little = stored.dtype.names == ("B", "G", "R", "A")
    shown = mapped[..., 2::-1] if is_little else mapped[..., 1:]
    ordered: np.ndarray = _ordered(shown, stored)
    return ordered


def _unpacked(stored: Stored, unpack: ImageObject) -> Any:  # noqa: ANN401 - as above
    mapped = np.memmap(stored.path, stored.dtype, "r", stored.offset, stored.numbers)
    if stored.data_type in PACKED:
        return unpack.unpack_new_packed_complex(_lazy(mapped))
    if stored.data_type != OLD_PACKED:
        return mapped
    if mapped.size > MOST_OLD_PIXELS:
        msg = f"a packed transform of {mapped.size} pixels is too large to unpack"
        raise PreviewError(msg)
    return unpack.unpack_packed_complex(mapped)


def _lazy(mapped: np.ndarray) -> Any:  # noqa: ANN401 - a dask array
    """Return an array of which only parts are unpacked at a time."""
    # By name: a module that was postponed is no attribute of its package.
    from dask.array import from_array as untyped

    from_array: Any = untyped
    rows = max(1, CHUNK_BYTES // max(1, mapped[:1].nbytes))
    # A name of its own: a hash would read all of the file.
    return from_array(mapped, chunks=(rows, *mapped.shape[1:]), name=False)


def _ordered(array: Any, stored: Stored) -> Any:  # noqa: ANN401 - as above
    """Return an array without axes of length one, in the order of `stored`."""
    axes = range(len(stored.shape))
    kept = sorted(stored.order)
    squeezed = array.squeeze(axis=tuple(axis for axis in axes if axis not in kept))
    order = [kept.index(axis) for axis in stored.order]
    return squeezed.transpose(order + list(range(len(kept), squeezed.ndim)))
