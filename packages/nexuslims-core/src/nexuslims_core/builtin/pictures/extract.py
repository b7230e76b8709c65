"""Read what an image file says about its picture, without decoding it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nexuslims_core.builtin.pictures import pillow, png, tiff
from nexuslims_core.errors import ExtractionError
from nexuslims_core.model.files import Extraction

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from nexuslims_core.builtin.pictures.picture import Picture
    from nexuslims_core.model.files import DataFile

READERS: Mapping[bytes, Callable[[DataFile], Picture]] = {
    b"\x89PNG\r\n\x1a\n": png.read,
    b"\xff\xd8\xff": pillow.read_jpeg,
    b"GIF87a": pillow.read_gif,
    b"GIF89a": pillow.read_gif,
    b"BM": pillow.read_bmp,
    b"II*\0": tiff.read,
    b"MM\0*": tiff.read,
    b"II+\0": tiff.read,
    b"MM\0+": tiff.read,
}
"""The reader for each signature that a file may begin with."""

BMP_HEADERS = frozenset({12, 16, 40, 52, 56, 64, 108, 124})
"""Lengths that the header of a bitmap may have; its signature is but two letters."""


def supports(file: DataFile) -> bool:
    """Tell whether a file begins like an image, whatever it is called."""
    return _reader(file) is not None


def extract(file: DataFile) -> Extraction:
    """Return the metadata of an image file.

    Raises
    ------
    ExtractionError
        If it is no image, or its header is damaged.
    """
    try:
        reader = _reader(file, strict=True)
        if reader is None:
            msg = f"expected the signature of an image, found {file.head[:8]!r}"
            raise ExtractionError(msg)
        picture = reader(file)
    except OSError as error:
        msg = f"{file.path.name} cannot be read: {error.strerror or error}"
        raise ExtractionError(msg) from error
    return Extraction(datasets=(picture.dataset(file),))


def _reader(
    file: DataFile, *, strict: bool = False
) -> Callable[[DataFile], Picture] | None:
    try:
        head = file.head
    except OSError:
        if strict:
            raise
        return None
    found = next((one for one in READERS if head.startswith(one)), None)
    if found == b"BM" and int.from_bytes(head[14:18], "little") not in BMP_HEADERS:
        return None
    return READERS[found] if found is not None else None
