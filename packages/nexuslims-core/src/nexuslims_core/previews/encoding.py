"""Pictures as PNG files."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from PIL import Image

LEVEL = 2
"""Noise does not get smaller by trying longer: the default takes three times more."""

_OPAQUE = 255


def png(image: Image.Image) -> bytes:
    """Return a picture as the content of a PNG file, which looks exactly the same."""
    content = io.BytesIO()
    lean(image).save(content, format="PNG", compress_level=LEVEL)
    return content.getvalue()


def lean(image: Image.Image) -> Image.Image:
    """Return a picture with no more channels than it uses.

    Most pictures are grey and have no hole, and time to compress goes with channels.
    """
    if image.mode != "RGBA":
        return image
    # Red is in the lowest byte of each number, alpha in the highest.
    pixels = np.asarray(image).view("<u4")
    is_opaque = bool((pixels >> 24 == _OPAQUE).all())
    is_grey = not ((pixels ^ (pixels >> 8)) & 0xFFFF).any()
    if is_grey and is_opaque:
        return image.getchannel(0)
    if is_grey:
        return image.convert("LA")
    return image.convert("RGB") if is_opaque else image
