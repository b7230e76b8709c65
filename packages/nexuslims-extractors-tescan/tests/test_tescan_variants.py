"""Where settings stand, how they are found again, and what is said about the rest."""

# ruff: noqa: DTZ001 - the clock of an instrument has no zone

from __future__ import annotations

import os
from datetime import UTC, datetime

import pytest
from nexuslims_core.errors import ExtractionError
from nexuslims_core.types import DataFile, quantity
from nexuslims_testing.samples.fei_tiff import Scan, write_scan, write_tem
from nexuslims_testing.samples.micrograph import particles
from nexuslims_testing.samples.tescan import (
    TescanScan,
    side_car_text,
    tag_content,
    tescan_sections,
    vendor_tags,
    write_tescan,
)
from nexuslims_testing.samples.zeiss import (
    write_fibics,
    write_orion,
    write_smartsem,
)

SECTIONS = tescan_sections(TescanScan())
TAGS = vendor_tags(TescanScan())


@pytest.mark.parametrize(
    "told",
    [
        {"tag": tag_content(SECTIONS)},
        {"tag": side_car_text(SECTIONS)},
        {"tag": b"\x89\0\1\2JPEG" + side_car_text(SECTIONS) + b"\0\0"},
        {"tag": b"", "side_car": side_car_text(SECTIONS)},
        {"tag": b"\0" * 40, "side_car": side_car_text(SECTIONS)},
    ],
    ids=["blocks", "text", "text behind bytes", "side-car", "side-car, empty tag"],
)
def test_settings_are_found_where_they_are(extract, told):
    dataset = extract(**told)
    assert dataset.fields["working_distance"] == quantity(6.1, "mm")
    assert dataset.extensions["Scan Mode"] == "RESOLUTION"
    assert dataset.raw == {name: dict(keys) for name, keys in SECTIONS.items()}
    assert dataset.notes == ()


def test_headers_that_are_lost_are_put_back(extract):
    lines = [line for line in side_car_text(SECTIONS).split(b"\r\n") if b"=" in line]
    raw = extract(tag=b"\1\0thumbnail" + b"\n".join(lines)).raw
    assert raw == SECTIONS


@pytest.mark.parametrize("size", [0, 1, 2**31, 2**32 - 1])
def test_blocks_of_wrong_sizes_are_searched_for_text(extract, size):
    content = size.to_bytes(4, "little") + tag_content(SECTIONS)[4:]
    dataset = extract(tag=content)
    assert dataset.fields["acceleration_voltage"] == quantity(10, "kV")
    assert dataset.raw == SECTIONS
    assert dataset.notes == ()


def test_a_side_car_adds_what_the_tag_lacks(extract):
    beside = {"MAIN": {"Company": "beside"}, "SEM": {"HV": "5000", "Gun": "W"}}
    inside = {"MAIN": {"Company": "inside"}, "SEM": {"HV": "7000"}}
    dataset = extract(inside, side_car=side_car_text(beside))
    assert dataset.extensions["Company"] == "inside"
    assert dataset.extensions["Gun Type"] == "W"
    assert dataset.fields["acceleration_voltage"] == quantity(7, "kV")


@pytest.mark.parametrize("name", ["a.hdr", "a.HDR", "a-tif.hdr", "a-tiff.hdr"])
def test_a_side_car_has_one_of_several_names(tmp_path, extract_path, name):
    path = tmp_path / "a.tif"
    write_tescan(path, tag=b"")
    (tmp_path / name).write_bytes(side_car_text(SECTIONS))
    assert extract_path(path).extensions["Scan Mode"] == "RESOLUTION"


@pytest.mark.parametrize(
    "content",
    [b"", b"ENVI\nsamples = 5\n", b"\xff" * 600, b" " * 500 + b"[MAIN]\n"],
    ids=["empty", "ENVI", "bytes", "late"],
)
def test_another_file_of_that_name_is_no_side_car(tmp_path, extractor, content):
    path = tmp_path / "a.tif"
    write_tescan(path, tag=b"")
    (tmp_path / "a.hdr").write_bytes(content)
    assert not extractor.supports(DataFile.at(path))


def test_tags_alone_are_described_and_noted(extract):
    dataset = extract(tag=b"", tags=TAGS)
    assert dataset.extensions == {
        "Make": "TESCAN - http://www.tescan.com/",
        "Model": "TESCAN NEXUS X",
        "Software Version": "Nexus Essence 1.0.0, build 1",
        "TIFF DateTime": "2026:04:21 09:41:07",
        "Operator": "jdoe",
    }
    assert dataset.fields["acquisition_device"] == "TESCAN NEXUS X"
    assert dataset.fields["data_dimensions"] == "(64, 64)"
    assert dataset.flagged == (("Operator",),)
    assert dataset.creation_time == datetime(2026, 4, 21, 9, 41, 7)
    assert dataset.notes == (
        "Settings: expected them in tag 50431 or a side-car .hdr, found neither.",
    )


@pytest.mark.parametrize("tag", [271, 305])
def test_either_tag_names_the_vendor(extract, tag):
    dataset = extract(tag=b"", tags={tag: b"Tescan Essence\0"})
    assert dataset.data_type == "SEM_Imaging"


def test_tags_add_to_settings(extract):
    extensions = extract(tags={**TAGS, 305: b"other software\0"}).extensions
    assert extensions["Software Version"] == "Nexus Essence 1.0.0, build 1"
    assert extensions["Make"] == "TESCAN - http://www.tescan.com/"
    assert extensions["TIFF DateTime"] == "2026:04:21 09:41:07"


@pytest.mark.parametrize(
    ("full_name", "user", "tag", "operator"),
    [
        ("Jane Doe", "jdoe", b"other\0", "Jane Doe"),
        ("", "jdoe", b"other\0", "jdoe"),
        ("", "", b"other\0", "other"),
    ],
)
def test_the_operator_is_flagged(extract, full_name, user, tag, operator):
    sections = {"MAIN": {"FullUserName": full_name, "UserName": user, "Sign": "x"}}
    dataset = extract(sections, tags={315: tag})
    assert dataset.extensions["Operator"] == operator
    assert dataset.flagged == (("Operator",),)


def test_without_an_operator_nothing_is_flagged(extract):
    assert extract({"MAIN": {"Sign": "x"}}).flagged == ()


def test_names_keep_their_letters_and_percent_signs(extract):
    sections = {"MAIN": {"FullUserName": "Jiří Čapek", "Description": "5 % Cr, %(x)s"}}
    extensions = extract(sections).extensions
    assert extensions["Operator"] == "Jiří Čapek"
    assert extensions["Description"] == "5 % Cr, %(x)s"


# Which beam.


@pytest.mark.parametrize(
    ("beam", "data_type"), [("SEM", "SEM_Imaging"), ("FIB", "FIB_Imaging")]
)
def test_the_beam_is_told(extract, beam, data_type):
    dataset = extract(tescan_sections(TescanScan(beam=beam)))
    assert dataset.extensions["Beam"] == beam
    assert dataset.data_type == data_type
    assert dataset.fields["acceleration_voltage"] == quantity(10, "kV")


def test_of_two_beams_the_one_with_a_detector_made_the_image(extract):
    sections = tescan_sections(TescanScan(beam="FIB", voltage_v=30_000))
    sections["SEM"] = {"HV": "5000", "WD": "0.005", "Gun": "Schottky"}
    dataset = extract(sections)
    assert dataset.extensions["Beam"] == "FIB"
    assert dataset.fields["acceleration_voltage"] == quantity(30, "kV")
    assert dataset.extensions["SEM"] == {
        "HV Voltage": quantity(5, "kV"),
        "Working Distance": quantity(5, "mm"),
        "Gun Type": "Schottky",
    }


def test_of_two_beams_with_detectors_that_of_electrons_counts(extract):
    sections = tescan_sections(TescanScan(voltage_v=5_000))
    sections["FIB"] = {"HV": "30000", "Detector": "SE"}
    dataset = extract(sections)
    assert dataset.extensions["Beam"] == "SEM"
    assert dataset.extensions["FIB"]["HV Voltage"] == quantity(30, "kV")


# When.


@pytest.mark.parametrize(
    ("date", "time", "tag", "when"),
    [
        ("2026-04-21", "09:41:07", b"", datetime(2026, 4, 21, 9, 41, 7)),
        ("21.4.2026", "9:41:07", b"", datetime(2026, 4, 21, 9, 41, 7)),
        ("04/21/2026", "9:41:07 AM", b"", datetime(2026, 4, 21, 9, 41, 7)),
        ("2026-04-21", "", b"2026:04:21 10:00:00\0", datetime(2026, 4, 21, 10)),
        ("today", "now", b"2026:04:21 10:00:00\0", datetime(2026, 4, 21, 10)),
        ("", "", b"", None),
    ],
)
def test_the_time_of_acquisition(tmp_path, extract_path, date, time, tag, when):
    path = tmp_path / "a.tif"
    main = {"MAIN": {"Date": date, "Time": time, "Sign": "x"}}
    write_tescan(path, main, tags={306: tag} if tag else {})
    os.utime(path, (datetime(2026, 5, 1, tzinfo=UTC).timestamp(),) * 2)
    dataset = extract_path(path)
    assert dataset.creation_time == when
    assert dataset.notes == ()


def test_a_time_that_cannot_be_read_is_noted(extract):
    dataset = extract({"MAIN": {"Date": "today", "Time": "noon"}})
    assert dataset.creation_time is None
    (note,) = dataset.notes
    assert note == (
        "Acquisition time: expected a date and a time, found 'today noon'; "
        "the file's modification time is used."
    )


# The image.


def test_the_preview_is_calibrated_and_keeps_the_data_bar(extract):
    source = extract().preview
    assert [(axis.size, axis.unit) for axis in source.axes] == [(64, "µm")] * 2
    assert source.axes[1].scale == pytest.approx(0.025)
    pixels = source.read()
    assert pixels.shape == (64, 64)
    assert not pixels[-16:].any()


# Damage.


def test_a_tag_that_is_cut_off_keeps_its_whole_lines(tmp_path, extract_path):
    path = tmp_path / "a.tif"
    write_tescan(path)
    content = path.read_bytes()
    end = content.index(b"0.0061") + 4
    path.write_bytes(content[:end])
    dataset = extract_path(path)
    assert "working_distance" not in dataset.fields
    assert dataset.fields["acceleration_voltage"] == quantity(10, "kV")
    (note,) = dataset.notes
    assert note == (
        f"Metadata tag 50431 should end at byte {len(content)}, "
        f"but the file ends at {end}."
    )


def test_a_damaged_file_is_described_by_its_side_car(tmp_path, extract_path):
    path = tmp_path / "a.tif"
    write_tescan(path, tag=b"", side_car=side_car_text(SECTIONS))
    path.write_bytes(path.read_bytes()[:500])
    dataset = extract_path(path)
    assert dataset.fields["acceleration_voltage"] == quantity(10, "kV")
    assert dataset.preview is None
    (note,) = dataset.notes
    assert note.startswith("The TIFF structure is damaged: expected a directory at")


def test_odd_lines_are_noted(extract):
    dataset = extract(tag=b"", side_car=side_car_text(SECTIONS) + b"what is this\r\n")
    (note,) = dataset.notes
    assert note == (
        "Lines that are neither section nor key=value in image.hdr: 1; "
        "the first is 'what is this'."
    )


# Files of others.

FOREIGN = {
    "FEI SEM": lambda path: write_scan(path, Scan(width=48, height=32)),
    "FEI TEM": lambda path: write_tem(path, image=particles(32, 32, seed=5)),
    "Zeiss SmartSEM": write_smartsem,
    "Zeiss Orion": write_orion,
    "Fibics": write_fibics,
    "no metadata": lambda path: write_tescan(path, tag=b""),
}


@pytest.mark.parametrize("kind", FOREIGN)
def test_files_of_others_are_left_to_others(tmp_path, extractor, kind):
    path = tmp_path / "a.tif"
    FOREIGN[kind](path)
    file = DataFile.at(path)
    assert not extractor.supports(file)
    with pytest.raises(ExtractionError, match="cannot be read as a Tescan TIFF"):
        extractor.extract(file)
