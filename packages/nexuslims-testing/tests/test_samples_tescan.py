"""The Tescan writer makes what it says, byte for byte the same each time."""

from __future__ import annotations

import struct

import numpy as np
import tifffile
from nexuslims_testing.samples.tescan import (
    TescanScan,
    side_car_text,
    tag_content,
    tescan_sections,
    vendor_tags,
    write_tescan,
)


def test_another_reader_finds_pixels_and_tags(tmp_path):
    pixels = np.arange(5 * 7, dtype="u2").reshape(5, 7)
    path = tmp_path / "a.tif"
    write_tescan(path, pixels=pixels, tags=vendor_tags(TescanScan()))
    with tifffile.TiffFile(path) as tiff:
        assert (tiff.asarray() == pixels).all()
        tags = tiff.pages[0].tags
        assert tags[271].value == "TESCAN - http://www.tescan.com/"
        assert tags[306].value == "2026:04:21 09:41:07"
        assert 50431 in tags


def test_the_settings_are_blocks_of_their_size_and_kind():
    content = tag_content({"MAIN": {"A": "1"}, "FIB": {"B": "2"}}, thumbnail=b"xyz")
    assert content == (
        struct.pack("<IH", 5, 1)
        + b"xyz"
        + struct.pack("<IH", 7, 2)
        + b"A=1\n\0"
        + struct.pack("<IH", 7, 5)
        + b"B=2\n\0"
        + struct.pack("<IH", 2, 0)
    )


def test_a_side_car_has_headers():
    assert side_car_text({"MAIN": {"A": "1"}, "SEM": {"B": ""}}) == (
        b"[MAIN]\r\nA=1\r\n\r\n[SEM]\r\nB=\r\n\r\n"
    )


def test_a_side_car_stands_beside_its_image(tmp_path):
    write_tescan(tmp_path / "a.tif", tag=b"", side_car=b"[MAIN]\r\n")
    assert (tmp_path / "a.hdr").read_bytes() == b"[MAIN]\r\n"
    with tifffile.TiffFile(tmp_path / "a.tif") as tiff:
        assert 50431 not in tiff.pages[0].tags


def test_the_same_sample_is_the_same_bytes(tmp_path):
    for name in ("1.tif", "2.tif"):
        write_tescan(tmp_path / name)
    assert (tmp_path / "1.tif").read_bytes() == (tmp_path / "2.tif").read_bytes()


def test_the_beam_names_its_section():
    assert list(tescan_sections(TescanScan(beam="FIB"))) == ["MAIN", "FIB"]
