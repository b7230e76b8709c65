from __future__ import annotations

import pytest
from nexuslims_core.types import DatasetEntry
from nexuslims_exporter_html.attachments import preview_of, side_car_of
from nexuslims_exporter_html.tree import Tree


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
