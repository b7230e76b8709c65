"""All real files, read as a worker reads them: none raises, hangs or eats memory."""

from __future__ import annotations

from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

MOST_SECONDS = 10
MOST_MEGABYTES = 600

NO_DATA = frozenset({"", ".apb", ".bmp", ".gif", ".ico", ".ini", ".jpg", ".md", ".png"})
"""Extensions of what lies beside data: thumbnails, icons, indices, notes."""

NO_TABLES = frozenset({".txt", ".csv", ".hdr"})
"""Extensions of notes and of companions that are read with their data, or of data."""

BROKEN = {
    "quanta_bad_metadata.tif": "one of 1024 by 0 pixels",
    "test_corrupted.dm3": "The tags are damaged",
    "file2.dens": "no",
    "file3.dens": "no",
}
"""Files that are known to be broken, and what is to be said of them."""

FOREIGN = frozenset(
    {
        # Saved anew by programs that know no microscope.
        "quanta_image_32bit.tif",
        "test_image_thumb_source.tif",
        # Further parts of a recording, which is read with the first.
        "test_tvips_2345_split_001.tvips",
        "test_tvips_2345_split_002.tvips",
    }
)


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


def test_every_other_file_is_read_by_somebody_who_knows_its_format(results):
    unread = {
        Path(path).name
        for path, one in results.items()
        if not one.real and one.format not in NO_DATA | NO_TABLES
    }
    assert unread - {"basic_test_no_extension"} == {*BROKEN, *FOREIGN}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_says_what_is_wrong_with_it(results, name):
    [one] = [one for path, one in results.items() if Path(path).name == name]
    assert BROKEN[name] in " ".join(one.warnings)
    assert "could not read the file" in " ".join(one.warnings)


COMMON = (".bcf", ".eds", ".emd", ".img", ".map", ".pts", ".ser", ".spc", ".spx")


@pytest.mark.parametrize("extension", COMMON)
def test_ordinary_files_of_common_formats_have_eight_typed_fields(results, extension):
    typed = sorted(one.typed for one in results.values() if one.format == extension)
    assert typed[len(typed) // 2] >= 8


def test_nearly_all_that_is_read_has_a_preview(results):
    read = [one for one in results.values() if one.real]
    assert sum(one.previews > 0 for one in read) >= 0.97 * len(read)
