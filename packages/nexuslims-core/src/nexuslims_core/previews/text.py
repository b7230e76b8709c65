"""Drawing the beginning of a text file."""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw

from nexuslims_core.errors import PreviewError
from nexuslims_core.previews.canvas import SIZE
from nexuslims_core.previews.lettering import Lettering

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

TEXT_EXTENSIONS = frozenset({"txt"})
COLUMNS = 44
"""Characters per row, at most."""
ROWS = 18
"""Rows of prose; more line breaks than that make a data file."""
_DATA_ROWS = 17
_ENCODINGS = ("utf-8-sig", "windows-1250", "windows-1252")
"""Tried in this order; the first without an undefined byte is taken."""
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_READ_BYTES = 65536
_MOST_CONTROLS = 0.02
"""Part of a text that may be control characters."""
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_WORDS = re.compile(r"\S+")
_CELLS = re.compile(r"\S+(?: \S+)*")
"""Words of which some have a single space between them."""
_TAB = 8
_MARGIN = 16
_PITCH = 26
_FONT_SIZE = 19
_INK = (33, 37, 41)
_PAPER = (255, 255, 255, 255)
_EDGE = (206, 212, 218)


def render_text_file(path: Path) -> Image.Image:
    """Draw the beginning of a text file on a white page.

    Tables keep their columns; prose is wrapped.

    Returns
    -------
    PIL.Image.Image
        RGBA, 500×500 pixels.

    Raises
    ------
    PreviewError
        If the file cannot be read, is empty, or holds something else than text.
    """
    try:
        with path.open("rb") as stream:
            raw = stream.read(_READ_BYTES)
    except OSError as error:
        msg = f"cannot read {path.name}: {error.strerror}"
        raise PreviewError(msg) from error
    text = decoded(raw, path.name)
    if not text.strip():
        msg = f"there is no text in {path.name}"
        raise PreviewError(msg)
    page = Image.new("RGBA", (SIZE, SIZE), _PAPER)
    draw, letters = ImageDraw.Draw(page), Lettering(size=_FONT_SIZE)
    draw.rectangle((0, 0, SIZE - 1, SIZE - 1), outline=_EDGE)
    if text.count("\n") > ROWS:
        _draw_table(draw, letters, text.split("\n")[:_DATA_ROWS])
    else:
        _draw_prose(draw, letters, text)
    return page


def decoded(raw: bytes, name: str) -> str:
    """Decode the beginning of a file, with line ends as line feeds.

    Parameters
    ----------
    raw
        Bytes; the last character may be cut.
    name
        What to call the file in an error.

    Raises
    ------
    PreviewError
        If it is no text in any encoding that is tried.
    """
    marked = next((name for mark, name in _MARKS if raw.startswith(mark)), None)
    for encoding in (marked,) if marked else _ENCODINGS:
        try:
            text = codecs.getincrementaldecoder(encoding)().decode(raw)
        except UnicodeDecodeError:
            continue
        controls = len(_CONTROLS.findall(text))
        if "\0" in text or controls > _MOST_CONTROLS * len(text):
            break
        return text.replace("\r\n", "\n").replace("\r", "\n").expandtabs(_TAB)
    msg = f"{name} is no text: not in UTF-8, UTF-16, Windows-1250 or Windows-1252"
    raise PreviewError(msg)


def _draw_table(
    draw: ImageDraw.ImageDraw, letters: Lettering, lines: Sequence[str]
) -> None:
    for row, line in enumerate(lines):
        _draw_columns(draw, letters, line, row)


def _draw_columns(
    draw: ImageDraw.ImageDraw,
    letters: Lettering,
    line: str,
    row: int,
    parts: re.Pattern[str] = _WORDS,
) -> None:
    """Draw each word where its column is, although letters differ in width."""
    column = (SIZE - 2 * _MARGIN) / COLUMNS
    pen = float(_MARGIN)
    for word in parts.finditer(line[:COLUMNS]):
        left = max(pen, _MARGIN + word.start() * column)
        text = _shortened(word.group(), letters, SIZE - _MARGIN - left)
        letters.write(draw, (left, _top(row)), text, _INK)
        pen = left + letters.width(text + " ")


def _draw_prose(draw: ImageDraw.ImageDraw, letters: Lettering, text: str) -> None:
    for row, line in enumerate(_wrapped(text, letters)):
        if row == ROWS:
            break
        if "  " in line.strip():  # a table within prose
            _draw_columns(draw, letters, line, row, _CELLS)
        else:
            letters.write(draw, (_MARGIN, _top(row)), line, _INK)


def _wrapped(text: str, letters: Lettering) -> Iterator[str]:
    """Yield lines of words that fit, by number of characters and by width."""
    for paragraph in text.rstrip().split("\n"):
        line = ""
        for word in re.findall(r"\s*\S+", paragraph):
            if _fits(line + word, letters):
                line += word
                continue
            if line:
                yield line
            line = word.strip()
            while not _fits(line, letters):
                part = _shortened(line[:COLUMNS], letters, SIZE - 2 * _MARGIN)
                yield part
                line = line[len(part) :]
        yield line


def _fits(line: str, letters: Lettering) -> bool:
    return len(line) <= COLUMNS and letters.width(line) <= SIZE - 2 * _MARGIN


def _shortened(text: str, letters: Lettering, width: float) -> str:
    """Return as much of the beginning of `text` as is drawn within `width`."""
    while text and letters.width(text) > width:
        text = text[:-1]
    return text


def _top(row: int) -> int:
    return _MARGIN + row * _PITCH
