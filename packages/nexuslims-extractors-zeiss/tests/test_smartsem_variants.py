"""What SmartSEM's settings mean together, and what is made of damaged ones."""

# ruff: noqa: DTZ001 - the clock of an instrument has no zone

from __future__ import annotations

import os
from datetime import UTC, datetime

import numpy as np
import pytest
from nexuslims_core.errors import ExtractionError
from nexuslims_core.types import DataFile, quantity
from nexuslims_testing.samples.fei_tiff import Scan, write_scan, write_tem
from nexuslims_testing.samples.micrograph import particles
from nexuslims_testing.samples.tescan import write_tescan
from nexuslims_testing.samples.tiff import tiff_bytes
from nexuslims_testing.samples.zeiss import (
    SmartSemScan,
    smartsem_lines,
    smartsem_text,
    write_fibics,
    write_orion,
    write_smartsem,
)

LINES = smartsem_lines(SmartSemScan())
ION_LINES = {
    **smartsem_lines(SmartSemScan(beam="FIB", pixel_nm=20)),
    "AP_FIB_EHT_ACTUAL": "FIB EHT = 30.00 kV",
    "AP_FIB_MAGNIFICATION": "FIB Mag =    1.19 K X",
    "AP_FIB_WORKING_DISTANCE": "FIB Working Distance =  12.1 mm",
    "AP_FIB_SCAN_ROTATION": "FIB Scan Rot =   0.6 °",
    "AP_FIB_PROBE_CURRENT_ACTUAL": "FIB Probe Current Actual =    0.0 pA",
    "AP_FIB_EMISSION_CURRENT": "FIB Emission I =    2.0 µA",
    "AP_FIB_PIXEL_SIZE": "FIB Pixel Size = 93.89 nm",
    "DP_FIB_COLUMN": "FIB Column = Nexus Ion",
}


@pytest.fixture
def extract(extract_smartsem):
    """Return a function that extracts usual settings, some of them changed."""

    def extract(changes=None, **told):
        return extract_smartsem({**LINES, **(changes or {})}, **told)

    return extract


# What is read.


def test_an_ordinary_image(extract):
    dataset = extract()
    flat = {**dataset.fields, **dataset.fields["stage_position"]}
    del flat["stage_position"]
    assert {name: str(value) for name, value in flat.items()} == {
        "acceleration_voltage": "15.0 kilovolt",
        "acquisition_device": "Nexus 55",
        "beam_current": "120.0 picoampere",
        "chamber_pressure": "2.5e-06 millibar",
        "data_dimensions": "(64, 48)",
        "detector_type": "SE2",
        "dwell_time": "0.8 microsecond",
        "emission_current": "231.5 microampere",
        "horizontal_field_width": "3.2 micrometer",
        "m": "0.25 millimeter",
        "magnification": "2500.0",
        "pixel_height": "50.0 nanometer",
        "pixel_width": "50.0 nanometer",
        "rotation": "12.5 degree",
        "scan_rotation": "0.0 degree",
        "specimen": "S-17",
        "tilt_alpha": "3.5 degree",
        "vertical_field_width": "2.4 micrometer",
        "working_distance": "8.4 millimeter",
        "x": "61.25 millimeter",
        "y": "58.125 millimeter",
        "z": "27.5 millimeter",
    }
    assert dataset.data_type == "SEM_Imaging"
    assert dataset.notes == ()
    assert dataset.flagged == (("Operator",),)


def test_every_key_is_kept_as_a_raw_group(extract):
    raw = extract().raw["CZ_SEM"]
    assert raw["AP_BEAM_CURRENT_MONITOR"] == "Beam I Monitor Range Error 279.600006"
    assert raw["AP_RADIAL_AREA_0"] == "Db 1 =     0. nm²"
    assert len(raw) == len(LINES)


@pytest.mark.parametrize(
    ("operator", "user", "shown"),
    [("Jane", "JDOE", "Jane"), ("", "JDOE", "JDOE"), ("Jane", "", "Jane")],
)
def test_the_operator_is_flagged(extract, operator, user, shown):
    changes = {
        "SV_OPERATOR": f"Operator = {operator}",
        "SV_USER_NAME": f"User Name = {user}",
    }
    dataset = extract(changes)
    assert dataset.extensions["Operator"] == shown
    assert ("Operator",) in dataset.flagged


def test_without_an_operator_nobody_is_flagged(extract_smartsem):
    assert extract_smartsem({"AP_WD": "WD = 5 mm"}).flagged == ()


def test_utf_16_keeps_the_letters_that_the_code_page_loses(extract):
    changes = {"SV_USER_NAME": "User Name = Łukasz 李"}
    assert extract(changes).extensions["Operator"] == "?ukasz ?"
    assert extract(changes, unicode=True).extensions["Operator"] == "Łukasz 李"


def test_utf_16_alone_will_do(extract):
    dataset = extract({"AP_WD": "WD = 5 mm"}, unicode=True, tags={34118: b"0\r\n"})
    assert dataset.fields["working_distance"] == quantity(5, "mm")


@pytest.mark.parametrize("sign", ["\xb5", "\N{GREEK SMALL LETTER MU}", "u"])
def test_micro_has_several_signs(extract, sign):
    changes = {"AP_WIDTH": f"Width = 7.5 {sign}m"}
    fields = extract(changes, unicode=True).fields
    assert fields["horizontal_field_width"] == quantity(7.5, "µm")


# What was not measured.


@pytest.mark.parametrize(
    ("line", "expected"), [("EHT = 0.000 kV", 20.0), ("EHT = 1.50 kV", 1.5)]
)
def test_the_voltage_is_the_target_once_the_beam_is_off(extract, line, expected):
    changes = {"AP_ACTUALKV": line, "AP_MANUALKV": "EHT Target = 20.00 kV"}
    dataset = extract(changes)
    assert dataset.fields["acceleration_voltage"] == quantity(expected, "kV")
    assert dataset.extensions["EHT Target"] == quantity(20, "kV")


def test_the_chamber_gauge_goes_before_that_of_the_system(extract):
    changes = {"AP_CHAMBER_PRESSURE": "Chamber = 30.0 Pa"}
    fields = extract(changes).fields
    assert fields["chamber_pressure"] == quantity(30, "Pa")


def test_guns_without_extractor_emit_their_beam_current(extract):
    changes = {"AP_EXTCURRENT": "Ext I Monitor =  0.0 µA"}
    dataset = extract(changes)
    assert dataset.fields["emission_current"] == quantity(80, "µA")
    assert dataset.fields["beam_current"] == quantity(120, "pA")


def test_the_stage_may_stand_at_zero(extract):
    stage = extract({"AP_STAGE_AT_X": "Stage at X = 0.0000 mm"}).fields[
        "stage_position"
    ]
    assert stage["x"] == quantity(0, "mm")


@pytest.mark.parametrize(
    ("switch", "expected"), [("On", 30.0), ("Off", 0.0), ("", 30.0)]
)
def test_scan_rotation_counts_while_it_is_on(extract, switch, expected):
    changes = {
        "AP_SCANROTATION": "Scan Rotation =  30.0 °",
        "DP_SCAN_ROT": f"Scan Rot = {switch}",
    }
    dataset = extract(changes)
    assert dataset.fields["scan_rotation"] == quantity(expected, "deg")
    assert dataset.extensions["Scan Rotation Setting"] == quantity(30, "deg")


@pytest.mark.parametrize(
    ("line", "average", "flagged"),
    [
        # 64 pixels of 0.8 µs take 0.0512 ms.
        ("Line Time = 0.06 ms", 1, False),
        ("Line Time = 0.5 ms", 1, False),
        ("Line Time = 0.6 ms", 1, True),
        ("Line Time = 0.6 ms", 4, False),
        ("Line Time = 600 µs", 1, True),
        ("Line Time = 0.001 Mins", 1, True),
        ("Line Time = none", 1, False),
    ],
)
def test_a_dwell_time_that_lines_contradict_is_flagged(extract, line, average, flagged):
    changes = {
        "AP_LINE_TIME": line,
        "AP_LINE_AVERAGE_COUNT": f"Line Avg.Count = {average}     ",
    }
    assert (("Pixel Dwell Time",) in extract(changes).flagged) == flagged


# Pixels.


def test_the_number_before_the_settings_stands_in_for_the_pixel_size(
    extract_smartsem,
):
    scan = SmartSemScan(pixel_nm=12.5)
    fields = extract_smartsem({"AP_WD": "WD = 5 mm"}, scan=scan).fields
    assert fields["pixel_width"] == quantity(12.5, "nm")
    assert fields["pixel_height"] == quantity(12.5, "nm")
    assert fields["horizontal_field_width"] == quantity(0.8, "µm")
    assert fields["vertical_field_width"] == quantity(0.6, "µm")


def test_without_any_pixel_size_nothing_is_calibrated(extract_smartsem):
    dataset = extract_smartsem(
        {"SV_VERSION": "Version = 1"}, scan=SmartSemScan(pixel_nm=0)
    )
    assert set(dataset.fields) == {"data_dimensions"}
    assert dataset.preview.axes == ()


def test_the_preview_is_calibrated_and_mapped_to_memory(extract):
    source = extract().preview
    assert [(axis.size, axis.unit) for axis in source.axes] == [(48, "µm"), (64, "µm")]
    assert source.axes[1].scale == pytest.approx(0.05)
    assert isinstance(source.read(), np.memmap)


# Ions.


def test_an_image_of_ions_is_described_by_their_column(extract_smartsem):
    dataset = extract_smartsem(ION_LINES)
    found = {name: str(value) for name, value in dataset.fields.items()}
    assert dataset.data_type == "FIB_Imaging"
    assert dataset.extensions["Beam"] == "FIB"
    assert (
        found.items()
        >= {
            "acceleration_voltage": "30.0 kilovolt",
            "beam_current": "50.0 picoampere",
            "emission_current": "2.0 microampere",
            "horizontal_field_width": "1.28 micrometer",
            "magnification": "1190.0",
            "pixel_width": "20.0 nanometer",
            "scan_rotation": "0.6 degree",
            "vertical_field_width": "0.96 micrometer",
            "working_distance": "12.1 millimeter",
        }.items()
    )
    assert dataset.extensions["SEM"]["Working Distance"] == quantity(8.4, "mm")
    assert dataset.extensions["SEM"]["Magnification"] == 2500
    assert dataset.extensions["FIB"]["Column Type"] == "Nexus Ion"


def test_a_measured_probe_current_goes_before_its_name(extract_smartsem):
    lines = {**ION_LINES, "AP_FIB_PROBE_CURRENT_ACTUAL": "FIB Probe = 0.75 nA"}
    fields = extract_smartsem(lines).fields
    assert fields["beam_current"] == quantity(750, "pA")


def test_the_pixel_size_of_ions_stands_in(extract_smartsem):
    lines = {**ION_LINES, "AP_IMAGE_PIXEL_SIZE": "Image Pixel Size = 0.00 nm"}
    fields = extract_smartsem(lines).fields
    assert fields["pixel_width"] == quantity(93.89, "nm")


def test_an_image_of_electrons_keeps_the_ions_in_a_group(extract_smartsem):
    lines = {**ION_LINES, "DP_FIB_IMAGING": "FIB Imaging = SEM"}
    dataset = extract_smartsem(lines)
    assert dataset.fields["acceleration_voltage"] == quantity(15, "kV")
    assert dataset.extensions["Beam"] == "SEM"
    assert dataset.extensions["FIB"]["Acceleration Voltage"] == quantity(30, "kV")
    assert dataset.extensions["FIB"]["Magnification"] == 1190


def test_without_ions_there_is_no_group(extract):
    extensions = extract({"AP_FIB_EHT_ACTUAL": "FIB EHT = 0.000 kV"}).extensions
    assert "FIB" not in extensions
    assert "Beam" not in extensions


# When.


@pytest.mark.parametrize(
    ("date", "time", "tag", "when"),
    [
        ("7 May 2026", "16:20:05", b"", datetime(2026, 5, 7, 16, 20, 5)),
        ("07 MAY 2026", "16:20:05", b"", datetime(2026, 5, 7, 16, 20, 5)),
        ("7 December 2025", "16:20:05", b"", datetime(2025, 12, 7, 16, 20, 5)),
        ("7.5.2026", "16:20:05", b"", datetime(2026, 5, 7, 16, 20, 5)),
        ("05/07/2026", "4:20:05 PM", b"", datetime(2026, 5, 7, 16, 20, 5)),
        ("7 May 2026", "", b"2026:05:07 16:21:00\0", datetime(2026, 5, 7, 16, 21)),
        ("7 Mumble 2026", "4", b"2026:05:07 16:21:00\0", datetime(2026, 5, 7, 16, 21)),
        ("", "", b"", None),
    ],
)
def test_the_time_of_acquisition(tmp_path, extract_path, date, time, tag, when):
    path = tmp_path / "a.tif"
    lines = {"AP_DATE": f"Date :{date}", "AP_TIME": f"Time :{time}"}
    write_smartsem(path, lines, tags={306: tag} if tag else {})
    os.utime(path, (datetime(2026, 6, 1, tzinfo=UTC).timestamp(),) * 2)
    dataset = extract_path(path)
    assert dataset.creation_time == when
    assert dataset.notes == ()


@pytest.mark.parametrize("date", ["31 Feb 2026", "7 Mumble 2026"])
def test_a_time_that_cannot_be_read_is_noted(extract, date):
    dataset = extract({"AP_DATE": f"Date :{date}"})
    assert dataset.creation_time is None
    (note,) = dataset.notes
    assert note.startswith("Acquisition time: expected a date and a time, found")


# Damage.


def test_a_key_without_a_line_is_left_out(extract_smartsem):
    text = "0\r\nAP_MAG\r\nAP_WD\r\nWD = 5 mm\r\n\r\nSV_VERSION"
    dataset = extract_smartsem({}, tags={34118: text.encode()})
    assert dataset.raw["CZ_SEM"] == {"AP_WD": "WD = 5 mm"}


def test_a_tag_that_is_cut_off_keeps_its_whole_lines(tmp_path, extract_path):
    path = tmp_path / "a.tif"
    write_smartsem(path)
    content = path.read_bytes()
    end = content.index(b"Stage at Z = 27.5") + 15
    path.write_bytes(content[:end])
    dataset = extract_path(path)
    assert "z" not in dataset.fields["stage_position"]
    assert dataset.fields["stage_position"]["y"] == quantity(58.125, "mm")
    (note,) = dataset.notes
    assert note.startswith("Metadata tag 34118 should end at byte")


# Files of others.

FOREIGN = {
    "FEI SEM": lambda path: write_scan(path, Scan(width=48, height=32)),
    "FEI TEM": lambda path: write_tem(path, image=particles(32, 32, seed=5)),
    "Tescan": write_tescan,
    "Orion": write_orion,
    "Fibics": write_fibics,
    "numbers alone": lambda path: write_smartsem(path, {}),
    "other text": lambda path: write_tescan(path, tag=b"", tags={34118: b"AP_ WD\r\n"}),
}


@pytest.mark.parametrize("kind", FOREIGN)
def test_files_of_others_are_left_to_others(tmp_path, smartsem, kind):
    path = tmp_path / "a.tif"
    FOREIGN[kind](path)
    file = DataFile.at(path)
    assert not smartsem.supports(file)
    with pytest.raises(ExtractionError, match="cannot be read as a SmartSEM TIFF"):
        smartsem.extract(file)


@pytest.mark.parametrize(("order", "big"), [("<", True), (">", False), (">", True)])
def test_big_tiff_of_either_byte_order_is_read(tmp_path, extract_path, order, big):
    text = smartsem_text(LINES).encode("cp1252")
    pixels = np.zeros((4, 6), np.uint16)
    path = tmp_path / "a.tif"
    path.write_bytes(tiff_bytes(pixels, {34118: text}, byte_order=order, big=big))
    dataset = extract_path(path)
    assert dataset.fields["working_distance"] == quantity(8.4, "mm")
    assert dataset.preview.read().shape == (4, 6)


def test_a_tag_of_absurd_length_is_read_as_far_as_it_makes_sense(
    tmp_path, extract_path
):
    path = tmp_path / "a.tif"
    write_smartsem(path)
    content = bytearray(path.read_bytes())
    entry = content.index((34118).to_bytes(2, "little") + b"\2\0")
    content[entry + 4 : entry + 8] = b"\xff\xff\xff\x7f"
    path.write_bytes(content)
    dataset = extract_path(path)
    assert dataset.fields["working_distance"] == quantity(8.4, "mm")
    assert dataset.notes[0].startswith("Metadata tag 34118 should end at byte")
