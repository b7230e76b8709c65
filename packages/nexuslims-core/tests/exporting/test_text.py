from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nexuslims_core.exporting.text import clean, web_url

ANY_TEXT = st.text(st.characters(), max_size=200)


@given(ANY_TEXT)
def test_cleaned_text_can_be_written(text):
    assert clean(clean(text).encode().decode()) == clean(text)


@pytest.mark.parametrize(
    "text", ["plain", "Ångström µm – 試料", "a\nb\tc", "👩‍🔬", "مجهر", ""]
)
def test_ordinary_text_is_kept(text):
    assert clean(text) == text


@pytest.mark.parametrize("char", list("\0\x07\x1b\x7f\x85\u202e\u2066\u200f\ud800"))
def test_an_unfit_character_is_replaced(char):
    assert clean(f"a{char}b") == "a\ufffdb"


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org",
        "HTTP://example.org:8080/a?b=c&d=(e)#f",
        "https://[::1]/x",
        "https://bücher.example/µ",
    ],
)
def test_web_addresses_are_linked(url):
    assert web_url(url) == url


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "example.org",
        "javascript:alert(1)",
        " https://example.org",
        "java\nscript:alert(1)",
        "https://example.org/\nx",
        "https://",
        "https:///path",
        "https://[::1",
        'https://example.org/"onclick="x',
        "https://example.org/<b>",
        "https://example.org/\u202e",
        "file:///etc/passwd",
        "data:text/html,x",
        "//example.org",
    ],
)
def test_anything_else_is_not(text):
    assert web_url(text) is None
