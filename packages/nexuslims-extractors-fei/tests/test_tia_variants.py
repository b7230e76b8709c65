"""TIA files as they come: alone, in numbers, stopped early, damaged."""

from __future__ import annotations

import struct
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from nexuslims_core.errors import ExtractionError, PreviewError
from nexuslims_core.types import DataFile, Instrument
from nexuslims_extractors_fei.plugin import nexuslims_extractors
from nexuslims_extractors_fei.tia.objects import MOST_BYTES, read_objects
from nexuslims_testing.samples.tia import (
    TEM,
    Steps,
    object_info,
    write_emi,
    write_ser,
)

EXTRACTOR = list(nexuslims_extractors())[1]
PIXELS = np.arange(12, dtype="u2").reshape(1, 3, 4)
TIME = 1_456_073_586
INSTRUMENT = Instrument(
    pid="FEI-Titan-STEM-0001",
    display_name="Titan",
    location="",
    filestore_path="Titan/data",
    timezone="Europe/Brussels",
)


def _pixels(dataset):
    return np.asarray(dataset.preview.read())


# Types.


@pytest.mark.parametrize(
    ("mode", "calibration", "expected"),
    [
        (" STEM nP SA Zoom Diffraction", 1e-9, ("Image", "STEM_Imaging")),
        (" TEM uP SA Zoom Image", 1e-9, ("Image", "TEM_Imaging")),
        (" TEM uP SA Zoom Diffraction", 4e7, ("Diffraction", "TEM_Diffraction")),
        (" TEM uP SA Zoom Diffraction", 0.0, ("Diffraction", "TEM_Diffraction")),
        (" STEM nP SA Zoom Diffraction", 4e7, ("Diffraction", "STEM_Diffraction")),
        ("Lorentz", 1e-9, ("Image", "TEM_Imaging")),
    ],
)
def test_an_image_is_typed_by_mode_and_pixels(tia_image, mode, calibration, expected):
    dataset = tia_image(
        description={"Mode": (mode, "")}, calibration=(0.0, calibration)
    )
    assert (dataset.dataset_type, dataset.data_type) == expected


@pytest.mark.parametrize(
    ("count", "channels", "step", "expected"),
    [
        (1, 8, 700.0, ("Spectrum", "STEM_EDS_Spectrum")),
        (3, 8, 700.0, ("SpectrumImage", "STEM_EDS_Spectrum_Imaging")),
        (1, 2048, 0.5, ("Spectrum", "STEM_EELS_Spectrum")),
        (2, 2048, 0.5, ("SpectrumImage", "STEM_EELS_Spectrum_Imaging")),
        (1, 2048, 10.0, ("Spectrum", "STEM_EDS_Spectrum")),
        (1, 1024, 0.2, ("Spectrum", "STEM_Spectrum")),
        (4, 1024, 0.2, ("SpectrumImage", "STEM_Spectrum_Imaging")),
    ],
)
def test_a_spectrum_is_typed_by_its_axis(tia_spectra, count, channels, step, expected):
    dataset = tia_spectra(count=count, channels=channels, calibration=(0.0, step))
    assert (dataset.dataset_type, dataset.data_type) == expected


@pytest.mark.parametrize(("instrument", "beam"), [(INSTRUMENT, "STEM"), (None, "TEM")])
def test_without_a_mode_the_instrument_tells(tmp_path, extract_all, instrument, beam):
    path = tmp_path / "a_1.ser"
    write_ser(path, PIXELS)
    (dataset,) = extract_all(path, instrument)
    assert dataset.data_type == f"{beam}_Imaging"


# Series.


def test_a_series_without_emi_is_described_by_itself(tmp_path, extract_all):
    path = tmp_path / "a_1.ser"
    write_ser(path, PIXELS, calibration=(-1e-8, 2e-9), time=TIME)
    (dataset,) = extract_all(path, INSTRUMENT)
    assert dataset.extensions == {"emi Filename": None}
    assert dataset.creation_time == datetime.fromtimestamp(TIME, UTC)
    assert dataset.fields["data_dimensions"] == "(3, 4)"
    assert dataset.fields["pixel_width"].to("nm").magnitude == pytest.approx(2)
    assert dataset.fields["vertical_field_width"].to("nm").magnitude == pytest.approx(6)
    y, x = dataset.preview.axes
    assert (y.scale, y.offset, y.unit) == (2.0, -10.0, "nm")
    assert x.size == 4
    assert dataset.notes == (
        "No a.emi beside it: settings of the microscope are unknown.",
    )


def test_without_any_time_the_file_tells_none(tmp_path, extract_all):
    path = tmp_path / "a_1.ser"
    write_ser(path, PIXELS)
    (dataset,) = extract_all(path)
    assert dataset.creation_time is None


@pytest.mark.parametrize("version", [0x0210, 0x0220])
@pytest.mark.parametrize(
    "dtype", ["u1", "u2", "u4", "i1", "i2", "i4", "f4", "f8", "c8", "c16"]
)
def test_numbers_are_read_as_written(tmp_path, extract_all, dtype, version):
    path = tmp_path / "a_1.ser"
    pixels = np.arange(12).astype(dtype).reshape(1, 3, 4)
    write_ser(path, pixels, version=version)
    (dataset,) = extract_all(path)
    found = _pixels(dataset)
    assert found.dtype == np.dtype(dtype)
    assert (found == pixels[0]).all()


def test_a_stack_is_read_in_parts(tmp_path, extract_all):
    path = tmp_path / "a_1.ser"
    frames = np.arange(60, dtype="i4").reshape(5, 3, 4)
    write_ser(path, frames, planned=20, gap=10)
    (dataset,) = extract_all(path)
    array = dataset.preview.read()
    assert array.shape == (5, 3, 4)
    assert (array[2] == frames[2]).all()
    assert (array[1:4:2, 1, ::2] == frames[1:4:2, 1, ::2]).all()
    assert (array[..., 3] == frames[..., 3]).all()
    assert array[4, 2, 3] == frames[4, 2, 3]
    assert array[2:2].shape == (0, 3, 4)
    assert not any("acquired" in note for note in dataset.notes)
    assert [axis.navigation for axis in dataset.preview.axes] == [True, False, False]


POSITION = {"description": "Position", "unit": "meters"}
PLANE = [Steps(size=3, step=8e-9, **POSITION), Steps(size=2, step=-4e-9, **POSITION)]


@pytest.mark.parametrize(
    ("positions", "shape", "names"),
    [
        ([(0, 0), (8e-9, 0)], (2, 3), ["y", "x"]),
        ([(0, 0), (0, -4e-9)], (3, 2), ["x", "y"]),
        ([], (2, 3), ["y", "x"]),
    ],
)
def test_a_plane_has_its_rows_first(tmp_path, extract_all, positions, shape, names):
    path = tmp_path / "a_1.ser"
    spectra = np.arange(6 * 8, dtype="i4").reshape(6, 8)
    rest = [(0, 0)] * (6 - len(positions)) if positions else []
    write_ser(path, spectra, steps=PLANE, positions=[*positions, *rest])
    (dataset,) = extract_all(path)
    assert [axis.name for axis in dataset.preview.axes] == [*names, "Energy"]
    assert (_pixels(dataset) == spectra.reshape(*shape, 8)).all()
    steps = {axis.name: axis.scale for axis in dataset.preview.axes}
    assert (steps["x"], steps["y"]) == (pytest.approx(8), pytest.approx(-4))
    assert dataset.fields["pixel_height"].to("nm").magnitude == pytest.approx(
        4 if names[0] == "y" else 8
    )


def test_a_map_that_was_stopped_has_zeros_for_the_rest(tmp_path, extract_all):
    path = tmp_path / "a_1.ser"
    write_ser(path, np.ones((4, 8), "i4"), steps=PLANE, planned=6)
    (dataset,) = extract_all(path)
    assert _pixels(dataset)[..., 0].tolist() == [[1, 1, 1], [1, 0, 0]]
    assert "Of 6 elements, 4 were acquired; the rest is zero." in dataset.notes


def test_a_line_is_stepped_along_in_metres(tmp_path, extract_all):
    path = tmp_path / "a_1.ser"
    steps = [Steps(size=3, step=2e-10, **POSITION)]
    write_ser(path, np.ones((3, 8), "i4"), steps=steps)
    (dataset,) = extract_all(path)
    axis = dataset.preview.axes[0]
    assert (axis.name, axis.unit, axis.navigation) == ("position", "nm", True)
    assert axis.scale == pytest.approx(0.2)


@pytest.mark.parametrize("steps", [[], [Steps(size=7), Steps(size=5)]])
def test_dimensions_that_make_no_sense_are_a_list(tmp_path, extract_all, steps):
    path = tmp_path / "a_1.ser"
    write_ser(path, np.ones((3, 8), "i4"), steps=steps)
    (dataset,) = extract_all(path)
    assert dataset.fields["data_dimensions"] == "(3, 8)"


def test_a_reference_element_moves_the_origin(tmp_path, extract_all):
    path = tmp_path / "a_1.ser"
    steps = [Steps(size=3, offset=0.0, step=1e-9, element=2, **POSITION)]
    write_ser(path, np.ones((3, 8), "i4"), steps=steps)
    (dataset,) = extract_all(path)
    assert dataset.preview.axes[0].offset == pytest.approx(-2)


# The .emi.


def test_the_number_of_a_series_selects_its_object(tmp_path, extract_all):
    write_emi(
        tmp_path / "a.emi",
        [object_info(manufacturer=name) for name in ("first", "second", "third")],
    )
    for number in (1, 2, 3):
        write_ser(tmp_path / f"a_{number}.ser", PIXELS * number)
    found = [extract_all(tmp_path / f"a_{n}.ser")[0] for n in (1, 2, 3)]
    names = [one.extensions["Manufacturer"] for one in found]
    assert names == ["first", "second", "third"]


def test_the_image_that_a_scan_was_chosen_on_is_told_apart(tmp_path, extract_all):
    reference = object_info(reference=True, manufacturer="scanned", date="")
    spectra = object_info(spectrum=True, manufacturer="EDAX", date="")
    write_emi(tmp_path / "a.emi", [reference, spectra])
    write_ser(tmp_path / "a_1.ser", np.ones((2, 8), "i4"))
    (dataset,) = extract_all(tmp_path / "a_1.ser")
    assert dataset.extensions["Manufacturer"] == "EDAX"
    assert dataset.extensions["Reference Image"]["Manufacturer"] == "scanned"


def test_spectra_are_not_described_by_the_object_of_an_image(tmp_path, extract_all):
    objects = [object_info(manufacturer="a"), object_info(manufacturer="b")]
    write_emi(tmp_path / "a.emi", [*objects, object_info(spectrum=True, date="")])
    write_ser(tmp_path / "a_1.ser", np.ones((2, 8), "i4"))
    (dataset,) = extract_all(tmp_path / "a_1.ser")
    assert dataset.creation_time is None


def test_more_series_than_objects_are_noted(tmp_path, extract_all):
    write_emi(tmp_path / "a.emi", [object_info()])
    write_ser(tmp_path / "a_2.ser", PIXELS)
    (dataset,) = extract_all(tmp_path / "a_2.ser")
    assert dataset.notes == ("a.emi: expected 2 signals, found 1.",)


def test_drawings_on_a_signal_are_no_signals(tmp_path, extract_all):
    drawing = "<ObjectInfo><Uuid>1</Uuid></ObjectInfo>"
    write_emi(tmp_path / "a.emi", [drawing, object_info(manufacturer="it")])
    write_ser(tmp_path / "a_1.ser", PIXELS)
    (dataset,) = extract_all(tmp_path / "a_1.ser")
    assert dataset.extensions["Manufacturer"] == "it"


@pytest.mark.parametrize(
    ("content", "note"),
    [
        (b"", "a.emi cannot be read: expected an ObjectInfo, found none."),
        (b"JK\0\2" + bytes(50), "a.emi cannot be read: expected an ObjectInfo,"),
        (b"<ObjectInfo><!DOCTYPE a></ObjectInfo>", "a.emi cannot be read: expected"),
    ],
)
def test_an_unreadable_emi_is_noted(tmp_path, extract_all, content, note):
    (tmp_path / "a.emi").write_bytes(content)
    write_ser(tmp_path / "a_1.ser", PIXELS)
    (dataset,) = extract_all(tmp_path / "a_1.ser")
    assert dataset.notes[0].startswith(note)
    assert dataset.extensions == {"emi Filename": "a.emi"}
    assert (_pixels(dataset) == PIXELS[0]).all()


def test_an_emi_that_is_cut_says_what_it_can(tmp_path, extract_all):
    write_emi(tmp_path / "a.emi", [object_info()])
    content = (tmp_path / "a.emi").read_bytes()
    (tmp_path / "a.emi").write_bytes(content[: content.index(b"Spot size")])
    write_ser(tmp_path / "a_1.ser", PIXELS)
    (dataset,) = extract_all(tmp_path / "a_1.ser")
    assert dataset.fields["magnification"] == 14_000
    assert any(note.startswith("a.emi is damaged:") for note in dataset.notes)


@pytest.mark.parametrize(
    ("told", "part"),
    [
        ({"conditions": {}}, "ExperimentalConditions"),
        ({"description": {}}, "ExperimentalDescription"),
    ],
)
def test_an_object_without_a_part_is_noted(tia_image, told, part):
    assert tia_image(**told).notes == (f"image.emi has no {part} for this signal.",)


@pytest.mark.parametrize("date", ["yesterday", "Wed Nov 46 09:46:13 2011"])
def test_a_date_that_is_none_is_noted(tia_image, date):
    dataset = tia_image(date=date)
    assert dataset.creation_time is None
    (note,) = dataset.notes
    assert note.startswith("AcquireDate: expected a time such as 'Wed Nov 16")
    assert note.endswith(f"found {date!r}.")


def test_the_emi_is_named_as_seen_from_the_instruments_folder(tmp_path, extract_all):
    folder = tmp_path / "Titan" / "data" / "user"
    folder.mkdir(parents=True)
    write_emi(folder / "a.emi", [object_info()])
    write_ser(folder / "a_1.ser", PIXELS)
    (dataset,) = extract_all(folder / "a_1.ser", INSTRUMENT)
    assert dataset.extensions["emi Filename"] == "user/a.emi"


def test_an_emi_is_read_once_however_many_series_it_has(tmp_path, extract_all):
    write_emi(tmp_path / "a.emi", [object_info()] * 4)
    for number in range(1, 5):
        write_ser(tmp_path / f"a_{number}.ser", PIXELS)
    before = read_objects.cache_info()
    for number in range(1, 5):
        extract_all(tmp_path / f"a_{number}.ser")
    after = read_objects.cache_info()
    assert after.misses - before.misses == 1
    assert after.hits - before.hits == 3


def test_an_emi_that_has_changed_is_read_again(tmp_path, extract_all):
    write_ser(tmp_path / "a_1.ser", PIXELS)
    for name in ("before", "and after"):
        write_emi(tmp_path / "a.emi", [object_info(manufacturer=name)])
        (dataset,) = extract_all(tmp_path / "a_1.ser")
        assert dataset.extensions["Manufacturer"] == name


@pytest.mark.parametrize("before", [0, 1, 2 * MOST_BYTES + 1])
def test_an_object_far_behind_another_is_found(tmp_path, extract_all, before):
    objects = [object_info(manufacturer="a"), object_info(manufacturer="b")]
    write_emi(tmp_path / "a.emi", objects, between=before)
    write_ser(tmp_path / "a_2.ser", PIXELS)
    (dataset,) = extract_all(tmp_path / "a_2.ser")
    assert dataset.extensions["Manufacturer"] == "b"


def test_an_object_without_end_takes_no_memory(tmp_path):
    path = tmp_path / "a.emi"
    path.write_bytes(b"<ObjectInfo>" + bytes(3 * MOST_BYTES) + object_info().encode())
    stat = path.stat()
    (found,) = read_objects(path, stat.st_size, stat.st_mtime_ns)
    assert found.value("ObjectInfo", "Manufacturer") == "FEI (ISAS)"


# An .emi by itself.


def test_an_emi_gives_the_datasets_of_its_series(tmp_path, extract_all):
    write_emi(tmp_path / "a.emi", [object_info(description=TEM)] * 2)
    for number in (10, 2, 1):
        write_ser(tmp_path / f"a_{number}.ser", PIXELS * number)
    write_ser(tmp_path / "ab_1.ser", PIXELS)
    datasets = extract_all(tmp_path / "a.emi")
    assert [_pixels(one)[0, 1] for one in datasets] == [1, 2, 10]
    assert {one.file.path.name for one in datasets} == {"a.emi"}
    assert datasets[1].data_type == "TEM_Imaging"


def test_an_emi_without_series_is_described(tmp_path, extract_all):
    infos = [object_info(reference=True), object_info(spectrum=True)]
    write_emi(tmp_path / "a.emi", infos)
    (dataset,) = extract_all(tmp_path / "a.emi")
    assert dataset.dataset_type == "Misc"
    assert dataset.preview is None
    assert dataset.fields["acceleration_voltage"].to("kV").magnitude == 300
    assert dataset.extensions["Mode"] == "STEM nP SA Zoom Diffraction"
    assert dataset.notes == (
        "No .ser beside it: it is described, but its numbers are not here.",
    )


# Damage.


def test_a_series_without_elements_is_described_by_its_emi(tmp_path, extract_all):
    path = tmp_path / "a_1.ser"
    write_emi(tmp_path / "a.emi", [object_info()])
    write_ser(path, PIXELS)
    content = bytearray(path.read_bytes())
    struct.pack_into("<I", content, 18, 0)
    path.write_bytes(content)
    (dataset,) = extract_all(path)
    assert (dataset.dataset_type, dataset.data_type) == ("Misc", "Unknown")
    assert dataset.fields["magnification"] == 14_000
    assert dataset.notes == (
        "a_1.ser: its numbers cannot be read: expected up to 1 elements, found 0.",
    )


@pytest.mark.parametrize(
    ("place", "layout", "value", "found"),
    [
        (6, "<I", 0x4121, "expected spectra or images, found data of kind 16673"),
        (18, "<I", 5, "expected up to 1 elements, found 5"),
        (22, "<I", 10**9, "expected places of 1 elements at byte 1000000000"),
        (26, "<I", 1000, "expected a few dimensions, found 1000"),
        (54, "<I", 10**6, "expected a short text at byte 58, found 1000000 bytes"),
        (116, "<H", 77, "expected numbers of a known type, found type 77"),
        (118, "<I", 0, "expected elements with something in them, found a size of"),
        (118, "<I", 10**9, "expected 6000000000 bytes of numbers, found"),
    ],
)
def test_a_damaged_header_is_noted(tmp_path, extract_all, place, layout, value, found):
    path = tmp_path / "a_1.ser"
    write_ser(path, PIXELS)
    content = bytearray(path.read_bytes())
    struct.pack_into(layout, content, place, value)
    path.write_bytes(content)
    (dataset,) = extract_all(path)
    assert dataset.dataset_type == "Misc"
    assert any(found in note for note in dataset.notes), dataset.notes


@pytest.mark.parametrize("place", [10**6, 2**63, 2**64 - 1])
def test_an_element_beyond_the_end_is_noted(tmp_path, extract_all, place):
    path = tmp_path / "a_1.ser"
    write_ser(path, PIXELS, version=0x0220)
    content = bytearray(path.read_bytes())
    (table,) = struct.unpack_from("<Q", content, 22)
    struct.pack_into("<Q", content, table, place)
    path.write_bytes(content)
    (dataset,) = extract_all(path)
    found = f"expected an element at byte {place}, the file ends at {len(content)}"
    assert any(found in note for note in dataset.notes)


def test_the_elements_before_a_cut_are_kept(tmp_path, extract_all):
    path = tmp_path / "a_1.ser"
    write_ser(path, np.ones((5, 100), "i4"))
    path.write_bytes(path.read_bytes()[:-500])
    (dataset,) = extract_all(path)
    assert "The file is cut: expected 5 elements, found 3." in dataset.notes
    assert _pixels(dataset)[:, 0].tolist() == [1, 1, 1, 0, 0]


def test_numbers_that_vanish_before_they_are_drawn_are_a_preview_error(
    tmp_path, extract_all
):
    path = tmp_path / "a_1.ser"
    write_ser(path, PIXELS)
    (dataset,) = extract_all(path)
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(PreviewError):
        _pixels(dataset)


@pytest.mark.parametrize("name", ["sky.ser", "note.emi"])
def test_other_files_of_these_endings_are_left_alone(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(b"LUCAM-RECORDER" + bytes(200))
    file = DataFile.at(path)
    assert not EXTRACTOR.supports(file)
    with pytest.raises(ExtractionError, match="cannot be read as a file of TIA"):
        EXTRACTOR.extract(file)


def test_times_are_in_the_zone_of_the_instrument(tmp_path, extract_all):
    path = tmp_path / "a_1.ser"
    write_ser(path, PIXELS, time=TIME)
    (dataset,) = extract_all(path, INSTRUMENT)
    assert dataset.creation_time.tzinfo == ZoneInfo("Europe/Brussels")
    assert dataset.creation_time.isoformat() == "2016-02-21T17:53:06+01:00"
