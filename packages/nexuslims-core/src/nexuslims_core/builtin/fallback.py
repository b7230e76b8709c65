"""What the file system and the first bytes tell about a file of any kind."""

from __future__ import annotations

import mimetypes
import warnings
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from nexuslims_core.model.files import Dataset, Extraction
from nexuslims_core.types import quantity

if TYPE_CHECKING:
    from nexuslims_core.model.files import DataFile

_SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"II+\0", "image/tiff"),
    (b"MM\0+", "image/tiff"),
    (b"\x89HDF\r\n\x1a\n", "application/x-hdf5"),
    (b"%PDF-", "application/pdf"),
    (b"SQLite format 3\0", "application/vnd.sqlite3"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
)
_CONTAINERS = (
    (b"BM", "image/bmp"),
    (b"PK\x03\x04", "application/zip"),
    (b"\x1f\x8b", "application/gzip"),
    (b"<?xml", "application/xml"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
)
"""Signatures that are short, or shared by formats that the extension tells apart."""
_PICTURES = {
    "image/png": "PNG",
    "image/jpeg": "JPEG",
    "image/gif": "GIF",
    "image/tiff": "TIFF",
    "image/bmp": "BMP",
}
"""Pictures whose size is told, with Pillow's names of their formats."""


def extract(file: DataFile) -> Extraction:
    """Describe a file of which nothing is known but that it is there.

    Never fails: what cannot be read is left out, and a note says so.
    """
    return Extraction(datasets=(_describe(file).dataset(),))


@dataclass(frozen=True, kw_only=True)
class _Facts:
    """What is found out about a file, bit by bit."""

    file: DataFile
    fields: dict[str, Any] = field(default_factory=dict)
    extensions: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def dataset(self) -> Dataset:
        return Dataset(
            file=self.file,
            dataset_type="Unknown",
            data_type="Unknown",
            fields=self.fields,
            extensions=self.extensions,
            notes=tuple(self.notes),
        )


def _describe(file: DataFile) -> _Facts:
    facts = _Facts(file=file)
    facts.extensions["File Size"] = quantity(file.size, "byte")
    facts.extensions["File Modified"] = file.modified.isoformat(timespec="seconds")
    if not file.size:
        facts.notes.append("file is empty")
        return facts
    try:
        mime_type = _mime_type(file.head, file.path.name)
    except OSError as error:
        facts.notes.append(f"file cannot be read: {_reason(error)}")
        return facts
    facts.extensions["MIME Type"] = mime_type
    if kind := _PICTURES.get(mime_type):
        _add_dimensions(facts, kind)
    return facts


def _add_dimensions(facts: _Facts, kind: str) -> None:
    # Kept out of start-up: only pictures need it. Of the second, Pillow knows nothing
    # until it has looked at all of its forty formats.
    from PIL import Image, TiffImagePlugin  # noqa: F401 - for the import

    with warnings.catch_warnings():
        # Oddities that Pillow copes with, and sizes that only matter to who decodes.
        warnings.simplefilter("ignore")
        try:
            with Image.open(facts.file.path, formats=[kind]) as image:
                facts.fields["data_dimensions"] = str(image.size)
        except (
            OSError,
            ValueError,
            SyntaxError,
            LookupError,
            TypeError,
            Image.DecompressionBombError,
        ) as error:
            facts.notes.append(f"image header cannot be read: {_reason(error)}")


def _mime_type(head: bytes, name: str) -> str:
    for signature, mime_type in _SIGNATURES:
        if head.startswith(signature):
            return mime_type
    # Python's own table alone: that of the system would make output depend on it.
    guessed, encoding = mimetypes.MimeTypes().guess_type(name, strict=False)
    for signature, mime_type in _CONTAINERS:
        if head.startswith(signature):
            return guessed if guessed and not encoding else mime_type
    if guessed and not encoding and guessed not in _PICTURES:
        return guessed
    return "application/octet-stream" if b"\0" in head else "text/plain"


def _reason(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error) or type(error).__name__
