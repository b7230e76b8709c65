"""The frame of a graph: where it is on the page, its rulers, its labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw

from nexuslims_core.previews.canvas import STAMP_TEXT, Box, Page, add_stamp

if TYPE_CHECKING:
    from nexuslims_core.previews.rulers import Marks, Ruler, Tick

PAPER = (255, 255, 255)
TEXT = (33, 37, 41)
GRID = (228, 231, 235)
_FRAME = (90, 96, 104)
_TICK_TEXT = 14
_LABEL_TEXT = 16
_TITLE_TEXT = 17
_LEGEND_TEXT = 14
_SMALLEST = 8
"""Pixels that a frame has at least, on whatever page."""
_TICK = 4
_PAD = 10
"""Free space at the edges of the page."""
_RIGHT_PAD = 16
_TICK_EVERY = 66
"""Pixels per number along the lower ruler, at least."""
_TICK_EVERY_UP = 44
_SWATCH = 14
"""Length of the line that shows a colour in the legend."""
_LEGEND_ROWS = 3
_REMARK_ROW = 34
"""Height of the stamp's row."""

Colour = tuple[int, int, int]
Legend = tuple[tuple[str, Colour], ...]
"""Names with the colour of each."""


@dataclass(frozen=True, kw_only=True)
class Graph:
    """What is around the data of a graph."""

    below: Ruler
    beside: Ruler | Marks
    title: str = ""
    remark: str = ""
    """Drawn as a stamp into the upper right corner."""
    legend: Legend = ()
    unlisted: int = 0
    """How many more there are than the legend has."""
    downwards: bool = False
    """Whether the ruler beside begins at the top, as rows of an image do."""


@dataclass(frozen=True, kw_only=True)
class _Entry:
    """A name in the legend, and where it stands."""

    left: int
    row: int
    text: str
    colour: Colour | None


def frame_of(graph: Graph, page: Page) -> Box:
    """Return where the data of a graph are to be drawn."""
    pad = page.pixels(_PAD)
    numbers, names = page.lettering(_TICK_TEXT), page.lettering(_LABEL_TEXT)
    top = pad + _heading(graph, page)
    bottom = page.height - pad - numbers.height - page.pixels(_TICK)
    bottom -= names.height if graph.below.label else 0
    texts = [tick.text for tick in _ticks_beside(graph.beside, bottom - top, page)]
    left = pad + max(map(numbers.width, texts), default=0) + page.pixels(_TICK + 2)
    left += names.height if graph.beside.label else 0
    right = page.width - page.pixels(_RIGHT_PAD)
    return Box(
        left=left,
        top=top,
        width=max(_SMALLEST, right - left),
        height=max(_SMALLEST, bottom - top),
    )


def ticks_below(graph: Graph, box: Box, page: Page) -> list[Tick]:
    """Return what is written along the lower ruler."""
    return graph.below.ticks(box.width // page.pixels(_TICK_EVERY))


def ticks_beside(graph: Graph, box: Box, page: Page) -> list[Tick]:
    """Return what is written along the ruler beside, by its place from the bottom."""
    return _ticks_beside(graph.beside, box.height, page)


def _ticks_beside(ruler: Ruler | Marks, height: int, page: Page) -> list[Tick]:
    return ruler.ticks(height // page.pixels(_TICK_EVERY_UP))


def add_frame(paper: Image.Image, graph: Graph, box: Box, page: Page) -> None:
    """Draw frame, numbers, labels, legend and title around data that are drawn."""
    draw = ImageDraw.Draw(paper)
    corner = (box.left - 1, box.top - 1, box.right, box.bottom)
    draw.rectangle(corner, outline=_FRAME, width=max(1, page.pixels(1)))
    _number_below(draw, graph, box, page)
    _number_beside(draw, graph, box, page)
    _name_below(draw, graph, box, page)
    _name_beside(paper, graph, box, page)
    _add_heading(draw, graph, page)


def as_picture(paper: Image.Image, graph: Graph, page: Page) -> Image.Image:
    """Return a finished graph as a preview, with its stamp."""
    picture = paper.convert("RGBA")
    if graph.remark:
        add_stamp(picture, graph.remark, page)
    return picture


def _number_below(
    draw: ImageDraw.ImageDraw, graph: Graph, box: Box, page: Page
) -> None:
    letters, length = page.lettering(_TICK_TEXT), page.pixels(_TICK)
    beyond = 0.0
    ticks = ticks_below(graph, box, page)
    for tick in sorted(ticks, key=lambda one: one.place):
        x = box.left + tick.place * (box.width - 1)
        draw.line((x, box.bottom, x, box.bottom + length), fill=_FRAME)
        width = letters.width(tick.text)
        left = max(2.0, min(x - width / 2, page.width - width - 2))
        if left >= beyond:
            letters.write(draw, (left, box.bottom + length), tick.text, TEXT)
            beyond = left + width + page.pixels(6)


def _number_beside(
    draw: ImageDraw.ImageDraw, graph: Graph, box: Box, page: Page
) -> None:
    letters, length = page.lettering(_TICK_TEXT), page.pixels(_TICK)
    for tick in ticks_beside(graph, box, page):
        share = tick.place if graph.downwards else 1 - tick.place
        y = box.top + share * (box.height - 1)
        draw.line((box.left - 1 - length, y, box.left - 1, y), fill=_FRAME)
        left = box.left - length - page.pixels(2) - letters.width(tick.text)
        top = min(max(0.0, y - letters.height / 2), page.height - letters.height)
        letters.write(draw, (left, top), tick.text, TEXT)


def _name_below(draw: ImageDraw.ImageDraw, graph: Graph, box: Box, page: Page) -> None:
    letters = page.lettering(_LABEL_TEXT)
    text = letters.shortened(graph.below.label, page.width - 2 * page.pixels(_PAD))
    left = box.left + (box.width - letters.width(text)) / 2
    left = max(page.pixels(_PAD), min(left, page.width - letters.width(text)))
    top = page.height - letters.height - page.pixels(_PAD) // 2
    letters.write(draw, (left, top), text, TEXT)


def _name_beside(paper: Image.Image, graph: Graph, box: Box, page: Page) -> None:
    if not graph.beside.label:
        return
    letters = page.lettering(_LABEL_TEXT)
    text = letters.shortened(graph.beside.label, page.height - 2 * page.pixels(_PAD))
    line = Image.new("L", (letters.width(text) + 2, letters.height))
    letters.write(ImageDraw.Draw(line), (0, 0), text, "white")
    upright = line.transpose(Image.Transpose.ROTATE_90)
    top = box.top + (box.height - upright.height) // 2
    top = max(2, min(top, page.height - upright.height - 2))
    paper.paste(TEXT, (page.pixels(_PAD) // 2, top), upright)


def _heading(graph: Graph, page: Page) -> int:
    """Return how high title and legend are."""
    title = 0
    if graph.remark:
        title = page.pixels(_REMARK_ROW)
    elif graph.title:
        title = page.lettering(_TITLE_TEXT).height + page.pixels(4)
    entries = _entries(graph, page)
    if not entries:
        return title
    return title + _legend_pitch(page) * (1 + entries[-1].row) + page.pixels(4)


def _add_heading(draw: ImageDraw.ImageDraw, graph: Graph, page: Page) -> None:
    top = page.pixels(_PAD) * 2 // 3
    letters = page.lettering(_TITLE_TEXT)
    title = " ".join(graph.title.split())
    if graph.remark:
        stamp = page.lettering(STAMP_TEXT).width(graph.remark) + page.pixels(40)
        text = letters.shortened(title, page.width - stamp - page.pixels(_PAD))
        letters.write(draw, (page.pixels(_PAD), page.pixels(12)), text, TEXT)
        top = page.pixels(_REMARK_ROW + 4)
    elif title:
        text = letters.shortened(title, page.width - 2 * page.pixels(_PAD))
        left = (page.width - letters.width(text)) / 2
        letters.write(draw, (left, top), text, TEXT)
        top += letters.height + page.pixels(4)
    small, swatch = page.lettering(_LEGEND_TEXT), page.pixels(_SWATCH)
    for entry in _entries(graph, page):
        y = top + entry.row * _legend_pitch(page)
        left = entry.left
        if entry.colour is not None:
            middle = y + small.height / 2
            line = (left, middle, left + swatch, middle)
            draw.line(line, fill=entry.colour, width=page.pixels(3))
            left += swatch + page.pixels(5)
        small.write(draw, (left, y), entry.text, TEXT)


def _entries(graph: Graph, page: Page) -> list[_Entry]:
    """Set the legend in rows; names that do not fit are counted instead."""
    letters, pad = page.lettering(_LEGEND_TEXT), page.pixels(_RIGHT_PAD)
    room = page.width - 2 * pad
    entries: list[_Entry] = []
    left, row = pad, 0
    for index, (name, colour) in enumerate(graph.legend):
        text = letters.shortened(name, room / 2)
        width = page.pixels(_SWATCH + 5) + letters.width(text)
        rest = len(graph.legend) - index + graph.unlisted
        more = f"+ {rest} more"
        needed = width + (pad + letters.width(more) if rest > 1 else 0)
        if left + needed > pad + room and row == _LEGEND_ROWS - 1:
            return [*entries, _Entry(left=left, row=row, text=more, colour=None)]
        if left + width > pad + room:
            left, row = pad, row + 1
        entries.append(_Entry(left=left, row=row, text=text, colour=colour))
        left += width + pad
    if graph.unlisted:
        text = f"+ {graph.unlisted} more"
        if left + letters.width(text) > pad + room:
            left, row = pad, row + 1
        entries.append(_Entry(left=left, row=row, text=text, colour=None))
    return entries


def _legend_pitch(page: Page) -> int:
    return page.lettering(_LEGEND_TEXT).height + page.pixels(2)
