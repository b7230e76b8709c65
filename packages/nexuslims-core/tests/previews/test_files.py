"""Previews of image files in all the ways that Pillow knows to store one."""

from __future__ import annotations

import contextlib
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
import tifffile
from nexuslims_core.errors import PreviewError
from nexuslims_core.previews import render_image_file
from PIL import Image


def pixels(path):
    image = render_image_file(path)
    assert image.mode == "RGBA"
    assert image.size == (500, 500)
    return np.asarray(image)


def ramp(most, dtype):
    return (np.linspace(0, 1, 200) * np.ones((200, 1)) * most).astype(dtype)


@pytest.mark.parametrize(
    "name", ["a.png", "a.jpg", "a.tif", "a.tiff", "a.bmp", "a.gif"]
)
def test_every_common_format_is_drawn(tmp_path, name):
    Image.fromarray(ramp(255, "u1")).save(tmp_path / name)
    grey = pixels(tmp_path / name)[250, :, 0]
    assert grey[5] < 20
    assert grey[-5] > 235


@pytest.mark.parametrize(
    ("dtype", "most", "name"),
    [
        ("u2", 900, "a.png"),
        ("u2", 900, "a.tif"),
        (">u2", 900, "a.tif"),
        ("u4", 4e9, "a.tif"),
        ("i4", 2e9, "a.tif"),
        ("f4", 1e-9, "a.tif"),
        ("?", 1, "a.png"),
    ],
)
def test_deep_images_are_stretched_to_black_and_white(tmp_path, dtype, most, name):
    data = ramp(most, dtype) if dtype != "?" else ramp(1, "f4") > 0.5
    if dtype == "u4":
        write_uint32_tiff(tmp_path / name, data)
    else:
        Image.fromarray(data).save(tmp_path / name)
    grey = pixels(tmp_path / name)[250, :, 0]
    assert grey[0] < 10
    assert grey[-1] > 245
    assert np.all(np.diff(grey.astype(int)) >= -12)


@pytest.mark.parametrize("dtype", ["u1", "u2", "f4"])
def test_a_negative_is_shown_as_a_positive(tmp_path, dtype):
    data = ramp(200, dtype)
    for name, photometric in (("a.tif", "minisblack"), ("b.tif", "miniswhite")):
        tifffile.imwrite(tmp_path / name, data, photometric=photometric)
    one, other = (pixels(tmp_path / name)[250, :, 0] for name in ("a.tif", "b.tif"))
    assert np.corrcoef(one, other)[0, 1] < -0.99


def write_uint32_tiff(path, data):
    height, width = data.shape
    raw = data.astype("<u4").tobytes()
    tags = [
        (256, 3, 1, width), (257, 3, 1, height), (258, 3, 1, 32), (259, 3, 1, 1),
        (262, 3, 1, 1), (273, 4, 1, 8), (277, 3, 1, 1), (278, 3, 1, height),
        (279, 4, 1, len(raw)), (339, 3, 1, 1),
    ]  # fmt: skip
    directory = struct.pack("<H", len(tags))
    directory += b"".join(struct.pack("<HHII", *tag) for tag in tags)
    head = b"II*\0" + struct.pack("<I", 8 + len(raw))
    path.write_bytes(head + raw + directory + bytes(4))


@pytest.mark.parametrize(
    ("mode", "name"),
    [
        ("RGB", "a.png"),
        ("RGBA", "a.png"),
        ("P", "a.png"),
        ("LA", "a.png"),
        ("1", "a.png"),
        ("CMYK", "a.tif"),
        ("CMYK", "a.jpg"),
        ("YCbCr", "a.tif"),
        ("LAB", "a.tif"),
        ("RGBA", "a.tif"),
        ("P", "a.gif"),
    ],
)
def test_every_mode_is_drawn(tmp_path, mode, name):
    if mode == "LAB":
        image = Image.merge("LAB", [Image.fromarray(ramp(255, "u1"))] * 3)
    else:
        image = Image.fromarray(np.dstack([ramp(255, "u1")] * 3)).convert(mode)
    image.save(tmp_path / name)
    red = pixels(tmp_path / name)[240:260, :, 0].mean(axis=0)
    assert red[:50].mean() < red[-50:].mean() - 100


def test_transparency_is_kept(tmp_path):
    Image.new("LA", (50, 50), (255, 0)).save(tmp_path / "a.png")
    assert not pixels(tmp_path / "a.png")[..., 3].any()


def test_a_camera_held_sideways_is_set_upright(tmp_path):
    image = Image.fromarray(ramp(255, "u1")[:100])
    image.getexif()[0x0112] = 6
    exif = image.getexif()
    image.save(tmp_path / "a.jpg", exif=exif)
    alpha = pixels(tmp_path / "a.jpg")[..., 3]
    assert alpha[5, 250] == 255
    assert alpha[250, 5] == 0


@pytest.mark.parametrize("name", ["a.tif", "a.gif"])
def test_of_many_pages_the_first_is_drawn_and_stamped(tmp_path, name):
    pages = [Image.new("L", (500, 500), shade) for shade in (40, 200, 250)]
    pages[0].save(tmp_path / name, save_all=True, append_images=pages[1:])
    single = tmp_path / f"single{Path(name).suffix}"
    pages[0].save(single)
    stack, page = pixels(tmp_path / name), pixels(single)
    np.testing.assert_array_equal(stack[100:], page[100:])
    assert (stack[:50, 350:] != page[:50, 350:]).any()


def test_big_photographs_are_read_reduced(tmp_path):
    Image.new("RGB", (9000, 6000), (200, 30, 30)).save(tmp_path / "a.jpg", quality=30)
    red, green, _, _ = pixels(tmp_path / "a.jpg")[250, 250].tolist()
    assert (red, green) == pytest.approx((200, 30), abs=6)


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.tif", "a.bmp", "a.gif"])
def test_a_truncated_file_is_refused(tmp_path, name):
    noise = np.random.default_rng(1).integers(0, 255, (200, 200)).astype("u1")
    Image.fromarray(noise).save(tmp_path / name)
    whole = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(whole[: len(whole) // 2])
    with pytest.raises(PreviewError, match=name):
        render_image_file(tmp_path / name)


@pytest.mark.parametrize(
    "content", [b"", b"no image", b"\x89PNG\r\n\x1a\n", b"II*\0\xff\xff\xff\xff", b"BM"]
)
def test_what_is_no_image_is_refused(tmp_path, content):
    (tmp_path / "a.png").write_bytes(content)
    with pytest.raises(PreviewError, match=r"a\.png"):
        render_image_file(tmp_path / "a.png")


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(PreviewError, match=r"a\.png: No such file"):
        render_image_file(tmp_path / "a.png")


def test_a_decompression_bomb_is_refused_before_it_goes_off(tmp_path):
    def chunk(kind, data):
        crc = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", crc)

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 0, 0, 0, 0)
    (tmp_path / "bomb.png").write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(bytes(60_001)))
        + chunk(b"IEND", b"")
    )
    with pytest.raises(PreviewError, match="bomb"):
        render_image_file(tmp_path / "bomb.png")


@pytest.mark.parametrize("seed", range(40))
def test_damage_anywhere_is_an_error_or_a_picture_but_nothing_else(tmp_path, seed):
    random = np.random.default_rng(seed)
    name = ("a.png", "a.tif", "a.gif", "a.bmp", "a.jpg")[seed % 5]
    Image.fromarray(random.integers(0, 255, (40, 40)).astype("u1")).save(
        tmp_path / name
    )
    raw = bytearray((tmp_path / name).read_bytes())
    for place in random.integers(0, min(len(raw), 300 if seed % 2 else len(raw)), 6):
        raw[place] = random.integers(0, 256)
    (tmp_path / name).write_bytes(raw)
    with contextlib.suppress(PreviewError):
        pixels(tmp_path / name)


def test_the_file_is_left_as_it_was(tmp_path):
    path = tmp_path / "a.tif"
    Image.fromarray(ramp(255, "u1")).save(path)
    path.chmod(0o444)
    before = path.read_bytes(), path.stat().st_mtime_ns
    render_image_file(path)
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before
