"""Files are told by how they begin."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from nexuslims_core.types import DataFile
from nexuslims_testing.samples.dm import Image, dm_bytes, document

TREE = document([Image(pixels=np.zeros((4, 4), np.uint8))])


def _supports(extractor, path, content):
    path.write_bytes(content)
    return extractor.supports(DataFile.at(path))


@pytest.mark.parametrize("version", [3, 4])
@pytest.mark.parametrize("byte_order", ["<", ">"])
def test_both_versions_in_both_byte_orders_are_supported(
    extractor, tmp_path, version, byte_order
):
    content = dm_bytes(TREE, version=version, byte_order=byte_order)
    assert _supports(extractor, tmp_path / "a.dm3", content)


@pytest.mark.parametrize("name", ["a.dm3", "a.dm4"])
@pytest.mark.parametrize("version", [3, 4])
def test_the_version_is_not_told_by_the_extension(
    extract_path, tmp_path, name, version
):
    path = tmp_path / name
    path.write_bytes(dm_bytes(TREE, version=version))
    assert len(extract_path(path)) == 1


def test_a_file_that_was_cut_off_is_supported(extractor, tmp_path):
    assert _supports(extractor, tmp_path / "a.dm3", dm_bytes(TREE)[:100])


@pytest.mark.parametrize(
    "head",
    [
        pytest.param(struct.pack(">iIi2Bi", 2, 99, 1, 1, 0, 5), id="version 2"),
        pytest.param(struct.pack(">iIi2Bi", 5, 99, 1, 1, 0, 5), id="version 5"),
        pytest.param(struct.pack(">iIi2Bi", 3, 0, 1, 1, 0, 5), id="no length"),
        pytest.param(struct.pack(">iIi2Bi", 3, 99, 2, 1, 0, 5), id="byte order"),
        pytest.param(struct.pack(">iIi2Bi", 3, 99, 1, 7, 0, 5), id="flag"),
        pytest.param(struct.pack(">iIi2Bi", 3, 99, 1, 1, 0, 0), id="no tags"),
        pytest.param(struct.pack(">iIi2Bi", 3, 99, 1, 1, 0, -5), id="negative"),
        pytest.param(struct.pack(">iIi2Bi", 3, 99, 1, 1, 0, 2**30), id="too many"),
        pytest.param(struct.pack("<iIi2Bi", 3, 99, 1, 1, 0, 5), id="little-endian"),
        pytest.param(struct.pack(">i", 3), id="short"),
    ],
)
def test_other_heads_are_not(extractor, tmp_path, head):
    assert not _supports(
        extractor, tmp_path / "a.dm3", head + bytes(40 * (len(head) > 4))
    )
