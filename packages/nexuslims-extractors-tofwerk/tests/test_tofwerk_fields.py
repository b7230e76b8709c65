"""Every value of NexusLIMS 2's table arrives, and those of ours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import h5py
import numpy as np
import pytest
from nexuslims_core.errors import ExtractionError
from nexuslims_core.types import DataFile, quantity
from nexuslims_extractors_tofwerk.fields import FIELDS
from nexuslims_extractors_tofwerk.plugin import nexuslims_extractors
from nexuslims_extractors_tofwerk.source import overlaps
from nexuslims_testing.samples.tofwerk import Milling, write_tofwerk

EXTRACTOR = next(iter(nexuslims_extractors()))
HOURS = timedelta(hours=1)

# Group, attribute, value, place, what is expected there and its unit.
ROWS = (
    ("FIBParams", "FibHardware", b"Tescan", "FIB Hardware", "Tescan", ""),
    ("FIBParams", "FibInterfaceVersion", b"2.10", "FIB Interface Version", "2.10", ""),
    ("FIBParams", "Voltage", 25_500.0, "acceleration_voltage", 25.5, "kV"),
    ("FIBParams", "Current", 1.25e-10, "beam_current", 1.25e-10, "A"),
    ("FIBParams", "ScanSpeed", 6.5, "Scan Speed", 6.5, ""),
    ("/", "NbrPeaks", np.array([317], "i4"), "Number of Peaks", 317, ""),
    ("/", "NbrSamples", np.int32(21500), "Number of Samples", 21500, ""),
    ("/", "NbrWaveforms", np.int32(2), "Number of Waveforms", 2, ""),
    ("/", "IonMode", b"negative", "Ion Mode", "negative", ""),
    ("/", "FiblysGUIVersion", b"1.12.2.0", "FibLys GUI Version", "1.12.2.0", ""),
    ("/", "TofDAQ Version", np.float32(1.99), "TofDAQ Version", 1.99, ""),
    ("/", "DAQ Hardware", np.array(b"xTDC4", "S9"), "acquisition_device", "xTDC4", ""),
    ("FullSpectra", "SampleInterval", 8e-10, "Sample Interval", 8e-10, "s"),
    ("FullSpectra", "Single Ion Signal", 1.5, "Single Ion Signal", 1.5, ""),
    ("FullSpectra", "MassCalibMode", 1, "Mass Calibration Mode", 1, ""),
)
IDS = [row[1] for row in ROWS]


@pytest.fixture
def changed(tmp_path, extract_path):
    """Return a function that changes an ordinary file with h5py, and extracts."""

    def changed(change, **told):
        path = tmp_path / "depth.h5"
        write_tofwerk(path, Milling(**told))
        with h5py.File(path, "r+") as file:
            change(file)
        return extract_path(path)

    return changed


def _found(dataset, place):
    return dataset.fields.get(place, dataset.extensions.get(place))


def test_the_table_has_no_other_rows():
    assert [(row.section, row.key) for row in FIELDS] == [row[:2] for row in ROWS]


@pytest.mark.parametrize(
    ("group", "name", "value", "place", "shown", "unit"), ROWS, ids=IDS
)
def test_an_attribute_arrives(changed, group, name, value, place, shown, unit):
    found = _found(changed(lambda file: file[group].attrs.update({name: value})), place)
    expected = quantity(shown, unit) if unit else shown
    assert found == expected
    assert str(found) == str(expected)


OPTIONAL = [(row[0], row[1], row[3]) for row in ROWS if row[1] != "TofDAQ Version"]


@pytest.mark.parametrize(
    ("group", "name", "place"), OPTIONAL, ids=[row[1] for row in OPTIONAL]
)
def test_an_attribute_may_be_absent(extract, group, name, place):
    dataset = extract(without=(f"{group}@{name}",))
    assert _found(dataset, place) is None
    assert dataset.notes == ()


def test_an_ordinary_file_fills_typed_fields(extract):
    dataset = extract()
    assert dataset.dataset_type == "SpectrumImage"
    assert dataset.data_type == "PFIB_TOFSIMS"
    assert dataset.notes == ()
    assert dataset.flagged == ()
    assert dataset.fields == {
        "acceleration_voltage": quantity(30, "kV"),
        "acquisition_device": "Cronologic xTDC4",
        "acquisition_time": quantity(35.75, "s"),
        "beam_current": quantity(1.5e-10, "A"),
        "chamber_pressure": quantity(1.75e-4, "Pa"),
        "data_dimensions": "(6, 24, 32)",
        "horizontal_field_width": quantity(0.02, "mm"),
        "pixel_height": quantity(0.625, "µm"),
        "pixel_width": quantity(0.625, "µm"),
        "vertical_field_width": quantity(0.015, "mm"),
    }


def test_the_misspelt_names_of_old_are_gone(extract):
    old = {"accelerating_voltage", "beam_current", "field_of_view", "data_dimensions"}
    assert not old & set(extract().extensions)


def test_the_pixel_size_stands_under_its_old_name_too(extract):
    assert extract().extensions["Pixel Size"] == quantity(0.625, "µm")


def test_the_range_of_masses(extract):
    shown = extract().extensions
    masses = Milling().axis
    assert shown["Mass Range Minimum"] == quantity(0, "Da")
    found = shown["Mass Range Maximum"]
    assert found.magnitude == pytest.approx(masses.max())
    assert f"{found.units:~}" == "Da"


@pytest.mark.parametrize(
    ("processed", "name"), [(True, "pre-processed"), (False, "raw")]
)
def test_the_variant_of_the_file(extract, processed, name):
    assert extract(processed=processed).extensions["File Variant"] == name


def test_the_peaks_are_listed(extract):
    dataset = extract(masses=(26.982, 27.977))
    assert dataset.extensions["Peaks"] == (
        "nominal_27 (26.982 Da), nominal_28 (27.977 Da)"
    )


def test_many_peaks_are_in_the_raw_group_alone(extract):
    dataset = extract(masses=tuple(np.linspace(5, 90, 80)), writes=1)
    assert "Peaks" not in dataset.extensions
    assert len(dataset.raw["PeakTable"]) == 80


# Time.


def test_the_time_is_that_of_the_first_line_of_the_log(extract):
    zone = timezone(-5 * HOURS)
    assert extract().creation_time == datetime(2026, 3, 17, 14, 5, 9, tzinfo=zone)


@pytest.mark.parametrize("lost", [{"without": ("AcquisitionLog",)}, {"started": ""}])
def test_without_log_it_is_that_of_the_file_in_utc(extract, lost):
    dataset = extract(**lost)
    assert dataset.creation_time == datetime(2026, 3, 17, 19, 5, 7, tzinfo=UTC)
    assert dataset.notes == ()


def test_a_wrong_time_in_the_log_is_noted(extract):
    dataset = extract(started="yesterday")
    assert dataset.creation_time == datetime(2026, 3, 17, 19, 5, 7, tzinfo=UTC)
    assert dataset.notes == (
        "AcquisitionLog: expected a time in ISO 8601, found 'yesterday'.",
    )


def test_without_any_time_none_is_told(extract):
    dataset = extract(without=("AcquisitionLog", "/@HDF5 File Creation Time"))
    assert dataset.creation_time is None
    assert dataset.notes == ()


def test_wrong_times_everywhere_are_noted(extract):
    dataset = extract(without=("AcquisitionLog",), created="2026")
    assert dataset.creation_time is None
    assert dataset.notes == (
        "HDF5 File Creation Time: expected 31.12.2025 12:00:00, found '2026'.",
    )


# Sizes.


@pytest.mark.parametrize(
    ("told", "view"),
    [(0.02, "0.02 mm"), (1.5, "1.5 mm"), (1e-5, "0.01 mm"), (2e-4, "0.2 mm")],
)
def test_the_field_of_view_is_in_millimetres_or_metres(extract, told, view):
    fields = extract(view_field_mm=told).fields
    value, unit = view.split()
    assert fields["horizontal_field_width"] == quantity(value, unit)


def test_without_field_of_view_there_are_no_lengths(extract):
    dataset = extract(view_field_mm=0.0)
    assert "pixel_width" not in dataset.fields
    assert "Pixel Size" not in dataset.extensions
    assert all(axis.unit == "" for axis in dataset.preview.axes)


@pytest.mark.parametrize("processed", [True, False])
def test_without_counts_of_layers_arrays_tell_them(extract, processed):
    lost = ("/@NbrWrites", "/@NbrSegments")
    dataset = extract(without=lost, processed=processed)
    assert dataset.fields["data_dimensions"] == "(6, 24, 32)"


def test_without_arrays_a_line_has_as_many_pixels_as_there_are_lines(extract):
    dataset = extract(without=("PeakData/PeakData",))
    assert dataset.fields["data_dimensions"] == "(6, 24, 24)"
    assert dataset.extensions["File Variant"] == "raw"


def test_a_current_of_zero_was_not_measured(extract):
    dataset = extract(current_a=0.0)
    assert dataset.fields["beam_current"] == quantity(0, "A")
    assert dataset.flagged == (("Beam Current",),)


def test_pressures_that_are_none_do_not_count(changed):
    def change(file):
        file["FibParams/FibPressure/TwData"][0] = np.nan

    found = changed(change).fields["chamber_pressure"]
    assert found.magnitude == pytest.approx(1.75e-4)


# What may be absent, and what is no such file.


@pytest.mark.parametrize(
    "group",
    [
        "AcquisitionLog",
        "FIBImages",
        "FIBParams",
        "FibParams",
        "FullSpectra",
        "FullSpectra/MassAxis",
        "FullSpectra/SumSpectrum",
        "PeakData",
        "PeakData/PeakTable",
        "TimingData",
    ],
)
def test_a_group_may_be_absent(extract, group):
    dataset = extract(without=(group,))
    assert dataset.notes == ()
    assert dataset.data_type == "PFIB_TOFSIMS"
    assert dataset.preview is not None


@pytest.mark.parametrize(
    "lost",
    [
        ("/@TofDAQ Version",),
        ("FIBParams", "FIBImages", "FibParams"),
        ("FullSpectra", "PeakData"),
    ],
)
def test_other_files_are_not_taken(tmp_path, lost):
    path = tmp_path / "a.h5"
    write_tofwerk(path, Milling(without=lost))
    file = DataFile.at(path)
    assert not EXTRACTOR.supports(file)
    with pytest.raises(ExtractionError, match="expected an attribute 'TofDAQ Version'"):
        EXTRACTOR.extract(file)


def test_parts_of_other_kinds_are_noted_or_left_out(changed):
    def change(file):
        del file["TimingData/BufTimes"], file["FullSpectra/MassAxis"]
        del file["PeakData/PeakTable"], file["FibParams/FibPressure/TwData"]
        file["TimingData/BufTimes"] = np.array([b"soon"])
        file.create_group("FullSpectra/MassAxis")
        file["PeakData/PeakTable"] = np.arange(6.0)
        file["FibParams/FibPressure/TwData"] = np.empty(0)

    dataset = changed(change)
    (note,) = dataset.notes
    assert note.startswith("TimingData/BufTimes cannot be read: ")
    assert "chamber_pressure" not in dataset.fields


def test_a_spectrum_longer_than_its_axis_is_cut_and_noted(changed):
    def change(file):
        del file["FullSpectra/MassAxis"]
        file["FullSpectra/MassAxis"] = Milling().axis[:700]

    dataset = changed(change)
    assert dataset.notes == (
        "The spectrum has 800 channels, its mass axis 700; the first 700 are used.",
    )
    assert dataset.preview.panels[-1].read().size == 700


def test_an_array_that_should_be_small_is_not_read_when_it_is_not(changed):
    def change(file):
        del file["FullSpectra/SumSpectrum"]
        file.create_dataset("FullSpectra/SumSpectrum", (10**12,), "f8", chunks=(1024,))

    (note,) = changed(change).notes
    assert "FullSpectra/SumSpectrum cannot be read" in note
    assert "found 8000000000000" in note


@pytest.mark.parametrize(
    ("offsets", "size", "answer"),
    [((0, 4, 8), 12, False), ((0, 8, 4), 12, False), ((0, 4, 6), 12, True)],
)
def test_records_whose_fields_share_bytes_are_told(offsets, size, answer):
    told = {"names": list("abc"), "formats": ["f4"] * 3, "offsets": offsets}
    assert overlaps(np.dtype({**told, "itemsize": size})) == answer


def test_plain_numbers_share_no_bytes():
    assert not overlaps(np.dtype("f8"))
