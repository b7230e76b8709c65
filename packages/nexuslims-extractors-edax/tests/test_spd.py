"""Maps and line scans in EDAX's own format."""

from __future__ import annotations

import numpy as np
import pytest
from nexuslims_core.errors import ExtractionError
from nexuslims_core.types import DataFile, quantity
from nexuslims_extractors_edax.spc.extract import extract_map
from nexuslims_extractors_edax.spc.fields import FIELDS, IPR, SPD
from nexuslims_testing.samples.edax import (
    IMAGE,
    SPECTRUM,
    counts,
    write_ipr,
    write_spc,
    write_spd,
)

CUBE = (counts(64, 80) * np.ones((3, 5, 1))).astype("u2")

# Name in the header of the image, value, place, what is expected there and its unit.
ROWS = (
    ("accV", 155, "acceleration_voltage", 15.5, "kV"),
    ("mag", 2500, "magnification", 2500, ""),
    ("wd", 11, "working_distance", 11, "mm"),
    ("tilt", -3, "stage_position/tilt_alpha", -3, "deg"),
    ("takeoff", 36, "takeoff_angle", 36, "deg"),
    ("presetTime", 250, "dwell_time", 250, "ms"),
    ("nReads", 32, "Reads Per Point", 32, ""),
    ("timeConstantNew", 12.5, "Amplifier Time", 12.5, "µs"),
)


@pytest.fixture
def write(tmp_path):
    """Return a function that writes a map and what lies beside it."""

    def write(name="map.spd", *, data=CUBE, spectrum=SPECTRUM, image=IMAGE):
        path = tmp_path / name
        write_spd(path, data)
        if spectrum is not None:
            write_spc(path.with_suffix(".spc"), spectrum)
        if image is not None:
            write_ipr(tmp_path / "map_Img.ipr", image)
        return path

    return write


def test_a_map_with_all_its_files(write, extract_path):
    found = extract_path(write())
    assert found.notes == ()
    assert found.dataset_type == "SpectrumImage"
    assert found.data_type == "EDS_Spectrum_Imaging"
    assert found.fields["data_dimensions"] == "(3, 5, 64)"
    assert found.fields["pixel_width"] == quantity(0.25, "µm")
    assert found.fields["pixel_height"] == quantity(0.5, "µm")
    assert found.fields["horizontal_field_width"] == quantity(1.25, "µm")
    assert found.fields["acceleration_voltage"] == quantity(15, "kV")
    assert found.fields["live_time"] == quantity(60, "s")
    assert found.extensions["Number of Frames"] == 8
    assert found.extensions["Image Label"] == "SE"
    assert [axis.unit for axis in found.preview.axes] == ["µm", "µm", "keV"]
    assert (np.asarray(found.preview.read()) == CUBE).all()


def test_the_table_has_no_other_rows():
    keys = {row.key for row in FIELDS if row.section in {IPR, SPD}}
    assert keys == {row[0] for row in ROWS} | {"nFrames", "fName", "label"}


@pytest.mark.parametrize(
    ("name", "value", "place", "shown", "unit"), ROWS, ids=[row[0] for row in ROWS]
)
def test_a_value_of_the_image_arrives(
    write, extract_path, found, name, value, place, shown, unit
):
    dataset = extract_path(write(spectrum=None, image={**IMAGE, name: value}))
    one = found(dataset, place)
    assert one == (quantity(shown, unit) if unit else shown)


def test_a_line_scan(write, extract_path):
    found = extract_path(write("line.lsd", data=CUBE[:1], image=None))
    assert found.dataset_type == "SpectrumImage"
    assert found.fields["data_dimensions"] == "(5, 64)"
    assert found.fields["channel_size"] == quantity(5, "eV")


def test_a_map_alone_is_read_and_noted(write, extract_path):
    found = extract_path(write(spectrum=None, image=None))
    assert found.notes == (
        "There is no map.spc beside the map: its energies are not calibrated.",
    )
    assert "channel_size" not in found.fields
    assert (np.asarray(found.preview.read()) == CUBE).all()


def test_names_beside_may_be_in_capitals(write, extract_path):
    path = write()
    path.with_suffix(".spc").rename(path.with_name("MAP.SPC"))
    assert extract_path(path).fields["live_time"] == quantity(60, "s")


def test_a_damaged_spectrum_beside_does_not_lose_the_map(write, extract_path):
    path = write()
    path.with_suffix(".spc").write_bytes(b"\0\0")
    found = extract_path(path)
    assert "The files beside the map were left out" in found.notes[0]
    assert (np.asarray(found.preview.read()) == CUBE).all()


def test_a_map_that_is_cut_keeps_its_metadata(write, extract_path):
    path = write()
    size = path.stat().st_size
    path.write_bytes(path.read_bytes()[:-100])
    found = extract_path(path)
    assert found.notes == (
        f"The map should end at byte {size}, but the file ends at {size - 100}.",
    )
    assert found.fields["live_time"] == quantity(60, "s")
    assert found.preview is None


def test_an_absurd_size_is_refused_before_memory_is_asked_for(write):
    path = write()
    content = bytearray(path.read_bytes())
    content[24:36] = b"\xff" * 12
    path.write_bytes(content)
    with pytest.raises(ExtractionError, match="4294967295 by 4294967295 spectra"):
        extract_map(DataFile.at(path))


def test_another_file_is_refused(tmp_path):
    path = tmp_path / "a.spd"
    path.write_bytes(bytes(100))
    with pytest.raises(ExtractionError, match="expected the tag"):
        extract_map(DataFile.at(path))
