"""The writers of spectra make what they say, for other readers, too."""

from __future__ import annotations

import numpy as np
import pytest
from nexuslims_testing.samples.edax import (
    IMAGE,
    SPC,
    SPC_BYTES,
    SPECTRUM,
    counts,
    write_ipr,
    write_spc,
    write_spd,
)
from nexuslims_testing.samples.emsa import EDS, EELS, edge, write_msa


def test_a_spectrum_has_lines_of_its_elements():
    spectrum = counts()
    assert abs(int(spectrum[1000:].argmax()) + 1000 - 6404 / 5) < 2
    assert spectrum.max() > 3000


def test_a_spectrum_file_holds_values_and_counts(tmp_path):
    path = tmp_path / "a.spc"
    write_spc(path)
    content = path.read_bytes()
    assert len(content) == SPC_BYTES
    assert (np.frombuffer(content, "<u4", 4096, 3840) == counts()).all()
    assert np.frombuffer(content, "<f4", 1, SPC["kV"][0])[0] == SPECTRUM["kV"]
    assert np.frombuffer(content, "<u2", 3, 640).tolist() == [8, 24, 26]


def test_the_same_file_is_written_each_time(tmp_path):
    paths = [tmp_path / "1.spc", tmp_path / "2.spc"]
    for path in paths:
        write_spc(path)
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_a_map_holds_its_counts_behind_the_header(tmp_path):
    path = tmp_path / "a.spd"
    cube = np.arange(24, dtype="u2").reshape(2, 3, 4)
    write_spd(path, cube)
    content = path.read_bytes()
    assert content.startswith(b"MAPSPECTRA_DATA\0")
    assert (np.frombuffer(content, "<u2", 24, 1068) == cube.ravel()).all()


def test_an_image_holds_its_pixel_size(tmp_path):
    path = tmp_path / "a.ipr"
    write_ipr(path)
    sizes = np.frombuffer(path.read_bytes(), "<f4", 2, 64)
    assert sizes.tolist() == [IMAGE["mppX"], IMAGE["mppY"]]


@pytest.mark.parametrize("newline", ["\r\n", "\n"])
def test_a_text_has_its_header_and_all_points(tmp_path, newline):
    path = tmp_path / "a.msa"
    write_msa(path, newline=newline)
    lines = path.read_bytes().decode("cp1252").split(newline)
    assert lines[0] == f"#FORMAT      : {EDS['FORMAT']}"
    start = lines.index("#SPECTRUM    : Spectral Data Starts Here")
    points = lines[start + 1 : -2]
    assert len(points) == 4096
    assert points[1281] == f"6405.00, {counts()[1281]}.0,"


def test_data_may_stand_in_columns(tmp_path):
    path = tmp_path / "a.msa"
    write_msa(path, EELS, edge(), paired=False, columns=4)
    lines = path.read_bytes().decode("cp1252").splitlines()
    first = lines[lines.index("#SPECTRUM    : Spectral Data Starts Here") + 1]
    assert [float(word) for word in first.split(",")[:4]] == edge()[:4].tolist()
