"""Writing on pictures with the font that Pillow brings, which knows little but ASCII.

No other font can be relied on to be installed. Characters that the font lacks are
written as what they resemble; of those that matter on a scale bar, µ and Å are drawn.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from PIL import ImageFont

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

_LOOK_ALIKES = {
    "–": "-",
    "—": "-",
    "−": "-",  # noqa: RUF001 - MINUS SIGN
    "‘": "'",  # noqa: RUF001
    "’": "'",  # noqa: RUF001
    "“": '"',
    "”": '"',
    "„": '"',
    "…": "...",
    "×": "x",
    "·": ".",
    "•": "*",
    "ß": "ss",
    "æ": "ae",
    "œ": "oe",
    "ø": "o",
    "Ø": "O",
    "ł": "l",
    "Ł": "L",
    "đ": "d",
    "Ω": "Ohm",
    "€": "EUR",
}
_MICRO = ("\N{MICRO SIGN}", "\N{GREEK SMALL LETTER MU}")
_ANGSTROM = ("\N{LATIN CAPITAL LETTER A WITH RING ABOVE}", "\N{ANGSTROM SIGN}")
_MISSING = "\U0010fffe"
"""A character that no font has."""
_SOLID = 100
"""Coverage, of 255, from which on a pixel belongs to a stroke."""


@dataclass(frozen=True, kw_only=True)
class Lettering:
    """A size of the font."""

    size: int
    """Height of a line without its spacing, in pixels."""

    @cached_property
    def font(self) -> ImageFont.FreeTypeFont:
        """The font itself."""
        font = ImageFont.load_default(self.size)
        if not isinstance(font, ImageFont.FreeTypeFont):
            msg = "Pillow was built without FreeType, so previews cannot be lettered"
            raise TypeError(msg)
        return font

    @cached_property
    def height(self) -> int:
        """From the top of the highest letter to the bottom of the lowest."""
        ascent, descent = self.font.getmetrics()
        return ascent + descent

    def width(self, text: str) -> int:
        """Return how many pixels wide `text` is when written."""
        return round(self.font.getlength(self._substitute(text)))

    def write(
        self,
        draw: ImageDraw,
        position: tuple[float, float],
        text: str,
        fill: str | tuple[int, ...],
    ) -> None:
        """Write one line of `text` whose upper left corner is at `position`."""
        left, top = position
        draw.text((left, top), self._substitute(text), font=self.font, fill=fill)
        for index, character in enumerate(text):
            start = left + self.font.getlength(self._substitute(text[:index]))
            if character in _MICRO:
                self._add_stem(draw, (start, top), fill)
            elif character in _ANGSTROM:
                self._add_ring(draw, (start, top), fill)

    def _substitute(self, text: str) -> str:
        return "".join(map(self._glyphs, text))

    def _glyphs(self, character: str) -> str:
        if character.isascii():
            return character if character.isprintable() else " "
        if character in _MICRO:
            return "u"
        if character in _LOOK_ALIKES:
            return _LOOK_ALIKES[character]
        if self._has(character):
            return character
        plain = unicodedata.normalize("NFKD", character)
        return "".join(c for c in plain if c.isascii() and c.isprintable()) or (
            "" if unicodedata.combining(character) else "?"
        )

    def _has(self, character: str) -> bool:
        glyph, missing = map(self.font.getmask, (character, _MISSING))
        return glyph.size != missing.size or bytes(glyph) != bytes(missing)

    def _add_stem(
        self,
        draw: ImageDraw,
        position: tuple[float, float],
        fill: str | tuple[int, ...],
    ) -> None:
        mask, (left, _) = self.font.getmask2("u")
        bottom = self.font.getbbox("u")[3]
        # The row below the top shows how thick the left stem is.
        row = [mask.getpixel((x, 1)) for x in range(mask.size[0] // 2)]
        thickness = max(1, sum(shade > _SOLID for shade in row))
        solid = next((x for x, shade in enumerate(row) if shade > _SOLID), 0)
        x, y = round(position[0]) + left + solid, position[1] + bottom
        draw.rectangle((x, y - 3, x + thickness - 1, y + self.size // 5), fill=fill)

    def _add_ring(
        self,
        draw: ImageDraw,
        position: tuple[float, float],
        fill: str | tuple[int, ...],
    ) -> None:
        left, top, right, _ = self.font.getbbox("A")
        middle, radius = position[0] + (left + right) / 2, self.size * 0.12
        y = position[1] + top - radius
        box = (middle - radius, y - radius, middle + radius, y + radius)
        draw.ellipse(box, outline=fill, width=max(1, self.size // 16))
