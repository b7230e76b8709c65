"""Bruker's maps: as many of their pixels as fit memory."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nexuslims_core.types import DataFile

MOST_BYTES = 96 << 20
"""Of an unpacked map: it is unpacked as a whole, whatever part is asked for."""


def read(file: DataFile) -> list[Mapping[str, Any]]:
    """Return the signals of a .bcf or .spx file; large maps with pixels added up.

    Their ``full_shape`` is the one in the file, ``binned`` says what was added up.
    """
    from rsciio.bruker import file_reader

    signals: list[dict[str, Any]] = file_reader(str(file.path), lazy=True)
    largest = max((one["data"].nbytes for one in signals), default=0)
    if largest <= MOST_BYTES:
        return list(signals)
    shapes = [one["data"].shape for one in signals]
    factor = math.ceil(math.sqrt(largest / MOST_BYTES))
    fewer = file_reader(str(file.path), lazy=True, downsample=factor)
    return [
        {**one, "full_shape": shape, "binned": _bins(shape, one["data"].shape, factor)}
        for one, shape in zip(fewer, shapes, strict=True)
    ]


def _bins(
    full: tuple[int, ...], there: tuple[int, ...], factor: int
) -> tuple[int, ...]:
    return tuple(
        factor if size < whole else 1 for whole, size in zip(full, there, strict=True)
    )
