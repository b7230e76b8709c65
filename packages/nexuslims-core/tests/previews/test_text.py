"""Previews of text files."""

from __future__ import annotations

import codecs

import numpy as np
import pytest
from nexuslims_core.errors import PreviewError
from nexuslims_core.previews import render_text_file
from nexuslims_core.previews.text import decoded


@pytest.fixture
def drawn(tmp_path):
    """Return a function that draws bytes, and tells where the ink is."""

    def drawn(content):
        path = tmp_path / "notes.txt"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        image = render_text_file(path)
        assert image.mode == "RGBA"
        assert image.size == (500, 500)
        return np.asarray(image)[..., 0] < 180

    return drawn


def rows_of(ink):
    """Count blocks of rows with ink."""
    return int((np.diff(ink.any(axis=1).astype(int)) == 1).sum())


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("utf-8", "naïve 12 µm Å"),
        ("utf-8-sig", "naïve 12 µm Å"),
        ("utf-16", "naïve 12 µm Å"),
        ("utf-32", "naïve 12 µm Å"),
        ("windows-1250", "příliš žluťoučký"),
        ("windows-1252", "\N{MODIFIER LETTER CIRCUMFLEX ACCENT} 12 µm"),
    ],
)
def test_common_encodings_are_recognised(encoding, text):
    assert decoded(text.encode(encoding), "a.txt") == text


def test_big_endian_utf_16_is_recognised_by_its_mark():
    raw = codecs.BOM_UTF16_BE + "Å".encode("utf-16-be")
    assert decoded(raw, "a.txt") == "Å"


def test_a_character_cut_at_the_end_of_what_is_read_is_left_out():
    assert decoded("12 µ".encode()[:-1], "a.txt") == "12 "


def test_all_line_ends_are_one_and_tabs_are_columns():
    assert decoded(b"a\r\nb\rc\nd\te", "a.txt") == "a\nb\nc\nd       e"


@pytest.mark.parametrize(
    "raw",
    [
        b"text\0with zeros",
        bytes(range(1, 32)) * 4,
        b"\x81\x90",
        b"PK\x03\x04\x14\x00\x00\x00",
        codecs.BOM_UTF16_LE + b"\x00\xd8\x00\x00",
    ],
)
def test_binary_content_is_refused(raw):
    with pytest.raises(PreviewError, match=r"a\.txt is no text"):
        decoded(raw, "a.txt")


@pytest.mark.parametrize("content", [b"", b" \r\n\t\n", codecs.BOM_UTF8])
def test_a_file_without_text_is_refused(drawn, content):
    with pytest.raises(PreviewError, match="no text"):
        drawn(content)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(PreviewError, match=r"a\.txt: No such file"):
        render_text_file(tmp_path / "a.txt")


def test_prose_is_wrapped(drawn):
    assert rows_of(drawn("nn nn nn nn nn nn nn " * 6)) == 3


def test_a_page_of_prose_is_full_after_eighteen_rows(drawn):
    assert rows_of(drawn("HHHH " * 2000)) == 18


def test_many_lines_are_a_table_of_which_seventeen_are_shown(drawn):
    assert rows_of(drawn("1.5 2.5 3.5\n" * 40)) == 17


def test_columns_of_a_table_start_at_the_same_place(drawn):
    lines = [f"{'i' * (1 + i % 5):<10}H" for i in range(30)]
    ink = drawn("\n".join(lines))
    starts = {
        int(np.flatnonzero(ink[top + 8, 100:200])[0]) for top in range(16, 400, 26)
    }
    assert len(starts) == 1


@pytest.mark.parametrize(
    "text",
    [
        "W" * 400,
        "WWWWWWWW WWWWWWW " * 20,
        "WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW\n" * 30,
        "WWWWWWWW  WWWWWWW  WWWWWWWWWWW  WWWWWWWWWWWW\n" * 5,
    ],
)
def test_nothing_is_drawn_into_the_margin(drawn, text):
    ink = drawn(text)
    assert ink.any()
    assert not ink[:, 486:].any()
    assert not ink[:, :14].any()


def test_huge_files_are_read_in_part(drawn):
    assert rows_of(drawn(b"1 2 3\n" * 3_000_000)) == 17
