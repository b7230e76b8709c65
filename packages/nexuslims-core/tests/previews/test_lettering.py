"""Letters: all that labels and titles need, and nothing that is cut off."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nexuslims_core.previews.lettering import Lettering
from PIL import Image, ImageDraw


def written(text, size=22):
    image = Image.new("L", (240, 40), 0)
    Lettering(size=size).write(ImageDraw.Draw(image), (4, 4), text, "white")
    return np.asarray(image) > 128


def rows_of(ink):
    rows = np.flatnonzero(ink.any(axis=1))
    return rows[0], rows[-1]


@pytest.mark.parametrize("micro", ["\N{MICRO SIGN}", "\N{GREEK SMALL LETTER MU}"])
@pytest.mark.parametrize("size", [12, 14, 19, 22])
def test_micro_has_a_stem_below_the_line(micro, size):
    assert rows_of(written(micro, size))[1] > rows_of(written("u", size))[1] + 1


@pytest.mark.parametrize(
    "sign",
    ["\N{LATIN CAPITAL LETTER A WITH RING ABOVE}", "\N{ANGSTROM SIGN}"],
)
def test_angstrom_has_a_ring(sign):
    assert rows_of(written(sign))[0] < rows_of(written("A"))[0] - 1


@pytest.mark.parametrize("character", "°²³±·×–äöüßéčřžłøαβγδθλμπσφωΔΣΩЖя⁰¹⁶₂₃→√∞≈")
def test_signs_of_the_field_and_letters_of_europe_are_written_as_they_are(character):
    ink = written(character)
    assert ink.any()
    assert not np.array_equal(ink, written("?"))
    assert not np.array_equal(ink, written("\U0010fffe"))


@pytest.mark.parametrize(
    ("text", "shown"), [("中", "?"), ("a\tb", "a b"), ("e\u0301", "é")]
)
def test_what_the_font_lacks_is_written_as_what_it_resembles(text, shown):
    np.testing.assert_array_equal(written(text), written(shown))


def test_a_raised_sign_that_the_font_lacks_is_raised():
    raised, plain = rows_of(written("⁺")), rows_of(written("+"))
    assert raised[1] < plain[1] - 2


def test_a_text_is_as_wide_as_it_says():
    ink = written("Al⁺ 10⁻³ µm")
    columns = np.flatnonzero(ink.any(axis=0))
    assert columns[-1] - 4 == pytest.approx(
        Lettering(size=22).width("Al⁺ 10⁻³ µm"), abs=3
    )


@given(text=st.text(max_size=40), width=st.integers(0, 300))
def test_a_shortened_text_fits(text, width):
    letters = Lettering(size=14)
    assert letters.width(letters.shortened(text, width)) <= width


def test_a_text_that_fits_is_not_shortened():
    letters = Lettering(size=14)
    assert letters.shortened("HAADF", letters.width("HAADF")) == "HAADF"
    assert letters.shortened("HAADF", letters.width("HAADF") - 1).endswith("…")


def test_words_are_wrapped_and_long_ones_shortened():
    letters = Lettering(size=14)
    lines = letters.wrapped("a bb ccc " + "d" * 500, 60)
    assert lines[0].startswith("a bb")
    assert lines[-1].endswith("…")
    assert all(letters.width(line) <= 60 for line in lines)


def test_a_text_with_an_edge_is_legible_on_its_own_colour():
    image = Image.new("L", (60, 30), 255)
    draw = ImageDraw.Draw(image)
    Lettering(size=20).write(draw, (4, 2), "A", 255, halo=0)
    assert np.asarray(image).min() < 40
