"""Velox files as they come: of every kind of signal, big, pruned, damaged."""

from __future__ import annotations

import subprocess
import sys
import zoneinfo

import h5py
import numpy as np
import pytest
from nexuslims_core.errors import ExtractionError, PreviewError
from nexuslims_core.types import DataFile, Instrument, quantity
from nexuslims_extractors_fei.plugin import nexuslims_extractors
from nexuslims_extractors_fei.velox import streams
from nexuslims_extractors_fei.velox.arrays import is_readable
from nexuslims_testing.samples.velox import (
    CAMERA,
    EDS,
    VeloxSignal,
    stem,
    stream,
    write_velox,
)

EXTRACTOR = list(nexuslims_extractors())[2]
SCAN = {
    "ScanSize": {"width": "8", "height": "8"},
    "ScanArea": {"left": "0.25", "top": "0", "right": "0.75", "bottom": "0.25"},
    "DwellTime": "1e-3",
}
MAP = {**EDS, "BinaryResult.DetectorIndex": None, "Scan": SCAN}
COUNTS = [[pixel, 7, 7] for pixel in range(8)]


def _pixels(dataset):
    return np.asarray(dataset.preview.read())


def _spectrum_image(*frames, name="s", bincount="16", metadata=MAP):
    settings = {"AcquisitionSettings": {"bincount": bincount}}
    data = stream([pixel for frame in frames for pixel in frame])
    return VeloxSignal(
        kind="SpectrumStream",
        name=name,
        data=data,
        metadata=stem(metadata),
        settings=settings,
    )


WHOLE = VeloxSignal(
    kind="SpectrumImage",
    metadata=stem(MAP),
    settings={
        "SpectrumImageSettings": {"startFramePosition": "1", "endFramePosition": "2"}
    },
)


# Images.


def test_an_image_is_read_with_its_rows_first(velox):
    data = np.arange(48, dtype="i2").reshape(6, 8, 1)
    dataset = velox(data=data)
    assert (dataset.dataset_type, dataset.data_type) == ("Image", "STEM_Imaging")
    assert (_pixels(dataset) == data[..., 0]).all()
    y, x = dataset.preview.axes
    assert (y.size, x.size, x.unit) == (6, 8, "nm")
    assert (x.scale, x.offset) == (pytest.approx(3.6), pytest.approx(-39.6))
    assert dataset.fields["pixel_width"].to("nm").magnitude == pytest.approx(3.6)
    assert dataset.fields["vertical_field_width"].to("nm").magnitude == pytest.approx(
        21.6
    )


@pytest.mark.parametrize(
    ("changes", "step"), [({}, 0.288), (CAMERA, 0.8), ({"Scan": "", **CAMERA}, 0.8)]
)
def test_a_series_is_stepped_through_by_frame(velox, changes, step):
    data = np.arange(96, dtype="i2").reshape(6, 8, 2)
    dataset = velox(data=data, changes=changes)
    array = dataset.preview.read()
    assert array.shape == (2, 6, 8)
    assert (np.asarray(array[1]) == data[..., 1]).all()
    assert (np.asarray(array[:, 2, ::3]) == data[2, ::3, :].T).all()
    assert array[1, 2, 3] == data[2, 3, 1]
    time = dataset.preview.axes[0]
    assert (time.scale, time.unit, time.navigation) == (step, "s", True)


def test_frames_without_a_time_are_counted(velox):
    data = np.ones((6, 8, 2), "u1")
    dataset = velox(data=data, changes={"Scan.FrameTime": None})
    assert dataset.preview.axes[0].unit == ""


@pytest.mark.parametrize(
    "names", [("realFloat", "imagFloat"), ("realFloatHalfOdd", "i")]
)
def test_pairs_of_numbers_are_complex(velox, names):
    data = np.zeros((6, 8, 1), [(names[0], "<f4"), (names[1], "<f4")])
    data[names[0]], data[names[1]] = 3, -4
    dataset = velox(data=data)
    assert dataset.dataset_type == "Image"
    assert _pixels(dataset)[2, 3] == 3 - 4j


@pytest.mark.parametrize("unit", ["1/m", "rad"])
def test_an_image_in_reciprocal_space_is_a_diffraction_pattern(velox, unit):
    units = {"BinaryResult.PixelUnitX": unit, "BinaryResult.PixelUnitY": unit}
    size = {"BinaryResult.PixelSize": {"width": "4e7", "height": "4e7"}}
    dataset = velox(changes={**CAMERA, **units, **size})
    assert (dataset.dataset_type, dataset.data_type) == (
        "Diffraction",
        "TEM_Diffraction",
    )
    assert dataset.preview.axes[0].unit == {"1/m": "1/nm"}.get(unit, unit)
    assert "pixel_width" not in dataset.fields


@pytest.mark.parametrize(
    ("told", "kind"),
    [({}, "STEM_EDS_Imaging"), ({"value": "SuperXG2"}, "STEM_EELS_Imaging")],
)
def test_a_map_of_an_element_says_of_what_technique(velox, told, kind):
    named = {"AnalyticalDetector[EELS].DetectorName": told}
    dataset = velox(changes={**EDS, "CustomProperties": named})
    assert dataset.data_type == kind


@pytest.mark.parametrize("version", ["9", "11"])
def test_an_image_has_the_title_that_velox_shows(tmp_path, extract_all, version):
    data = np.ones((2, 2, 1))
    signals = [
        VeloxSignal(kind="Image", name=name, data=data, metadata=stem())
        for name in ("one", "two")
    ]
    told = {"version": version, "format": "Velox"}
    titles = {"two": "FFT%231%28HAADF%29"}
    write_velox(tmp_path / "a.emd", signals, version=told, titles=titles)
    found = extract_all(tmp_path / "a.emd")
    names = [one.extensions["Title"] for one in found]
    assert names == ["HAADF", "FFT#1(HAADF)"]
    assert [one.preview.title for one in found] == names


@pytest.mark.parametrize("version", ["9", "11"])
def test_elements_are_those_chosen_for_quantification(velox, version):
    told = {"version": version, "format": "Velox"}
    chosen = (6, 29, 0, 400)
    dataset = velox(kind="Spectrum", changes=EDS, version=told, elements=chosen)
    assert dataset.fields["elements"] == ("C", "Cu")


@pytest.mark.parametrize(
    ("detectors", "expected"),
    [
        ({"Detectors": ""}, "SuperXG2"),
        ({}, "SuperXG2"),
        ({"BinaryResult.Detector": "SuperXG21"}, "SuperXG21"),
        ({"BinaryResult.DetectorIndex": "2"}, "BM-Ceta"),
        ({"BinaryResult": ""}, None),
    ],
)
def test_a_signal_names_its_detector(velox, detectors, expected):
    segment = {"DetectorName": "SuperXG22", "Enabled": "true"}
    other = {"Detectors.Detector-3": segment}
    dataset = velox(
        changes={**EDS, "BinaryResult.DetectorIndex": None, **other, **detectors}
    )
    assert dataset.fields.get("detector_type") == expected


# Spectra and spectrum images.


def test_a_spectrum_is_calibrated_by_its_detector(velox):
    data = np.arange(16, dtype="u4").reshape(16, 1)
    dataset = velox(kind="Spectrum", data=data, changes=EDS)
    assert (dataset.dataset_type, dataset.data_type) == (
        "Spectrum",
        "STEM_EDS_Spectrum",
    )
    assert (_pixels(dataset) == data[:, 0]).all()
    (energy,) = dataset.preview.axes
    assert (energy.unit, energy.scale, energy.offset) == (
        "keV",
        pytest.approx(0.01),
        pytest.approx(-0.25),
    )


def test_spectra_beside_each_other_are_a_stack(velox):
    data = np.arange(32, dtype="u4").reshape(16, 2)
    dataset = velox(kind="Spectrum", data=data, changes=EDS)
    assert dataset.dataset_type == "SpectrumImage"
    assert (_pixels(dataset) == data.T).all()


def test_streams_of_all_frames_and_detectors_are_summed(tmp_path, extract_all):
    other = [[15], [], [], [], [], [], [], [15, 15]]
    signals = [WHOLE, _spectrum_image(COUNTS, COUNTS), _spectrum_image(other, name="t")]
    write_velox(tmp_path / "a.emd", signals, elements=(6,))
    (dataset,) = extract_all(tmp_path / "a.emd")
    assert dataset.data_type == "STEM_EDS_Spectrum_Imaging"
    assert dataset.fields["data_dimensions"] == "(2, 4, 16)"
    assert dataset.fields["elements"] == ("C",)
    assert dataset.fields["live_time"] == quantity(0.492, "s")
    assert dataset.extensions["Number of Frames"] == 2
    assert dataset.fields["horizontal_field_width"].to("nm").magnitude == pytest.approx(
        4 * 3.6
    )
    expected = np.array([2, 2, 2, 2, 2, 2, 2, 34, 0, 0, 0, 0, 0, 0, 0, 3])
    assert _pixels(dataset).tolist() == expected.tolist()
    (panel,) = dataset.preview.panels
    assert np.asarray(panel.read()).tolist() == [[7, 6, 6, 6], [6, 6, 6, 8]]
    assert [axis.name for axis in panel.axes] == ["y", "x"]


@pytest.mark.parametrize("block", [1, 3, 8, 1000])
def test_a_stream_adds_up_whatever_is_read_at_a_time(monkeypatch, block):
    monkeypatch.setattr(streams, "BLOCK", block)
    counts = [[1, 1], [], [2, 99], [3]]
    spectrum, pixels = np.zeros(8, np.int64), np.zeros(4, np.int64)
    streams.add_stream(stream([*counts, *counts]), spectrum, pixels)
    assert spectrum.tolist() == [0, 4, 2, 2, 0, 0, 0, 0]
    assert pixels.tolist() == [4, 0, 4, 2]


def test_a_stream_that_is_too_long_is_read_in_part(monkeypatch, tmp_path, extract_all):
    monkeypatch.setattr(streams, "MOST_VALUES", 8)
    monkeypatch.setattr("nexuslims_extractors_fei.velox.signals.MOST_VALUES", 8)
    write_velox(tmp_path / "a.emd", [WHOLE, _spectrum_image(COUNTS)])
    (dataset,) = extract_all(tmp_path / "a.emd")
    assert dataset.preview.title == "Sum of all spectra of the first frames"
    assert _pixels(dataset).sum() == 6


def test_a_pruned_file_says_so(tmp_path, extract_all):
    settings = {"AcquisitionSettings": {"bincount": "16"}}
    pruned = VeloxSignal(kind="SpectrumImage", metadata=stem(MAP), settings=settings)
    write_velox(tmp_path / "a.emd", [pruned])
    (dataset,) = extract_all(tmp_path / "a.emd")
    assert dataset.fields["data_dimensions"] == "(2, 4, 16)"
    assert dataset.preview is None
    assert dataset.notes[0].startswith("The counts of this spectrum image are not in")


@pytest.mark.parametrize(
    ("bincount", "scan"), [("0", SCAN), ("1e9", SCAN), ("16", ""), ("16", {"a": "b"})]
)
def test_a_spectrum_image_of_no_size_says_so(tmp_path, extract_all, bincount, scan):
    signal = _spectrum_image(COUNTS, bincount=bincount, metadata={**MAP, "Scan": scan})
    write_velox(tmp_path / "a.emd", [signal])
    (dataset,) = extract_all(tmp_path / "a.emd")
    assert dataset.preview is None
    assert dataset.notes[0].startswith("Expected the size of a spectrum image, found")


@pytest.mark.parametrize(
    ("area", "shape"),
    [
        (SCAN["ScanArea"], (2, 4)),
        ({"left": "0", "top": "0", "right": "1", "bottom": "0.5"}, (4, 8)),
        (None, (8, 8)),
        ("", (8, 8)),
    ],
)
def test_a_spectrum_image_is_as_big_as_what_was_scanned(
    tmp_path, extract_all, area, shape
):
    metadata = {**MAP, "Scan": {**SCAN, "ScanArea": area}}
    write_velox(tmp_path / "a.emd", [_spectrum_image(COUNTS, metadata=metadata)])
    (dataset,) = extract_all(tmp_path / "a.emd")
    assert dataset.fields["data_dimensions"] == str((*shape, 16))


def test_without_a_size_of_the_scan_the_raster_counts(tmp_path, extract_all):
    signal = _spectrum_image(COUNTS, metadata={**MAP, "Scan": ""})
    told = {"bincount": "16", "RasterScanDefinition": {"Width": "4", "Height": "2"}}
    signal = VeloxSignal(
        kind=signal.kind,
        data=signal.data,
        metadata=signal.metadata,
        settings={"AcquisitionSettings": told},
    )
    write_velox(tmp_path / "a.emd", [signal])
    (dataset,) = extract_all(tmp_path / "a.emd")
    assert dataset.fields["data_dimensions"] == "(2, 4, 16)"


@pytest.mark.parametrize("shape", [(4, 16, 2), (4, 16)])
def test_lost_energies_are_read_with_channels_last(tmp_path, extract_all, shape):
    told = {"Data": {"dispersion": 0.25, "offset": -20.5, "exposureTime": 0.004}}
    data = np.arange(np.prod(shape), dtype="u2").reshape(shape)
    bare = {**MAP, "BinaryResult.PixelSize": None, "Acquisition": ""}
    losses = VeloxSignal(
        kind="EelsSpectrumImage",
        data=data,
        metadata=stem(bare),
        settings={"AcquisitionMetadata": told},
    )
    write_velox(tmp_path / "a.emd", [losses, WHOLE, _spectrum_image(COUNTS)])
    dataset = extract_all(tmp_path / "a.emd")[0]
    assert dataset.data_type == "STEM_EELS_Spectrum_Imaging"
    expected = data.transpose(2, 0, 1) if data.ndim == 3 else data
    assert (_pixels(dataset) == expected).all()
    energy = dataset.preview.axes[-1]
    assert (energy.unit, energy.scale, energy.offset) == ("eV", 0.25, -20.5)
    assert dataset.fields["pixel_time"] == quantity(0.004, "s")
    # It has neither pixels nor time of its own: those of the scan count.
    assert dataset.preview.axes[0].scale == pytest.approx(3.6)
    assert dataset.creation_time is not None


# Bigness.


def test_a_file_much_bigger_than_memory_is_described_and_read_in_part(
    tmp_path, extract_all
):
    """An image of 256 GiB, a series of 1 TiB: allocated on disk only where written."""
    path = tmp_path / "big.emd"
    write_velox(path, [VeloxSignal(kind="Image", metadata=stem())])
    with h5py.File(path, "r+") as tree:
        group = tree["Data/Image/" + "0" * 32]
        size = (1 << 16, 1 << 16, 128)
        group.create_dataset("Data", size, "u2", chunks=(256, 256, 1))
        group["Data"][:2, :3, 5] = 9
    (dataset,) = extract_all(path)
    array = dataset.preview.read()
    assert array.shape == (128, 1 << 16, 1 << 16)
    assert np.asarray(array[5, :2, :4]).tolist() == [[9, 9, 9, 0]] * 2


def test_neither_numba_nor_sparse_arrays_are_needed(tmp_path):
    path = tmp_path / "a.emd"
    write_velox(path, [WHOLE, _spectrum_image(COUNTS)])
    code = (
        "import sys; from pathlib import Path; import numpy as np\n"
        "from nexuslims_core.types import DataFile\n"
        "from nexuslims_extractors_fei.velox.extract import extract\n"
        "(one,) = extract(DataFile.at(Path(sys.argv[1]))).datasets\n"
        "np.asarray(one.preview.read())\n"
        "print(sorted({'numba', 'sparse', 'rsciio'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"


# Damage and foreign files.


@pytest.mark.parametrize(
    "version",
    [{"version": "1", "format": "Other"}, {}, {"format": None}, {"format": ["Velox"]}],
)
def test_other_hdf5_files_are_left_alone(tmp_path, version):
    path = tmp_path / "a.emd"
    write_velox(path, [], version=version)
    file = DataFile.at(path)
    assert not EXTRACTOR.supports(file)
    with pytest.raises(ExtractionError, match="expected the format Velox"):
        EXTRACTOR.extract(file)


@pytest.mark.parametrize("content", ["group", b"no JSON", b"[1]"])
def test_a_version_that_is_none_is_not_ours(tmp_path, content):
    path = tmp_path / "a.emd"
    with h5py.File(path, "w") as tree:
        if content == "group":
            tree.create_group("Version")
        else:
            tree["Version"] = [content]
    assert not EXTRACTOR.supports(DataFile.at(path))


def test_berkeley_files_are_left_alone(tmp_path):
    path = tmp_path / "a.emd"
    with h5py.File(path, "w") as tree:
        tree.attrs["version_major"] = 0
        tree.attrs["version_minor"] = 2
        tree.create_group("data/signal").attrs["emd_group_type"] = 1
    assert not EXTRACTOR.supports(DataFile.at(path))


def test_a_file_without_signals_is_an_extraction_error(tmp_path):
    path = tmp_path / "a.emd"
    write_velox(path, [])
    with pytest.raises(ExtractionError, match="found no signal"):
        EXTRACTOR.extract(DataFile.at(path))


@pytest.mark.parametrize("metadata", [None, b"", b"{", b"[1]", b'{"Optics": \xff}'])
def test_an_image_without_readable_metadata_is_kept(tmp_path, extract_all, metadata):
    data = np.ones((6, 8, 1), "u2")
    whole = VeloxSignal(kind="Image", name="b", data=data, metadata=stem())
    broken = VeloxSignal(kind="Image", name="a", data=data, metadata=metadata)
    write_velox(tmp_path / "a.emd", [broken, whole])
    first, second = extract_all(tmp_path / "a.emd")
    assert first.notes[0].startswith("Data/Image/a/Metadata cannot be read: ")
    assert first.fields["data_dimensions"] == "(6, 8)"
    assert _pixels(first).shape == (6, 8)
    assert second.notes == ()
    assert second.fields["magnification"] == 225_000


def test_a_signal_that_is_lost_is_noted_on_the_first(tmp_path, extract_all):
    data = np.ones((6, 8, 1), "u2")
    whole = VeloxSignal(kind="Image", name="b", data=data, metadata=stem())
    write_velox(tmp_path / "a.emd", [VeloxSignal(kind="Image", name="a"), whole])
    (dataset,) = extract_all(tmp_path / "a.emd")
    assert len(dataset.notes) == 2
    assert all(note.startswith("Data/Image/a/") for note in dataset.notes)


def test_a_signal_without_numbers_is_described(tmp_path, extract_all):
    write_velox(tmp_path / "a.emd", [VeloxSignal(kind="Image", metadata=stem())])
    (dataset,) = extract_all(tmp_path / "a.emd")
    assert (dataset.dataset_type, dataset.preview) == ("Misc", None)
    assert dataset.fields["magnification"] == 225_000
    assert dataset.raw["original_metadata"]["Optics"]["SpotIndex"] == "6"
    (note,) = dataset.notes
    assert note.startswith(f"Data/Image/{'0' * 32}/Data cannot be read: ")


@pytest.mark.parametrize(
    ("kind", "shape", "expected"),
    [
        ("Image", (3,), "2 or 3 axes, found 1"),
        ("Image", (2, 2, 2, 2), "2 or 3 axes, found 4"),
        ("Spectrum", (2, 2, 2), "1 or 2 axes, found 3"),
        ("EelsSpectrumImage", (9,), "2 or 3 axes, found 1"),
    ],
)
def test_numbers_of_other_dimensions_are_noted(velox, kind, shape, expected):
    dataset = velox(kind=kind, data=np.ones(shape, "u2"))
    assert dataset.dataset_type == "Misc"
    assert dataset.fields["acceleration_voltage"] == quantity(300_000, "V")
    assert expected in dataset.notes[0]


@pytest.mark.parametrize(
    "dtype",
    [
        [("a", "f4"), ("b", "f4"), ("c", "f4")],
        [("a", "f4"), ("b", "i4")],
        "S3",
    ],
)
def test_records_that_are_no_complex_numbers_are_never_read(velox, dtype):
    dataset = velox(data=np.zeros((6, 8, 1), np.dtype(dtype)))
    assert dataset.preview is None
    assert "expected numbers, found" in dataset.notes[0]
    assert dataset.fields["magnification"] == 225_000


@pytest.mark.parametrize(
    ("offsets", "expected"), [([0, 4], True), ([4, 0], True), ([0, 2], False)]
)
def test_pairs_that_share_bytes_are_never_read(offsets, expected):
    """HDF5 crashes on them; damage makes such, and h5py does not."""
    told = {"names": ["a", "b"], "formats": ["f4", "f4"], "offsets": offsets}
    assert is_readable(np.dtype({**told, "itemsize": 8})) is expected


def test_a_stream_that_is_none_is_left_out(tmp_path, extract_all):
    odd = VeloxSignal(
        kind="SpectrumStream",
        name="odd",
        data=np.zeros((4, 1), "f4"),
        metadata=stem(MAP),
    )
    write_velox(tmp_path / "a.emd", [WHOLE, odd, _spectrum_image(COUNTS)])
    (dataset,) = extract_all(tmp_path / "a.emd")
    assert _pixels(dataset).sum() == 24


def test_an_image_without_frames_is_one(velox):
    data = np.arange(48, dtype="u2").reshape(6, 8)
    assert (_pixels(velox(data=data)) == data).all()


@pytest.mark.parametrize("group", ["Optics", "Stage", "Scan", "Detectors", "Sample"])
@pytest.mark.parametrize("value", ["", [], 7, None])
def test_groups_may_be_anything(velox, group, value):
    dataset = velox(changes={group: value, "BinaryResult": value})
    assert dataset.fields["data_dimensions"] == "(6, 8)"
    assert dataset.preview.axes[0].unit == ""


def test_numbers_that_vanish_before_they_are_drawn_are_a_preview_error(velox):
    dataset = velox()
    dataset.file.path.unlink()
    with pytest.raises(PreviewError):
        _pixels(dataset)


def test_times_are_in_the_zone_of_the_instrument(tmp_path, extract_all):
    instrument = Instrument(
        pid="a",
        display_name="",
        location="",
        filestore_path="",
        timezone="Asia/Tokyo",
    )
    image = VeloxSignal(kind="Image", data=np.ones((2, 2, 1)), metadata=stem())
    write_velox(tmp_path / "a.emd", [image])
    (dataset,) = extract_all(tmp_path / "a.emd", instrument)
    assert dataset.creation_time.tzinfo == zoneinfo.ZoneInfo("Asia/Tokyo")
    assert dataset.creation_time.isoformat() == "2024-02-29T15:58:04+09:00"
