"""Images of TIFF files are found, mapped to memory, and shown as they are meant."""

from __future__ import annotations

import io
import struct

import numpy as np
import pytest
from nexuslims_core.reading.tiff import Directory, Entry, directories
from nexuslims_core.reading.tiff_image import further_images, shown_image
from nexuslims_core.types import quantity
from nexuslims_testing.samples.tiff import tiff_bytes

PIXELS = np.arange(6 * 4, dtype=np.uint8).reshape(4, 6)


@pytest.fixture
def shown(tmp_path):
    """Return a function that writes an image with tags, and finds it again."""

    def shown(pixels=PIXELS, tags=None, *, cut=0, fields=None):
        path = tmp_path / "image.tif"
        content = tiff_bytes(pixels, tags or {})
        path.write_bytes(content)
        with path.open("rb") as stream:
            size = len(content) - cut
            directory = next(directories(stream, size))
            return shown_image(path, stream, directory, fields or {})

    return shown


def test_an_image_is_handed_over_with_its_scale(shown):
    source, notes = shown(fields={"pixel_width": quantity(2, "nm")})
    assert [(axis.size, axis.scale, axis.unit) for axis in source.axes] == [
        (4, 2.0, "nm"),
        (6, 2.0, "nm"),
    ]
    assert notes == ()


def test_what_is_stored_as_shown_is_mapped_to_memory(shown):
    pixels = shown()[0].read()
    assert isinstance(pixels, np.memmap)
    assert (np.asarray(pixels) == PIXELS).all()


@pytest.mark.parametrize("per_shade", [256, 257])
def test_so_are_indices_that_are_their_own_shades(shown, per_shade):
    table = tuple(shade * per_shade for shade in range(256)) * 3
    pixels = shown(tags={262: 3, 320: table})[0].read()
    assert isinstance(pixels, np.memmap)
    assert (np.asarray(pixels) == PIXELS).all()


def test_indices_are_looked_up_in_other_greys(shown):
    table = tuple((255 - shade) * 257 for shade in range(256)) * 3
    assert (shown(tags={262: 3, 320: table})[0].read() == 255 - PIXELS).all()


def test_indices_are_looked_up_in_colours(shown):
    ramp = tuple(shade * 257 for shade in range(256))
    pixels = shown(tags={262: 3, 320: ramp + (0,) * 512})[0].read()
    assert pixels.shape == (4, 6, 3)
    assert (pixels[..., 0] == PIXELS).all()
    assert not pixels[..., 1:].any()


def test_white_that_is_zero_becomes_white(shown):
    assert (shown(tags={262: 0})[0].read() == 255 - PIXELS).all()


def test_an_image_that_is_cut_off_is_a_note(shown):
    source, notes = shown(tags={279: 10_000})
    assert source is None
    assert notes[0].startswith("The image is damaged: image data should end at byte")


def test_without_a_directory_there_is_no_image(tmp_path):
    assert shown_image(tmp_path / "a.tif", io.BytesIO(), None, {}) == (None, ())


@pytest.mark.parametrize(
    ("kinds", "notes"),
    [
        ((), ()),
        ((1,), ()),
        (
            (0, 1, 0),
            ("The file has 3 images; metadata and preview are of the first.",),
        ),
    ],
    ids=["one", "thumbnail", "three"],
)
def test_further_images_are_a_note(kinds, notes):
    stream = io.BytesIO(struct.pack(f"<{len(kinds)}I", *kinds))
    following = [
        Directory(
            byte_order="<",
            file_size=4 * len(kinds),
            entries={254: Entry(type=4, count=1, offset=4 * index)},
        )
        for index in range(len(kinds))
    ]
    assert further_images(stream, following) == notes


def test_a_further_directory_that_is_damaged_is_a_note():
    content = bytearray(tiff_bytes(PIXELS, {}))
    start = 8 + PIXELS.nbytes
    (number,) = struct.unpack_from("<H", content, start)
    struct.pack_into("<I", content, start + 2 + 12 * number, 2**31)
    stream = io.BytesIO(content)
    following = directories(stream, len(content))
    next(following)
    (note,) = further_images(stream, following)
    assert note.startswith("A further image is damaged: expected a directory at byte")
