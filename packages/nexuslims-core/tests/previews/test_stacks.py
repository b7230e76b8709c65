"""Some of many images: which, and what is said about the rest."""

from __future__ import annotations

import numpy as np
import pytest
from nexuslims_core.previews import pictures, render_array, stacks
from nexuslims_core.types import Axis, PreviewSource


def drawn(array, roles, **labels):
    axes = tuple(
        Axis(name="", size=size, navigation=role == "n", **labels.get(f"at{index}", {}))
        for index, (size, role) in enumerate(zip(array.shape, roles, strict=False))
    )
    return np.asarray(render_array(PreviewSource(read=lambda: array, axes=axes)))


@pytest.fixture
def shown(monkeypatch):
    """Return the positions of frames that are drawn, and what is stamped."""
    found = {"places": [], "stamp": ""}

    def frame(signal, fixed, page):
        found["places"].append(tuple(fixed.values()))
        return pictures.frame(signal, fixed, page)

    def add_heading(picture, box, title, stamp, page):
        found["stamp"] = stamp

    monkeypatch.setattr(stacks, "frame", frame)
    monkeypatch.setattr(stacks, "add_heading", add_heading)
    return found


@pytest.mark.parametrize(
    ("size", "places"),
    [
        (2, [0, 1]),
        (5, [0, 1, 2, 3, 4]),
        (12, [0, 2, 5, 8, 11]),
        (1001, [0, 250, 500, 750, 1000]),
    ],
)
def test_of_a_series_the_first_the_last_and_some_between_are_shown(shown, size, places):
    drawn(np.zeros((size, 8, 8)), "nss")
    assert [place for (place,) in shown["places"]] == places
    assert shown["stamp"] == f"{size}-member Image Series"


@pytest.mark.parametrize(
    ("shape", "frames", "stamp"),
    [
        ((6, 8), 9, "8×6 Hyperimage"),
        ((2, 50), 4, "50×2 Hyperimage"),
        ((3, 3), 9, "3×3 Hyperimage"),
        ((4, 6, 8), 9, "8×6×4 Hyperimage"),
    ],
)
def test_of_a_scan_frames_from_all_over_are_shown(shown, shape, frames, stamp):
    drawn(np.zeros((*shape, 8, 8)), "n" * len(shape) + "ss")
    assert len(set(shown["places"])) == len(shown["places"]) == frames
    assert shown["stamp"] == stamp


def test_a_scan_of_one_line_is_a_series(shown):
    drawn(np.zeros((1, 7, 8, 8)), "nnss")
    assert shown["stamp"] == "7-member Image Series"


def test_frames_of_a_scan_lie_where_they_come_from():
    scan = np.zeros((9, 9, 20, 20))
    scan += np.arange(9)[:, np.newaxis, np.newaxis, np.newaxis]
    # Which of the quarters is bright tells the row.
    for row in range(9):
        scan[row, :, : 2 + 2 * row] += 50
    pixels = drawn(scan, "nnss")[45:, :, 0].astype(int)
    columns = [(pixels[:, column] > 200).sum() for column in (100, 250, 400)]
    assert np.ptp(columns) < 5
    thirds = [(part > 200).sum() for part in np.array_split(pixels, 3)]
    assert thirds[0] < thirds[1] < thirds[2]


def test_images_with_names_are_shown_side_by_side_with_their_names(shown):
    named = {"at0": {"labels": ("O K", "Al K", "Si K")}}
    drawn(np.zeros((3, 8, 8)), "nss", **named)
    assert [place for (place,) in shown["places"]] == [0, 1, 2]
    assert shown["stamp"] == ""


def test_of_too_many_names_it_is_said_how_many(shown):
    named = {"at0": {"labels": tuple(map(str, range(20)))}}
    drawn(np.zeros((20, 8, 8)), "nss", **named)
    assert shown["stamp"] == "9 of 20"


def test_a_series_in_colour_stays_so():
    stack = np.zeros((3, 20, 20, 3), "u1")
    stack[..., 1] = 255
    pixels = drawn(stack, "nss")
    middle = pixels[300, 100]
    assert middle.tolist() == [0, 255, 0, 255]


def test_three_named_quantities_are_red_green_and_blue_in_their_own_contrast():
    maps = np.zeros((30, 30, 3))
    maps[:10, :, 0], maps[10:20, :, 1], maps[20:, :, 2] = 1e6, 7, 0.001
    pixels = drawn(maps, "sss", at2={"labels": ("Al", "Si", "Ga")})
    for row, channel in ((80, 0), (250, 1), (420, 2)):
        colour = pixels[row, 400, :3].tolist()
        assert colour.index(max(colour)) == channel
        assert sorted(colour) == [0, 0, 255]
