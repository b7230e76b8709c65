"""Spectra in EDAX's own format."""

# ruff: noqa: DTZ001 - the instrument's clock

from __future__ import annotations

from datetime import datetime

import pytest
from nexuslims_core.errors import ExtractionError
from nexuslims_core.types import DataFile, quantity
from nexuslims_extractors_edax.spc.extract import extract_spectrum
from nexuslims_extractors_edax.spc.fields import FIELDS, SPC
from nexuslims_extractors_edax.spc.source import is_spc
from nexuslims_testing.samples.edax import SPECTRUM, counts, write_spc

# Name in the header, value there, place, what is expected there and its unit.
ROWS = (
    ("azimuth", 45.5, "azimuthal_angle", 45.5, "deg"),
    ("liveTime", 12.5, "live_time", 12.5, "s"),
    ("detReso", 127.5, "detector_energy_resolution", 127.5, "eV"),
    ("elevation", 35.5, "elevation_angle", 35.5, "deg"),
    ("evPerChan", 10, "channel_size", 10, "eV"),
    ("kV", 20.5, "acceleration_voltage", 20.5, "kV"),
    ("numPts", 2048, "Number of Spectrum Channels", 2048, ""),
    ("startEnergy", 0.25, "starting_energy", 0.25, "keV"),
    ("endEnergy", 10.25, "Ending Energy", 10.25, "keV"),
    ("tilt", -1.5, "stage_position/tilt_alpha", -1.5, "deg"),
    ("takeoff", 36.25, "takeoff_angle", 36.25, "deg"),
    ("workingDist", 975, "working_distance", 9.75, "mm"),
    ("intersectingDist", 850, "Intersecting Distance", 8.5, "mm"),
    ("fVersion", 0.61, "File Format Version", 0.61, ""),
    ("aVersion", 4.4, "Application Version", 4.4, ""),
    ("materialType", "alloy", "Material Type", "alloy", "text"),
    ("spectrumLabel", "weld 7", "specimen", "weld 7", "text"),
    ("imageFilename", "IMG0001", "Image File", "IMG0001", "text"),
    ("longImageFileName", "D:\\a.bmp", "Image File", "D:\\a.bmp", "text"),
    ("longFileName", "D:\\a.spc", "Original File", "D:\\a.spc", "text"),
    ("userID", "jdoe", "operator", "jdoe", "text"),
    ("fpgaVersion", 18, "FPGA Version", 18, ""),
    ("ADCTimeConstantNew", 7.68, "Amplifier Time", 7.68, "µs"),
    ("analysisType", 5, "Preset Mode", "resume", "text"),
    ("preset", 5000.0, "Preset", 5000.0, ""),
    ("analyzerType", 5, "Analyzer Type", "DPP4", "text"),
    ("beamCurFact", 1.5, "Beam Current Factor", 1.5, ""),
    ("detectType", 62, "detector_type", "APOLLO-XLT-SUTW", "text"),
    ("detectType", 100, "Detector Type", 100, ""),
    ("totalSpectralCount", 123456, "Total Counts", 123456, ""),
)
BARE = {
    "fVersion": 0.7,
    "dataStart": 3840,
    "numPts": 4096,
}


@pytest.fixture
def dataset(tmp_path, extract_path):
    """Return a function that writes values of a header, and extracts."""

    def dataset(values, **told):
        path = tmp_path / "a.spc"
        write_spc(path, values, **told)
        return extract_path(path)

    return dataset


def test_the_table_has_no_other_rows():
    assert {row.key for row in FIELDS if row.section == SPC} == {row[0] for row in ROWS}


@pytest.mark.parametrize(
    ("name", "value", "place", "shown", "unit"), ROWS, ids=[row[2] for row in ROWS]
)
def test_a_value_arrives(dataset, found, name, value, place, shown, unit):
    one = found(dataset({**BARE, name: value}), place)
    expected = quantity(shown, unit) if unit not in {"", "text"} else shown
    assert one == expected
    assert str(one) == str(expected)


def test_elements_are_those_of_the_lines(dataset):
    found = dataset(SPECTRUM, elements=(8, 27, 16))
    assert found.fields["elements"] == ("Co", "O", "S")
    assert "elements" not in dataset(SPECTRUM, elements=()).fields


def test_an_ordinary_spectrum(dataset):
    found = dataset(SPECTRUM)
    assert (found.dataset_type, found.data_type) == ("Spectrum", "EDS_Spectrum")
    assert found.creation_time == datetime(2026, 3, 17, 14, 5, 9, 250_000)
    assert found.notes == ()
    assert found.fields["data_dimensions"] == "(4096,)"
    assert found.extensions["Preset"] == quantity(60, "s")
    (axis,) = found.preview.axes
    assert (axis.scale, axis.offset, axis.unit) == (0.005, 0, "keV")
    assert (found.preview.read() == counts()).all()


def test_raw_groups_have_no_counts(dataset):
    raw = dataset(SPECTRUM).raw["original_metadata"]["spc_header"]
    assert raw["userID"] == "jdoe"
    assert "s" not in raw


@pytest.mark.parametrize(
    "name", ["detReso", "kV", "workingDist", "totalSpectralCount", "detectType"]
)
def test_a_zero_for_what_is_unknown_is_no_value(dataset, found, name):
    place = next(row[2] for row in ROWS if row[0] == name)
    assert found(dataset({**SPECTRUM, name: 0}), place) is None


@pytest.mark.parametrize(
    ("code", "name"), [(3, "Super UTW"), (13, "Super UTW (Sapphire)"), (99, None)]
)
def test_detectors_have_names(dataset, code, name):
    assert dataset({**BARE, "detectType": code}).fields.get("detector_type") == name


def test_a_clock_that_shows_no_time_is_none(dataset):
    assert dataset(BARE).creation_time is None
    assert dataset({**SPECTRUM, "collectDateMon": 13}).creation_time is None


def test_text_that_is_none_is_left_out(dataset):
    assert "operator" not in dataset({**SPECTRUM, "userID": "\x04x"}).fields


@pytest.mark.parametrize("size", [20736, 20224])
def test_files_without_the_last_labels_are_complete(tmp_path, extract_path, size):
    path = tmp_path / "a.spc"
    write_spc(path, {**SPECTRUM, "fVersion": 0.61})
    path.write_bytes(path.read_bytes()[:size])
    found = extract_path(path)
    assert found.notes == ()
    assert (found.preview.read() == counts()).all()


def test_a_file_cut_within_its_counts_keeps_those_before(tmp_path, extract_path):
    path = tmp_path / "a.spc"
    write_spc(path)
    path.write_bytes(path.read_bytes()[: 3840 + 4 * 1000 + 3])
    found = extract_path(path)
    assert found.notes == ("The file should hold 4096 channels, but ends after 1000.",)
    assert found.fields["acceleration_voltage"] == quantity(15, "kV")
    assert (found.preview.read() == counts()[:1000]).all()


def test_a_file_cut_before_its_counts_keeps_the_header(tmp_path, extract_path):
    path = tmp_path / "a.spc"
    write_spc(path)
    path.write_bytes(path.read_bytes()[:2000])
    found = extract_path(path)
    assert found.fields["acceleration_voltage"] == quantity(15, "kV")
    assert found.preview is None


@pytest.mark.parametrize(
    "content",
    [b"", b"\0" * 4000, b"\x00\x4b\x20" + b"\x11" * 5000, b"\x33\x33\x33\x3f"],
    ids=["empty", "zeros", "infrared spectrum", "cut"],
)
def test_other_files_are_not_taken(tmp_path, content):
    path = tmp_path / "a.spc"
    path.write_bytes(content)
    file = DataFile.at(path)
    assert not is_spc(file)
    with pytest.raises(ExtractionError, match="EDAX spectrum: expected a version"):
        extract_spectrum(file)
