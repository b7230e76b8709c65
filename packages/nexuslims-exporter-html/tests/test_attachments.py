from __future__ import annotations

from pathlib import Path

import pytest
from nexuslims_core.types import DatasetEntry
from nexuslims_exporter_html.attachments import local_path, preview_of, side_car_of
from nexuslims_exporter_html.tree import Tree

ROOT = Path("/root-of-data")


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("/a/b.png", "a/b.png"),
        ("/a%20b/%C3%85.png", "a b/Å.png"),
        ("/100%25.png", "100%.png"),
        ("/%252e%252e/x.png", "%2e%2e/x.png"),
        ("//a/./b.png", "a/b.png"),
    ],
)
def test_a_reference_is_decoded_once(reference, expected):
    assert local_path(ROOT, reference) == ROOT / expected


@pytest.mark.parametrize(
    "reference", ["", "/", "a.png", "/../a", "/a/%2E%2E/b", "/a%2F..%2Fb", "/a%00b"]
)
def test_a_reference_that_leads_elsewhere_is_refused(reference):
    assert local_path(ROOT, reference) is None


@pytest.fixture
def side_car(tmp_path):
    """Return a function that tells the side-car of a dataset, given those there are."""

    def find(present, **fields):
        for name in present:
            (tmp_path / name).write_bytes(b"{}")
        entry = DatasetEntry(type="Image", **fields)
        found = side_car_of(entry, tmp_path, "previews/x", Tree(tmp_path / "out"))
        return found and found.source.name

    return find


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"name": "f.tif", "location": "/f.tif"}, "f.tif.json"),
        (
            {"name": "f.tif", "location": "/f.tif", "preview": "/f.tif.thumb.png"},
            "f.tif.json",
        ),
        ({"name": "f.emd (2 of 2)", "location": "/f.emd"}, "f.emd_signal1.json"),
        (
            {
                "name": "f.emd (1 of 2)",
                "location": "/f.emd",
                "preview": "/f.emd_signal0.thumb.png",
            },
            "f.emd_signal0.json",
        ),
        ({"name": "g.tif", "location": "/g.tif"}, None),
    ],
)
def test_the_side_car_of_each_signal_is_found(fields, expected, side_car):
    present = ["f.tif.json", "f.emd_signal0.json", "f.emd_signal1.json"]
    assert side_car(present, **fields) == expected


@pytest.mark.parametrize("name", ["x.svg", "x.html", "x", "x.png.html"])
def test_only_raster_images_are_previews(name, tmp_path):
    (tmp_path / name).write_bytes(b"")
    entry = DatasetEntry(name="x", location="/x", type="Image", preview=f"/{name}")
    assert preview_of(entry, tmp_path, "previews/x", Tree(tmp_path / "out")) is None
