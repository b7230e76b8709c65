"""Pictures become files with no more channels than they use."""

from __future__ import annotations

import io

import numpy as np
import pytest
from nexuslims_core.previews.encoding import png
from PIL import Image

GREY, COLOUR = (90, 90, 90), (90, 91, 90)
SOLID, CLEAR = 255, 40


@pytest.mark.parametrize(
    ("shade", "alpha", "mode"),
    [
        (GREY, SOLID, "L"),
        (GREY, CLEAR, "LA"),
        (COLOUR, SOLID, "RGB"),
        (COLOUR, CLEAR, "RGBA"),
    ],
)
def test_a_picture_has_the_channels_that_it_uses_and_looks_the_same(shade, alpha, mode):
    pixels = np.zeros((20, 30, 4), np.uint8)
    pixels[..., :3] = np.arange(20, dtype=np.uint8)[:, np.newaxis, np.newaxis] * 12
    pixels[..., 3] = SOLID
    pixels[7, 9] = (*shade, alpha)
    picture = Image.fromarray(pixels)

    with Image.open(io.BytesIO(png(picture))) as stored:
        assert stored.format == "PNG"
        assert stored.mode == mode
        assert np.array_equal(np.asarray(stored.convert("RGBA")), pixels)


def test_other_pictures_are_stored_as_they_are():
    picture = Image.new("RGB", (3, 2), GREY)
    with Image.open(io.BytesIO(png(picture))) as stored:
        assert (stored.mode, stored.getpixel((1, 1))) == ("RGB", GREY)
