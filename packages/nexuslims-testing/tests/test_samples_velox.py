"""The Velox writer makes HDF5 files that are laid out as Velox's."""

from __future__ import annotations

import json

import h5py
import numpy as np
import pytest
from nexuslims_testing.samples.velox import VeloxSignal, stem, stream, write_velox

IMAGE = VeloxSignal(
    kind="Image",
    name="a" * 32,
    data=np.arange(12, dtype="u2").reshape(2, 3, 2),
    metadata=stem(),
)


def _json(node):
    return json.loads(node[0])


def test_an_image_has_its_metadata_in_the_first_column(tmp_path):
    path = tmp_path / "a.emd"
    write_velox(path, [IMAGE])
    with h5py.File(path) as tree:
        assert _json(tree["Version"]) == {"version": "11", "format": "Velox"}
        group = tree[f"Data/Image/{'a' * 32}"]
        assert group["Data"][:, :, 1].tolist() == [[1, 3, 5], [7, 9, 11]]
        assert group["Data"].chunks == (2, 3, 1)
        text = group["Metadata"][:, 0].tobytes().rstrip(b"\0")
    assert json.loads(text)["Optics"]["AccelerationVoltage"] == "300000"


@pytest.mark.parametrize("number", ["9", "11"])
def test_titles_lead_to_their_images(tmp_path, number):
    path = tmp_path / "a.emd"
    told = {"version": number, "format": "Velox"}
    write_velox(path, [IMAGE], version=told, titles={"a" * 32: "HAADF"})
    with h5py.File(path) as tree:
        if number == "9":
            shown = _json(tree["Presentation/Displays/ImageDisplay/0"])
            assert shown["display"]["label"] == "HAADF"
            target = shown["dataPath"]
        else:
            shown = _json(tree["Displays/ImageDisplay/0"])
            assert shown["title"] == "HAADF"
            target = _json(tree[shown["data"]])["dataPath"]
        assert target in tree


def test_metadata_are_changed_by_path():
    changed = stem({"Optics.AccelerationVoltage": None, "Scan.DwellTime": "2"})
    assert "AccelerationVoltage" not in changed["Optics"]
    assert changed["Scan"]["DwellTime"] == "2"
    assert stem()["Scan"]["DwellTime"] == "0.001"


def test_a_stream_marks_the_end_of_each_pixel():
    assert stream([[7, 7], [], [9]]).ravel().tolist() == [7, 7, 65535, 65535, 9, 65535]
