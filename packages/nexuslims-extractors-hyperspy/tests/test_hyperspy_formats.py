"""The list of formats is RosettaSciIO's, and files are told by what is in them."""

from __future__ import annotations

import zipfile

import numpy as np
import pytest
from nexuslims_core.types import DataFile
from nexuslims_extractors_hyperspy.formats import (
    EXCLUDED,
    FORMATS,
    extensions,
    identified,
    listed,
)
from nexuslims_extractors_hyperspy.plugin import EXTENSIONS
from nexuslims_extractors_hyperspy.plugin import FORMATS as DECLARED
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
from nexuslims_testing.samples.tiff import tiff_bytes

IMAGE = np.arange(48, dtype=np.uint8).reshape(6, 8)
FRAMES = np.arange(4 * 6 * 6, dtype=np.uint16).reshape(4, 6, 6)
TEXT = "Time, Temperature\n0, 25\n1, 26\n"


def _bytes(content):
    return lambda path: path.write_bytes(content)


def _mrc(**told):
    return _bytes(mrc.mrc_bytes(FRAMES, **told))


def _tiff(**tags):
    return _bytes(tiff_bytes(IMAGE, {int(k[1:]): v for k, v in tags.items()}))


def _zip(*names):
    def write(path):
        with zipfile.ZipFile(path, "w") as archive:
            for name in names:
                archive.writestr(name, b"")

    return write


def _hspy(path):
    hdf5.write_hspy(path, {"one": IMAGE})


TOLD = {
    "scan.blo": ("Blockfile", lambda p: blockfile.write_blockfile(p, FRAMES[None])),
    "a.spx": ("Bruker", lambda p: bruker_spx.write_spx(p, [1, 2, 3])),
    "a.bcf": ("Bruker", _bytes(b"AAMVHFSS" + bytes(500))),
    "a.img": ("JEOL", lambda p: jeol.write_img(p, IMAGE)),
    "a.map": ("JEOL", lambda p: jeol.write_img(p, IMAGE)),
    "a.pts": ("JEOL", lambda p: jeol.write_pts(p, [(0, 0, 9)])),
    "a.EDS": ("JEOL", lambda p: jeol.write_eds(p, np.arange(9))),
    "a.ASW": ("JEOL", lambda p: jeol.write_asw(p, ("a.img",))),
    "b.map": ("MRC", _mrc()),
    "b.mrc": ("MRC", _mrc(byte_order=">")),
    "b.st": ("MRC", _mrc(signature=False)),
    "b.mrcz": ("MRCZ", _mrc()),
    "x_000.tvips": ("TVIPS", lambda p: tvips.write_tvips(p, FRAMES)),
    "m.mib": ("QuantumDetector", lambda p: merlin.write_merlin(p, FRAMES)),
    "e.xml": ("EMPAD", lambda p: empad.write_empad(p, 1)),
    "l.xml": ("JobinYvon", _bytes(b"<?xml version='1.0'?><LSX_Data><LSX_Tree/>")),
    "b.emd": ("EMD", lambda p: hdf5.write_berkeley_emd(p, FRAMES)),
    "b.h5": ("EMD", lambda p: hdf5.write_berkeley_emd(p, FRAMES)),
    "h.hspy": ("HSPY", _hspy),
    "h.hdf5": ("HSPY", _hspy),
    "z.zspy": ("ZSPY", _zip(".zgroup", "Experiments/.zgroup")),
    "p.prz": ("PantaRhei", _zip("data.npy", "meta_data.npy")),
    "a_master.h5": ("Arina", lambda p: hdf5.write_arina(p, FRAMES)),
    "n.nxs": ("NeXus", lambda p: hdf5.write_nexus(p, IMAGE)),
    "n.h5": ("NeXus", lambda p: hdf5.write_nexus(p, IMAGE)),
    "p.csv": ("Protochips", holder_logs.write_protochips),
    "i.csv": ("Impulse", holder_logs.write_impulse),
    "d.dens": ("DENS", holder_logs.write_digiheater),
    "s.unf": ("Semper", lambda p: semper.write_semper(p, IMAGE)),
    "r.rpl": ("Ripple", lambda p: ripple.write_ripple(p, FRAMES)),
    "h.img": (
        "Hamamatsu",
        _bytes(b"IM" + np.array([0, 8, 6, 0, 0, 2], "<i2").tobytes() + bytes(60)),
    ),
    "s.sur": ("DigitalSurf", _bytes(b"DIGITAL SURF" + bytes(500))),
    "s.pro": ("DigitalSurf", _bytes(b"DSCOMPRESSED" + bytes(500))),
    "o.nc": ("netCDF", _bytes(b"CDF\1" + bytes(90) + b"EELSLab 0.1" + bytes(50))),
    "t.tvf": ("TriVista", _bytes(b"<?xml version='1.0'?><XmlMain/>")),
    "w.wdf": ("Renishaw", _bytes(b"WDF1" + bytes(600))),
    "a.npy": ("numpy", lambda p: np.save(p, IMAGE)),
    "i.tif": ("TIFF", _tiff(t270=b"ImageJ=1.51a\nunit=micron\n")),
    "d.tif": ("TIFF", _tiff(t65003=b"nm")),
    "j.tif": ("TIFF", _tiff(t271=b"JEOL Ltd.")),
    "m.msa": ("MSA", _bytes(b"#FORMAT      : EMSA/MAS Spectral Data File\r\n")),
    "m.dm3": ("DigitalMicrograph", _bytes(np.array([3, 9, 1], ">u4").tobytes() * 9)),
    "s.ser": ("TIA", _bytes(b"II\x97\x01" + bytes(60))),
    "s.emi": ("TIA", _bytes(b"JK\0\2" + bytes(60))),
    "e.spd": ("EDAX", _bytes(b"MAPSPECTRA_DATA\0" + bytes(60))),
    "e.spc": ("EDAX", _bytes(np.array([0.7], "<f4").tobytes() + bytes(60))),
}


@pytest.mark.parametrize("name", TOLD)
def test_a_file_is_told_by_its_content(name, tmp_path):
    expected, write = TOLD[name]
    write(tmp_path / name)
    found = identified(DataFile.at(tmp_path / name))
    assert found is not None
    assert found.name == expected


FOREIGN = {
    "table.csv": _bytes(TEXT.encode()),
    "comma.csv": _bytes(b"Time,Notes,Sample\n1,2,3\n"),
    "page.xml": _bytes(b"<?xml version='1.0'?><root><item/></root>"),
    "plain.h5": hdf5.write_plain_hdf5,
    "plain.hdf5": hdf5.write_plain_hdf5,
    "plain.nxs": hdf5.write_plain_hdf5,
    "plain.emd": hdf5.write_plain_hdf5,
    "plain.tif": _tiff(),
    "words.map": _bytes(b"{" + TEXT.encode() * 200),
    "smv.img": _bytes(b"{\nHEADER_BYTES=  512;\n".ljust(2000, b"\0")),
    "disk.img": _bytes(bytes(2000)),
    "zeros.mrc": _bytes(bytes(5000)),
    "idl.pro": _bytes(b"pro hello\nprint, 1\nend\n"),
    "other.zspy": _zip("readme.txt"),
    "other.prz": _zip("readme.txt"),
    "seismic.sac": _bytes(np.full(158, -12345.0, "<f4").tobytes()),
    "climate.nc": _bytes(b"CDF\1" + bytes(500)),
    "x_001.tvips": _bytes(b"\0\0\0\0\x50\x9a" + bytes(500)),
    "notes.msa": _bytes(TEXT.encode()),
    "notes.rpl": _bytes(TEXT.encode()),
    "zeros.unf": _bytes(bytes(5000)),
    "zeros.sbc": _bytes(bytes(5000)),
}


@pytest.mark.parametrize("name", FOREIGN)
def test_a_foreign_file_is_not_claimed(name, tmp_path, extractor):
    FOREIGN[name](tmp_path / name)
    file = DataFile.at(tmp_path / name)
    assert file.extension in extractor.extensions
    assert extractor.supports(file) is False


def test_every_format_that_rosettasciio_lists_is_here_or_left_out_with_a_reason():
    assert {one.name for one in FORMATS} | EXCLUDED.keys() == listed().keys()
    assert all(EXCLUDED.values())


def test_the_plugin_declares_the_extensions_of_the_formats():
    declared = {name: frozenset(found) for name, found in DECLARED.items()}
    assert dict(extensions()) == declared
    assert frozenset().union(*declared.values()) == EXTENSIONS


def test_no_format_claims_the_extensions_of_pictures():
    _, pictures = listed()["Image"]
    assert not pictures & EXTENSIONS


def test_names_are_unique_and_explained():
    names = [one.name for one in FORMATS]
    assert len(names) == len(set(names))
    assert all(one.what and one.told_by for one in FORMATS)
