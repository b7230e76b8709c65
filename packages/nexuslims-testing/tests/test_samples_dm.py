"""The writer of DigitalMicrograph files makes what it says, byte by byte."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from nexuslims_testing.samples.dm import Image, dm_bytes, document, write_dm

VERSIONS = pytest.mark.parametrize("version", [3, 4])
ORDERS = pytest.mark.parametrize("byte_order", ["<", ">"])
CODES = {3: "i", 4: "H", 7: "d", 8: "B", 11: "q"}


class Reader:
    """Reads what the writer wrote, by the description of the format alone."""

    def __init__(self, content):
        self.content, self.at = content, 0
        self.version = self.take(">i")
        self.length = self.take(">i" if self.version == 3 else ">q")
        self.order = "<" if self.take(">i") else ">"

    def take(self, code):
        (value,) = struct.unpack_from(code, self.content, self.at)
        self.at += struct.calcsize(code)
        return value

    def count(self):
        return self.take(">i" if self.version == 3 else ">q")

    def group(self):
        self.at += 2
        return [self.entry() for _ in range(self.count())]

    def entry(self):
        kind, length = self.take(">B"), self.take(">H")
        name = self.content[self.at : self.at + length].decode("latin-1")
        self.at += length
        end = self.count() if self.version == 4 else 0
        start = self.at
        value = self.group() if kind == 20 else self.tag()
        assert not end or self.at == start + end
        return name, value

    def tag(self):
        assert self.take("4s") == b"%%%%"
        definition = [self.count() for _ in range(self.count())]
        if definition[0] == 15:
            return tuple(self.take(self.order + CODES[one]) for one in definition[4::2])
        if definition[0] == 20 and definition[1] == 15:
            fields = definition[5:-1:2]
            return [
                tuple(self.take(self.order + CODES[one]) for one in fields)
                for _ in range(definition[-1])
            ]
        if definition[0] == 20:
            return [
                self.take(self.order + CODES[definition[1]])
                for _ in range(definition[2])
            ]
        return self.take(self.order + CODES[definition[0]])


@VERSIONS
@ORDERS
def test_tags_of_all_kinds(version, byte_order):
    tree = {
        "whole": 7,
        "long": 2**40,
        "real": 2.5,
        "yes": True,
        "text": "µm",
        "pair": (1, 2.5),
        "table": [(1, 2), (3, 4)],
        "numbers": np.array([1.5, 2.5]),
        "group": {"#0": 1, "#1": 2, "empty": {}},
        "size (µm)": 1,
    }
    content = dm_bytes(tree, version=version, byte_order=byte_order)
    reader = Reader(content)
    assert (reader.version, reader.order) == (version, byte_order)
    assert reader.group() == [
        ("whole", 7),
        ("long", 2**40),
        ("real", 2.5),
        ("yes", 1),
        ("text", [0xB5, ord("m")]),
        ("pair", (1, 2.5)),
        ("table", [(1, 2), (3, 4)]),
        ("numbers", [1.5, 2.5]),
        ("group", [("", 1), ("", 2), ("empty", [])]),
        ("size (µm)", 1),
    ]
    assert content[reader.at :] == bytes(8)
    assert reader.length == len(content) - (16 if version == 3 else 24)


def test_an_image_lists_its_fastest_axis_first():
    image = Image(
        pixels=np.zeros((4, 6), np.uint16), scales=(2.0, 3.0), units=("a", "b")
    )
    data = document([image])["ImageList"]["#1"]["ImageData"]
    assert list(data["Dimensions"].values()) == [6, 4]
    axes = list(data["Calibrations"]["Dimension"].values())
    assert [(one["Scale"], one["Units"]) for one in axes] == [(3.0, "b"), (2.0, "a")]
    assert data["DataType"] == 10


def test_colours_are_numbers_of_32_bits():
    pixels = np.array([[[1, 2, 3]]], np.uint8)
    data = document([Image(pixels=pixels, rgb=True)])["ImageList"]["#1"]["ImageData"]
    assert data["Data"].tolist() == [0x010203]
    assert data["DataType"] == 23
    assert list(data["Dimensions"].values()) == [1, 1]


def test_the_thumbnail_is_first_and_told():
    image = Image(pixels=np.zeros((4, 6), np.uint8))
    tree = document([image])
    assert tree["Thumbnails"]["#0"]["ImageIndex"] == 0
    assert tree["ImageSourceList"]["#0"]["ImageRef"] == 1
    assert len(tree["ImageList"]) == 2


def test_there_need_be_no_thumbnail():
    tree = document([Image(pixels=np.zeros((4, 6), np.uint8))], thumbnail=False)
    assert "Thumbnails" not in tree
    assert tree["ImageSourceList"]["#0"]["ImageRef"] == 0


@VERSIONS
def test_a_file_has_further_tags(tmp_path, version):
    path = tmp_path / "a.dm3"
    image = Image(pixels=np.zeros((2, 2), np.uint16))
    write_dm(path, [image], version=version, extra={"LayoutType": "STEM-SI", "A": 1})
    names = dict(Reader(path.read_bytes()).group())
    assert bytes(names["LayoutType"]) == b"STEM-SI"
    assert names["A"] == 1
