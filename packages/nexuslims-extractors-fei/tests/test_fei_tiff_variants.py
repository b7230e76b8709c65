"""Odd, old, damaged and hostile files."""

from __future__ import annotations

import json

import numpy as np
import pytest
from nexuslims_core.errors import ExtractionError, PreviewError
from nexuslims_core.types import DataFile, quantity
from nexuslims_testing.samples.fei_tiff import (
    TEM_LABELS,
    Scan,
    scan_sections,
    scan_xml,
    settings_text,
    tem_text,
    write_fei_tiff,
    write_scan,
    write_tem,
)
from nexuslims_testing.samples.micrograph import particles
from nexuslims_testing.samples.tiff import tiff_bytes

SCAN = Scan()
SETTINGS = settings_text(scan_sections(SCAN))
VOLTAGE = quantity(20_000, "V")

# Where the settings are.


@pytest.mark.parametrize("byte_order", ["<", ">"])
@pytest.mark.parametrize("big", [False, True], ids=["classic", "big"])
def test_all_layouts_of_tiff_are_read(extract, byte_order, big):
    dataset = extract(byte_order=byte_order, big=big)
    assert dataset.fields["acceleration_voltage"] == VOLTAGE
    assert dataset.preview.read().shape == (48, 64)


def test_the_tag_of_older_instruments_is_read(extract):
    dataset = extract(b"", tags={34680: SETTINGS})
    assert dataset.fields["acceleration_voltage"] == VOLTAGE


def test_settings_at_the_end_are_found_without_tag(extract):
    dataset = extract(tagless=True)
    assert dataset.fields["acceleration_voltage"] == VOLTAGE
    assert dataset.notes == ()


def test_settings_at_the_start_are_found_without_tag(tmp_path, extract_path):
    path = tmp_path / "a.tif"
    pixels = np.zeros((300, 300), np.uint8)
    content = tiff_bytes(pixels, {})
    # Room for text between header and pixels: the directory is moved behind both.
    path.write_bytes(content[:8] + SETTINGS + bytes(9) + content[8:])
    dataset = extract_path(path)
    assert dataset.fields["acceleration_voltage"] == VOLTAGE
    assert dataset.preview is None


def test_settings_without_tag_take_their_xml_along(extract):
    dataset = extract(tagless=True, xml=scan_xml(SCAN))
    group = dataset.raw["FEI_XML_Metadata"]
    assert group["Core"] == {"UserID": "jdoe"}
    assert group["BinaryResult"]["PixelSize"]["X"]["@unit"] == "m"
    assert list(dataset.raw)[-2:] == ["PrivateFei", "FEI_XML_Metadata"]


def test_xml_in_its_tag_is_kept_raw(extract):
    dataset = extract(xml=scan_xml(SCAN))
    assert dataset.raw["FEI_XML_Metadata"]["Detectors"] == {
        "ScanningDetector": {"DetectorName": "ETD"}
    }


def test_xml_alone_is_described(extract):
    dataset = extract(b"", xml=scan_xml(SCAN))
    assert dataset.fields["acceleration_voltage"] == VOLTAGE
    assert dataset.fields["working_distance"] == quantity(0.0101, "m")
    assert dataset.fields["stage_position"]["tilt_alpha"] == quantity(0.1745, "rad")
    assert dataset.fields["detector_type"] == "ETD"
    assert dataset.extensions["Operator"] == "jdoe"
    assert dataset.flagged == (("Operator",),)
    assert dataset.creation_time == SCAN.acquired


def test_without_settings_a_tiff_is_not_supported(tmp_path, extractor):
    path = tmp_path / "plain.tif"
    write_fei_tiff(path, settings=b"")
    file = DataFile.at(path)
    assert not extractor.supports(file)
    with pytest.raises(ExtractionError, match=r"plain\.tif.*34682.*34683.*neither"):
        extractor.extract(file)


def test_other_text_in_the_tag_is_not_ours(tmp_path, extractor):
    path = tmp_path / "plain.tif"
    write_fei_tiff(path, settings=b"[Something]\r\nelse=1\r\n")
    assert not extractor.supports(DataFile.at(path))


# How the settings are written.


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param(SETTINGS.replace(b"\r\n", b"\n"), id="LF"),
        pytest.param(SETTINGS.replace(b"\r\n", b"\r"), id="CR"),
        pytest.param(SETTINGS.replace(b"\r\n", b"\0\r\n\0"), id="NULs"),
        pytest.param(b"\xef\xbb\xbf" + SETTINGS, id="byte order mark"),
        pytest.param(SETTINGS.replace(b"=", b" = "), id="spaces"),
        pytest.param(SETTINGS + b"\0" * 5000, id="padding"),
    ],
)
def test_forms_of_text_make_no_difference(extract, settings):
    expected = extract(SETTINGS)
    found = extract(settings)
    assert found.fields == expected.fields
    assert found.extensions == expected.extensions
    assert found.notes == ()


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "latin-1"])
def test_the_encoding_of_the_microscope_pc_is_found(extract, encoding):
    label = "5 µm, 20 °C, Müller"
    settings = SETTINGS.replace(b"weld, heat-affected zone", label.encode(encoding))
    assert extract(settings).extensions["User Text"] == label


def test_bytes_of_no_encoding_are_read_all_the_same(extract):
    settings = SETTINGS.replace(b"weld", b"w\x81\x8dld")
    assert extract(settings).extensions["User Text"].startswith("w\x81\x8dld")


def test_values_are_taken_literally(extract, changed):
    text = "100% [new] $HOME %(HV)s ; # = !"
    dataset = extract(changed("User", "UserText", text))
    assert dataset.extensions["User Text"] == text


def test_keys_are_case_sensitive(extract):
    settings = SETTINGS.replace(b"HV=20000", b"hv=1\r\nHV=20000\r\nHv=2")
    dataset = extract(settings)
    assert dataset.fields["acceleration_voltage"] == VOLTAGE
    assert dataset.raw["EBeam"]["hv"] == "1"


def test_sections_of_gases_are_told_apart(extract):
    unit = "[MultiGISUnit{0}]\r\nPort={0}\r\n[MultiGISGas1]\r\nGasName=gas {0}\r\n"
    settings = SETTINGS + (unit.format(1) + unit.format(2)).encode()
    raw = extract(settings).raw
    assert raw["MultiGISUnit1.MultiGISGas1"] == {"GasName": "gas 1"}
    assert raw["MultiGISUnit2.MultiGISGas1"] == {"GasName": "gas 2"}
    assert "MultiGISGas1" not in raw


def test_another_section_that_comes_again_is_kept(extract):
    raw = extract(SETTINGS + b"[Image]\r\nAverage=9\r\n").raw
    assert raw["Image"]["Average"] == "0"
    assert raw["Image (2)"] == {"Average": "9"}


def test_lines_that_are_nothing_are_noted(extract):
    dataset = extract(SETTINGS.replace(b"[Beam]", b"garbage\r\n[Beam]\r\nmore"))
    assert dataset.fields["acceleration_voltage"] == VOLTAGE
    (note,) = dataset.notes
    assert "2; the first is 'garbage'" in note


@pytest.mark.parametrize(
    ("lost", "role", "only"),
    [("Beam", "beam", "EBeam"), ("Detectors", "detector", "ETD")],
)
def test_a_lost_section_of_names_is_made_up_for(extract, lost, role, only):
    sections = scan_sections(SCAN)
    del sections[lost]
    dataset = extract(sections)
    assert dataset.extensions[f"{role.capitalize()} Name"] == only
    assert f"which names the {role}; [{only}] is the only one" in dataset.notes[0]


def test_of_two_beams_none_is_guessed(extract):
    sections = scan_sections(SCAN)
    del sections["Beam"]
    sections["IBeam"] = {"HV": "30000"}
    dataset = extract(sections)
    assert "Beam Name" not in dataset.extensions
    assert "acceleration_voltage" not in dataset.fields


def test_a_named_section_may_be_absent(extract):
    sections = scan_sections(SCAN)
    del sections["EBeam"]
    del sections["EScan"]
    dataset = extract(sections)
    assert dataset.extensions["Beam Name"] == "EBeam"
    assert "stage_position" not in dataset.fields
    assert dataset.preview.axes == ()


# TEM.


def test_a_tem_image_has_typed_voltage_and_stage(tmp_path, extract_path):
    path = tmp_path / "a.tif"
    write_tem(path, image=particles(32, 24, seed=1))
    dataset = extract_path(path)
    assert (dataset.dataset_type, dataset.data_type) == ("Image", "TEM_Imaging")
    assert {k: str(v) for k, v in dataset.fields["stage_position"].items()} == {
        "x": "-112.4 micrometer",
        "y": "61.25 micrometer",
        "z": "8.125 micrometer",
        "tilt_alpha": "-12.5 degree",
        "tilt_beta": "0.25 degree",
    }
    assert dataset.fields["acceleration_voltage"] == quantity(200, "kV")
    assert dataset.fields["magnification"] == 29_000
    assert dataset.fields["pixel_width"] == quantity(2.5e-10, "m")
    assert dataset.creation_time is None
    assert dataset.notes == ()


@pytest.mark.parametrize(
    ("label", "value", "unit", "field", "expected"),
    [
        ("Emission", "38.5", "uA", "emission_current", quantity(38.5, "µA")),
        ("Camera length", "0.195", "m", "camera_length", quantity(0.195, "m")),
        ("Convergence angle", "21", "mrad", "convergence_angle", quantity(21, "mrad")),
        ("Stem rotation", "-12.3", "deg", "scan_rotation", quantity(-12.3, "deg")),
        ("Magnification", "29", "kx", "magnification", 29_000),
        ("User", "jdoe", "", "operator", "jdoe"),
    ],
)
def test_a_label_of_a_tem_is_typed_and_shown(
    extract, label, value, unit, field, expected
):
    dataset = extract(tem_text([(label, value, unit)]))
    assert dataset.fields[field] == expected
    assert dataset.extensions[label] == f"{value} {unit}".strip()
    flagged = (("Operator",), ("User",)) if label == "User" else ()
    assert dataset.flagged == flagged


def test_a_typed_label_of_a_tem_without_a_number_is_only_shown(extract):
    dataset = extract(tem_text([("Camera length", "long", "m")]))
    assert "camera_length" not in dataset.fields
    assert dataset.extensions["Camera length"] == "long m"


def test_other_labels_of_a_tem_are_kept_with_their_units(extract):
    dataset = extract(tem_text())
    assert dataset.extensions == {
        "Microscope": "Nexus T200 ST",
        "User": "jdoe",
        "Gun type": "FEG",
        "Extraction voltage": "4200 V",
        "Emission": "38.5 uA",
        "Mode": "TEM uP SA Zoom Image",
        "Defocus": "-0.750 um",
        "Magnification": "29000 x",
        "Spot size": "3",
    }
    assert dataset.raw["Root"][3] == {
        "Label": "High tension",
        "Value": "200",
        "Unit": "kV",
    }


@pytest.mark.parametrize(
    ("mode", "dataset_type", "data_type"),
    [
        ("TEM uP SA Zoom Image", "Image", "TEM_Imaging"),
        ("TEM uP Diffraction", "Diffraction", "TEM_Diffraction"),
    ],
)
def test_the_mode_of_a_tem_tells_the_type(extract, mode, dataset_type, data_type):
    labels = [row for row in TEM_LABELS if row[0] != "Mode"] + [("Mode", mode, "")]
    dataset = extract(tem_text(labels), tags={65450: (1, 1), 65451: (1, 1), 65452: 3})
    assert (dataset.dataset_type, dataset.data_type) == (dataset_type, data_type)
    assert ("pixel_width" in dataset.fields) == (data_type == "TEM_Imaging")


@pytest.mark.parametrize(
    "row",
    [
        ("High tension", "200", "furlong"),
        ("High tension", "off", "kV"),
        ("Stage X", "", "um"),
        ("Stage X", "?", "um"),
    ],
)
def test_values_of_a_tem_that_are_no_quantities_stay_text(extract, row):
    dataset = extract(tem_text([row]))
    assert dataset.fields == {}
    expected = {row[0]: f"{row[1]} {row[2]}"} if row[1] else {}
    assert dataset.extensions == expected


def test_a_cut_off_list_is_read_to_where_it_ends(extract):
    text = tem_text()
    dataset = extract(text[: text.index(b"Extraction")])
    assert dataset.fields["acceleration_voltage"] == quantity(200, "kV")
    assert "damaged" in dataset.notes[0]


# XML.


@pytest.mark.parametrize(
    "xml",
    [
        pytest.param(
            b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><Meta>&b;</Meta>',
            id="entity",
        ),
        pytest.param(
            b'<?xml version="1.0"?><!DOCTYPE a SYSTEM "file:///etc/passwd"><Metadata/>',
            id="external document type",
        ),
        pytest.param(b"<?xml version='1.0'?> nothing", id="no element"),
    ],
)
def test_dangerous_and_broken_xml_is_kept_as_text(extract, xml):
    dataset = extract(xml=xml)
    assert dataset.raw["FEI_XML_Metadata"] == xml.decode()
    assert "XML metadata cannot be read" in dataset.notes[0]
    assert dataset.fields["acceleration_voltage"] == VOLTAGE


def test_cut_off_xml_is_read_to_where_it_ends(extract):
    xml = scan_xml(SCAN)
    dataset = extract(xml=xml[: xml.index(b"<Optics>") + 40])
    assert dataset.raw["FEI_XML_Metadata"]["Core"] == {"UserID": "jdoe"}
    assert "XML metadata are damaged" in dataset.notes[0]


def test_deeply_nested_xml_is_bounded(extract):
    dataset = extract(xml=b"<?xml version='1.0'?><Metadata>" + b"<a>" * 50_000)
    assert len(json.dumps(dataset.raw)) < 10_000


# Images.


def test_axes_are_calibrated_by_the_field_of_view(extract_path, tmp_path):
    path = tmp_path / "a.tif"
    write_scan(path, Scan(width=64, height=48, field_width_m=3.2e-5))
    rows, columns = extract_path(path).preview.axes
    assert (rows.name, rows.size, columns.name, columns.size) == ("y", 48, "x", 64)
    assert columns.scale == pytest.approx(0.5)
    assert rows.scale == pytest.approx(0.5)
    assert columns.unit == "µm"


def test_rows_below_the_scan_are_part_of_the_picture(extract):
    sections = scan_sections(Scan(width=64, height=40, field_width_m=6.4e-6))
    dataset = extract(sections)
    assert dataset.fields["data_dimensions"] == "(64, 40)"
    assert [axis.size for axis in dataset.preview.axes] == [48, 64]
    assert [axis.scale for axis in dataset.preview.axes] == pytest.approx([0.1, 0.1])


@pytest.mark.parametrize(
    ("width_m", "unit", "scale"),
    [(6.4e-8, "nm", 1), (6.4e-5, "µm", 1), (6.4e-3, "mm", 0.1), (1.28, "m", 0.02)],
)
def test_axes_have_a_unit_of_their_size(extract, width_m, unit, scale):
    axis = extract(scan_sections(Scan(width=64, field_width_m=width_m))).preview.axes[1]
    assert (axis.unit, axis.scale) == (unit, pytest.approx(scale))


@pytest.mark.parametrize("dtype", ["u1", "u2", "u4"])
def test_grey_levels_are_those_of_the_file(extract, dtype):
    pixels = np.arange(12 * 16).reshape(12, 16).astype(dtype) + 60
    shown = extract(pixels=pixels).preview.read()
    assert shown.dtype == pixels.dtype
    assert (shown == pixels).all()


def test_colour_is_kept(extract):
    pixels = np.arange(12 * 16 * 3, dtype="u1").reshape(12, 16, 3)
    source = extract(pixels=pixels).preview
    assert (source.read() == pixels).all()
    assert [axis.size for axis in source.axes] == [12, 16]


def test_a_palette_is_applied(extract):
    ramp = tuple(range(0, 65536, 256))
    zero = (0,) * 256
    pixels = np.arange(256, dtype="u1").reshape(16, 16)
    tags = {262: 3, 320: ramp + zero + ramp[::-1]}
    shown = extract(pixels=pixels, tags=tags).preview.read()
    assert shown.shape == (16, 16, 3)
    assert shown[0, 5].tolist() == [5, 0, 250]


def test_a_palette_of_greys_gives_a_grey_image(extract):
    ramp = tuple(range(0, 65536, 256))
    pixels = np.arange(256, dtype="u1").reshape(16, 16)
    shown = extract(pixels=pixels, tags={262: 3, 320: ramp * 3}).preview.read()
    assert (shown == pixels).all()


def test_an_image_whose_white_is_zero_is_inverted(extract):
    pixels = np.arange(16, dtype="u1").reshape(4, 4)
    shown = extract(pixels=pixels, tags={262: 0}).preview.read()
    assert (shown == 255 - pixels).all()


@pytest.mark.parametrize(
    "tags",
    [
        pytest.param({273: 10**9}, id="elsewhere"),
        pytest.param({279: 10**9}, id="too long"),
        pytest.param({279: 5}, id="too short"),
        pytest.param({256: 10**9}, id="too wide"),
        pytest.param({257: 2**32 - 1}, id="too high"),
        pytest.param({256: 0}, id="no width"),
        pytest.param({277: 7}, id="seven samples"),
        pytest.param({257: 2**31, 259: 5}, id="a bomb"),
    ],
)
def test_a_damaged_image_costs_the_preview_alone(extract, tags):
    dataset = extract(tags=tags)
    assert dataset.fields["acceleration_voltage"] == VOLTAGE
    assert dataset.preview is None
    assert "The image is damaged" in dataset.notes[0]


def test_an_image_that_cannot_be_decoded_is_a_preview_error(extract):
    source = extract(tags={259: 8}).preview
    with pytest.raises(PreviewError, match=r"image\.tif"):
        source.read()


def test_further_images_are_mentioned(tmp_path, extract_path):
    path = tmp_path / "a.tif"
    write_scan(path, Scan(width=32, height=32))
    content = bytearray(path.read_bytes())
    directory = int.from_bytes(content[4:8], "little")
    count = int.from_bytes(content[directory : directory + 2], "little")
    end = directory + 2 + 12 * count
    # The second directory is an empty one at the end of the file.
    content[end : end + 4] = len(content).to_bytes(4, "little")
    path.write_bytes(bytes(content) + bytes(6))
    dataset = extract_path(path)
    assert dataset.notes == (
        "The file has 2 images; metadata and preview are of the first.",
    )


# Damage.


def test_a_cut_off_tag_is_read_to_where_it_ends(tmp_path, extract_path):
    path = tmp_path / "a.tif"
    write_fei_tiff(path, settings=SETTINGS)
    content = path.read_bytes()
    path.write_bytes(content[: content.index(b"[Vacuum]")])
    dataset = extract_path(path)
    assert dataset.fields["acceleration_voltage"] == VOLTAGE
    assert "tag 34682 should end at byte" in dataset.notes[0]
    assert dataset.preview.read().shape == (48, 64)


def test_a_file_cut_off_before_its_directory_says_so(tmp_path, extractor):
    path = tmp_path / "a.tif"
    write_fei_tiff(path, settings=SETTINGS)
    path.write_bytes(path.read_bytes()[:1000])
    file = DataFile.at(path)
    assert not extractor.supports(file)
    message = r"a\.tif.*expected a directory at byte \d+, but the file ends at 1000"
    with pytest.raises(ExtractionError, match=message):
        extractor.extract(file)


def test_settings_outlive_a_damaged_directory(tmp_path, extract_path):
    path = tmp_path / "a.tif"
    write_fei_tiff(path, settings=SETTINGS)
    content = bytearray(path.read_bytes())
    content[4:8] = b"\xff" * 4
    path.write_bytes(content)
    dataset = extract_path(path)
    assert dataset.fields["acceleration_voltage"] == VOLTAGE
    assert dataset.preview is None
    assert "The TIFF structure is damaged" in dataset.notes[0]
