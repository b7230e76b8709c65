"""Images, spectra and stacks: which there are, their axes and their pixels."""

from __future__ import annotations

import os
import struct
import tracemalloc

import numpy as np
import pytest
from nexuslims_core.errors import PreviewError
from nexuslims_core.types import quantity
from nexuslims_extractors_gatan.dm import extract as extract_module
from nexuslims_extractors_gatan.dm.pixels import Pixels, Stored
from nexuslims_testing.samples.dm import Image, dm_bytes, document, write_dm
from rsciio.digitalmicrograph import file_reader

assert extract_module  # imported before memory is measured

GIGABYTES = 4 * 2**30


def _read(dataset):
    return np.asarray(dataset.preview.read()[...])


def _axes(dataset):
    return [(one.name, one.size, one.unit) for one in dataset.preview.axes]


@pytest.mark.parametrize("version", [3, 4])
@pytest.mark.parametrize("byte_order", ["<", ">"])
@pytest.mark.parametrize(
    "dtype", ["i1", "u1", "i2", "u2", "i4", "u4", "f4", "f8", "c8", "c16"]
)
def test_pixels_of_all_types(extract, version, byte_order, dtype):
    pixels = (np.arange(24) * 3 - (30 if dtype[0] != "u" else 0)).astype(dtype)
    dataset = extract(
        pixels=pixels.reshape(4, 6), version=version, byte_order=byte_order
    )
    assert dataset.notes == ()
    assert _read(dataset).tolist() == pixels.reshape(4, 6).tolist()


def test_truth_values_are_pixels(extract):
    pixels = np.array([[0, 1, 1], [1, 0, 1]], np.uint8)
    assert _read(extract(pixels=pixels, data_type=14)).tolist() == pixels.tolist()


@pytest.mark.parametrize("byte_order", ["<", ">"])
def test_colours(extract, byte_order):
    pixels = np.random.default_rng(2).integers(0, 256, (5, 7, 3), np.uint8)
    dataset = extract(pixels=pixels, rgb=True, byte_order=byte_order)
    assert dataset.fields["data_dimensions"] == "(5, 7)"
    assert (dataset.dataset_type, dataset.data_type) == ("Image", "TEM_Imaging")
    assert _read(dataset).tolist() == pixels.tolist()


def test_a_packed_transform_is_completed(extract):
    whole = np.fft.fftshift(np.fft.fft2(np.random.default_rng(4).random((8, 8))))
    # The half from the middle column on, and the column at its far end.
    half = np.hstack((whole[:, 4:], whole[:, :1])).astype(np.complex64)
    dataset = extract(pixels=half, shape=(8, 8), data_type=27)
    assert dataset.fields["data_dimensions"] == "(8, 8)"
    found = _read(dataset)
    assert found.dtype == np.complex64
    # What is stored is shown from the middle to the left, what is not to the right.
    assert np.allclose(found[:, :5], half[:, ::-1])
    assert np.allclose(found[:, 5:], half[:, 1:-1].conj())


@pytest.mark.parametrize(
    "part",
    [
        np.s_[2:7:2, ::3],
        np.s_[1:3],
        np.s_[:, 5],
        np.s_[3],
        np.s_[3, 1],
        np.s_[..., 6],
        np.s_[:],
    ],
)
def test_any_part_of_a_packed_transform_is_that_of_the_whole(extract, part):
    half = np.random.default_rng(6).random((8, 20)).astype(np.complex64) * (1 + 2j)
    dataset = extract(pixels=half, shape=(8, 38), data_type=27)
    array = dataset.preview.read()
    assert np.array_equal(array[part], _read(dataset)[part])


def test_a_transform_is_an_image_though_its_axes_are_reciprocal(extract):
    axes = {"units": ("1/nm", "1/nm"), "scales": (0.1, 0.1)}
    dataset = extract(pixels=np.ones((4, 4), np.complex64), **axes)
    assert dataset.dataset_type == "Image"


def test_axes_are_calibrated(extract):
    dataset = extract(
        pixels=np.zeros((4, 6), np.uint8),
        scales=(0.5, 0.25),
        origins=(2.0, 4.0),
        units=("nm", "nm"),
    )
    rows, columns = dataset.preview.axes
    assert (rows.scale, rows.offset, rows.size) == (0.5, -1.0, 4)
    assert (columns.scale, columns.offset, columns.size) == (0.25, -1.0, 6)
    assert dataset.fields["pixel_width"] == quantity(0.25, "nm")
    assert dataset.fields["pixel_height"] == quantity(0.5, "nm")
    assert dataset.fields["horizontal_field_width"] == quantity(1.5, "nm")
    assert dataset.fields["vertical_field_width"] == quantity(2, "nm")


def test_a_spectrum_has_channels(extract):
    dataset = extract(
        {"Meta Data/Signal": "X-ray", "EDS/Live time": 2.0},
        pixels=np.arange(20, dtype=np.int32),
        scales=(0.01,),
        origins=(50.0,),
        units=("keV",),
    )
    assert dataset.fields["channel_size"] == quantity(0.01, "keV")
    assert dataset.fields["starting_energy"] == quantity(-0.5, "keV")
    assert _axes(dataset) == [("Energy", 20, "keV")]


def test_energies_of_a_spectrum_image_come_last(extract):
    cube = np.arange(24, dtype=np.float32).reshape(4, 2, 3)
    dataset = extract(
        {"Meta Data/Format": "Spectrum image", "Meta Data/Signal": "EELS"},
        pixels=cube,
        units=("eV", "nm", "nm"),
        scales=(0.5, 3.0, 2.0),
    )
    assert dataset.fields["data_dimensions"] == "(2, 3, 4)"
    assert _axes(dataset) == [("y", 2, "nm"), ("x", 3, "nm"), ("Energy loss", 4, "eV")]
    assert [one.navigation for one in dataset.preview.axes] == [True, True, False]
    assert dataset.fields["pixel_width"] == quantity(2, "nm")
    assert _read(dataset).tolist() == np.moveaxis(cube, 0, -1).tolist()


def test_a_line_of_spectra_has_one_position(extract):
    lines = np.arange(24, dtype=np.float32).reshape(4, 6)
    dataset = extract(
        {"Meta Data/Format": "Spectrum image", "Meta Data/Signal": "EELS"},
        pixels=lines,
        units=("nm", "eV"),
        scales=(3.0, 0.5),
    )
    assert [one.navigation for one in dataset.preview.axes] == [True, False]
    assert _read(dataset).tolist() == lines.tolist()


def test_energies_of_a_line_may_be_on_either_axis(extract):
    lines = np.arange(24, dtype=np.float32).reshape(4, 6)
    dataset = extract(
        {"Meta Data/Format": "Spectrum image", "Meta Data/Signal": "EELS"},
        pixels=lines,
        units=("eV", "nm"),
    )
    assert dataset.fields["data_dimensions"] == "(6, 4)"
    assert _read(dataset).tolist() == lines.T.tolist()


def test_patterns_of_a_scan_come_last(extract):
    frames = np.arange(120, dtype=np.uint16).reshape(4, 5, 2, 3)
    dataset = extract(
        pixels=frames,
        units=("1/nm", "1/nm", "nm", "nm"),
        scales=(0.1, 0.1, 4.0, 4.0),
    )
    assert dataset.data_type == "TEM_Diffraction"
    assert dataset.fields["data_dimensions"] == "(2, 3, 4, 5)"
    assert [one.navigation for one in dataset.preview.axes] == [
        True,
        True,
        False,
        False,
    ]
    assert _read(dataset).tolist() == frames.transpose(2, 3, 0, 1).tolist()


def test_axes_of_one_position_are_left_out(extract):
    dataset = extract(
        {"Meta Data/Format": "Spectrum", "Meta Data/Signal": "EELS"},
        pixels=np.arange(9, dtype=np.float32).reshape(9, 1, 1),
        units=("eV", "", ""),
    )
    assert dataset.fields["data_dimensions"] == "(9,)"
    assert _read(dataset).tolist() == list(range(9))


def test_a_single_pixel_is_kept(extract):
    assert _read(extract(pixels=np.full((1, 1), 7, np.uint8))).tolist() == [7]


def test_wavelengths_are_no_lengths_of_the_specimen(extract):
    dataset = extract(
        {"Meta Data/Format": "Spectrum image", "Meta Data/Signal": "CL"},
        pixels=np.zeros((8, 3, 2), np.float32),
        units=("nm", "µm", "µm"),
        scales=(0.1, 2.0, 3.0),
    )
    assert dataset.data_type == "CL_Spectrum_Imaging"
    assert dataset.fields["pixel_width"] == quantity(3, "µm")
    assert dataset.fields["vertical_field_width"] == quantity(6, "µm")


def test_a_stack_has_the_tags_and_the_calibration_of_its_first_plane(extract):
    plane = {
        "source tags": {"Microscope Info": {"Voltage": 200000.0}},
        "calibration": {
            "X": {"scale": 0.5, "unit": "nm"},
            "Y": {"scale": 0.25, "unit": "nm"},
        },
    }
    dataset = extract(
        {"plane info": {"#0": plane, "#1": {"added @ tick": 7}}},
        pixels=np.zeros((2, 4, 6), np.uint16),
    )
    assert dataset.fields["acceleration_voltage"] == quantity(200, "kV")
    assert dataset.fields["pixel_width"] == quantity(0.5, "nm")
    assert dataset.fields["pixel_height"] == quantity(0.25, "nm")
    assert [one.navigation for one in dataset.preview.axes] == [True, False, False]


def test_a_stack_built_by_a_script_has_the_tags_of_its_source(extract):
    created = {"DigiScan": {"Sample Time": 4.0}}
    dataset = extract(
        {"source": {"Tags at creation": created}},
        pixels=np.zeros((2, 4, 6), np.uint16),
    )
    assert dataset.fields["dwell_time"] == quantity(4, "µs")


def test_datasets_come_in_the_order_of_the_file(tmp_path, extract_path):
    path = tmp_path / "several.dm3"
    pixels = (np.zeros((4, 4), np.uint8), np.zeros(9, np.float32))
    images = [Image(pixels=one, name=f"image {one.ndim}") for one in pixels]
    write_dm(path, images)
    datasets = extract_path(path)
    assert [one.preview.title for one in datasets] == ["image 2", "image 1"]
    assert [one.extensions["Title"] for one in datasets] == ["image 2", "image 1"]


@pytest.mark.parametrize("thumbnail", [True, False])
def test_thumbnails_are_no_datasets(tmp_path, extract_path, thumbnail):
    path = tmp_path / "image.dm4"
    image = Image(pixels=np.zeros((4, 5), np.uint8), name="HAADF")
    write_dm(path, [image], version=4, thumbnail=thumbnail)
    (dataset,) = extract_path(path)
    assert dataset.extensions["Title"] == "HAADF"


def test_an_image_made_of_a_map_keeps_its_own_tags(tmp_path, extract_path):
    path = tmp_path / "map.dm3"
    tags = {
        "Microscope Info": {"Voltage": 3e5},
        "EELS": {"Acquisition": {"Exposure (s)": 0.5}},
        "SI": {"Acquisition": {"Pixel time (s)": 0.5}},
        "Meta Data": {"Format": "Spectrum image", "Signal": "EELS"},
    }
    cube = np.zeros((8, 3, 4), np.float32)
    parent = Image(pixels=cube, units=("eV", "nm", "nm"), tags=tags)
    uid = {str(place): place + 1 for place in range(4)}
    own = {"Microscope Info": {"Cs(mm)": 1.5}, "Parent": {"UID": uid}}
    child = Image(pixels=np.zeros((3, 4), np.float32), tags=own, identity=(5, 6, 7, 8))
    write_dm(path, [parent, child])
    spectra, made = extract_path(path)
    assert spectra.data_type == "EELS_Spectrum_Imaging"
    assert made.data_type == "TEM_Imaging"
    assert made.fields == {"data_dimensions": "(3, 4)"}


def test_what_was_cut_from_a_spectrum_has_its_tags(tmp_path, extract_path):
    path = tmp_path / "background.dm3"
    axis = {"pixels": np.zeros(8, np.float32), "units": ("eV",)}
    tags = {
        "Microscope Info": {"Voltage": 3e5, "Illumination Mode": "STEM"},
        "EELS": {"Acquisition": {"Exposure (s)": 0.5}},
    }
    parent = Image(tags=tags, identity=(5, 6, 7, 8), **axis)
    uid = {"0": 5, "1": 6, "2": 7, "3": 8}
    child = Image(tags={"Parent": {"UID": uid}}, name="Background", **axis)
    write_dm(path, [parent, child])
    found = [
        (one.data_type, one.fields["acceleration_voltage"])
        for one in extract_path(path)
    ]
    assert found == [("STEM_EELS", quantity(300, "kV"))] * 2


def test_raw_groups_are_those_of_the_image(tmp_path, extract_path):
    path = tmp_path / "several.dm3"
    box = {"AnnotationType": 5, "Rectangle": (1.0, 1.0, 3.0, 3.0)}
    first = Image(pixels=np.zeros((4, 5), np.uint8), name="a", annotations=(box,))
    second = Image(pixels=np.zeros((4, 5), np.uint8), name="b", tags={"A": {"b": 1.5}})
    write_dm(path, [first, second])
    raw = [one.raw for one in extract_path(path)]
    drawn = {"AnnotationGroupList": {"TagGroup0": {**box, "Rectangle": [1, 1, 3, 3]}}}
    assert raw == [
        {
            "DocumentObjectList": {"TagGroup0": drawn},
            "ImageList": {"TagGroup0": {"ImageTags": {}, "Name": "a"}},
        },
        {
            "DocumentObjectList": {"TagGroup0": {"AnnotationGroupList": {}}},
            "ImageList": {"TagGroup0": {"ImageTags": {"A": {"b": 1.5}}, "Name": "b"}},
        },
    ]


def test_long_arrays_in_raw_groups_are_described(extract):
    dataset = extract({"EELS/HQ dark correction": np.arange(5000.0)})
    tags = dataset.raw["ImageList"]["TagGroup0"]["ImageTags"]
    assert tags["EELS"]["HQ dark correction"] == "array of shape (5000,), float64"


@pytest.mark.parametrize("version", [3, 4])
def test_a_stack_of_gigabytes_is_not_loaded(tmp_path, extract_path, version):
    planes = GIGABYTES // (2 * 2048 * 2048)
    if version == 3:
        planes = planes // 2 - 1  # lengths have 31 bits
    path = tmp_path / f"stack.dm{version}"
    _write_sparse(path, (planes, 2048, 2048), version)
    tracemalloc.start()
    (dataset,) = extract_path(path)
    frame = dataset.preview.read()[planes - 1, ::64, ::64]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert dataset.fields["data_dimensions"] == f"({planes}, 2048, 2048)"
    assert frame.shape == (32, 32)
    assert not frame.any()
    assert peak < 5_000_000


def _write_sparse(path, shape, version):
    """Write an image whose pixels are a hole in the file."""
    mark = np.array([0x1234, 0x4321, 0x1234, 0x4321], np.uint16)
    image = Image(pixels=mark, shape=shape, tags={"Microscope Info": {"Voltage": 2e5}})
    content = dm_bytes(document([image]), version=version)
    before, after = content.split(mark.tobytes())
    size = np.prod(shape, dtype=np.int64)
    count = struct.pack(">i" if version == 3 else ">q", int(size))
    with path.open("wb") as stream:
        stream.write(before[: -len(count)] + count)
        stream.seek(int(size) * 2, os.SEEK_CUR)
        stream.write(after)


@pytest.mark.parametrize(
    ("told", "note"),
    [
        ({"shape": (60, 80)}, "The image needs 9600 bytes of pixels, found 96."),
        (
            {"shape": (2**30, 2**30)},
            f"The image needs {2**61} bytes of pixels, found 96.",
        ),
    ],
)
def test_dimensions_of_other_pixels_cost_the_preview(extract, told, note):
    dataset = extract({"Microscope Info/Voltage": 2e5}, **told)
    assert dataset.preview is None
    assert dataset.notes == (note,)
    assert dataset.fields["acceleration_voltage"] == quantity(200, "kV")


@pytest.mark.parametrize("data_type", [4, 99, -1])
def test_pixels_of_an_unknown_type_cost_the_preview(extract, data_type):
    dataset = extract({"Microscope Info/Voltage": 2e5}, data_type=data_type)
    assert dataset.preview is None
    assert dataset.notes == (
        f"Pixels of DigitalMicrograph's type {data_type} are not known.",
    )
    assert dataset.fields["data_dimensions"] == "(6, 8)"
    assert dataset.fields["acceleration_voltage"] == quantity(200, "kV")


def test_an_image_that_cannot_be_read_costs_no_other(tmp_path, extract_path):
    path = tmp_path / "several.dm3"
    pixels = np.zeros((4, 5), np.uint8)
    write_dm(path, [Image(pixels=pixels, shape=(0, 5)), Image(pixels=pixels, name="b")])
    (dataset,) = extract_path(path)
    assert dataset.extensions["Title"] == "b"
    (note,) = dataset.notes
    assert note.startswith("several.dm3: not read as image 1 of a DigitalMicrograph")
    assert note.endswith("expected dimensions of an image, found (0, 5)")


def test_tags_of_an_image_that_cannot_be_read_are_kept(extract):
    tags = {"Microscope Info/Voltage": 2e5, "DataBar/Signal Name": "ADF"}
    dataset = extract({**tags, "EDS/Live time": 2.5}, shape=(-1, 8))
    assert (dataset.dataset_type, dataset.data_type) == ("Unknown", "Unknown")
    assert dataset.fields == {"acceleration_voltage": quantity(200, "kV")}
    assert dataset.extensions["Signal Name"] == "ADF"
    assert dataset.extensions["EDS"] == {"Live time": quantity(2.5, "s")}
    assert "found (-1, 8)" in dataset.notes[0]


def test_an_old_packed_transform_is_completed(tmp_path, extract, extract_path):
    packed = np.random.default_rng(5).random((16, 16)).astype(np.float32)
    dataset = extract(pixels=packed, data_type=5)
    expected = file_reader(dataset.file.path)[0]["data"]
    found = _read(dataset)
    assert found.dtype == np.complex64
    assert np.array_equal(found, expected)
    # The transform of real numbers, around its middle.
    assert np.allclose(found[9:, 9:], found[7:0:-1, 7:0:-1].conj())


def test_an_old_packed_transform_may_be_too_large(tmp_path):
    path = tmp_path / "pixels"
    stored = Stored(
        path=path,
        offset=0,
        shape=(8192, 8192),
        order=(0, 1),
        data_type=5,
        dtype=np.dtype("<f4"),
    )
    with path.open("wb") as stream:
        stream.truncate(stored.size)
    with pytest.raises(PreviewError, match="67108864 pixels is too large"):
        Pixels(stored, None)[0]


def test_a_transform_that_cannot_be_unpacked_is_a_preview_error(extract):
    dataset = extract(pixels=np.zeros(5, np.complex64), shape=(8,), data_type=27)
    with pytest.raises(PreviewError):
        _read(dataset)
