"""Numbers of a Velox file, read when and as far as they are asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from nexuslims_core.reading.guard import drawing

from nexuslims_extractors_fei.velox.contents import opened

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nexuslims_core.types import DataFile

    from nexuslims_extractors_fei.velox.contents import Part


def is_readable(dtype: np.dtype[Any]) -> bool:
    """Tell whether numbers are of a kind that can be read: plain, or complex pairs.

    HDF5 itself crashes when it reads records whose fields share bytes, as damage makes
    them.
    """
    if dtype.fields is None:
        return dtype.kind in "buif"
    fields = sorted(dtype.fields.values(), key=lambda one: int(one[1]))
    floats = all(one[0].kind == "f" for one in fields)
    places = [int(one[1]) for one in fields]
    ends = [int(one[1]) + one[0].itemsize for one in fields]
    return (
        len(fields) == 2  # noqa: PLR2004 - real and imaginary
        and floats
        and ends[0] <= places[1]
        and ends[1] <= dtype.itemsize
    )


class OnDisk:
    """A data set with its axes in our order; of those that it lacks, the first place.

    Pairs of real and imaginary parts become complex numbers. The file is open only
    while it is read.

    Parameters
    ----------
    order
        For each of our axes, which one it is on disk.
    """

    def __init__(self, file: DataFile, part: Part, order: Sequence[int]) -> None:
        self._file, self._path, self._order = file, part.path, tuple(order)
        self._stored = len(part.shape)
        self.shape = tuple(part.shape[axis] for axis in order)
        self.dtype = part.dtype if part.dtype.names is None else np.dtype("c8")

    @property
    def ndim(self) -> int:
        """Number of dimensions."""
        return len(self.shape)

    def __getitem__(self, key: Any) -> Any:  # noqa: ANN401 - as NumPy's
        keys = self._full(key)
        there: list[Any] = [0] * self._stored
        for axis, one in zip(self._order, keys, strict=True):
            there[axis] = one if isinstance(one, slice) else int(one)
        with drawing(self._file), opened(self._file.path) as tree:
            found = np.asarray(tree[self._path][tuple(there)])
        if found.dtype.names is not None:
            real, imaginary = found.dtype.names
            found = (found[real] + 1j * found[imaginary]).astype(self.dtype)
        kept = [
            a for a, k in zip(self._order, keys, strict=True) if isinstance(k, slice)
        ]
        return found.transpose([sorted(kept).index(axis) for axis in kept])

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:  # noqa: ANN401, FBT001 - NumPy's protocol
        return np.array(self[...], dtype=dtype, copy=copy or None)

    def _full(self, key: Any) -> tuple[Any, ...]:  # noqa: ANN401 - as NumPy's
        keys = key if isinstance(key, tuple) else (key,)
        missing = self.ndim - sum(one is not Ellipsis for one in keys)
        given = next((i for i, one in enumerate(keys) if one is Ellipsis), len(keys))
        return (*keys[:given], *[slice(None)] * missing, *keys[given + 1 :])


class Shape:
    """What stands for an array that is never made: its shape and type."""

    def __init__(self, shape: tuple[int, ...], dtype: str) -> None:
        self.shape, self.dtype = shape, np.dtype(dtype)

    @property
    def ndim(self) -> int:
        """Number of dimensions."""
        return len(self.shape)
