"""How many events there are in each pixel, without reading the events.

A list of events is stored in two places: in the array a descriptor of 16 bytes, which
begins with the number of events, and elsewhere the events. HDF5 always reads both, and
asks for as much memory as a damaged descriptor says, up to 32 GB; the numbers alone are
what a map needs. Layout: HDF5 File Format Specification, "Reference to variable-length
data" (length, address of the heap, index in it).
"""

from __future__ import annotations

import math
import zlib
from itertools import product
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DESCRIPTOR = np.dtype([("length", "<u4"), ("address", "<u8"), ("index", "<u4")])

MOST_EVENTS = 2**24
"""Events of a pixel; larger numbers are damage and count as none."""


def event_counts(dataset: h5py.Dataset, path: Path, write: int) -> np.ndarray:
    """Return the number of events in each pixel of a write: lines, columns.

    Raises
    ------
    ValueError
        If they are stored in a way that is not known here.
    """
    if dataset.chunks is None:
        found = _contiguous(dataset, path, write)
    else:
        found = _chunked(dataset, write)
    return np.where(found > MOST_EVENTS, 0, found).astype(np.float64)


def _contiguous(dataset: h5py.Dataset, path: Path, write: int) -> np.ndarray:
    shape = dataset.shape[1:]
    start, size = dataset.id.get_offset(), math.prod(shape) * DESCRIPTOR.itemsize
    if start is None:
        return np.zeros(shape, np.uint32)
    if dataset.id.get_storage_size() != dataset.size * DESCRIPTOR.itemsize:
        raise ValueError(f"{dataset.name}: expected descriptors of 16 bytes")
    with path.open("rb") as stream:
        stream.seek(start + write * size)
        content = stream.read(size)
    return _lengths(content, shape)


def _chunked(dataset: h5py.Dataset, write: int) -> np.ndarray:
    found = np.zeros(dataset.shape[1:], np.uint32)
    for corner in _corners(dataset, write):
        chunk = _chunk(dataset, corner)[write - corner[0]]
        part = tuple(
            slice(start, start + size)
            for start, size in zip(corner[1:], chunk.shape, strict=True)
        )
        place = found[part]
        place[...] = chunk[tuple(slice(size) for size in place.shape)]
    return found


def _corners(dataset: h5py.Dataset, write: int) -> Iterator[tuple[int, ...]]:
    """Yield where the chunks of a write begin."""
    deep, *sizes = dataset.chunks
    ranges = (
        range(0, n, step) for n, step in zip(dataset.shape[1:], sizes, strict=True)
    )
    for place in product(*ranges):
        yield (write // deep * deep, *place)


def _chunk(dataset: h5py.Dataset, corner: tuple[int, ...]) -> np.ndarray:
    shape = dataset.chunks
    if dataset.id.get_chunk_info_by_coord(corner).byte_offset is None:
        return np.zeros(shape, np.uint32)
    mask, content = dataset.id.read_direct_chunk(corner)
    return _lengths(_unfiltered(dataset, mask, content, math.prod(shape)), shape)


def _unfiltered(dataset: h5py.Dataset, mask: int, content: bytes, cells: int) -> bytes:
    """Undo the filters of a chunk, the last one first."""
    filters = dataset.id.get_create_plist()
    for index in reversed(range(filters.get_nfilters())):
        kind, *_ = filters.get_filter(index)
        if mask & 1 << index:
            continue
        if kind == h5py.h5z.FILTER_DEFLATE:
            size = cells * DESCRIPTOR.itemsize
            content = zlib.decompressobj().decompress(content, size)
        elif kind == h5py.h5z.FILTER_SHUFFLE:
            planes = np.frombuffer(content, "u1").reshape(DESCRIPTOR.itemsize, -1)
            content = planes.T.tobytes()
        else:
            raise ValueError(f"{dataset.name} has a filter that is not known: {kind}")
    return content


def _lengths(content: Any, shape: tuple[int, ...]) -> np.ndarray:  # noqa: ANN401 - bytes
    cells = np.frombuffer(content, DESCRIPTOR, math.prod(shape))
    return cells["length"].reshape(shape)
