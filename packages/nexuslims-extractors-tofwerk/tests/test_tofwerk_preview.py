"""The composite picture: image, maps, profiles and spectrum."""

from __future__ import annotations

import tracemalloc

import h5py
import numpy as np
import pytest
from nexuslims_core.errors import PreviewError
from nexuslims_core.previews import render_array
from nexuslims_extractors_tofwerk.ions import NEGATIVE, POSITIVE, ion_label
from nexuslims_extractors_tofwerk.source import Peak
from nexuslims_extractors_tofwerk.spectrum import even, labels, ranked
from nexuslims_testing.samples.tofwerk import (
    Milling,
    write_sparse_tofwerk,
    write_tofwerk,
)


def _panels(dataset):
    return {one.title: one for one in (dataset.preview, *dataset.preview.panels)}


def test_a_processed_file_has_five_pictures(extract):
    assert list(_panels(extract())) == [
        "FIB image (depth.h5)",
        "Total ion counts",
        "69Ga+, Fe+, Ti+",
        "Depth profiles",
        "Sum of all mass spectra",
    ]


def test_a_raw_file_has_four_pictures(extract):
    assert list(_panels(extract(processed=False))) == [
        "FIB image (depth.h5)",
        "Total ion counts",
        "Depth profile",
        "Sum of all mass spectra",
    ]


@pytest.mark.parametrize("processed", [True, False])
def test_it_is_drawn(extract, processed):
    image = render_array(extract(processed=processed).preview)
    assert image.size == (1500, 1500)
    assert len(image.convert("L").getcolors()) > 50


def test_the_image_is_the_first_one(extract, tmp_path):
    image = extract().preview.read()
    with h5py.File(tmp_path / "depth.h5") as file:
        expected = file["FIBImages/Image0000/Data"][()]
    assert (image[:] == expected).all()
    assert (image[3:5, ::7] == expected[3:5, ::7]).all()


@pytest.mark.parametrize("processed", [True, False])
def test_the_map_of_all_ions_is_the_sum_over_layers_and_peaks(extract, processed):
    source = _panels(extract(processed=processed))["Total ion counts"]
    assert (source.read() == Milling().peaks.sum(axis=(0, 3))).all()
    assert [axis.unit for axis in source.axes] == ["µm", "µm"]
    assert [axis.scale for axis in source.axes] == [0.625, 0.625]


def test_the_coloured_map_has_the_three_strongest_peaks(extract):
    source = _panels(extract())["69Ga+, Fe+, Ti+"]
    expected = Milling().peaks.sum(axis=0)[..., [5, 4, 3]]
    assert (source.read() == expected).all()
    assert source.axes[-1].labels == ("69Ga+", "Fe+", "Ti+")


def test_depth_profiles_are_those_of_the_peaks(extract):
    source = _panels(extract())["Depth profiles"]
    ions, depth = source.axes
    assert ions.labels == ("69Ga+", "Fe+", "Ti+", "Si+", "Al+", "Na+")
    assert depth.size == 6
    expected = Milling().peaks.sum(axis=(1, 2)).T[::-1]
    assert (source.read() == expected).all()


def test_the_depth_profile_of_a_raw_file_is_that_of_all_events(extract):
    source = _panels(extract(processed=False))["Depth profile"]
    assert (source.read() == Milling().peaks.sum(axis=(1, 2, 3))).all()


@pytest.mark.parametrize("chunks", [(1, 24, 32), (1, 1, 32), (4, 7, 5), (6, 24, 32)])
def test_events_are_counted_however_they_are_cut(extract, chunks):
    panels = _panels(extract(processed=False, chunks=chunks))
    expected = Milling().peaks.sum(axis=(0, 3))
    assert (panels["Total ion counts"].read() == expected).all()


@pytest.mark.parametrize("chunks", [None, (1, 8, 8)])
def test_events_that_were_never_written_count_as_none(tmp_path, extract_path, chunks):
    path = tmp_path / "a.h5"
    write_tofwerk(path, Milling(without=("PeakData/PeakData",)))
    with h5py.File(path, "r+") as file:
        kind = h5py.vlen_dtype(np.dtype("u2"))
        file.create_dataset("FullSpectra/EventList", (2, 9, 9), kind, chunks=chunks)
    assert not _panels(extract_path(path))["Total ion counts"].read().any()


def test_a_damaged_number_of_events_asks_for_no_memory(tmp_path, extract_path):
    path = tmp_path / "a.h5"
    write_tofwerk(path, Milling(processed=False))
    with h5py.File(path) as file:
        start = file["FullSpectra/EventList"].id.get_offset()
    content = bytearray(path.read_bytes())
    content[start : start + 4] = b"\xff" * 4
    path.write_bytes(content)
    found = _panels(extract_path(path))["Total ion counts"].read()
    expected = Milling().peaks.sum(axis=(0, 3))
    expected[0, 0] -= Milling().peaks[0, 0, 0].sum()
    assert (found == expected).all()


def test_whole_spectra_are_summed_like_peaks(tmp_path, extract_path):
    path = tmp_path / "a.h5"
    cube = np.random.default_rng(2).integers(0, 9, (3, 4, 5, 50)).astype("u2")
    write_tofwerk(path, Milling(without=("PeakData",)))
    with h5py.File(path, "r+") as file:
        file["FullSpectra/TofData"] = cube
    source = _panels(extract_path(path))["Total ion counts"]
    assert (source.read() == cube.sum(axis=(0, 3))).all()


def test_names_that_somebody_gave_go_before_ours(tmp_path, extract_path):
    path = tmp_path / "a.h5"
    write_tofwerk(path)
    with h5py.File(path, "r+") as file:
        table = file["PeakData/PeakTable"][()]
        table["label"][5] = b"CeSi?"
        file["PeakData/PeakTable"][...] = table
    assert "CeSi?, Fe+, Ti+" in _panels(extract_path(path))


def test_one_layer_has_no_depth_profile(extract):
    assert "Depth profiles" not in _panels(extract(writes=1))


def test_a_file_of_hundreds_of_gigabytes_takes_little_memory(tmp_path, extract_path):
    path = tmp_path / "a.h5"
    write_sparse_tofwerk(path, (2000, 256, 512, 300))  # 315 GB, if it were stored
    dataset = extract_path(path)
    tracemalloc.start()
    total = _panels(dataset)["Total ion counts"].read()
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 200e6
    depth = _panels(dataset)["Depth profiles"].axes[1]
    assert depth.size * depth.scale >= 2000
    assert (total == 300 * depth.size).all()


def test_a_map_without_end_is_refused(tmp_path, extract_path):
    path = tmp_path / "a.h5"
    write_sparse_tofwerk(path, (2, 10**6, 10**6, 2))
    with pytest.raises(PreviewError, match="too large"):
        _panels(extract_path(path))["Total ion counts"].read()


def test_pixels_that_cannot_be_read_are_a_preview_error(tmp_path, extract_path):
    path = tmp_path / "a.h5"
    write_tofwerk(path)
    with h5py.File(path) as file:
        chunk = file["PeakData/PeakData"].id.get_chunk_info(0)
    dataset = extract_path(path)
    content = bytearray(path.read_bytes())
    content[chunk.byte_offset : chunk.byte_offset + chunk.size] = bytes(chunk.size)
    path.write_bytes(content)
    with pytest.raises(PreviewError):
        _panels(dataset)["Total ion counts"].read()


# The spectrum.


def test_the_spectrum_is_over_even_masses(extract):
    source = _panels(extract())["Sum of all mass spectra"]
    (axis,) = source.axes
    assert (axis.name, axis.unit, axis.size) == ("m/z", "Da", 800)
    counts = source.read()
    highest = axis.offset + axis.scale * counts.argmax()
    assert highest == pytest.approx(68.926, abs=0.2)


def test_no_peak_is_lost_where_channels_are_closer_than_points():
    masses = np.linspace(0, 10, 100_001) ** 2
    counts = np.zeros(masses.size)
    counts[12_345] = 7
    spectrum = even(masses, counts)
    assert spectrum.counts.size == 4096
    assert spectrum.counts.max() == 7
    place = spectrum.axis.scale * spectrum.counts.argmax()
    assert place == pytest.approx(masses[12_345], abs=spectrum.axis.scale)


@pytest.mark.parametrize("masses", [[], [1.0], [2.0, 2.0], [np.nan, np.nan, 1.0]])
def test_masses_that_make_no_axis_give_no_spectrum(masses):
    assert even(np.array(masses), np.ones(len(masses))) is None


@pytest.mark.parametrize(
    ("mode", "texts"),
    [
        ("positive", ["Na+", "Si+", "Ti+", "Fe+", "69Ga+"]),
        ("negative", ["23.0", "Si-", "47.9", "55.9", "68.9"]),
    ],
)
def test_peaks_are_labelled_two_daltons_apart(extract, mode, texts):
    source = _panels(extract(mode=mode, samples=8000))["Sum of all mass spectra"]
    found = source.annotations
    assert [one.text for one in found] == texts  # Al is too near to Si
    places = [one.points[0][0] for one in found]
    (axis,) = source.axes
    assert [round(place * axis.scale) for place in places] == [23, 28, 48, 56, 69]


def test_the_start_of_the_spectrum_is_not_labelled():
    masses = np.linspace(0, 50, 1001)
    counts = np.ones(1001)
    counts[[20, 99, 100, 540]] = (90, 10, 50, 20)  # 1, 4.95, 5 and 27 Da
    found = labels(even(masses, counts), negative=False)
    assert [one.text for one in found] == ["5.0", "Al+"]


def test_noise_is_not_labelled():
    counts = np.random.default_rng(1).random(2000)
    counts[1000] = 1e6
    assert len(labels(even(np.linspace(0, 100, 2000), counts), negative=False)) == 1


@pytest.mark.parametrize(
    ("mass", "negative", "text"),
    [
        (27.98, False, "Si+"),
        (27.31, False, "Al+"),
        (27.34, False, ""),
        (26.0, True, "CN-"),
        (16.3, True, "O-"),
        (300.0, False, ""),
    ],
)
def test_ions_are_told_by_mass(mass, negative, text):
    assert ion_label(mass, negative=negative) == text


@pytest.mark.parametrize("table", [POSITIVE, NEGATIVE])
def test_the_tables_of_ions_are_sorted(table):
    assert sorted(table) == list(table)


def test_peaks_are_ranked_by_what_is_within_their_limits():
    masses = np.arange(100.0)
    counts = np.ones(100)
    counts[[1, 20, 40]] = (900, 50, 70)
    peaks = [
        Peak(label="", mass=mass, lower=mass - 0.5, upper=mass + 0.5)
        for mass in (1.0, 20.0, 30.0, 40.0)
    ]
    assert ranked(peaks, masses, counts) == [3, 1, 2, 0]
