"""Damaged files: what can be read is kept, and nothing hangs or fills the memory."""

from __future__ import annotations

import struct
import time
import tracemalloc

import numpy as np
import pytest
from nexuslims_core.errors import ExtractionError
from nexuslims_core.types import DataFile, quantity
from nexuslims_testing.samples.dm import Image, dm_bytes, document

PIXELS = np.arange(24, dtype=np.uint16).reshape(4, 6)
TAGS = {"Microscope Info": {"Voltage": 200000.0}, "Last": {"Numbers": np.arange(900.0)}}
HUGE = 2**31 - 1


def _content(tags=None, version=3):
    return dm_bytes(
        document([Image(pixels=PIXELS, tags=tags or TAGS)]), version=version
    )


@pytest.fixture
def extract_bytes(tmp_path, extractor):
    def extract_bytes(content):
        path = tmp_path / "damaged.dm3"
        path.write_bytes(content)
        return extractor.extract(DataFile.at(path)).datasets

    return extract_bytes


def test_a_file_cut_off_after_its_pixels_keeps_them_and_its_first_tags(extract_bytes):
    content = _content()
    (dataset,) = extract_bytes(content[: content.index(b"Numbers") + 60])
    assert dataset.fields["acceleration_voltage"] == quantity(200, "kV")
    assert np.asarray(dataset.preview.read()[...]).tolist() == PIXELS.tolist()
    first, second = dataset.notes
    assert "expected 900 values of 8 bytes" in first
    assert "The file ends after" in second


def test_a_file_cut_off_in_its_pixels_is_an_extraction_error(extract_bytes):
    content = _content()
    with pytest.raises(ExtractionError, match="expected 24 values of 2 bytes"):
        extract_bytes(content[: content.index(PIXELS.tobytes()) + 9])


def test_pixels_beyond_the_end_of_the_file_cost_the_preview(extract_bytes):
    content = _content()
    at = content.index(PIXELS.tobytes())
    # The count of the array stays, and the tag that follows it is lost with the rest.
    with pytest.raises(ExtractionError, match="damaged"):
        extract_bytes(content[:at] + content[at + 40 :])


@pytest.mark.parametrize("version", [3, 4])
@pytest.mark.parametrize(
    ("tag", "definition", "damage"),
    [
        pytest.param(np.arange(20.0), (20, 7, 20), (20, 7, HUGE), id="numbers"),
        pytest.param("text" * 9, (20, 4, 36), (20, 4, HUGE), id="text"),
        pytest.param("text" * 9, (20, 4, 36), (20, 4, -36), id="negative"),
        pytest.param("text" * 9, (20, 4, 36), (20, 77, 36), id="unknown type"),
        pytest.param(
            [(1, 2)] * 9,
            (20, 15, 0, 2, 0, 3, 0, 3, 9),
            (20, 15, 0, 2, 0, 3, 0, 3, HUGE),
            id="structures",
        ),
        pytest.param(
            [(1, 2)] * 9,
            (20, 15, 0, 2, 0, 3, 0, 3, 9),
            (20, 15, 0, HUGE, 0, 3, 0, 3, 9),
            id="fields",
        ),
        pytest.param(
            [(1, 2)] * 9,
            (20, 15, 0, 2, 0, 3, 0, 3, 9),
            (20, 15, 0, 0, 0, 3, 0, 3, HUGE),
            id="no fields",
        ),
        pytest.param((1, 2, 3), (15, 0, 3, 0, 3), (15, 0, HUGE, 0, 3), id="structure"),
        pytest.param((1, 2, 3), (15, 0, 3, 0, 3), (15, 0, 3, 0, 77), id="field"),
        pytest.param(7, (1, 3), (HUGE, 3), id="definition"),
        pytest.param(7, (1, 3), (1, 99), id="type"),
    ],
)
def test_counts_of_any_size_stop_the_reading_at_once(
    extract_bytes, version, tag, definition, damage
):
    content = _content({"Microscope Info": {"Voltage": 2e5}, "Odd": tag}, version)
    code = ">{}i" if version == 3 else ">{}q"
    before = struct.pack(code.format(len(definition)), *definition)
    at = content.index(before, content.index(b"Odd"))
    after = struct.pack(code.format(len(damage)), *damage)
    started = time.perf_counter()
    tracemalloc.start()
    (dataset,) = extract_bytes(content[:at] + after + content[at + len(after) :])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert time.perf_counter() - started < 10
    assert peak < 5_000_000
    assert dataset.fields["acceleration_voltage"] == quantity(200, "kV")
    assert dataset.notes[0].startswith("The tags are damaged and read in part: ")


def test_groups_within_groups_without_end_stop_the_reading(extract_bytes):
    deep = {"in": {"in": {"end": 1}}}
    content = _content({"Microscope Info": {"Voltage": 2e5}, "Deep": deep})
    # The same group over and over, each within the one before.
    start = content.index(b"\x14\0\2in")
    group = content[start : content.index(b"\x14\0\2in", start + 1)]
    (dataset,) = extract_bytes(content[:start] + group * 2000 + content[start:])
    assert dataset.fields["acceleration_voltage"] == quantity(200, "kV")
    assert "expected groups of up to 64 levels, found more" in dataset.notes[0]


def test_a_long_array_that_is_no_pixels_is_not_read(extract_bytes):
    long = np.zeros(9_000_000)
    (dataset,) = extract_bytes(
        _content({"Long": long, "Microscope Info": {"Voltage": 2e5}})
    )
    assert dataset.raw["ImageList"]["TagGroup0"]["ImageTags"]["Long"] == (
        "array of 9000000 values, not read"
    )
    assert dataset.fields["acceleration_voltage"] == quantity(200, "kV")


def test_many_structures_are_not_read(extract_bytes):
    (dataset,) = extract_bytes(_content({"Table": [(1, 2, 3)] * 5000}))
    tags = dataset.raw["ImageList"]["TagGroup0"]["ImageTags"]
    assert tags["Table"] == "array of 5000 values, not read"
    assert dataset.notes == ()


def test_a_calibration_that_cannot_be_read_is_noted(extract_bytes):
    content = _content().replace(b"Calibrations", b"Calibrationz")
    (dataset,) = extract_bytes(content)
    assert dataset.notes[0].startswith("The calibration of the image is damaged: ")
    assert np.asarray(dataset.preview.read()[...]).tolist() == PIXELS.tolist()


def test_a_file_without_images_is_an_extraction_error(extract_bytes):
    with pytest.raises(ExtractionError, match="expected an image, found none"):
        extract_bytes(dm_bytes({"ApplicationBounds": (0, 0, 1, 1)}))


def test_another_file_is_an_extraction_error(extract_bytes):
    with pytest.raises(ExtractionError, match=r"expected a header .*, found b'II\*"):
        extract_bytes(b"II*\0" + bytes(400))
