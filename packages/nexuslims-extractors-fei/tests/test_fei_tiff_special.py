"""Values that depend on others, and the time of acquisition."""

# ruff: noqa: DTZ001 - the clock of an instrument has no zone
# ruff: noqa: RUF001 - Greek on purpose

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from nexuslims_core.model.schema import ImageMetadata
from nexuslims_core.types import DataFile, Instrument, quantity
from nexuslims_testing.samples.fei_tiff import (
    Scan,
    scan_sections,
    scan_xml,
    settings_text,
    write_fei_tiff,
)

SCAN = Scan()


def test_names_of_beam_and_detector_are_given(extract):
    dataset = extract()
    assert dataset.extensions["Beam Name"] == "EBeam"
    assert dataset.extensions["Detector Name"] == "ETD"
    assert dataset.fields["detector_type"] == "ETD"


def test_the_ion_beam_has_sections_of_its_own(extract):
    scan = Scan(beam="IBeam", scan="IScan", voltage_v=30_000)
    dataset = extract(scan_sections(scan))
    assert dataset.extensions["Beam Name"] == "IBeam"
    assert dataset.fields["acceleration_voltage"] == quantity(30_000, "V")
    assert (dataset.dataset_type, dataset.data_type) == ("Image", "SEM_Imaging")


@pytest.mark.parametrize(
    ("radians", "degrees"),
    [("0", 0), ("1", 57), ("3.14159", 179.99985), ("0.00840385", 0.48150514)],
)
def test_scan_rotation_is_in_degrees_to_as_many_decimals(
    extract, changed, radians, degrees
):
    dataset = extract(changed("EBeam", "ScanRotation", radians))
    found = dataset.fields["scan_rotation"]
    assert (found.magnitude, f"{found.units:~}") == (degrees, "deg")
    assert "Scan Rotation" not in dataset.extensions


@pytest.mark.parametrize(("on", "angle"), [("yes", 0.61), ("no", None), ("", None)])
def test_the_tilt_correction_angle_is_given_while_it_is_on(extract, changed, on, angle):
    sections = changed("EBeam", "TiltCorrectionIsOn", on)
    sections["EBeam"]["TiltCorrectionAngle"] = "0.61"
    dataset = extract(sections)
    assert dataset.extensions.get("Tilt Correction Angle") == angle


@pytest.mark.parametrize(
    ("setting", "words", "name"),
    [
        ("EBeam/TiltCorrectionIsOn", ("yes", "no"), "Tilt Correction Enabled"),
        ("EBeam/DynamicFocusIsOn", ("yes", "no"), "Dynamic Focus Enabled"),
        ("EBeam/DynamicWDIsOn", ("yes", "no"), "Dynamic WD Enabled"),
        ("Image/DriftCorrected", ("On", "Off"), "Drift Correction Applied"),
        ("EScan/InternalScan", ("true", "false"), "Internal Scan"),
    ],
)
def test_switches_are_true_false_or_absent(extract, changed, setting, words, name):
    section, key = setting.split("/")
    found = [
        extract(changed(section, key, text)).extensions.get(name)
        for text in (*words, "")
    ]
    assert found == [True, False, None]


@pytest.mark.parametrize(("text", "frames"), [("1", None), ("0", None), ("8", 8)])
def test_integrated_frames_are_given_if_several(extract, changed, text, frames):
    dataset = extract(changed("Image", "Integrate", text))
    assert dataset.extensions.get("Frames Integrated") == frames


def test_data_dimensions_are_a_field(extract):
    dataset = extract()
    assert dataset.fields["data_dimensions"] == "(256, 192)"
    assert "Data Dimensions" not in dataset.extensions


def test_the_operator_is_flagged(extract, changed):
    dataset = extract()
    assert dataset.extensions["Operator"] == "jdoe"
    assert dataset.flagged == (("Operator",),)
    assert extract(changed("User", "User", "")).flagged == ()


@pytest.mark.parametrize("vacuum", ["High vacuum", "Low vacuum", "ESEM"])
def test_the_chamber_pressure_is_in_pascal_whatever_the_vacuum(
    extract, changed, vacuum
):
    sections = changed("Vacuum", "ChPressure", "0.000553")
    sections["Vacuum"]["UserMode"] = vacuum
    assert extract(sections).fields["chamber_pressure"] == quantity(0.000553, "Pa")


def test_a_chamber_pressure_that_is_no_number_is_kept_as_text(extract, changed):
    dataset = extract(changed("Vacuum", "ChPressure", "unknown"))
    assert "chamber_pressure" not in dataset.fields
    assert dataset.extensions["Chamber Pressure"] == "unknown"


def test_software_has_its_build(extract, changed):
    name = "Software Version"
    assert extract().extensions[name] == "9.1.0.1234 (build 1234)"
    without = extract(changed("System", "BuildNr", ""))
    assert without.extensions[name] == "9.1.0.1234"


def test_the_column_has_the_type_of_the_system(extract, changed):
    assert extract().extensions["Column Type"] == "Pathfinder SEM"
    assert extract(changed("System", "Type", "")).extensions["Column Type"] == (
        "Pathfinder"
    )


def test_the_stage_position_is_typed_and_as_in_the_file(extract):
    dataset = extract()
    typed = ImageMetadata(
        creation_time=datetime.now(UTC),
        data_type="x",
        dataset_type="Image",
        stage_position=dataset.fields["stage_position"],
    ).stage_position
    assert {name: f"{value:~.6g}" for name, value in typed if value is not None} == {
        "x": "4200 µm",
        "y": "-11700 µm",
        "z": "10.1 mm",
        "rotation": "45.0001 deg",
        "tilt_alpha": "9.99811 deg",
        "tilt_beta": "0 deg",
    }
    assert dataset.extensions["Stage Position"] == {
        "X": 0.0042,
        "Y": -0.0117,
        "Z": 0.0101,
        "R": 0.7854,
        "α": 0.1745,
        "β": 0,
    }


def test_lost_characters_of_the_label_come_from_its_second_form(extract, changed):
    sections = changed("User", "UserText", "?-phase, 5 ?m")
    sections["User"]["UserTextUnicode"] = "α-phase, 5 µm".encode("utf-16-le").hex()
    assert extract(sections).extensions["User Text"] == "α-phase, 5 µm"


@pytest.mark.parametrize("second", ["", "zz", "00", "0000", "00D8"])
def test_a_damaged_second_form_of_the_label_is_ignored(extract, changed, second):
    sections = changed("User", "UserText", "why?")
    sections["User"]["UserTextUnicode"] = second
    assert extract(sections).extensions["User Text"] == "why?"


# Time of acquisition.


def _timed(date="", time="", created=""):
    sections = scan_sections(SCAN)
    sections["User"].update({"Date": date, "Time": time})
    sections["PrivateFei"]["TimeOfCreation"] = created
    return sections


LATE = datetime(2026, 11, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("date", "time", "expected"),
    [
        ("03/17/2026", "02:05:09 PM", datetime(2026, 3, 17, 14, 5, 9)),
        ("03/04/2026", "12:00:01 AM", datetime(2026, 3, 4, 0, 0, 1)),
        ("3/4/2026", "12:30 PM", datetime(2026, 3, 4, 12, 30)),
        ("17/03/2026", "14:05:09", datetime(2026, 3, 17, 14, 5, 9)),
        ("17.03.2026", "14:05:09", datetime(2026, 3, 17, 14, 5, 9)),
        ("04.03.2026", "7:05:09", datetime(2026, 3, 4, 7, 5, 9)),
        ("04-03-2026", "07:05:09", datetime(2026, 3, 4, 7, 5, 9)),
        ("2026-03-17", "14:05:09.25", datetime(2026, 3, 17, 14, 5, 9)),
        ("2026/3/17", "14:05:09", datetime(2026, 3, 17, 14, 5, 9)),
        ("03/17/26", "14:05:09", datetime(2026, 3, 17, 14, 5, 9)),
        ("03/17/99", "14:05:09", datetime(1999, 3, 17, 14, 5, 9)),
        # Not in December, because the file was written before.
        ("12/03/2026", "14:05:09", datetime(2026, 3, 12, 14, 5, 9)),
    ],
)
def test_date_and_time_are_read_in_many_formats(extract, date, time, expected):
    dataset = extract(_timed(date, time), modified=LATE)
    assert dataset.creation_time == expected
    assert dataset.notes == ()


def test_the_time_of_creation_goes_before_date_and_time(extract):
    sections = _timed("04/03/2026", "02:05:09 PM", "04.03.2026 14:05:09")
    dataset = extract(sections, modified=LATE)
    assert dataset.creation_time == datetime(2026, 3, 4, 14, 5, 9)


def test_the_time_of_the_xml_goes_before_all(extract):
    sections = _timed("04/03/2026", "02:05:09 PM", "05.03.2026 14:05:09")
    dataset = extract(sections, xml=scan_xml(SCAN), modified=LATE)
    assert dataset.creation_time == SCAN.acquired


def test_the_time_is_that_of_the_instrument(tmp_path, extractor):
    path = tmp_path / "a.tif"
    write_fei_tiff(path, settings=settings_text(scan_sections(SCAN)))
    instrument = Instrument(
        pid="SEM",
        display_name="SEM",
        location="",
        filestore_path=".",
        timezone="Asia/Tokyo",
    )
    (dataset,) = extractor.extract(DataFile.at(path, instrument)).datasets
    assert dataset.creation_time.tzinfo is None
    assert dataset.file.timezone == ZoneInfo("Asia/Tokyo")


@pytest.mark.parametrize(
    ("date", "time"),
    [
        ("yesterday", "14:05:09"),
        ("31.02.2026", "14:05:09"),
        ("17.03.2026", "25:05:09"),
        ("17.03.2026", ""),
        ("17.03/2026", "14:05"),
        ("99/99/9999", "99:99"),
        ("00.00.0000", "00:00"),
    ],
)
def test_an_unreadable_time_is_noted(extract, date, time):
    dataset = extract(_timed(date, time))
    assert dataset.creation_time is None
    (note,) = dataset.notes
    assert date in note
    assert "modification time" in note


def test_no_time_at_all_is_not_worth_a_note(extract):
    dataset = extract(_timed())
    assert dataset.creation_time is None
    assert dataset.notes == ()
