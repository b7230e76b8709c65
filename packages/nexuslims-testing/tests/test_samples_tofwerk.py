"""The Tofwerk writer makes files that h5py reads as they should be."""

from __future__ import annotations

import h5py
import numpy as np
import pytest
from nexuslims_testing.samples.tofwerk import (
    Milling,
    write_sparse_tofwerk,
    write_tofwerk,
)


@pytest.mark.parametrize("processed", [True, False])
def test_a_file_has_the_groups_of_its_kind(tmp_path, processed):
    path = tmp_path / "a.h5"
    write_tofwerk(path, Milling(processed=processed))
    with h5py.File(path) as file:
        assert ("PeakData/PeakData" in file) == processed
        assert ("FullSpectra/EventList" in file) != processed
        assert file.attrs["TofDAQ Version"] == np.float32(1.99)
        assert file["AcquisitionLog/Log"]["timestring"][0] == Milling().started.encode()
        assert file["FibParams/FibPressure/TwData"].shape == (6, 1)
        assert len(file["FIBImages"]) == 2


@pytest.mark.parametrize("chunks", [None, (2, 5, 7)])
def test_each_pixel_has_as_many_events_as_counts(tmp_path, chunks):
    path = tmp_path / "a.h5"
    told = Milling(writes=2, lines=5, columns=7, processed=False, chunks=chunks)
    write_tofwerk(path, told)
    with h5py.File(path) as file:
        events = file["FullSpectra/EventList"][()]
    assert (np.vectorize(len)(events) == told.peaks.sum(axis=-1)).all()


def test_the_spectrum_has_its_peaks_where_they_should_be():
    told = Milling(samples=8000)
    highest = told.axis[told.spectrum.argmax()]
    assert highest == pytest.approx(68.926, abs=0.05)
    assert told.spectrum.sum() == pytest.approx(told.peaks.sum() + 8000)


def test_the_same_file_is_written_each_time(tmp_path):
    paths = [tmp_path / "1.h5", tmp_path / "2.h5"]
    for path in paths:
        write_tofwerk(path)
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_parts_can_be_left_out(tmp_path):
    path = tmp_path / "a.h5"
    write_tofwerk(path, Milling(without=("FIBImages", "/@IonMode")))
    with h5py.File(path) as file:
        assert "FIBImages" not in file
        assert "IonMode" not in file.attrs


def test_a_sparse_file_takes_no_room(tmp_path):
    path = tmp_path / "a.h5"
    write_sparse_tofwerk(path, (1000, 256, 256, 100))
    assert path.stat().st_size < 2e6
    with h5py.File(path) as file:
        assert file["PeakData/PeakData"].nbytes > 2e10
        assert file["PeakData/PeakData"][999, 255, 255, 99] == 1
