"""What is told of files that nobody reads."""

from __future__ import annotations

import io
import os
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from nexuslims_core.builtin.fallback import extract
from nexuslims_core.types import DataFile, Instrument, quantity
from PIL import Image


@pytest.fixture
def describe(tmp_path):
    """Return a function that extracts from a new file of the given content."""

    def describe(name, content):
        path = tmp_path / name
        path.write_bytes(content)
        (dataset,) = extract(DataFile.at(path)).datasets
        return dataset

    return describe


def picture(kind):
    stream = io.BytesIO()
    Image.fromarray(np.zeros((30, 40), "u1")).save(stream, kind)
    return stream.getvalue()


def test_nothing_is_claimed_about_the_kind_of_data(describe):
    dataset = describe("a.xyz", b"1234")
    assert (dataset.dataset_type, dataset.data_type) == ("Unknown", "Unknown")
    assert dataset.creation_time is None
    assert dataset.notes == ()


def test_size_and_modification_time_are_told(tmp_path):
    path = tmp_path / "a.xyz"
    path.write_bytes(bytes(1234))
    os.utime(path, ns=(0, 1_772_442_000_500_000_000))
    instrument = Instrument(
        pid="SEM-1",
        display_name="SEM",
        location="",
        filestore_path="sem",
        timezone="Asia/Tokyo",
    )
    (dataset,) = extract(DataFile.at(path, instrument)).datasets
    assert dataset.extensions["File Size"] == quantity(1234, "byte")
    assert dataset.extensions["File Modified"] == "2026-03-02T18:00:00+09:00"
    assert dataset.file.modified.tzinfo == ZoneInfo("Asia/Tokyo")


@pytest.mark.parametrize(
    ("name", "content", "mime_type"),
    [
        ("a.dat", b"\x89HDF\r\n\x1a\nrest", "application/x-hdf5"),
        ("a.h5", b"\x89HDF\r\n\x1a\nrest", "application/x-hdf5"),
        ("misnamed.txt", b"%PDF-1.7", "application/pdf"),
        ("a.txt", b"plain", "text/plain"),
        ("a.csv", b"1,2", "text/csv"),
        ("a.zip", b"PK\x03\x04", "application/zip"),
        (
            "a.svg",
            b"<?xml version='1.0'?><svg/>",
            "image/svg+xml",
        ),
        ("a.unheard-of", b"PK\x03\x04", "application/zip"),
        ("a.tar.gz", b"\x1f\x8b\x08", "application/gzip"),
        ("a.xml", b"<?xml version='1.0'?>", "text/xml"),
        ("unheard-of", b"words only", "text/plain"),
        ("unheard-of", b"\x00\x01", "application/octet-stream"),
        ("no-picture.png", b"words only", "text/plain"),
    ],
)
def test_the_type_is_told_by_content_then_name(describe, name, content, mime_type):
    assert describe(name, content).extensions["MIME Type"] == mime_type


@pytest.mark.parametrize(
    ("kind", "mime_type"),
    [
        ("PNG", "image/png"),
        ("JPEG", "image/jpeg"),
        ("TIFF", "image/tiff"),
        ("GIF", "image/gif"),
        ("BMP", "image/bmp"),
    ],
)
def test_pictures_have_dimensions_whatever_they_are_called(describe, kind, mime_type):
    dataset = describe(f"a.{kind.lower()}", picture(kind))
    assert dataset.extensions["MIME Type"] == mime_type
    assert dataset.fields["data_dimensions"] == "(40, 30)"
    assert dataset.dataset_type == "Unknown"


@pytest.mark.parametrize("length", [9, 20, 30])
def test_a_damaged_header_is_noted(describe, length):
    dataset = describe("a.png", picture("PNG")[:length])
    assert "data_dimensions" not in dataset.fields
    assert "image header cannot be read" in dataset.notes[0]


def test_an_empty_file_is_noted(describe):
    dataset = describe("a.dm3", b"")
    assert dataset.notes == ("file is empty",)
    assert dataset.extensions["File Size"] == quantity(0, "byte")


def test_a_file_that_is_gone_is_described_all_the_same(tmp_path):
    file = DataFile(path=tmp_path / "gone.tif", size=10, mtime_ns=0)
    (dataset,) = extract(file).datasets
    assert "No such file" in dataset.notes[0]
    assert "File Size" in dataset.extensions
