"""Drawing image files that nothing is known about but their format."""

from __future__ import annotations

import struct
import warnings
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from nexuslims_core.errors import PreviewError
from nexuslims_core.previews.canvas import SIZE, add_stamp, fitted
from nexuslims_core.previews.sampling import plane
from nexuslims_core.previews.tones import colour_image, grey_image

if TYPE_CHECKING:
    from pathlib import Path

IMAGE_EXTENSIONS = frozenset({"png", "jpg", "jpeg", "tif", "tiff", "bmp", "gif"})
_ENOUGH = (1000, 1000)
"""Size from which a preview loses nothing; some formats can be read reduced."""
_PLENTY = SIZE * 3 // 2
"""Longer side that is scaled down smoothly; what is beyond is averaged before."""
_OPAQUE = 255
_NUMBERS = frozenset({"1", "L", "I", "F", "I;16", "I;16B", "I;16L", "I;16N"})
"""Modes of Pillow that are one number per pixel."""
_WITH_ALPHA = frozenset({"LA", "La", "PA", "RGBA", "RGBa"})
_SAMPLE_FORMAT = 339
"""TIFF tag; 1, also the default, means unsigned integers (TIFF 6.0, page 80)."""
_UNSIGNED = (1,)
_PHOTOMETRIC = 262
_WHITE_IS_ZERO = 0
"""TIFF tag and its value for negatives (TIFF 6.0, page 37)."""
_INVERTED = frozenset({"1", "L"})
"""Modes in which Pillow itself makes positives of negatives."""
# What Pillow raises on damaged files, depending on where the damage is.
_DAMAGE = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    LookupError,
    TypeError,
    ArithmeticError,
    struct.error,
    Image.DecompressionBombError,
)


def render_image_file(path: Path) -> Image.Image:
    """Draw the first picture in an image file.

    Returns
    -------
    PIL.Image.Image
        RGBA, 500×500 pixels, transparent around the picture; stamped ``1 of N`` if the
        file holds more than one.

    Raises
    ------
    PreviewError
        If the file is damaged, of an unknown kind, or too big to be read safely.
    """
    with warnings.catch_warnings():
        # Pillow warns of oddities that it copes with; what it cannot is an error.
        warnings.simplefilter("ignore")
        try:
            with Image.open(path) as image:
                frames = getattr(image, "n_frames", 1)
                image.draft(None, _ENOUGH)
                picture = _displayable(image)
        except _DAMAGE as error:
            msg = f"cannot draw {path.name}: {_reason(error)}"
            raise PreviewError(msg) from error
    square = fitted(picture)[0]
    if frames > 1:
        add_stamp(square, f"1 of {frames}")
    return square


def _displayable(image: Image.Image) -> Image.Image:
    image.seek(0)
    image.load()
    ImageOps.exif_transpose(image, in_place=True)
    if image.mode in _NUMBERS:
        return grey_image(plane(_numbers(image), (0, 1)), SIZE)
    if image.mode == "LAB":
        # Needs colour profiles to convert; lightness shows what there is to see.
        return image.getchannel("L")
    return colour_image(np.asarray(_coloured(image)))


def _coloured(image: Image.Image) -> Image.Image:
    """Return a picture in colour, no larger than is of use."""
    alpha = image.mode in _WITH_ALPHA or "transparency" in image.info
    coloured = _converted(image, "RGBA" if alpha else "RGB")
    if alpha and coloured.getchannel("A").getextrema()[0] == _OPAQUE:
        coloured = coloured.convert("RGB")  # most of the work is over alpha
    factor = min(max(coloured.size) // _PLENTY, *coloured.size)
    return coloured.reduce(factor) if factor > 1 else coloured


def _converted(image: Image.Image, mode: str) -> Image.Image:
    return image if image.mode == mode else image.convert(mode)


def _numbers(image: Image.Image) -> np.ndarray:
    values = np.asarray(image)
    tags = getattr(image, "tag_v2", {})
    if image.mode == "I" and tags and tags.get(_SAMPLE_FORMAT, _UNSIGNED) == _UNSIGNED:
        values = values.view(np.uint32)  # Pillow has no mode for these
    if image.mode not in _INVERTED and tags.get(_PHOTOMETRIC) == _WHITE_IS_ZERO:
        return np.invert(values) if values.dtype.kind in "ui" else -values
    return values


def _reason(error: Exception) -> str:
    if isinstance(error, UnidentifiedImageError):
        return "no image format that is known here"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error) or type(error).__name__
