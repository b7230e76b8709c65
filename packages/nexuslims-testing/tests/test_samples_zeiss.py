"""The writers of Zeiss and Fibics files make what they say, the same each time."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import numpy as np
import pytest
import tifffile
from nexuslims_testing.samples.zeiss import (
    SmartSemScan,
    fibics_xml,
    orion_xml,
    smartsem_text,
    write_fibics,
    write_orion,
    write_smartsem,
)

WRITERS = {
    "SmartSEM": write_smartsem,
    "Orion": write_orion,
    "Fibics": write_fibics,
}


@pytest.mark.parametrize("kind", WRITERS)
def test_the_same_sample_is_the_same_bytes(tmp_path, kind):
    for name in ("1.tif", "2.tif"):
        WRITERS[kind](tmp_path / name)
    assert (tmp_path / "1.tif").read_bytes() == (tmp_path / "2.tif").read_bytes()


def test_another_reader_finds_smartsem_settings(tmp_path):
    path = tmp_path / "a.tif"
    write_smartsem(path, scan=SmartSemScan(voltage_kv=3, pixel_nm=4))
    with tifffile.TiffFile(path) as tiff:
        found = tiff.sem_metadata
        assert tiff.pages[0].is_sem
        assert tiff.asarray().shape == (48, 64)
    assert found["ap_actualkv"] == ("EHT", 3.0, "kV")
    assert found["ap_beam_current"] == ("Beam Current", 80.0, "µA")
    assert found["ap_date"] == ("Date", "7 May 2026")
    assert found["dp_scan_rot"] == ("Scan Rot", False)
    assert found[""][3] == 4e-9


def test_settings_can_be_written_once_more_as_utf_16(tmp_path):
    path = tmp_path / "a.tif"
    write_smartsem(path, {"SV_USER_NAME": "User Name = Łukasz"}, unicode=True)
    with tifffile.TiffFile(path) as tiff:
        tag = tiff.pages[0].tags[34119]
        tiff.filehandle.seek(tag.valueoffset)
        text = tiff.filehandle.read(tag.count).decode("utf-16-le")
    assert text.endswith("SV_USER_NAME\r\nUser Name = Łukasz\r\n")


def test_a_key_and_what_it_says_are_two_lines():
    assert smartsem_text({"AP_WD": "WD = 5 mm"}, ["0"]) == "0\r\nAP_WD\r\nWD = 5 mm\r\n"


def test_another_reader_finds_the_image_of_an_orion(tmp_path):
    path = tmp_path / "a.tif"
    write_orion(path)
    with tifffile.TiffFile(path) as tiff:
        pixels = tiff.asarray()
        assert tiff.pages[0].tags[65000].value.startswith("<ImageTags>")
    assert pixels.shape == (64, 64, 4)
    assert (pixels[..., 3] == 255).all()
    assert not pixels[48:, :, :3].any()


def test_values_of_an_orion_have_units():
    root = ET.fromstring(orion_xml({"StageX": ("1 < 2", "um")}))
    assert root.findtext("StageX/Value") == "1 < 2"
    assert root.findtext("StageX/Units") == "um"


def test_another_reader_finds_the_image_of_fibics(tmp_path):
    path = tmp_path / "a.tif"
    write_fibics(path)
    with tifffile.TiffFile(path) as tiff:
        assert tiff.pages[0].photometric == tifffile.PHOTOMETRIC.PALETTE
        assert np.ptp(tiff.asarray()) > 80
        assert tiff.pages[0].tags[51023].value.startswith("<?xml")


def test_values_of_fibics_are_elements_or_items():
    values = {
        "Scan": {"Dwell": ("5", "ns")},
        "BeamInfo": {"AccV": ("7", "")},
    }
    root = ET.fromstring(fibics_xml(values).rstrip(b"\0"))
    assert root.find("Scan/Dwell").attrib == {"units": "ns"}
    assert root.findtext("BeamInfo/item[@name='AccV']") == "7"
