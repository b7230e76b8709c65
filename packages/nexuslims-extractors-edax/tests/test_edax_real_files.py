"""Real files: values that `struct` and an editor show in them."""

# ruff: noqa: DTZ001 - the instrument's clock

from __future__ import annotations

import struct
from datetime import datetime

import numpy as np
import pytest
from nexuslims_core.types import quantity


@pytest.fixture
def nexuslims(shared_folder):
    """Return the folder of files of NexusLIMS 2."""
    return shared_folder / "data" / "nexuslims"


@pytest.fixture
def msa(shared_folder):
    """Return the folder of RosettaSciIO's files."""
    return shared_folder / "data" / "rosettasciio" / "msa"


def test_a_spectrum_of_edax(nexuslims, extract_path):
    path = nexuslims / "leo_edax_test.spc"
    content = path.read_bytes()
    (live,) = struct.unpack_from("<f", content, 456)
    (resolution,) = struct.unpack_from("<f", content, 472)
    found = extract_path(path)
    assert (found.dataset_type, found.data_type) == ("Spectrum", "EDS_Spectrum")
    assert found.creation_time == datetime(2022, 8, 29, 10, 14, 8)
    assert found.notes == ()
    assert found.fields["live_time"].magnitude == pytest.approx(live)
    assert found.fields["detector_energy_resolution"].magnitude == pytest.approx(
        resolution
    )
    assert found.fields["acceleration_voltage"] == quantity(10, "kV")
    assert found.fields["channel_size"] == quantity(5, "eV")
    assert found.fields["elevation_angle"] == quantity(35, "deg")
    assert found.fields["stage_position"] == {"tilt_alpha": quantity(-1, "deg")}
    assert found.fields["working_distance"] == quantity(9.75, "mm")
    assert found.fields["takeoff_angle"] == quantity(35.51, "deg")
    assert found.fields["elements"] == ("Co", "O", "S")
    assert found.extensions["Number of Spectrum Channels"] == 4096
    assert found.extensions["Ending Energy"] == quantity(20.475, "keV")
    counts = np.frombuffer(content, "<u4", 4096, 3840)
    assert (found.preview.read() == counts).all()


def test_the_same_spectrum_as_text_agrees(nexuslims, extract_path):
    binary = extract_path(nexuslims / "leo_edax_test.spc")
    text = extract_path(nexuslims / "leo_edax_test.msa")
    for name in ("channel_size", "elevation_angle", "acceleration_voltage"):
        assert text.fields[name] == binary.fields[name]
    assert set(text.fields["elements"]) == set(binary.fields["elements"])
    assert (text.preview.read() == binary.preview.read()).all()


def test_a_text_of_edax(nexuslims, extract_path):
    found = extract_path(nexuslims / "leo_edax_test.msa")
    assert found.data_type == "EDS_Spectrum"
    assert found.creation_time == datetime(2022, 8, 29, 10, 14)
    assert found.notes == ()
    assert found.fields["detector_type"] == "Octane Elite 25"
    assert found.fields["detector_energy_resolution"] == quantity(125.2, "eV")
    assert found.fields["takeoff_angle"] == quantity(35.5, "deg")
    shown = {
        "Amplifier Time": quantity(7.68, "µs"),
        "Active Layer Thickness": quantity(0.1, "cm"),
        "Dead Layer Thickness": quantity(0.03, "cm"),
        "Analyzer Type": "DPP4",
        "EDAX Owner": "EDAX TEAM EDS/block",
        "Real Time": quantity(0, "s"),
        "User-Selected Elements": "8,27,16",
        "X Units Per Channel": 5,
    }
    assert shown.items() <= found.extensions.items()


def test_an_energy_loss_spectrum_is_none_of_x_rays(msa, extract_path):
    found = extract_path(msa / "example1.msa")
    assert found.data_type == "TEM_EELS_Spectrum"
    assert found.creation_time == datetime(1991, 10, 1, 12, 0)
    assert found.fields["beam_current"] == quantity(12.345, "nA")
    assert found.fields["emission_current"] == quantity(5.5, "µA")
    assert found.fields["convergence_angle"] == quantity(1.5, "mrad")
    assert found.fields["dwell_time"] == quantity(100, "ms")
    assert found.fields["starting_energy"] == quantity(520.13, "eV")
    assert found.extensions["Collection Angle"] == quantity(3.4, "mrad")
    assert found.extensions["X Column Label"] == "Energy"
    # The file says 20, and has 21 lines of data.
    assert found.notes == ("NPOINTS says 20 data points, but the file holds 21.",)


@pytest.mark.parametrize("name", ["example2.msa", "example2_NCOLUMNS5.msa"])
def test_data_in_one_or_five_columns_are_the_same(msa, extract_path, name):
    found = extract_path(msa / name)
    counts = found.preview.read()
    assert counts.shape == (80,)
    assert counts[:6].tolist() == [65.82, 67.872, 65.626, 68.762, 71.395, 74.996]
    assert found.fields["stage_position"]["tilt_beta"] == quantity(20, "deg")
    assert found.fields["acquisition_time"] == quantity(150, "s")
    assert found.extensions["Au Window Thickness"] == quantity(2e-6, "cm")
    assert found.extensions["RESTMASS"] == 511.03
    assert found.extensions["Solid Angle"] == quantity(0.13, "sr")


@pytest.mark.parametrize("part", ["", "_empty_field"])
def test_a_wrong_date_is_noted(msa, extract_path, part):
    found = extract_path(msa / f"example1_wrong_date{part}.msa")
    assert found.creation_time is None
    assert "found '01-09-1991' and '12:100'" in found.notes[-1]
    assert ("magnification" in found.fields) == (not part)


def test_pairs_in_two_columns(msa, extract_path):
    found = extract_path(msa / "ISO_22029_2022_compliance_XY_NCOLUMNS2.msa")
    counts = found.preview.read()
    assert counts.shape == (21,)
    assert counts[:4].tolist() == [4066, 3996, 3932, 3923]
    assert found.fields["acceleration_voltage"] == quantity(120, "kV")
    assert found.notes == ()


def test_next_to_nothing(msa, extract_path):
    found = extract_path(msa / "minimum_metadata.msa")
    assert found.data_type == "Spectrum"
    assert found.creation_time is None
    assert found.preview.read().tolist() == [0, 1]
