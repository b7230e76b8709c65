"""The samples that come with core."""

from __future__ import annotations

import numpy as np
import pytest
from nexuslims_core.builtin.samples import (
    write_micrograph_png,
    write_particles_tiff,
    write_text_log,
)
from nexuslims_core.previews import render_image_file, render_text_file
from PIL import Image

WRITERS = {
    "a.png": write_micrograph_png,
    "a.tif": write_particles_tiff,
    "a.txt": write_text_log,
}


@pytest.mark.parametrize("name", WRITERS)
def test_samples_are_always_the_same(tmp_path, name):
    WRITERS[name](tmp_path / name)
    WRITERS[name](tmp_path / f"again-{name}")
    assert (tmp_path / name).read_bytes() == (tmp_path / f"again-{name}").read_bytes()


@pytest.mark.parametrize(("name", "mode"), [("a.png", "I;16"), ("a.tif", "L")])
def test_pictures_have_contrast_and_a_preview(tmp_path, name, mode):
    WRITERS[name](tmp_path / name)
    with Image.open(tmp_path / name) as image:
        assert image.mode == mode
        assert np.asarray(image).std() > 10
    assert render_image_file(tmp_path / name).size == (500, 500)


def test_the_log_has_a_preview(tmp_path):
    write_text_log(tmp_path / "a.txt")
    assert render_text_file(tmp_path / "a.txt").size == (500, 500)
