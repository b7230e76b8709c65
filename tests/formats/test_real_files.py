"""All real files, read as a worker reads them: none raises, hangs or eats memory."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.slow

MOST_SECONDS = 10
MOST_MEGABYTES = 600

NO_MICROSCOPY = {
    ".apb": "JEOL's own index of a probe tracking; holds no signal",
    ".bmp": "thumbnails and icons",
    ".gif": "thumbnails and icons",
    ".ico": "thumbnails and icons",
    ".ini": "folder settings",
    ".jpg": "thumbnails and icons",
    ".md": "README files",
    ".png": "thumbnails and icons",
    ".txt": "notes",
    "": "a text file without extension",
}
"""Extensions in the collection that no microscope's data have."""


def failing(results, wrong):
    """Return the files for which `wrong` gives something to say, with what it says."""
    return {path: said for path, one in results.items() if (said := wrong(one))}


def test_no_file_raises_hangs_or_crashes(results):
    assert failing(results, lambda one: one.error) == {}


def test_no_file_takes_longer_than_ten_seconds(results):
    slow = failing(results, lambda one: one.seconds > MOST_SECONDS and one.seconds)
    assert slow == {}


def test_no_file_takes_more_memory_than_six_hundred_megabytes(results):
    big = failing(results, lambda one: one.megabytes > MOST_MEGABYTES and one.megabytes)
    assert big == {}
