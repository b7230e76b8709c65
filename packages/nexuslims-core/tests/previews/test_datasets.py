"""Choosing between the array that an extractor handed over and the file itself."""

from __future__ import annotations

import numpy as np
import pytest
from nexuslims_core.errors import PreviewError
from nexuslims_core.previews import (
    render_image,
    render_text,
    supports_image,
    supports_text,
)
from nexuslims_core.types import DataFile, Dataset, PreviewSource
from PIL import Image


@pytest.fixture
def dataset(tmp_path):
    """Return a function that describes a new file."""

    def dataset(name, content=b"x", preview=None):
        path = tmp_path / name
        path.write_bytes(content)
        return Dataset(
            file=DataFile.at(path),
            dataset_type="Unknown",
            data_type="Unknown",
            preview=preview,
        )

    return dataset


@pytest.fixture
def source():
    return PreviewSource(read=lambda: np.full((100, 100, 3), (0, 200, 0), "u1"))


@pytest.mark.parametrize(
    ("name", "image", "text"),
    [
        ("a.png", True, False),
        ("a.TIF", True, False),
        ("a.jpeg", True, False),
        ("a.txt", False, True),
        ("A.TXT", False, True),
        ("a.dm3", False, False),
        ("noextension", False, False),
    ],
)
def test_files_are_told_by_their_extension_in_any_case(dataset, name, image, text):
    one = dataset(name)
    assert (supports_image(one), supports_text(one)) == (image, text)


@pytest.mark.parametrize("name", ["a.dm3", "a.txt", "a.png"])
def test_an_array_is_preferred_to_any_file(dataset, source, name):
    one = dataset(name, preview=source)
    assert (supports_image(one), supports_text(one)) == (True, False)
    assert render_image(one).getpixel((250, 250)) == (0, 200, 0, 255)


def test_without_an_array_the_image_file_is_drawn(dataset):
    one = dataset("a.png")
    Image.new("RGB", (10, 10), (0, 0, 200)).save(one.file.path)
    assert render_image(one).getpixel((250, 250)) == (0, 0, 200, 255)


def test_text_files_are_drawn_as_text(dataset):
    assert render_text(dataset("a.txt", b"WWWW")).convert("L").getextrema()[0] < 100


@pytest.fixture
def unreadable():
    def read():
        raise PreviewError("no codec for this compression")

    return PreviewSource(read=read)


def test_an_image_file_is_drawn_where_its_array_cannot_be_had(
    dataset, unreadable, tmp_path
):
    Image.new("RGB", (60, 60), (0, 0, 200)).save(tmp_path / "blue.png")
    content = (tmp_path / "blue.png").read_bytes()
    one = dataset("a.png", content, preview=unreadable)
    assert render_image(one).getpixel((250, 250))[:3] == (0, 0, 200)


@pytest.mark.parametrize("name", ["a.png", "a.dm3"])
def test_the_first_reason_is_told_where_neither_can_be_drawn(dataset, unreadable, name):
    with pytest.raises(PreviewError, match="no codec for this compression"):
        render_image(dataset(name, preview=unreadable))
