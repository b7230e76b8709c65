"""Writing on pictures, with a font that a package of its own brings.

Font files are no part of this repository: Source Sans Pro comes from the distribution
``font-source-sans-pro``, so that letters are the same on every machine.
"""

from __future__ import annotations

import io
import unicodedata
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources
from itertools import groupby
from typing import TYPE_CHECKING

from PIL import ImageFont

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

Colour = str | tuple[int, ...]

_PACKAGE, _FONT = "font_source_sans_pro", "SourceSansPro-Regular.ttf"
_MISSING = "\U0010fffe"
"""A character that no font has."""
_ELLIPSIS = "…"
_LONGEST = 300
"""Characters of a line that is shortened to fit: more would not."""
_ON_LINE = ""
_DROPS = {"<super>": 0.02, "<sub>": 0.52}
"""How far raised and lowered characters stand below the top of a line, per size.

Only of those that the font lacks, such as the signs in “Al⁺” and “10⁻³”.
"""
_SMALL = 0.66
"""Their size."""


@dataclass(frozen=True, kw_only=True)
class Lettering:
    """A size of the font."""

    size: int
    """Height of a line without its spacing, in pixels."""

    @cached_property
    def font(self) -> ImageFont.FreeTypeFont:
        """The font itself."""
        return self._of_size(self.size)

    @cached_property
    def height(self) -> int:
        """From the top of the highest letter to the bottom of the lowest."""
        ascent, descent = self.font.getmetrics()
        return ascent + descent

    def width(self, text: str) -> int:
        """Return how many pixels wide `text` is when written."""
        return round(sum(run.width for run in self._runs(text)))

    def shortened(self, text: str, width: float) -> str:
        """Return `text` if it is at most `width` wide, else its beginning and “…”."""
        if len(text) <= _LONGEST and self.width(text) <= width:
            return text
        longest = min(len(text), _LONGEST)
        fitting = (
            text[:length].rstrip() + _ELLIPSIS for length in range(longest, 0, -1)
        )
        return next((one for one in fitting if self.width(one) <= width), "")

    def wrapped(self, text: str, width: float) -> list[str]:
        """Return the words of `text` in lines that are at most `width` wide."""
        lines = [""]
        for word in text.split():
            longer = f"{lines[-1]} {word}".strip()
            if self.width(longer) <= width:
                lines[-1] = longer
            else:
                lines.append(self.shortened(word, width))
        return [line for line in lines if line]

    def write(
        self,
        draw: ImageDraw,
        position: tuple[float, float],
        text: str,
        fill: Colour,
        halo: Colour | None = None,
    ) -> None:
        """Write one line of `text` whose upper left corner is at `position`.

        With a `halo`, letters have an edge in that colour, to be legible on anything.
        """
        left, top = position
        for run in self._runs(text):
            draw.text(
                (left, top + run.drop),
                run.text,
                font=run.font,
                fill=fill,
                stroke_width=0 if halo is None else max(1, self.size // 9),
                stroke_fill=halo,
            )
            left += run.width

    def _runs(self, text: str) -> list[_Run]:
        """Return parts of a text that are each written in one size, at one height."""
        parts = map(self._glyphs, unicodedata.normalize("NFC", text))
        return [
            self._run("".join(glyphs for _, glyphs in group), level)
            for level, group in groupby(parts, key=lambda part: part[0])
        ]

    def _run(self, text: str, level: str) -> _Run:
        if level == _ON_LINE:
            return _Run(text=text, font=self.font, drop=0.0)
        font = self._of_size(max(6, round(self.size * _SMALL)))
        return _Run(text=text, font=font, drop=self.size * _DROPS[level])

    def _glyphs(self, character: str) -> tuple[str, str]:
        """Return the level that a character stands on, and how it is written."""
        if character.isascii():
            return _ON_LINE, character if character.isprintable() else " "
        if self._has(character):
            return _ON_LINE, character
        level = unicodedata.decomposition(character).partition(" ")[0]
        plain = unicodedata.normalize("NFKD", character)
        known = "".join(c for c in plain if c.isprintable() and self._has(c))
        if not known and not unicodedata.combining(character):
            known = "?"
        return level if level in _DROPS else _ON_LINE, known

    def _has(self, character: str) -> bool:
        glyph, missing = map(self.font.getmask, (character, _MISSING))
        return glyph.size != missing.size or bytes(glyph) != bytes(missing)

    @staticmethod
    def _of_size(size: int) -> ImageFont.FreeTypeFont:
        # The basic layout is in every build of Pillow: the same picture everywhere.
        return ImageFont.truetype(
            io.BytesIO(_font_file()), size, layout_engine=ImageFont.Layout.BASIC
        )


@cache
def _font_file() -> bytes:
    return resources.files(_PACKAGE).joinpath("files", _FONT).read_bytes()


@dataclass(frozen=True, kw_only=True)
class _Run:
    """A part of a text, ready to be written."""

    text: str
    font: ImageFont.FreeTypeFont
    drop: float
    """How far below the top of the line its own top is."""

    @property
    def width(self) -> float:
        return self.font.getlength(self.text)
