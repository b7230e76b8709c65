"""The generic samples have the bytes that their formats' descriptions tell."""

from __future__ import annotations

import base64
import re
import struct
import zlib
from xml.etree import ElementTree as ET

import h5py
import numpy as np
import pytest
from nexuslims_testing.samples.generic import (
    blockfile,
    bruker_spx,
    empad,
    hdf5,
    holder_logs,
    jeol,
    merlin,
    mrc,
    ripple,
    semper,
    tvips,
)

FRAMES = np.arange(4 * 6 * 6, dtype=np.uint16).reshape(4, 6, 6)


@pytest.mark.parametrize(("order", "stamp"), [("<", b"DD\0\0"), (">", b"\x11\x11\0\0")])
def test_an_mrc_has_sizes_stamp_and_pixels_of_its_byte_order(order, stamp):
    found = mrc.mrc_bytes(FRAMES, byte_order=order, cell=(60, 50, 40), labels=("a",))
    assert struct.unpack_from(f"{order}4i", found) == (6, 6, 4, 6)
    assert struct.unpack_from(f"{order}3f", found, 40) == (60, 50, 40)
    assert found[208:216] == b"MAP " + stamp
    assert struct.unpack_from(f"{order}i", found, 220) == (1,)
    pixels = np.frombuffer(found[1024:], f"{order}u2").reshape(FRAMES.shape)
    assert (pixels == FRAMES).all()


def test_an_old_mrc_has_no_signature():
    assert mrc.mrc_bytes(FRAMES, signature=False)[208:216] == bytes(8)


def test_an_extended_header_stands_between_header_and_pixels():
    block = mrc.fei1_block({"HT": 300_000.0, "Camera name": b"Falcon"})
    found = mrc.mrc_bytes(FRAMES, extended=block, kind=b"FEI1")
    assert len(block) == 768
    assert struct.unpack_from("<i", found, 92) == (768,)
    assert found[104:108] == b"FEI1"
    assert struct.unpack_from("<d", found, 1024 + 84) == (300_000.0,)
    assert found[1024 + 435 : 1024 + 441] == b"Falcon"
    assert len(found) == 1024 + 768 + FRAMES.nbytes


def test_the_older_extended_header_is_1024_blocks():
    found = mrc.old_fei_header({"magnification": 5000.0})
    assert len(found) == 1024 * 128
    assert struct.unpack_from("<f", found, 12 * 4) == (5000.0,)


def test_a_blockfile_marks_every_pattern(tmp_path):
    path = tmp_path / "a.blo"
    blockfile.write_blockfile(path, FRAMES[None] % 200)
    content = path.read_bytes()
    assert content.startswith(b"IMGBLO\2\1")
    image_at, patterns_at = struct.unpack_from("<2I", content, 8)
    assert patterns_at - image_at == 4
    patterns = [content[patterns_at + i * 42 :][:42] for i in range(4)]
    assert [one[:2] for one in patterns] == [b"\xaa\x55"] * 4
    assert [struct.unpack_from("<I", one, 2)[0] for one in patterns] == [0, 1, 2, 3]
    assert len(content) == patterns_at + 4 * 42


def test_a_stream_has_a_header_per_frame(tmp_path):
    path = tmp_path / "x_000.tvips"
    tvips.write_tvips(path, FRAMES)
    content = path.read_bytes()
    assert struct.unpack_from("<5I", content) == (256, 2, 6, 6, 16)
    (frame_header,) = struct.unpack_from("<I", content, 48)
    assert len(content) == 256 + 4 * (frame_header + 72)
    second = 256 + frame_header + 72
    assert struct.unpack_from("<3I", content, second) == (1, 1_600_000_000, 100)


def test_merlin_frames_have_headers_of_text(tmp_path):
    path = tmp_path / "m.mib"
    merlin.write_merlin(path, FRAMES)
    content = path.read_bytes()
    assert len(content) == 4 * (384 + 72)
    assert content[384 + 72 :].startswith(b"MQ1,000002,00384,01,0006,0006,U16,")
    assert (np.frombuffer(content[384:456], ">u2") == FRAMES[0].ravel()).all()
    text = path.with_suffix(".hdr").read_text()
    assert text.startswith("HDR,\n")
    assert "Readout System:\tMerlin Quad\n" in text


def test_an_empad_names_its_frames(tmp_path):
    path = tmp_path / "e.xml"
    empad.write_empad(path, 2)
    name = ET.parse(path).getroot().find("raw_file").get("filename")
    assert (tmp_path / name).stat().st_size == 2 * 130 * 128 * 4


def test_a_berkeley_emd_has_an_axis_per_dimension(tmp_path):
    path = tmp_path / "a.emd"
    hdf5.write_berkeley_emd(path, FRAMES, pixel_nm=0.25)
    with h5py.File(path) as file:
        group = file["data/image"]
        assert group.attrs["emd_group_type"] == 1
        assert [len(group[f"dim{i}"]) for i in (1, 2, 3)] == [4, 6, 6]
        assert group["dim3"][1] - group["dim3"][0] == 0.25


def test_a_hspy_has_an_experiment_per_signal(tmp_path):
    path = tmp_path / "a.hspy"
    hdf5.write_hspy(path, {"one": FRAMES[0], "two": FRAMES})
    with h5py.File(path) as file:
        assert file.attrs["file_format"] == "HyperSpy"
        assert set(file["Experiments"]) == {"one", "two"}
        assert file["Experiments/two/axis-0"].attrs["navigate"]
        assert not file["Experiments/two/axis-2"].attrs["navigate"]


def test_a_nexus_file_marks_its_data(tmp_path):
    path = tmp_path / "a.nxs"
    hdf5.write_nexus(path, FRAMES[0])
    with h5py.File(path) as file:
        found = file[f"entry/{file['entry'].attrs['default']}"]
        assert found.attrs["NX_class"] == "NXdata"
        assert (found[found.attrs["signal"]][()] == FRAMES[0]).all()


def test_a_master_file_links_to_its_frames(tmp_path):
    path = tmp_path / "a_master.h5"
    hdf5.write_arina(path, FRAMES)
    with h5py.File(path) as file:
        assert (file["entry/data/data_000001"][()] == FRAMES).all()
    assert (tmp_path / "a_data_000001.h5").is_file()


def test_a_bruker_spectrum_hides_its_layers(tmp_path):
    path = tmp_path / "a.spx"
    bruker_spx.write_spx(path, [1, 2, 3])
    root = ET.parse(path).getroot()
    assert root.find(".//Channels").text == "1,2,3"
    layers = zlib.decompress(base64.b64decode(root.find(".//DetLayers").text))
    assert ET.fromstring(layers).find("Layer0").get("Atom") == "13"


def test_a_jeol_tree_is_marks_names_and_values():
    found = jeol.tree_bytes({"Mag": np.int32(40_000), "Group": {"Name": "A"}})
    leaf = b"\1\4\0\0\0Mag\0" + struct.pack("<2ii", 3, 4, 40_000) + b"\xff"
    group = b"\1\6\0\0\0Group\0" + bytes(8)
    inside = b"\1\5\0\0\0Name\0" + struct.pack("<2i", 12, 2) + b"A\0\xff"
    assert found == leaf + group + inside + b"\xff" + b"\xff"


def test_jeol_files_have_their_signatures(tmp_path):
    jeol.write_img(tmp_path / "a.img", FRAMES[0])
    jeol.write_pts(tmp_path / "a.pts", [(0, 0, 100)])
    jeol.write_eds(tmp_path / "a.eds", np.arange(9))
    jeol.write_asw(tmp_path / "a.asw", ("a.img",))
    heads = [path.read_bytes()[:12] for path in sorted(tmp_path.iterdir())]
    assert [head[:4] for head in heads] == [
        bytes(4),
        b"\2\0\0\0",
        b"\x34\0\0\0",
        b"\x30\1\0\0",
    ]
    assert heads[3][4:] == b"PTTDFILE"


def test_a_jeol_map_marks_rows_columns_and_x_rays(tmp_path):
    path = tmp_path / "a.pts"
    jeol.write_pts(path, [(0, 0, 100), (63, 63, 7)])
    content = path.read_bytes()
    (at,) = struct.unpack_from("<I", content, 28)
    words = np.frombuffer(content[at:], "<u2")
    kinds, values = words & 0xF000, words & 0x0FFF
    assert (kinds == 0x9000).sum() == 64
    assert (kinds == 0x8000).sum() == 64 * 64
    assert values[kinds == 0xB000].tolist() == [100, 7]


def test_a_jeol_spectrum_has_its_counts(tmp_path):
    path = tmp_path / "a.eds"
    counts = np.arange(9) + 1000
    jeol.write_eds(path, counts)
    content = path.read_bytes()
    assert struct.unpack_from("<d", content, 10) == (jeol.CREATED,)
    assert struct.pack("<i", 9) + counts.astype("<i4").tobytes() in content


def test_a_semper_record_has_its_length_on_both_sides(tmp_path):
    path = tmp_path / "a.unf"
    semper.write_semper(path, FRAMES[0].astype("f4"), title="grid")
    content = path.read_bytes()
    assert content[:4] == content[16:20] == b"\x0c\0\0\0"
    assert struct.unpack_from("<6h", content, 4) == (6, 6, 1, 1, 2, 20_004)
    assert content[20:32] == b"\4\0\0\0grid\4\0\0\0"
    assert len(content) == 32 + 6 * (8 + 24)


def test_logs_have_a_line_per_reading(tmp_path):
    path = tmp_path / "E_Synchronized data.csv"
    holder_logs.write_impulse(path, 5)
    assert len(path.read_text().splitlines()) == 1 + 5
    assert "Experiment date," in (tmp_path / "E_Metadata.log").read_text()
    holder_logs.write_protochips(tmp_path / "p.csv", 5)
    assert len((tmp_path / "p.csv").read_text().splitlines()) == 8 + 5
    holder_logs.write_digiheater(tmp_path / "d.dens", 5)
    lines = (tmp_path / "d.dens").read_text().splitlines()
    assert lines[0].endswith("\tDigiheater 3.1")
    assert len(lines) == 4 + 5


def test_a_ripple_tells_the_sizes_of_its_numbers(tmp_path):
    path = tmp_path / "r.rpl"
    ripple.write_ripple(path, FRAMES)
    told = dict(re.findall(r"^([\w-]+)\t(.+)$", path.read_text(), re.MULTILINE))
    sizes = [int(told[key]) for key in ("height", "width", "depth", "data-length")]
    assert np.prod(sizes) == path.with_suffix(".raw").stat().st_size
