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

PLANE = 2
"""Axes of an image, and of a plane of a stack."""

MOST_OLD_PIXELS = 4096 * 4096
"""Of the old packing, which can only be unpacked as a whole."""


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
    def _array(self) -> np.ndarray | _Transform:
        mapped = _mapped(self._stored)
        if self._stored.data_type in PACKED:
            return _completed(mapped, self._stored)
        if self._stored.data_type == OLD_PACKED:
            return _ordered(_unpacked(mapped, self._unpack), self._stored)
        return _ordered(mapped, self._stored)


def colours(stored: Stored) -> np.ndarray:
    """Return pixels of colour, mapped to memory, with red, green and blue last."""
    shape = (*stored.shape, 4)
    mapped = np.memmap(stored.path, np.uint8, "r", stored.offset, shape)
    # A number of 32 bits: alpha, red, green, blue from its highest byte to its lowest.
    is_little = stored.dtype.names == ("B", "G", "R", "A")
    shown = mapped[..., 2::-1] if is_little else mapped[..., 1:]
    return _ordered(shown, stored)


def _mapped(stored: Stored) -> np.ndarray:
    return np.memmap(stored.path, stored.dtype, "r", stored.offset, stored.numbers)


def _unpacked(mapped: np.ndarray, unpack: ImageObject) -> np.ndarray:
    if mapped.size > MOST_OLD_PIXELS:
        msg = f"a packed transform of {mapped.size} pixels is too large to unpack"
        raise PreviewError(msg)
    whole: np.ndarray = unpack.unpack_packed_complex(mapped)
    return whole


def _completed(half: np.ndarray, stored: Stored) -> np.ndarray | _Transform:
    if half.ndim != PLANE:
        msg = f"a packed transform has two dimensions, this one has {half.ndim}"
        raise PreviewError(msg)
    whole = _Transform(half)
    return whole if len(stored.order) == PLANE else _ordered(whole[:], stored)


class _Transform:
    """A transform of which one half is stored; the other has the conjugates.

    Only what is asked for is completed: all of it may not fit into memory.
    """

    def __init__(self, half: np.ndarray) -> None:
        self._half = half

    def __getitem__(self, part: Any) -> Any:  # noqa: ANN401 - any index
        rows, *rest = part if isinstance(part, tuple) else (part,)
        if not isinstance(rows, slice):
            return self[:][part]
        half = self._half[rows]
        whole = np.hstack((half[:, ::-1], np.conjugate(half[:, 1:-1])))
        return whole[(slice(None), *rest)]


def _ordered(array: np.ndarray, stored: Stored) -> np.ndarray:
    """Return an array without axes of length one, in the order of `stored`."""
    axes = range(len(stored.shape))
    kept = sorted(stored.order)
    squeezed = array.squeeze(axis=tuple(axis for axis in axes if axis not in kept))
    order = [kept.index(axis) for axis in stored.order]
    return squeezed.transpose(order + list(range(len(kept), squeezed.ndim)))
