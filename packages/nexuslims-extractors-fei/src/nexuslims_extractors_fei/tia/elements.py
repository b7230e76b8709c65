"""The numbers of a ``.ser`` file, read when and as far as they are asked for."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from nexuslims_core.reading.guard import drawing

if TYPE_CHECKING:
    from nexuslims_core.types import DataFile

    from nexuslims_extractors_fei.tia.series import Series


class Elements:
    """An array of elements on disk; of those that were not acquired, zeros.

    Images stand in the file with the bottom row first; here the top row is first.

    Parameters
    ----------
    file
        For messages.
    series
        What is where in it.
    grid
        How many elements there are along each axis that is stepped through.
    """

    def __init__(self, file: DataFile, series: Series, grid: tuple[int, ...]) -> None:
        self._file, self._series, self._grid = file, series, grid
        self.shape = (*grid, *series.shape)
        self.dtype = np.dtype(f"<{series.dtype}")

    @property
    def ndim(self) -> int:
        """Number of dimensions."""
        return len(self.shape)

    def __getitem__(self, key: Any) -> Any:  # noqa: ANN401 - as NumPy's
        steps, part = self._split(key)
        chosen = np.arange(math.prod(self._grid)).reshape(self._grid)[steps]
        with drawing(self._file):
            # Mapped, not read: a part of a big image costs that part.
            content = np.memmap(self._file.path, np.uint8, "r")
            found = [self._element(content, int(i))[part] for i in chosen.flat]
        if not found:
            shape = np.empty(self._series.shape, self.dtype)[part].shape
            return np.empty(chosen.shape + shape, self.dtype)
        return np.array(found).reshape(chosen.shape + found[0].shape)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:  # noqa: ANN401, FBT001 - NumPy's protocol
        return np.array(self[...], dtype=dtype, copy=copy or None)

    def _split(self, key: Any) -> tuple[tuple[Any, ...], tuple[Any, ...]]:  # noqa: ANN401 - as NumPy's
        """Return which elements are asked for, and which part of each."""
        keys = key if isinstance(key, tuple) else (key,)
        missing = self.ndim - sum(one is not Ellipsis for one in keys)
        given = next((i for i, one in enumerate(keys) if one is Ellipsis), len(keys))
        full = (*keys[:given], *[slice(None)] * missing, *keys[given + 1 :])
        return full[: len(self._grid)], full[len(self._grid) :]

    def _element(self, content: npt.NDArray[np.uint8], index: int) -> npt.NDArray[Any]:
        shape = self._series.shape
        if index >= len(self._series.places):
            return np.zeros(shape, self.dtype)
        place = self._series.places[index]
        numbers = np.frombuffer(content, self.dtype, math.prod(shape), place)
        element = numbers.reshape(shape)
        return element[::-1] if len(shape) > 1 else element
