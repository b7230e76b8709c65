"""Real files; expected values were read from their bytes by other means.

Microscopes' XML and text were read as such; JEOL's and MRC's numbers with `struct`.
"""

from __future__ import annotations

import json
import struct
import subprocess
import sys
from datetime import UTC, datetime

import numpy as np
import pytest
from nexuslims_core.types import DataFile

ROOT = "rosettasciio"

MERLIN = (
    f"{ROOT}/quantumdetector/Merlin_navigation4x2_signalNx256_ROI.zip",
    "002_merlin_test_roi_sig256x128_nav4x2_hot_pixel_52x_39y.mib",
)


def _unit(found, place, unit):
    for part in place.split("/"):
        found = found[part]
    return found.to(unit).magnitude


def test_bruker_stage_is_in_micrometres(real_file, extract):
    image, spectra = extract(real_file(f"{ROOT}/bruker/16x16_12bit_packed_8bit.bcf"))
    assert spectra.dataset_type == "SpectrumImage"
    for found in (image.fields, spectra.fields):
        assert _unit(found, "stage_position/x", "µm") == pytest.approx(67_358.85)
        assert _unit(found, "stage_position/z", "mm") == pytest.approx(38.81815)
        assert _unit(found, "working_distance", "mm") == pytest.approx(8.42176)
        assert _unit(found, "acceleration_voltage", "kV") == 20
    assert spectra.creation_time == datetime(2018, 9, 12, 13, 9, 11)  # noqa: DTZ001 - the microscope's clock


def test_bruker_spectrum_says_what_its_xml_says(real_file, extract_one):
    path = real_file(f"{ROOT}/bruker/bruker_nano.spx")
    text = path.read_text(encoding="cp1252")
    assert "<LifeTime>7385</LifeTime>" in text
    assert "<WorkingDistance>9</WorkingDistance>" in text
    found = extract_one(path)
    assert _unit(found.fields, "live_time", "s") == 7.385
    assert _unit(found.fields, "working_distance", "mm") == 9
    assert found.fields["magnification"] == pytest.approx(666.6666667)
    assert found.fields["elements"] == ("Fe", "S", "Cu")
    counts = text.partition("<Channels>")[2].partition("</Channels>")[0]
    pixels = np.asarray(found.preview.read())
    assert pixels.sum() == sum(map(int, counts.split(",")))


def test_a_map_of_a_cryo_microscope_has_the_cell_of_its_header(real_file, extract_one):
    path = real_file("mrc/EMD-3197.map")
    header = path.read_bytes()[:1024]
    columns, rows, sections = struct.unpack_from("<3i", header)
    width = struct.unpack_from("<f", header, 40)[0]
    found = extract_one(path)
    assert found.fields["data_dimensions"] == str((sections, rows, columns))
    assert _unit(found.fields, "pixel_width", "Å") == pytest.approx(width / columns)
    assert np.asarray(found.preview.read()[10]).std() > 0


def test_jeol_image_says_what_its_bytes_say(real_file, extract_one):
    path = real_file(f"{ROOT}/jeol/Sample/00_View000/View000_0000000.img")
    content = path.read_bytes()
    found = extract_one(path)
    for key, code, place, unit in (
        (b"AccV", "<f", "acceleration_voltage", "kV"),
        (b"WorkD", "<f", "working_distance", "mm"),
        (b"ScanR", "<f", "scan_rotation", "deg"),
        (b"Currnnt", "<f", "beam_current", "nA"),
    ):
        value_at = content.index(key + b"\0") + len(key) + 1 + 8
        (value,) = struct.unpack_from(code, content, value_at)
        assert _unit(found.fields, place, unit) == pytest.approx(value, rel=1e-6)
    assert found.fields["magnification"] == 40_000
    assert found.extensions["Microscope"] == "JEM-2100F(UHR)"


def test_jeol_map_counts_every_x_ray(real_file, extract_one):
    path = real_file(f"{ROOT}/jeol/Sample/00_View000/View000_0000006.pts")
    content = path.read_bytes()
    (data_at,) = struct.unpack_from("<I", content, 28)
    words = np.frombuffer(content[data_at : len(content) // 2 * 2], "<u2")
    counts = int(((words & 0xF000) == 0xB000).sum())
    found = extract_one(path)
    assert found.dataset_type == "SpectrumImage"
    assert found.fields["data_dimensions"] == "(512, 512, 4096)"
    assert _unit(found.fields, "live_time", "s") == pytest.approx(325.46)
    assert _unit(found.fields, "dwell_time", "µs") == 100
    total = int(np.asarray(found.preview.read()).sum())
    assert 0.95 * counts < total <= counts


def test_jeol_spectrum_names_operator_and_elements(real_file, extract_one):
    found = extract_one(real_file(f"{ROOT}/jeol/met03.EDS"))
    assert found.fields["operator"] == "gatan"
    assert found.fields["elements"] == ("S", "Fe")
    assert _unit(found.fields, "live_time", "s") == 30
    assert _unit(found.fields, "detector_energy_resolution", "eV") == 138


def test_a_project_without_its_files_is_described(real_file, extract_one):
    found = extract_one(real_file(f"{ROOT}/jeol/181019-BN.ASW"))
    assert found.dataset_type == "Misc"
    assert len(found.notes) == found.extensions["Number of Files"] == 17


def test_a_project_with_its_files_has_their_datasets(real_file, extract):
    found = extract(real_file(f"{ROOT}/jeol/rawdata.ASW"))
    assert [one.dataset_type for one in found] == ["Image"] * 6 + ["SpectrumImage"]


def test_merlin_frames_are_stepped_through(real_file, extract_one):
    found = extract_one(real_file(*MERLIN))
    assert (found.dataset_type, found.data_type) == ("Diffraction", "Diffraction")
    assert found.fields["data_dimensions"] == "(2, 4, 128, 256)"
    assert _unit(found.fields, "dwell_time", "ms") == 1
    assert found.fields["detector_type"] == "Medipix 3RX"
    assert found.creation_time == datetime(2024, 7, 2, 11, 46, 44, 35_393, tzinfo=UTC)


def test_blockfile_has_the_numbers_of_its_header(real_file, extract_one):
    path = real_file(f"{ROOT}/blockfile/test2.blo")
    header = path.read_bytes()[:80]
    side, _rotation, width, height = struct.unpack_from("<4H", header, 20)
    (volts,) = struct.unpack_from("<I", header, 46)
    found = extract_one(path)
    assert found.dataset_type == "Diffraction"
    sizes = [size for size in (height, width, side, side) if size > 1]
    assert found.fields["data_dimensions"] == str(tuple(sizes))
    assert _unit(found.fields, "acceleration_voltage", "V") == volts


def test_protochips_log_has_a_curve_per_column(real_file, extract_one):
    path = real_file(f"{ROOT}/protochips/protochips_electrothermal.csv")
    lines = path.read_text().splitlines()
    found = extract_one(path)
    assert (found.dataset_type, found.data_type) == ("Misc", "Time_Series")
    labels = found.preview.axes[0].labels
    assert len(labels) == len(lines[0].split(",")) - 2
    last = float(lines[-1].split(",")[2])
    assert np.asarray(found.preview.read())[0, -1] == last


@pytest.mark.parametrize(
    "name", ["protochips/invalid_protochips_file.csv", "protochips/random_csv_file.csv"]
)
def test_other_tables_are_not_claimed(name, real_file, extractor):
    assert not extractor.supports(DataFile.at(real_file(f"{ROOT}/{name}")))


def test_four_dimensional_data_of_py4dstem_are_diffraction(shared_folder, extract_one):
    (path,) = (shared_folder / "data" / ROOT / "emd").glob("py4DSTEM*.h5")
    found = extract_one(path)
    assert found.dataset_type == "Diffraction"
    assert [axis.navigation for axis in found.preview.axes] == [
        True,
        True,
        False,
        False,
    ]


TIMED = """
import json, re, sys
from pathlib import Path
from nexuslims_core.types import DataFile
from nexuslims_extractors_hyperspy.plugin import nexuslims_extractors
(extractor,) = nexuslims_extractors()
file = DataFile.at(Path(sys.argv[1]))
assert extractor.supports(file)
found = extractor.extract(file).datasets
for one in found:
    if one.preview is not None:
        pixels = one.preview.read()
        pixels[(0,) * (len(pixels.shape) - 1)]
# getrusage would tell of the memory that the process had which started this one.
kib = int(re.search(r"VmHWM:\\s*(\\d+)", Path("/proc/self/status").read_text())[1])
print(json.dumps([len(found), kib / 1024]))
"""


@pytest.mark.parametrize(
    "name",
    [
        "bruker/bcf_v2_50x50px.bcf",
        "bruker/Hitachi_TM3030Plus.bcf",
        "jeol/Sample/00_View000/View000_0000006.pts",
        "jeol/rawdata.ASW",
    ],
)
def test_maps_take_little_memory(name, real_file):
    done = subprocess.run(
        [sys.executable, "-c", TIMED, str(real_file(f"{ROOT}/{name}"))],
        capture_output=True,
        text=True,
        check=True,
    )
    datasets, mebibytes = json.loads(done.stdout)
    assert datasets
    assert mebibytes < 600
