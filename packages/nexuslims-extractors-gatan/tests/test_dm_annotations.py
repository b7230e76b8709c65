"""What people drew onto images."""

from __future__ import annotations

import numpy as np
import pytest
from nexuslims_core.types import Annotation
from nexuslims_testing.samples.dm import Image, write_dm

BOX = (10.0, 20.0, 30.0, 50.0)
"""Top, left, bottom, right."""

RED = {"ForegroundColor": (-1, 0, 0)}


def _drawn(extract, *annotations, **told):
    return extract(annotations=annotations, **told).preview.annotations


@pytest.mark.parametrize(
    ("type_", "kind"),
    [
        (2, "line"),
        (3, "arrow"),
        (4, "double arrow"),
        (5, "rectangle"),
        (6, "ellipse"),
        (23, "rectangle"),
        (25, "line"),
        (28, "ellipse"),
    ],
)
def test_shapes_have_two_corners(extract, type_, kind):
    found = _drawn(extract, {"AnnotationType": type_, "Rectangle": BOX, **RED})
    corners = ((20.0, 10.0), (50.0, 30.0))
    assert found == (Annotation(kind=kind, points=corners, colour=(255, 0, 0)),)


def test_text_begins_at_a_corner(extract):
    tags = {"AnnotationType": 13, "Rectangle": BOX, "Text": "6.03 1/nm", **RED}
    (found,) = _drawn(extract, tags)
    assert found == Annotation(
        kind="text", points=((20.0, 10.0),), text="6.03 1/nm", colour=(255, 0, 0)
    )


def test_a_point_is_one(extract):
    (found,) = _drawn(
        extract, {"AnnotationType": 27, "Rectangle": (5.0, 7.0, 5.0, 7.0)}
    )
    assert (found.kind, found.points) == ("points", ((7.0, 5.0),))


def test_a_curve_is_many_lines(extract):
    vertices = {"#0": (1.0, 2.0), "#1": (3.0, 4.0), "#2": (5.0, 0.0)}
    tags = {"AnnotationType": 29, "VertexList": vertices, "IsClosed": 1}
    found = _drawn(extract, tags)
    assert [one.points for one in found] == [
        ((1.0, 2.0), (3.0, 4.0)),
        ((3.0, 4.0), (5.0, 0.0)),
        ((5.0, 0.0), (1.0, 2.0)),
    ]


def test_a_long_curve_is_thinned(extract):
    vertices = {f"#{place}": (float(place), 0.0) for place in range(1000)}
    assert len(_drawn(extract, {"AnnotationType": 29, "VertexList": vertices})) < 64


def test_colours_have_16_bits(extract):
    tags = {
        "AnnotationType": 5,
        "Rectangle": BOX,
        "ForegroundColor": (0, -32640, 16448),
    }
    assert _drawn(extract, tags)[0].colour == (0, 128, 64)


def test_a_region_of_interest_has_its_own_colour(extract):
    tags = {"AnnotationType": 23, "Rectangle": BOX, "Color": (0, 0, -1), **RED}
    assert _drawn(extract, tags)[0].colour == (0, 0, 255)


@pytest.mark.parametrize(
    "tags",
    [
        {"AnnotationType": 31, "Rectangle": BOX},
        {"AnnotationType": 8, "Rectangle": BOX},
        {"AnnotationType": 5},
        {"AnnotationType": 5, "Rectangle": (1.0, 2.0)},
        {"AnnotationType": 5, "Rectangle": (1.0, 2.0, float("nan"), 3.0)},
        {"AnnotationType": "box", "Rectangle": BOX},
        {"AnnotationType": 5, "Rectangle": BOX, "IsVisible": 0},
        {"AnnotationType": 29},
        {"Rectangle": BOX},
    ],
    ids=repr,
)
def test_what_is_not_drawn(extract, tags):
    assert _drawn(extract, tags) == ()


def test_annotations_are_on_their_image(tmp_path, extract_path):
    path = tmp_path / "two.dm3"
    pixels = np.zeros((6, 8), np.uint8)
    line = {"AnnotationType": 2, "Rectangle": BOX}
    write_dm(path, [Image(pixels=pixels), Image(pixels=pixels, annotations=(line,))])
    first, second = (one.preview.annotations for one in extract_path(path))
    assert first == ()
    assert [one.kind for one in second] == ["line"]


def test_what_is_drawn_on_a_curve_is_in_other_coordinates(extract):
    line = {"AnnotationType": 2, "Rectangle": BOX}
    assert _drawn(extract, line, pixels=np.zeros(9, np.float32)) == ()
