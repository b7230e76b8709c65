"""Every setting of the tables arrives under its name, in its place, with its unit."""

from __future__ import annotations

import pytest
from nexuslims_core.model.schema import ImageMetadata
from nexuslims_core.types import quantity
from nexuslims_extractors_zeiss.smartsem.fields import (
    FIB_FIELDS,
    IMAGE_FIELDS,
    SEM_FIELDS,
    SHOWN_FIB_FIELDS,
    SHOWN_FIELDS,
)
from nexuslims_testing.samples.zeiss import SmartSemScan

# Which beam makes the image (either, for "image"), key, what is said for it, place,
# value and unit. Written out, so that a slip in the program is not repeated here.
ROWS = """
image|DP_DWELL_TIME|Dwell Time = 3.25 ns|dwell_time|0.00325|µs
image|AP_SYSTEM_VAC|System Vacuum = 3.25 mbar|chamber_pressure|3.25|mbar
image|AP_CHAMBER_PRESSURE|Chamber = 3.25 Pa|chamber_pressure|3.25|Pa
image|AP_STAGE_AT_X|Stage at X = 3.25 mm|stage_position/x|3.25|mm
image|AP_STAGE_AT_Y|Stage at Y = 3.25 mm|stage_position/y|3.25|mm
image|AP_STAGE_AT_Z|Stage at Z = 3.25 mm|stage_position/z|3.25|mm
image|AP_STAGE_AT_R|Stage at R = 3.25 °|stage_position/rotation|3.25|deg
image|AP_STAGE_AT_T|Stage at T = 3.25 °|stage_position/tilt_alpha|3.25|deg
image|AP_STAGE_AT_M|Stage at M = 3.25 mm|stage_position/m|3.25|mm
image|DP_DETECTOR_CHANNEL|Signal A = InLens|detector_type|InLens|text
image|DP_DETECTOR_TYPE|Detector = InLens|detector_type|InLens|text
image|DP_SEM|Sem = Nexus 55|acquisition_device|Nexus 55|text
image|SV_SAMPLE_ID|Sample ID = some words|specimen|some words|text
SEM|AP_MANUALKV|EHT Target = 3.25 kV|acceleration_voltage|3.25|kV
SEM|AP_ACTUALKV|EHT = 3.25 kV|acceleration_voltage|3.25|kV
SEM|AP_MAG|Mag = 3.25 K X|magnification|3250.0|-
SEM|AP_WD|WD = 3.25 mm|working_distance|3.25|mm
SEM|AP_IPROBE|I Probe = 3.25 nA|beam_current|3250.0|pA
SEM|AP_BEAM_CURRENT|Beam Current = 3.25 µA|emission_current|3.25|µA
SEM|AP_EXTCURRENT|Ext I Monitor = 3.25 µA|emission_current|3.25|µA
SEM|AP_WIDTH|Width = 3.25 µm|horizontal_field_width|3.25|µm
SEM|AP_HEIGHT|Height = 3.25 µm|vertical_field_width|3.25|µm
SEM|AP_SCANROTATION|Scan Rotation = 3.25 °|scan_rotation|3.25|deg
FIB|AP_FIB_EHT_TARGET|FIB EHT Target = 3.25 kV|acceleration_voltage|3.25|kV
FIB|AP_FIB_EHT_ACTUAL|FIB EHT = 3.25 kV|acceleration_voltage|3.25|kV
FIB|AP_FIB_MAGNIFICATION|FIB Mag = 3.25 K X|magnification|3250.0|-
FIB|AP_FIB_WORKING_DISTANCE|FIB Working Distance = 3.25 mm|working_distance|3.25|mm
FIB|AP_FIB_PROBE_CURRENT_ACTUAL|FIB Probe Current Actual = 3.25 pA|beam_current|3.25|pA
FIB|AP_FIB_EMISSION_CURRENT|FIB Emission I = 3.25 µA|emission_current|3.25|µA
FIB|AP_FIB_SCAN_ROTATION|FIB Scan Rot = 3.25 °|scan_rotation|3.25|deg
image|AP_DATE|Date :7 May 2026|Acquisition Date|7 May 2026|text
image|AP_TIME|Time :16:20:05|Acquisition Time|16:20:05|text
image|SV_FILE_NAME|File Name = grain_01.tif|Original Filename|grain_01.tif|text
image|SV_IMAGE_PATH|Images = d:\\images\\jdoe|Original Folder|d:\\images\\jdoe|text
image|SV_USER_NAME|User Name = jdoe|User Name|jdoe|text
image|SV_USER_TEXT|User Text = some words|User Text|some words|text
image|AP_PHOTO_NUMBER|Photo No. = 3|Photo Number|3|-
image|DP_IMAGE_STORE|Store resolution = 1024 * 768|Store Resolution|1024 * 768|text
image|DP_USE_REF_MAG|Reference Mag = Polaroid|Magnification Reference|Polaroid|text
image|SV_SERIAL_NUMBER|Serial No. = Nexus-99-01|Serial Number|Nexus-99-01|text
image|SV_VERSION|Version = V06.00 : 09-Jun-16|Software Version|V06.00 : 09-Jun-16|text
image|DP_COLUMN_TYPE|Column = Nexus|Column Type|Nexus|text
image|DP_FINAL_LENS|Final Lens = 1500: 68 deg|Final Lens|1500: 68 deg|text
image|DP_FILAMENT_TYPE|Filament Type = FE FEI|Filament Type|FE FEI|text
image|AP_FILAMENT_AGE|Filament Age = 3.25 Hours|Filament Age|3.25|h
image|AP_MANUALKV|EHT Target = 3.25 kV|EHT Target|3.25|kV
image|AP_LANDING_ENERGY|Landing energy = 3.25 kV|Landing Energy|3.25|kV
image|AP_ACTUALEXT|Extractor V = 3.25 kV|Extractor Voltage|3.25|kV
image|AP_EXTCURRENT|Ext I Monitor = 3.25 µA|Extractor Current|3.25|µA
image|AP_ACTUALSUPP|Suppressor V = 3.25 V|Suppressor Voltage|3.25|V
image|AP_BEAM_CURRENT|Beam Current = 3.25 µA|Gun Current|3.25|µA
image|AP_ACTUALCURRENT|Fil I = 3.25 A|Filament Current|3.25|A
image|DP_HIGH_CURRENT|High Current = On|High Current|On|text
image|DP_COLUMN_MODE|Column Mode = High Resolution|Column Mode|High Resolution|text
image|DP_BEAM_BLANKED|Beam Blanked = Yes|Beam Blanked|Yes|text
image|DP_APERTURE|Aperture No. = 3|Aperture Number|3|-
image|AP_APERTURESIZE|Aperture Size = 3.25 µm|Aperture Size|3.25|µm
image|AP_APERTURE_ALIGN_X|Aperture Align X = 3.25 %|Aperture Align X|3.25|%
image|AP_APERTURE_ALIGN_Y|Aperture Align Y = 3.25 %|Aperture Align Y|3.25|%
image|AP_SPOTSIZE|Spot Size = 3|Spot Size|3|-
image|AP_STIG_X|Stigmation X = 3.25 %|Stigmator X Value|3.25|%
image|AP_STIG_Y|Stigmation Y = 3.25 %|Stigmator Y Value|3.25|%
image|AP_BEAMSHIFT_X|Beam Shift X = 3.25 %|Beam Shift X|3.25|%
image|AP_BEAMSHIFT_Y|Beam Shift Y = 3.25 %|Beam Shift Y|3.25|%
image|AP_GUNALIGN_X|Gun Align X = 3.25 %|Gun Align X|3.25|%
image|AP_GUNALIGN_Y|Gun Align Y = 3.25 %|Gun Align Y|3.25|%
image|AP_FREE_WD|Free WD = 3.25 mm|Free Working Distance|3.25|mm
image|DP_STAGE_BIAS_HIGH|Beam deceleration = Off|Beam Deceleration|Off|text
image|AP_STAGE_BIAS_VOLTAGE_HIGH|Decel. Volts = 3.25 V|Beam Deceleration Voltage|3.25|V
image|AP_STAGE_BIAS_VOLTAGE|Stage bias Low Volts = 3.25 V|Stage Bias|3.25|V
image|DP_SCANRATE|Scan Speed = 3|Scan Speed|3|-
image|AP_LINE_TIME|Line Time = 3.25 ms|Line Time|3.25|ms
image|AP_FRAME_TIME|Cycle Time = 3.25 Mins|Total Frame Time|195.0|s
image|AP_PIXEL_SIZE|Pixel Size = 3.25 nm|Pixel Size|3.25|nm
image|DP_SCAN_ROT|Scan Rot = Off|Scan Rotation Enabled|Off|text
image|AP_SCANROTATION|Scan Rotation = 3.25 °|Scan Rotation Setting|3.25|deg
image|DP_NOISE_REDUCTION|Noise Reduction = Line Avg|Noise Reduction|Line Avg|text
image|AP_NR_COEFF|N = 3|Noise Reduction Coefficient|3|-
image|AP_FRAME_AVERAGE_COUNT|Frames to average = 3|Frame Average|3|-
image|AP_FRAME_INT_COUNT|Frames to Int. = 3|Frames Integrated|3|-
image|AP_LINE_AVERAGE_COUNT|Line Avg.Count = 3|Line Average|3|-
image|AP_LINE_INT_COUNT|Line int. count = 3|Line Integration|3|-
image|DP_MAINS_SYNC|Mains Sync = Single Edge|Mainslock|Single Edge|text
image|DP_TILT_CORRECTION|Tilt Corrn. = On|Tilt Correction|On|text
image|AP_TILT_ANGLE|Tilt Angle = 3.25 °|Tilt Correction Angle|3.25|deg
image|AP_TILT_AXIS|Tilt Axis = 3.25 °|Tilt Axis|3.25|deg
image|DP_DYNFOCUS|Dyn.Focus = Off|Dynamic Focus|Off|text
image|DP_DETECTOR_CHANNEL|Signal A = InLens|Signal A|InLens|text
image|DP_IMPLIED_DETECTOR|Signal B = InLens|Signal B|InLens|text
image|DP_MIXING|Mixing = Off|Signal Mixing|Off|text
image|AP_BRIGHTNESS|Brightness = 3.25 %|Detector Brightness Setting|3.25|%
image|AP_CONTRAST|Contrast = 3.25 %|Detector Contrast Setting|3.25|%
image|AP_GAMMA|Gamma = 3|Digital Gamma|3|-
image|AP_COLLECTOR_BIAS|Collector Bias = 3.25 V|Collector Bias|3.25|V
image|AP_ESB_GRID|ESB Grid = 3.25 V|ESB Grid|3.25|V
image|AP_ESB_GRID_IS|ESB Grid is = 3.25 V|ESB Grid Actual|3.25|V
image|DP_INLENS_DUO_MODE|InlensDuo Mode = SE|InLens Duo Mode|SE|text
image|AP_INLENS_DUO_GRID|InlensDuo Grid = 3.25 V|InLens Duo Grid|3.25|V
image|DP_BSD_MODE|BSD Mode = Compo|BSD Mode|Compo|text
image|DP_4QBSD_GAIN|BSD Gain = High|BSD Gain|High|text
image|DP_STEM_SEG_MODE|STEM Seg. Mode = Off|STEM Segment Mode|Off|text
image|DP_ION_DETECTOR_MODE|SESI Mode = Ion|SESI Mode|Ion|text
image|AP_SCM|Specimen I = 3.25 pA|Specimen Current|3.25|pA
image|DP_VAC_MODE|Vacuum Mode = High Vacuum|Vacuum Mode|High Vacuum|text
image|AP_SYSTEM_VAC|System Vacuum = 3.25 mbar|System Vacuum|3.25|mbar
image|AP_COLUMN_VAC|Gun Vacuum = 3.25 mbar|Gun Vacuum|3.25|mbar
image|AP_HP_TARGET|VP Target = 3.25 Pa|Chamber Pressure Target|3.25|Pa
image|DP_EP_MODE|EP Gas = Air|Vacuum Gas|Air|text
image|DP_SAMPLE_HOLDER|Sample Holder = Carousel|Sample Holder|Carousel|text
image|DP_TILTED|Stage Tilted = Yes|Stage Tilted|Yes|text
image|DP_GIS_CHANNEL|GIS Channel = None|GIS Channel|None|text
image|DP_FIB_COLUMN|FIB Column = Nexus Ion|FIB/Column Type|Nexus Ion|text
image|DP_FIB_MODE|FIB Mode = Imaging|FIB/Mode|Imaging|text
image|DP_FIB_GUN_STATE|FIB Gun State = On|FIB/Gun State|On|text
image|DP_FIB_BLANKED|FIB Blanked = Yes|FIB/Beam Blanked|Yes|text
image|DP_FIB_IMAGE_PROBE|FIB Image Probe = 30kV:4nA|FIB/Imaging Probe|30kV:4nA|text
image|DP_FIB_MILL_PROBE|FIB Milling Probe = 30kV:4nA|FIB/Milling Probe|30kV:4nA|text
image|AP_FIB_PIXEL_SIZE|FIB Pixel Size = 3.25 nm|FIB/Pixel Size|3.25|nm
image|AP_FIB_EXT_ACTUAL|FIB Extractor = 3.25 kV|FIB/Extractor Voltage|3.25|kV
image|AP_FIB_SUPPRESSOR|FIB Suppressor = 3.25 V|FIB/Suppressor Voltage|3.25|V
image|AP_FIB_CONDENSER_ACTUAL|FIB Condenser actual = 3.25 V|FIB/Condenser Voltage|3.25|V
image|AP_FIB_OBJECTIVE_ACTUAL|FIB Objective Actual = 3.25 V|FIB/Objective Voltage|3.25|V
image|AP_FIB_STIGMATOR_X|FIB Stig X = 3.25 %|FIB/Stigmator X Value|3.25|%
image|AP_FIB_STIGMATOR_Y|FIB Stig Y = 3.25 %|FIB/Stigmator Y Value|3.25|%
image|AP_FIB_SEM_ANGLE|FIB SEM Angle = 3.25 °|FIB/Angle to SEM|3.25|deg
image|AP_FIB_TILT_COMP|FIB Tilt Comp = 3.25 °|FIB/Tilt Correction Angle|3.25|deg
image|AP_FIB_GUN_PRESSURE|FIB Gun Pressure = 3.25 mbar|FIB/Gun Vacuum|3.25|mbar
image|AP_FIB_SOURCE_LIFETIME|Source Lifetime = 3.25 µAh|FIB/Source Lifetime|3.25|µA*h
"""
CASES = [tuple(map(str.strip, line.split("|"))) for line in ROWS.strip().splitlines()]
IDS = [f"{beam} {key} {place}" for beam, key, _, place, *_ in CASES]
TABLES = (IMAGE_FIELDS, SEM_FIELDS, FIB_FIELDS, SHOWN_FIELDS, SHOWN_FIB_FIELDS)


def _found(dataset, place):
    name, _, part = place.partition("/")
    if name in ImageMetadata.model_fields:
        value = dataset.fields.get(name)
        return value.get(part) if part and value else value
    value = dataset.extensions.get(name)
    return value.get(part) if part and value else value


def _expected(value, unit):
    if unit == "text":
        return value
    return float(value) if unit == "-" else quantity(value, unit)


def _lines(beam, key, line):
    imaging = {} if beam == "image" else {"DP_FIB_IMAGING": f"FIB Imaging = {beam}"}
    return {**imaging, "DP_FIB_PRESENT": "FIB Present = Yes", key: line}


def test_the_tables_have_no_other_rows():
    assert sum(map(len, TABLES)) == len(CASES) == 128


@pytest.mark.parametrize(
    ("beam", "key", "line", "place", "value", "unit"), CASES, ids=IDS
)
def test_a_setting_arrives(extract_smartsem, beam, key, line, place, value, unit):
    found = _found(extract_smartsem(_lines(beam, key, line)), place)
    assert found == _expected(value, unit)


@pytest.mark.parametrize(
    ("beam", "key", "line", "place", "value", "unit"), CASES, ids=IDS
)
def test_an_empty_setting_is_skipped(
    extract_smartsem, beam, key, line, place, value, unit
):
    separator = "=" if "=" in line else ":"
    empty = line.partition(separator)[0] + separator
    # Without a pixel size before the settings, which tells the field of view.
    scan = SmartSemScan(pixel_nm=0)
    dataset = extract_smartsem(_lines(beam, key, empty), scan=scan)
    assert _found(dataset, place) is None
    assert dataset.notes == ()


@pytest.mark.parametrize(
    ("key", "line", "name"),
    [
        ("AP_WD", "WD = far mm", "Working Distance"),
        ("AP_IPROBE", "I Probe = 5 mm", "Beam Current"),
        ("AP_IPROBE", "I Probe = 5 elves", "Beam Current"),
    ],
)
def test_what_is_no_such_quantity_is_kept_and_noted(extract_smartsem, key, line, name):
    dataset = extract_smartsem({key: line})
    told = line.partition("= ")[2]
    assert dataset.extensions[name] == told
    (note,) = dataset.notes
    assert note.startswith(f"{name}: expected a number in")
    assert repr(told) in note
