"""Files that are cut off, lie about their sizes, or lack what belongs to them."""

from __future__ import annotations

import contextlib
import struct

import numpy as np
import pytest
from nexuslims_core.errors import ExtractionError, PreviewError
from nexuslims_core.types import DataFile
from nexuslims_extractors_hyperspy.logs import combined
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
from nexuslims_testing.suites.damage import truncated

FRAMES = np.arange(6 * 6 * 6, dtype=np.uint16).reshape(6, 6, 6)

WRITERS = {
    "a.spx": lambda p: bruker_spx.write_spx(p, list(range(64))),
    "a.img": lambda p: jeol.write_img(p, FRAMES[0]),
    "a.pts": lambda p: jeol.write_pts(p, [(0, 0, 100)]),
    "a.asw": lambda p: jeol.write_asw(p, ("a.img",)),
    "m.mib": lambda p: merlin.write_merlin(p, FRAMES),
    "e.xml": lambda p: empad.write_empad(p, 2),
    "x_000.tvips": lambda p: tvips.write_tvips(p, FRAMES),
    "b.emd": lambda p: hdf5.write_berkeley_emd(p, FRAMES),
    "h.hspy": lambda p: hdf5.write_hspy(p, {"one": FRAMES}),
    "n.nxs": lambda p: hdf5.write_nexus(p, FRAMES[0]),
    "a_master.h5": lambda p: hdf5.write_arina(p, FRAMES[:4]),
    "s.unf": lambda p: semper.write_semper(p, FRAMES[0].astype("f4")),
    "d.dens": holder_logs.write_digiheater,
    "i.csv": holder_logs.write_impulse,
    "r.rpl": lambda p: ripple.write_ripple(p, FRAMES),
}


@pytest.mark.parametrize("name", WRITERS)
def test_a_truncated_file_gives_a_result_or_an_extraction_error(
    name, tmp_path, extractor
):
    path = tmp_path / name
    WRITERS[name](path)
    whole = path.read_bytes()
    for _, content in truncated(whole):
        path.write_bytes(content)
        file = DataFile.at(path)
        assert extractor.supports(file) in {True, False}
        with contextlib.suppress(ExtractionError):
            assert extractor.extract(file).datasets


def test_an_mrc_that_is_cut_off_keeps_its_metadata(tmp_path, extract_one):
    block = mrc.fei1_block({"HT": 300_000.0})
    content = mrc.mrc_bytes(FRAMES, kind=b"FEI1", extended=block * 6)
    path = tmp_path / "a.mrc"
    path.write_bytes(content[:-100])
    found = extract_one(path)
    assert found.preview is None
    assert found.fields["acceleration_voltage"].to("kV").magnitude == 300
    (note,) = found.notes
    assert note.endswith("6064 bytes for pixels of shape (6, 6, 6), found 5964.")


def test_an_mrc_of_a_mode_that_is_not_read_keeps_its_size(tmp_path, extract_one):
    path = tmp_path / "a.mrc"
    path.write_bytes(mrc.mrc_bytes(FRAMES, mode=101))
    found = extract_one(path)
    assert found.fields["data_dimensions"] == "(6, 6, 6)"
    assert found.notes == ("Pixels of mode 101 are not shown.",)


def test_diffraction_patterns_of_an_mrc_have_no_lengths(tmp_path, extract_one):
    block = mrc.fei1_block(
        {"Projection mode": 1, "Camera length": 0.46, "Pixel size X": 1e8}
    )
    path = tmp_path / "a.mrc"
    path.write_bytes(mrc.mrc_bytes(FRAMES, kind=b"FEI1", extended=block * 6))
    found = extract_one(path)
    assert found.dataset_type == "Diffraction"
    assert "pixel_width" not in found.fields
    assert found.fields["camera_length"].to("mm").magnitude == 460


def test_a_blockfile_that_claims_too_much_is_refused(tmp_path, extractor):
    path = tmp_path / "a.blo"
    blockfile.write_blockfile(path, FRAMES[None] % 200)
    content = bytearray(path.read_bytes())
    struct.pack_into("<H", content, 24, 60_000)
    struct.pack_into("<H", content, 26, 60_000)
    path.write_bytes(content)
    with pytest.raises(ExtractionError, match="claims 60000 x 60000 patterns"):
        extractor.extract(DataFile.at(path))


@pytest.mark.parametrize("raw", [False, None])
def test_an_empad_without_its_frames_says_so(raw, tmp_path, extract_one):
    path = tmp_path / "e.xml"
    empad.write_empad(path, 2, raw=raw is None)
    if raw is None:
        frames = path.with_suffix(".raw")
        frames.write_bytes(frames.read_bytes()[:5000])
    found = extract_one(path)
    assert found.dataset_type == "Diffraction"
    assert found.preview is None
    assert "expected 131072 bytes or more in e.raw beside it" in found.notes[0]


def test_a_ripple_without_its_numbers_is_an_extraction_error(tmp_path, extractor):
    path = tmp_path / "r.rpl"
    ripple.write_ripple(path, FRAMES, raw=False)
    with pytest.raises(ExtractionError, match="does not exist"):
        extractor.extract(DataFile.at(path))


def test_a_project_reads_what_is_there_and_names_what_is_not(tmp_path, extract):
    (tmp_path / "Sample").mkdir()
    jeol.write_img(tmp_path / "Sample" / "a.img", FRAMES[0])
    (tmp_path / "Sample" / "b.img").write_bytes(b"nothing")
    path = tmp_path / "p.asw"
    jeol.write_asw(path, ("Sample\\a.img", "Sample\\b.img", "..\\..\\c.img"))
    image, project = extract(path)
    assert image.dataset_type == "Image"
    assert image.extensions["Memo"] == "view 0"
    assert project.dataset_type == "Misc"
    assert project.extensions["Number of Files"] == 3
    assert any("c.img is not beside the project" in note for note in project.notes)


def test_an_impulse_log_without_its_description_says_so(tmp_path, extract_one):
    path = tmp_path / "renamed.csv"
    holder_logs.write_impulse(path, details=False)
    found = extract_one(path)
    assert found.creation_time is None
    assert "is not beside the data" in found.notes[0]


def test_a_map_that_exceeds_memory_is_counted_coarsely(tmp_path, extract_one):
    path = tmp_path / "large.pts"
    jeol.write_pts(path, [(0, 0, 100), (511, 511, 200)], side=512)
    found = extract_one(path)
    assert found.fields["data_dimensions"] == "(512, 512, 4096)"
    assert found.fields["channel_size"].to("eV").magnitude == pytest.approx(10)
    assert found.fields["pixel_width"].to("µm").magnitude == pytest.approx(
        178 / 40 / 512
    )
    pixels = found.preview.read()
    assert np.prod(pixels.shape) <= 1 << 24
    assert np.asarray(pixels).sum() == 2


def test_more_columns_than_curves_can_show_are_still_one_dataset(tmp_path, extract_one):
    path = tmp_path / "p.csv"
    holder_logs.write_protochips(path)
    source = extract_one(path).preview
    assert source.axes[0].labels == (
        "Channel A Temperature (Degrees C)",
        "Channel B Current (Amps)",
    )
    assert source.axes[1].unit == "s"


def test_a_file_of_no_format_says_what_was_found(tmp_path, extractor):
    path = tmp_path / "a.mrc"
    path.write_bytes(b"hello")
    with pytest.raises(ExtractionError, match="found bytes b'hello'"):
        extractor.extract(DataFile.at(path))


def test_pixels_that_vanish_are_a_preview_error(tmp_path, extract_one):
    path = tmp_path / "r.rpl"
    ripple.write_ripple(path, FRAMES)
    source = extract_one(path).preview
    path.with_suffix(".raw").unlink()
    with pytest.raises(PreviewError):
        np.asarray(source.read())


def test_the_readers_of_other_formats_are_not_imported(tmp_path):
    import subprocess
    import sys

    path = tmp_path / "p.csv"
    holder_logs.write_protochips(path)
    code = (
        "import sys; from pathlib import Path\n"
        "from nexuslims_core.types import DataFile\n"
        "from nexuslims_extractors_hyperspy.extract import extract\n"
        "extract(DataFile.at(Path(sys.argv[1])))\n"
        "print([n for n in ('hyperspy', 'numba', 'h5py', 'skimage', 'zarr', 'sparse')"
        " if n in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"


def _column(title, values):
    axis = {"name": "Time", "units": "s", "scale": 0.1, "navigate": False}
    metadata = {"General": {"title": title}}
    return {"data": np.array(values), "axes": [axis], "metadata": metadata}


def test_a_column_of_more_than_numbers_is_left_out_of_a_log(tmp_path):
    path = tmp_path / "p.csv"
    path.touch()
    columns = [_column("T", [1, 2, 3]), _column("U", ["1", "2x", "3"])]
    _, findings, preview = combined(columns, DataFile.at(path))
    assert preview.axes[0].labels == ("T",)
    assert findings.notes == ("Column 'U' is left out: it holds more than numbers.",)


def test_a_log_without_numbers_is_an_extraction_error(tmp_path):
    path = tmp_path / "p.csv"
    path.touch()
    with pytest.raises(ExtractionError, match="expected columns of numbers"):
        combined([_column("U", ["1", "2x", "3"])], DataFile.at(path))
