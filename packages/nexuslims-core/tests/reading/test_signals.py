"""Signals as readers of the HyperSpy family describe them, in our terms."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from nexuslims_core.errors import PreviewError
from nexuslims_core.reading.signals import describe, signal_axes
from nexuslims_core.reading.standard import (
    acquired,
    looked_up,
    standard_metadata,
    trimmed,
)
from nexuslims_core.types import quantity


@pytest.fixture
def tree():
    """Return a standard tree of a TEM."""
    return {
        "General": {"title": "HAADF", "date": "2023-05-04", "time": "10:11:12"},
        "Signal": {"signal_type": "EDS_TEM", "quantity": "Counts"},
        "Sample": {
            "elements": ["Fe", "O"],
            "xray_lines": ["Fe_Ka", "O_Ka"],
            "description": "slag",
        },
        "Acquisition_instrument": {
            "TEM": {
                "beam_energy": 200.0,
                "beam_current": 0.05,
                "camera_length": 91,
                "convergence_angle": 22.5,
                "magnification": 28500,
                "acquisition_mode": "STEM",
                "Stage": {"x": 0.1, "tilt_alpha": -3.5},
                "Detector": {
                    "EDS": {
                        "azimuth_angle": 45,
                        "elevation_angle": 18,
                        "energy_resolution_MnKa": 128,
                        "live_time": 9.5,
                        "real_time": 10,
                    }
                },
            }
        },
    }


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("acceleration_voltage", quantity(200, "kV")),
        ("beam_current", quantity(0.05, "nA")),
        ("camera_length", quantity(91, "mm")),
        ("convergence_angle", quantity(22.5, "mrad")),
        ("magnification", 28500),
        (
            "stage_position",
            {"x": quantity(0.1, "mm"), "tilt_alpha": quantity(-3.5, "deg")},
        ),
        ("azimuthal_angle", quantity(45, "deg")),
        ("elevation_angle", quantity(18, "deg")),
        ("detector_energy_resolution", quantity(128, "eV")),
        ("live_time", quantity(9.5, "s")),
        ("elements", ("Fe", "O")),
        ("specimen", "slag"),
        ("channel_size", quantity(10, "eV")),
        ("data_dimensions", "(64,)"),
    ],
)
def test_the_standard_tree_fills_typed_fields(
    signal, axis, tree, data_file, field, expected
):
    described = describe(signal(axis("E", 64, 10, "eV"), metadata=tree), data_file)
    assert described.findings.fields[field] == expected


def test_what_has_no_typed_field_is_an_extension(signal, axis, tree, data_file):
    described = describe(signal(axis("E", 64, 10, "eV"), metadata=tree), data_file)
    assert described.findings.extensions == {
        "Acquisition Mode": "STEM",
        "Real Time": quantity(10, "s"),
        "Title": "HAADF",
        "Signal Quantity": "Counts",
        "X-ray Lines": "Fe_Ka, O_Ka",
    }


@pytest.mark.parametrize(
    ("axes", "signal_type", "expected"),
    [
        ([("E", 9, 1, "eV", False)], "EELS", ("Spectrum", "TEM_EELS_Spectrum")),
        ([("E", 9, 1, "keV", False)], "", ("Spectrum", "TEM_Spectrum")),
        (
            [("x", 3, 1, "nm", True), ("E", 9, 1, "eV", False)],
            "EELS",
            ("SpectrumImage", "TEM_EELS_Spectrum_Imaging"),
        ),
        (
            [("y", 3, 1, "nm", False), ("x", 3, 1, "nm", False)],
            "",
            ("Image", "TEM_Imaging"),
        ),
        (
            [("y", 3, 1, "1/nm", False), ("x", 3, 1, "1/nm", False)],
            "",
            ("Diffraction", "TEM_Diffraction"),
        ),
        (
            [("y", 3, 1, "mrad", False), ("x", 3, 1, "mrad", False)],
            "",
            ("Diffraction", "TEM_Diffraction"),
        ),
        (
            [
                ("a", 2, 1, "nm", True),
                ("b", 2, 1, "nm", True),
                ("y", 3, 1, "", False),
                ("x", 3, 1, "", False),
            ],
            "",
            ("Diffraction", "TEM_Diffraction"),
        ),
        (
            [("t", 2, 1, "s", True), ("y", 3, 1, "", False), ("x", 3, 1, "", False)],
            "",
            ("Image", "TEM_Imaging"),
        ),
        ([("t", 9, 1, "s", False)], "", ("Misc", "Time_Series")),
        ([("t", 9, 1, "s", True)], "", ("Misc", "Time_Series")),
        (
            [("y", 3, 1, "nm", True), ("x", 3, 1, "nm", True)],
            "",
            ("Image", "TEM_Imaging"),
        ),
    ],
)
def test_axes_tell_the_type(signal, axis, data_file, axes, signal_type, expected):
    given = [axis(n, s, c, u, navigate=nav) for n, s, c, u, nav in axes]
    metadata = {
        "Signal": {"signal_type": signal_type},
        "Acquisition_instrument": {"TEM": {}},
    }
    findings = describe(signal(*given, metadata=metadata), data_file).findings
    assert (findings.dataset_type, findings.data_type) == expected


def test_a_fourier_transform_is_an_image(signal, axis, data_file):
    axes = [axis(name, 4, 1, "1/nm") for name in "yx"]
    assert (
        describe(signal(*axes, dtype="c8"), data_file).findings.dataset_type == "Image"
    )


def test_pixels_of_scanned_diffraction_are_those_of_the_scan(signal, axis, data_file):
    given = [
        *(axis(name, 2, 5, "nm", navigate=True) for name in "ab"),
        *(axis(name, 4, 0.1, "1/nm") for name in "yx"),
    ]
    fields = describe(signal(*given), data_file).findings.fields
    assert fields["pixel_width"] == quantity(5, "nm")


def test_the_mapping_is_applied_to_the_original_metadata(signal, axis):
    given = signal(
        axis("x", 4),
        original={"Tag Group": {"Voltage": "200000", "Bad": "x"}, "none": None},
        mapping={
            "Tag_Group.Voltage": (
                "Acquisition_instrument.TEM.beam_energy",
                lambda v: float(v) / 1e3,
            ),
            "Tag Group.Bad": ("General.time", float),
            "Tag Group.Absent": ("General.title", None),
            "none": ("General.title", None),
        },
    )
    tree, notes = standard_metadata(given)
    assert tree == {"Acquisition_instrument": {"TEM": {"beam_energy": 200.0}}}
    assert len(notes) == 1
    assert "General.time cannot be made of Tag Group.Bad" in notes[0]


def test_the_given_tree_is_left_as_it_was(signal, axis):
    metadata = {"General": {"title": "a"}}
    given = signal(
        axis("x", 4),
        metadata=metadata,
        original={"t": "b"},
        mapping={"t": ("General.title", None)},
    )
    assert standard_metadata(given)[0] == {"General": {"title": "b"}}
    assert metadata == {"General": {"title": "a"}}


@pytest.mark.parametrize(
    ("general", "expected"),
    [
        ({"date": "2023-05-04", "time": "10:11:12"}, datetime(2023, 5, 4, 10, 11, 12)),  # noqa: DTZ001
        (
            {"date": "2023-05-04", "time": "10:11:12", "time_zone": "UTC"},
            datetime(2023, 5, 4, 10, 11, 12, tzinfo=UTC),
        ),
        (
            {"date": "2023-05-04", "time": "10:11:12", "time_zone": "Europe/Berlin"},
            datetime(2023, 5, 4, 10, 11, 12, tzinfo=ZoneInfo("Europe/Berlin")),
        ),
        (
            {
                "date": "2023-05-04",
                "time": "10:11:12",
                "time_zone": "Eastern Daylight Time",
            },
            datetime(2023, 5, 4, 10, 11, 12),  # noqa: DTZ001
        ),
        ({"date": "2023-05-04"}, None),
        ({"date": "May 4th", "time": "10:11:12"}, None),
        ({}, None),
    ],
)
def test_times_of_acquisition(general, expected):
    assert acquired({"General": general}) == expected


def test_axes_without_a_word_on_navigation_are_looked_at(signal, axis):
    given = signal(axis("t", 2), axis("y", 3), axis("x", 4))
    for one in given["axes"]:
        del one["navigate"]
    assert [one.navigation for one in signal_axes(given)] == [True, False, False]


def test_axes_are_put_into_the_order_of_the_array(signal, axis):
    given = signal(axis("y", 3, index_in_array=0), axis("x", 4, index_in_array=1))
    given["axes"].reverse()
    assert [one.name for one in signal_axes(given)] == ["y", "x"]


def test_axes_may_be_counted_from_the_end(signal, axis):
    given = signal(axis("y", 3, index_in_array=0), axis("E", 4, index_in_array=-1))
    assert [one.name for one in signal_axes(given)] == ["y", "E"]


def test_listed_positions_become_a_straight_line(signal, axis):
    given = signal(axis("E", 5, axis=np.array([1.0, 2, 3, 4, 9])))
    assert signal_axes(given)[0].scale == 2.0
    assert signal_axes(given)[0].offset == 1.0


@pytest.mark.parametrize("scale", [0, float("nan"), None, "wide"])
def test_no_axis_has_a_scale_that_calibrates_nothing(signal, axis, scale):
    assert signal_axes(signal(axis("x", 3, scale)))[0].scale == 1.0


def test_pixels_are_read_only_when_drawn(signal, axis, data_file):
    class Disk:
        shape, dtype, ndim = (4, 4), np.dtype("u1"), 2

        def __getitem__(self, part):
            raise OSError(5, "Input/output error")

    given = {**signal(axis("y", 4), axis("x", 4)), "data": Disk()}
    pixels = describe(given, data_file).preview.read()
    assert pixels.shape == (4, 4)
    with pytest.raises(PreviewError, match="Input/output error"):
        pixels[0]


def test_named_colours_become_an_axis(signal, axis, data_file):
    colours = np.zeros((2, 3), [("R", "u1"), ("G", "u1"), ("B", "u1")])
    colours["G"] = 7
    given = {**signal(axis("y", 2), axis("x", 3)), "data": colours}
    pixels = np.asarray(describe(given, data_file).preview.read())
    assert pixels.shape == (2, 3, 3)
    assert pixels[0, 0].tolist() == [0, 7, 0]


@pytest.mark.parametrize("dtype", ["O", "U3"])
def test_what_is_no_number_has_no_preview(signal, axis, data_file, dtype):
    assert describe(signal(axis("x", 3), dtype=dtype), data_file).preview is None


def test_paths_are_looked_up_with_blanks_or_underscores():
    tree = {"Stage Position": {"Stage X": 3}}
    assert looked_up(tree, "Stage_Position.Stage_X") == 3
    assert looked_up(tree, "Stage Position.Stage X") == 3
    assert looked_up(tree, "Stage Position.Stage X.y") is None


def test_data_among_the_metadata_are_described_instead_of_kept():
    tree = {"lut": np.zeros((100, 3)), "list": [0] * 1000, "text": "x" * 50_000, "n": 1}
    kept = trimmed(tree)
    assert kept["lut"] == "array of shape (100, 3), float64"
    assert kept["list"] == "list of 1000 values"
    assert len(kept["text"]) == 20_000
    assert kept["n"] == 1
