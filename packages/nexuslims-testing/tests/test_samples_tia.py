"""The TIA writer makes files that others can read."""

from __future__ import annotations

import struct
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from nexuslims_testing.samples.tia import Steps, object_info, write_emi, write_ser


@pytest.mark.parametrize(("version", "long"), [(0x0210, False), (0x0220, True)])
def test_a_series_has_its_numbers_where_it_says(tmp_path, version, long):
    spectra = np.arange(12, dtype="u2").reshape(3, 4)
    path = tmp_path / "a_1.ser"
    write_ser(path, spectra, version=version, time=1_000_000)
    content = path.read_bytes()
    head = struct.unpack_from("<HHHIIII", content)
    assert head == (0x4949, 0x0197, version, 0x4120, 0x4152, 3, 3)
    layout = "<Q" if long else "<I"
    (table,) = struct.unpack_from(layout, content, 22)
    width = struct.calcsize(layout)
    starts = [
        struct.unpack_from(layout, content, table + i * width)[0] for i in range(6)
    ]
    for start, tag, spectrum in zip(starts[:3], starts[3:], spectra, strict=True):
        axis = struct.unpack_from("<ddIHI", content, start)
        assert axis == (0.0, 1e-9, 0, 2, 4)
        assert np.frombuffer(content, "<u2", 4, start + 26).tolist() == list(spectrum)
        assert struct.unpack_from("<HH", content, tag) == (0x4152, 0)
    assert struct.unpack_from("<I", content, starts[3] + 4) == (1_000_000,)


def test_images_begin_with_their_bottom_row(tmp_path):
    path = tmp_path / "a_1.ser"
    write_ser(path, np.array([[[1, 2, 3], [4, 5, 6]]], dtype="i4"))
    content = path.read_bytes()
    (table,) = struct.unpack_from("<I", content, 22)
    (start,) = struct.unpack_from("<I", content, table)
    assert struct.unpack_from("<HII", content, start + 40) == (6, 3, 2)
    assert struct.unpack_from("<6i", content, start + 50) == (4, 5, 6, 1, 2, 3)


def test_dimensions_are_written_with_their_texts(tmp_path):
    path = tmp_path / "a_1.ser"
    steps = Steps(size=9, offset=1.5, step=-2.0, element=9, description="Position")
    write_ser(path, np.zeros((1, 2), "f4"), steps=[steps], planned=9)
    content = path.read_bytes()
    assert struct.unpack_from("<II", content, 14) == (9, 1)
    assert struct.unpack_from("<IddII", content, 30) == (9, 1.5, -2.0, 9, 8)
    assert content[58:66] == b"Position"


def test_objects_are_well_formed_xml(tmp_path):
    path = tmp_path / "a.emi"
    text = object_info(manufacturer="A & B", description={"Mode": ("<x>", "")})
    write_emi(path, [text, object_info(spectrum=True, conditions={})])
    content = path.read_bytes()
    first = content[content.index(b"<ObjectInfo>") :].partition(b"</ObjectInfo>")
    root = ET.fromstring((first[0] + first[1]).decode())
    assert root.findtext("Manufacturer") == "A & B"
    assert root.findtext("ExperimentalDescription//Data/Value") == "<x>"
    assert content.count(b"</ObjectInfo>") == 2
    assert b"<StartX>" in first[0]
    assert b"<ExperimentalConditions>" not in first[2]
