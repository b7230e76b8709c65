"""Previews that are shown inside an entry: small, few, and as data in the text."""

from __future__ import annotations

import base64
import hashlib
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nexuslims_core.exporting.references import local_path
from PIL import Image

if TYPE_CHECKING:
    from pathlib import Path

    from nexuslims_core.types import ExportContext, Record

__all__ = ["Gallery", "Picture", "gallery"]

WIDTH = 250
"""Pixels; also the greatest height."""
QUALITY = 85
LARGEST_FILE = 20_000_000
LARGEST_PICTURE = 50_000_000
"""Pixels; a preview has a quarter of a million."""


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A preview that is shown."""

    name: str
    """Of the data file, or of one of its signals."""
    sha256: str
    """Of the preview as it lies on disk: what is made of it may differ by library."""
    source: str
    """Address for an image that is its own content."""


@dataclass(frozen=True, kw_only=True)
class Gallery:
    """The previews of a record that fit into an entry."""

    pictures: tuple[Picture, ...]
    unshown: int
    """How many more there are."""


def gallery(context: ExportContext, *, limit: int, room: int) -> Gallery:
    """Return the first previews of a record that can be read.

    Parameters
    ----------
    limit
        How many at most.
    room
        Bytes that they may take together, as they are sent.
    """
    previews = _previews(context.record)
    pictures: list[Picture] = []
    for reference, name in previews.items():
        if len(pictures) == limit:
            break
        # The slash that begins a reference may be missing.
        path = local_path(context.data_path, f"/{reference}")
        picture = _picture(path, name)
        if picture is None:
            continue
        room -= len(picture.source)
        if room < 0:
            break
        pictures.append(picture)
    return Gallery(pictures=tuple(pictures), unshown=len(previews) - len(pictures))


def _previews(record: Record) -> dict[str, str]:
    """Return the names of what is shown by the reference to its preview, each once."""
    entries = (entry for act in record.activities for entry in act.datasets)
    return {entry.preview: entry.name for entry in entries if entry.preview}


def _picture(path: Path | None, name: str) -> Picture | None:
    try:
        # Opening a pipe would wait for its other end.
        if path is None or not path.is_file() or path.stat().st_size > LARGEST_FILE:
            return None
        content = path.read_bytes()
        small = _small(content)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    return Picture(
        name=name,
        sha256=hashlib.sha256(content).hexdigest(),
        source=f"data:image/jpeg;base64,{base64.b64encode(small).decode()}",
    )


def _small(content: bytes) -> bytes:
    """Return a picture as a small JPEG on white.

    Raises
    ------
    ValueError
        If it is larger than any preview.
    """
    with Image.open(io.BytesIO(content), formats=["PNG", "JPEG", "GIF"]) as image:
        if image.width * image.height > LARGEST_PICTURE:
            raise ValueError(f"{image.width}x{image.height} pixels are no preview")
        image.thumbnail((WIDTH, WIDTH))
        clear = image.convert("RGBA")
    page = Image.new("RGBA", clear.size, "white")
    page.alpha_composite(clear)
    made = io.BytesIO()
    page.convert("RGB").save(made, "JPEG", quality=QUALITY)
    return made.getvalue()
