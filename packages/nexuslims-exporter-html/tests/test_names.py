from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nexuslims_exporter_html.names import is_safe, safe_name

ANY_TEXT = st.text(st.characters(), max_size=200)


@pytest.mark.parametrize("name", ["2026-03-17_TEM-1_42", "a", "A.b-c_d", "x" * 80])
def test_a_name_that_is_safe_is_kept(name):
    assert safe_name(name) == name


@given(ANY_TEXT)
def test_every_text_has_a_safe_name(text):
    assert is_safe(safe_name(text))


@given(ANY_TEXT, ANY_TEXT)
def test_different_texts_have_different_names(one, other):
    assert (safe_name(one) == safe_name(other)) == (one == other)


@pytest.mark.parametrize(
    "name", ["", ".", "..", "CON", "nul.txt", "a/b", "a\\b", "-x", "a:b", "x" * 300]
)
def test_an_unsafe_name_is_changed(name):
    assert not is_safe(name)
    assert is_safe(safe_name(name))
