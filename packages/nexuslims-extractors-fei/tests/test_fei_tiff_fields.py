"""Every setting of the table arrives under its name, in its place, with its unit."""

from __future__ import annotations

import pytest
from nexuslims_core.model.schema import ImageMetadata
from nexuslims_core.types import quantity
from nexuslims_extractors_fei.tiff.fields import FIELDS

# Section as in the file, key, place, unit, whether it stays text. Written out, so
# that a slip in the table of the program is not repeated here.
ROWS = """
EBeam EmissionCurrent emission_current A
EBeam HFW horizontal_field_width m
EBeam HV acceleration_voltage V
EBeam SourceTiltX Beam_Tilt_X -
EBeam SourceTiltY Beam_Tilt_Y -
EBeam StageR Stage_Position/R -
EBeam StageTa Stage_Position/α -
EBeam StageX Stage_Position/X -
EBeam StageY Stage_Position/Y -
EBeam StageZ Stage_Position/Z -
EBeam StageTb Stage_Position/β -
EBeam StigmatorX Stigmator_X_Value -
EBeam StigmatorY Stigmator_Y_Value -
EBeam VFW vertical_field_width m
EBeam WD working_distance m
EBeam BeamCurrent beam_current A
EBeam EucWD Eucentric_WD m
EBeam ImageMode Image_Mode text
EBeam BeamShiftX Beam_Shift_X -
EBeam BeamShiftY Beam_Shift_Y -
EBeam BeamMode Beam_Mode text
EBeam PreTilt Pre-Tilt -
EScan Dwell dwell_time s
EScan FrameTime Total_Frame_Time s
EScan HorFieldsize horizontal_field_width m
EScan VerFieldsize vertical_field_width m
EScan PixelHeight pixel_height m
EScan PixelWidth pixel_width m
EScan LineTime Line_Time s
EScan LineIntegration Line_Integration -
EScan ScanInterlacing Scan_Interlacing -
ETD Brightness Detector_Brightness_Setting -
ETD Contrast Detector_Contrast_Setting -
ETD EnhancedContrast Detector_Enhanced_Contrast_Setting -
ETD Signal Detector_Signal -
ETD Grid Detector_Grid_Voltage V
ETD BrightnessDB Detector_Brightness_(DB) -
ETD ContrastDB Detector_Contrast_(DB) -
ETD Mix Detector_Mix_(%) -
ETD MinimumDwellTime Minimum_Dwell_Time s
System Chamber Chamber_ID text
System Pump Vacuum_Pump text
System SystemType System_Type text
System Stage Stage_Description text
System Dnumber Device_Number text
System Source Electron_Source text
System FinalLens Final_Lens text
System ESEM ESEM_Setting text
System Aperture Aperture_Type text
Beam Spot Spot_Size -
Specimen Temperature Specimen_Temperature K
Specimen Humidity Specimen_Humidity %
User UserText User_Text text
User Date Acquisition_Date text
User Time Acquisition_Time text
Vacuum UserMode Vacuum_Mode text
Vacuum Gas Vacuum_Gas -
Image MagnificationMode Magnification_Mode -
Image DigitalContrast Digital_Contrast -
Image DigitalBrightness Digital_Brightness -
Image DigitalGamma Digital_Gamma -
Image ZoomFactor Zoom_Factor -
Image ZoomPanX Zoom_Pan_X -
Image ZoomPanY Zoom_Pan_Y -
Image MagCanvasRealWidth Magnification_Canvas_Real_Width -
Image ScreenMagCanvasRealWidth Screen_Magnification_Canvas_Real_Width -
Image ScreenMagnificationMode Screen_Magnification_Mode -
Image Average Frame_Average -
Image PostProcessing Post_Processing -
EScan Mainslock Mainslock text
"""  # noqa: RUF001 - Greek on purpose
CASES = [tuple(line.split()) for line in ROWS.strip().splitlines()]
IDS = [f"{section}/{key}" for section, key, _, _ in CASES]
NUMERIC = [case for case in CASES if case[3] != "text"]


def _found(dataset, place):
    if place in ImageMetadata.model_fields:
        return dataset.fields.get(place)
    value = dataset.extensions
    for part in place.replace("_", " ").split("/"):
        value = value.get(part, {})
    return value if value != {} else None


def test_the_table_has_no_other_rows():
    assert len(FIELDS) == len(CASES) == 70


@pytest.mark.parametrize(("section", "key", "place", "unit"), CASES, ids=IDS)
def test_a_setting_arrives(extract, section, key, place, unit):
    text = "37.25e-002"
    dataset = extract(_with(section, key, text))
    expected = text if unit == "text" else 0.3725
    if unit not in {"text", "-"}:
        expected = quantity(0.3725, unit)
    assert _found(dataset, place) == expected
    assert str(_found(dataset, place)) == str(expected)


@pytest.mark.parametrize(("section", "key", "place", "unit"), CASES, ids=IDS)
def test_an_empty_setting_is_skipped(extract, section, key, place, unit):
    assert _found(extract(_with(section, key, "")), place) is None


@pytest.mark.parametrize(
    ("section", "key", "place", "unit"),
    NUMERIC,
    ids=[f"{section}/{key}" for section, key, _, _ in NUMERIC],
)
def test_a_zero_is_kept(extract, section, key, place, unit):
    dataset = extract(_with(section, key, "0"))
    assert getattr(_found(dataset, place), "magnitude", _found(dataset, place)) == 0


@pytest.mark.parametrize("text", ["n/a", "1,5", "1_000", "nan", "inf", "1e9999", "٣"])
def test_text_for_a_number_is_kept_as_text(extract, text):
    dataset = extract(_with("ETD", "Grid", text))
    assert dataset.extensions["Detector Grid Voltage"] == text


def test_text_for_a_typed_number_is_kept_and_noted(extract):
    dataset = extract(_with("EBeam", "HV", "high"))
    assert "acceleration_voltage" not in dataset.fields
    assert dataset.extensions["Voltage"] == "high"
    assert dataset.notes == ("Voltage: expected a number in V, found 'high'.",)


def test_field_widths_of_the_scan_go_before_those_of_the_beam(extract, changed):
    sections = changed("EScan", "HorFieldsize", "2e-6")
    sections["EBeam"]["HFW"] = "9e-6"
    dataset = extract(sections)
    assert dataset.fields["horizontal_field_width"] == quantity(2e-6, "m")


def test_pixel_width_and_height_are_not_exchanged(extract, changed):
    sections = changed("EScan", "PixelWidth", "2e-9")
    sections["EScan"]["PixelHeight"] = "3e-9"
    dataset = extract(sections)
    assert dataset.fields["pixel_width"] == quantity(2e-9, "m")
    assert dataset.fields["pixel_height"] == quantity(3e-9, "m")


@pytest.mark.parametrize(
    ("text", "value"), [("3", 3), ("-007", -7), ("3.0", 3.0), (".5", 0.5)]
)
def test_whole_numbers_stay_whole(extract, text, value):
    found = extract(_with("Beam", "Spot", text)).extensions["Spot Size"]
    assert found == value
    assert type(found) is type(value)


def _with(section, key, text):
    """Return settings of one value, in sections that are named where they must be."""
    sections = {
        "Beam": {"Beam": "EBeam", "Scan": "EScan"},
        "Detectors": {"Name": "ETD"},
    }
    sections.setdefault(section, {})[key] = text
    return sections
