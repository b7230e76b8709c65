"""What is said of Orion and Fibics images beside their tables, and when damaged."""

# ruff: noqa: DTZ001 - the clock of an instrument has no zone

from __future__ import annotations

from datetime import datetime

import numpy as np
import pytest
from nexuslims_core.errors import ExtractionError
from nexuslims_core.types import DataFile, quantity
from nexuslims_testing.samples.fei_tiff import Scan, write_scan, write_tem
from nexuslims_testing.samples.micrograph import particles
from nexuslims_testing.samples.tescan import write_tescan
from nexuslims_testing.samples.zeiss import (
    FIBICS_VALUES,
    ORION_VALUES,
    SmartSemScan,
    fibics_xml,
    orion_xml,
    smartsem_lines,
    smartsem_text,
    write_fibics,
    write_orion,
    write_smartsem,
)

# What is read.


def test_the_xml_is_kept_as_a_raw_group(extract_orion, extract_fibics):
    tags = extract_orion().raw["ImageTags"]
    assert tags["GFIS.IonGas"] == {"Value": "Helium", "Units": ""}
    fibics = extract_fibics().raw["Fibics"]
    assert fibics["@version"] == "1.0"
    assert fibics["BeamInfo"]["item"][1] == {"@name": "AccV", "#text": "25000"}


def test_the_text_may_be_of_any_encoding(extract_fibics):
    values = {"Image": {"Aperture": ("Ne 10 µm", "")}}
    latin = fibics_xml(values)
    assert b"\xb5m" in latin
    for content in (latin, latin.replace(b"\xb5", "µ".encode())):
        extensions = extract_fibics(content).extensions
        assert extensions["Image"]["Aperture Description"] == "Ne 10 µm"


def test_an_orion_images_with_ions(extract_orion, extract_fibics):
    assert extract_orion().data_type == "HIM_Imaging"
    assert extract_fibics().data_type == "HIM_Imaging"


@pytest.mark.parametrize(
    ("beam", "data_type"),
    [("SEM", "SEM_Imaging"), ("FIB", "FIB_Imaging"), ("", "HIM_Imaging")],
)
def test_fibics_runs_other_microscopes_too(extract_fibics, beam, data_type):
    values = {**FIBICS_VALUES, "Image": {"Beam": (beam, "")}}
    assert extract_fibics(fibics_xml(values)).data_type == data_type


def test_both_kinds_of_xml_are_joined(extract_orion):
    dataset = extract_orion(tags={51023: fibics_xml()})
    assert dataset.fields["magnification"] == 1190000
    assert dataset.fields["beam_current"] == quantity(1.75, "pA")
    assert set(dataset.raw) == {"ImageTags", "Fibics"}


def test_settings_of_smartsem_in_the_same_file_are_read_too(extract_fibics):
    scan = SmartSemScan(working_distance_mm=7, voltage_kv=2)
    settings = smartsem_text(smartsem_lines(scan)).encode("cp1252")
    values = {**FIBICS_VALUES, "Image": {"Beam": ("SEM", "")}}
    dataset = extract_fibics(fibics_xml(values), tags={34118: settings})
    assert dataset.fields["working_distance"] == quantity(7, "mm")
    assert dataset.fields["acceleration_voltage"] == quantity(25, "kV")
    assert dataset.extensions["Operator"] == "JDOE"
    assert dataset.flagged[0] == ("Operator",)
    assert dataset.data_type == "SEM_Imaging"
    assert set(dataset.raw) == {"CZ_SEM", "Fibics"}


@pytest.mark.parametrize("missing", ["ScalingY", "ImageHeight"])
def test_a_height_needs_rows_and_their_size(extract_orion, missing):
    values = {name: told for name, told in ORION_VALUES.items() if name != missing}
    assert "vertical_field_width" not in extract_orion(orion_xml(values)).fields


# When.


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("5/07/2026 4:20:05 PM", datetime(2026, 5, 7, 16, 20, 5)),
        ("2026-05-07T16:20:05", datetime(2026, 5, 7, 16, 20, 5)),
    ],
)
def test_the_time_of_an_orion(extract_orion, text, when):
    assert extract_orion(orion_xml({"TimeStamp": (text, "")})).creation_time == when


def test_the_time_of_fibics_has_a_zone(extract_fibics):
    when = extract_fibics().creation_time
    assert when.isoformat() == "2026-05-07T16:20:05.250000-04:00"


def test_the_plain_tag_stands_in(extract_fibics):
    values = {"Image": FIBICS_VALUES["Image"]}
    when = extract_fibics(fibics_xml(values)).creation_time
    assert when == datetime(2026, 5, 7, 16, 20, 5)


def test_without_a_time_nothing_is_noted(extract_orion):
    dataset = extract_orion(orion_xml({"StageX": ("1", "um")}))
    assert dataset.creation_time is None
    assert dataset.notes == ()


def test_a_time_that_cannot_be_read_is_noted(extract_orion):
    dataset = extract_orion(orion_xml({"TimeStamp": ("noon", "")}))
    assert dataset.creation_time is None
    (note,) = dataset.notes
    assert note == (
        "Acquisition time: expected a date and a time, found 'noon'; "
        "the file's modification time is used."
    )


# The image.


def test_the_preview_is_calibrated_and_keeps_the_data_bar(extract_orion):
    source = extract_orion().preview
    assert [(axis.size, axis.unit) for axis in source.axes] == [(64, "nm")] * 2
    assert source.axes[1].scale == pytest.approx(1.5)
    pixels = source.read()
    assert pixels.shape == (64, 64, 4)
    assert not pixels[48:, :, :3].any()


def test_the_preview_of_fibics_is_mapped_to_memory(extract_fibics):
    source = extract_fibics().preview
    assert source.axes[1].scale == pytest.approx(0.05)
    assert isinstance(source.read(), np.memmap)


# Damage.


def test_xml_that_ends_early_is_read_as_far_as_it_goes(extract_orion):
    xml = orion_xml()
    dataset = extract_orion(xml[: xml.index(b"<Fov>") + 12])
    assert dataset.fields["acceleration_voltage"] == quantity(25.01, "kV")
    assert "horizontal_field_width" not in dataset.fields
    (note,) = dataset.notes
    assert note.startswith("The XML in tag 65000 is damaged: expected well-formed XML")


def test_xml_with_entities_is_not_read(tmp_path, him):
    bomb = b'<!DOCTYPE a [<!ENTITY b "c">]><ImageTags>&b;</ImageTags>'
    path = tmp_path / "a.tif"
    write_orion(path, bomb)
    with pytest.raises(ExtractionError, match="without a document type"):
        him.extract(DataFile.at(path))


def test_a_tag_that_is_cut_off_is_noted(tmp_path, extract_path):
    path = tmp_path / "a.tif"
    write_orion(path)
    content = path.read_bytes()
    path.write_bytes(content[:-100])
    dataset = extract_path(path)
    assert dataset.fields["acceleration_voltage"] == quantity(25.01, "kV")
    assert dataset.notes[0].startswith("Metadata tag 65000 should end at byte")


# Files of others.

FOREIGN = {
    "FEI SEM": lambda path: write_scan(path, Scan(width=48, height=32)),
    "FEI SEM with XML": lambda path: write_scan(path, Scan(), xml=True),
    "FEI TEM": lambda path: write_tem(path, image=particles(32, 32, seed=5)),
    "Tescan": write_tescan,
    "SmartSEM": write_smartsem,
    "other XML": lambda path: write_orion(path, b"<Metadata></Metadata>"),
    "XML of the other": lambda path: write_orion(path, fibics_xml()),
}


@pytest.mark.parametrize("kind", FOREIGN)
def test_files_of_others_are_left_to_others(tmp_path, him, kind):
    path = tmp_path / "a.tif"
    FOREIGN[kind](path)
    file = DataFile.at(path)
    assert not him.supports(file)
    with pytest.raises(ExtractionError, match="cannot be read as an Orion or Fibics"):
        him.extract(file)


def test_fibics_and_orion_are_not_left_to_smartsem(tmp_path, smartsem):
    path = tmp_path / "a.tif"
    for write in (write_fibics, write_orion):
        write(
            path, tags={34118: smartsem_text(smartsem_lines(SmartSemScan())).encode()}
        )
        assert not smartsem.supports(DataFile.at(path))
