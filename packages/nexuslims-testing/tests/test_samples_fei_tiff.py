"""The FEI writer makes what it says, byte for byte the same each time."""

from __future__ import annotations

import numpy as np
import pytest
import tifffile
from nexuslims_testing.plugin import nexuslims_sample_files
from nexuslims_testing.samples.fei_tiff import (
    Scan,
    scan_sections,
    settings_text,
    write_fei_tiff,
)
from PIL import Image

SAMPLES = tuple(one for one in nexuslims_sample_files() if one.name[:4] == "fei_")


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_a_demo_sample_is_an_image_that_others_can_open(sample, tmp_path):
    path = tmp_path / sample.filename
    sample.write(path)
    with Image.open(path) as image:
        pixels = np.asarray(image)
    assert pixels.shape >= (300, 300)
    assert np.ptp(pixels) > np.iinfo(pixels.dtype).max / 3


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_a_demo_sample_is_the_same_each_time(sample, tmp_path):
    paths = [tmp_path / "1.tif", tmp_path / "2.tif"]
    sample.write(paths[0])
    sample.write(paths[1])
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_demo_samples_have_names_of_their_own():
    assert len({sample.filename for sample in SAMPLES}) == len(SAMPLES)


@pytest.mark.parametrize("byte_order", ["<", ">"])
@pytest.mark.parametrize("big", [False, True], ids=["classic", "big"])
@pytest.mark.parametrize("dtype", ["u1", "u2"])
def test_another_reader_finds_pixels_and_settings(tmp_path, byte_order, big, dtype):
    pixels = np.arange(5 * 7).reshape(5, 7).astype(dtype) * 7
    settings = settings_text(scan_sections(Scan(label="a label")))
    path = tmp_path / "a.tif"
    write_fei_tiff(
        path, settings=settings, pixels=pixels, byte_order=byte_order, big=big
    )
    with tifffile.TiffFile(path) as tiff:
        assert tiff.is_bigtiff == big
        assert tiff.byteorder == byte_order
        assert (tiff.asarray() == pixels).all()
        assert tiff.pages[0].tags[34682].value["User"]["UserText"] == "a label"


def test_colour_images_can_be_written(tmp_path):
    pixels = np.arange(4 * 6 * 3, dtype="u1").reshape(4, 6, 3)
    path = tmp_path / "a.tif"
    write_fei_tiff(path, settings=b"[User]\r\n", pixels=pixels)
    assert (tifffile.imread(path) == pixels).all()


def test_settings_without_tag_stand_at_the_end(tmp_path):
    path = tmp_path / "a.tif"
    write_fei_tiff(path, settings=b"[User]\r\nUser=x\r\n", xml=b"<?xml", tagless=True)
    assert path.read_bytes().endswith(b"[User]\r\nUser=x\r\n<?xml")
    with tifffile.TiffFile(path) as tiff:
        assert 34682 not in tiff.pages[0].tags
