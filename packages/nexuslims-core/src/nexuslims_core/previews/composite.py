"""Several pictures of one dataset as one, each with its title."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw

from nexuslims_core.errors import PreviewError
from nexuslims_core.previews.canvas import Box, Page, add_stamp
from nexuslims_core.previews.drawing import Drawing, drawing_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nexuslims_core.model.files import PreviewSource

SIZE = 1500
"""Width and height of a composite, in pixels."""
_GAP = 24
_PAPER = (255, 255, 255, 255)
_TEXT = (33, 37, 41)
_TITLE_ZOOM = 1.8
_TITLE_TEXT = 17
_GRAPH_ZOOM = 1 / 240
_IMAGE_ZOOM = 1 / 420
"""Size of letters on a graph and on an image, per pixel that it is high."""
_ZOOMS = (0.9, 1.7)
"""The smallest and the largest of these."""
_IMAGES_SHARE = 0.62
"""Height that images may take where there are graphs too."""
_MOST_BESIDE = 4
"""Images that stand beside each other above graphs."""
_MOST_IMAGES = 9
_MOST_GRAPHS = 6
"""How many can be told apart; of more, it is said how many there are."""
_LOWEST = 420
"""Height below which graphs stand side by side instead of one above the other."""


@dataclass(frozen=True, kw_only=True)
class _Panel:
    """A part of the composite: what to draw, or why it cannot be."""

    title: str
    drawing: Drawing | None
    problem: str = ""

    @property
    def wide(self) -> bool:
        return self.drawing is not None and self.drawing.wide


def draw_composite(source: PreviewSource) -> Image.Image:
    """Draw a source and its panels: images above, graphs below, in their order.

    A panel that cannot be drawn says why in its place.

    Raises
    ------
    PreviewError
        If none of them can be drawn.
    """
    panels = [_panel(one) for one in (source, *source.panels)]
    if all(panel.drawing is None for panel in panels):
        raise PreviewError("; ".join(panel.problem for panel in panels))
    images = [panel for panel in panels if not panel.wide][:_MOST_IMAGES]
    graphs = [panel for panel in panels if panel.wide][:_MOST_GRAPHS]
    picture = Image.new("RGBA", (SIZE, SIZE), _PAPER)
    foot = 0
    for panel, cell in zip(images, _image_cells(len(images), len(graphs)), strict=True):
        _draw_panel(picture, panel, cell)
        foot = cell.bottom
    for panel, cell in zip(graphs, _graph_cells(len(graphs), foot), strict=True):
        _draw_panel(picture, panel, cell)
    left_out = len(panels) - len(images) - len(graphs)
    if left_out:
        add_stamp(picture, f"+ {left_out} more", _page())
    return picture


def _panel(source: PreviewSource) -> _Panel:
    try:
        drawing = drawing_of(replace(source, title="", panels=()))
    except PreviewError as error:
        return _Panel(title=source.title, drawing=None, problem=str(error))
    return _Panel(title=source.title, drawing=drawing)


def _image_cells(images: int, graphs: int) -> Iterator[Box]:
    """Yield where images are: in a square, or in few rows above graphs."""
    if not images:
        return
    columns = math.ceil(math.sqrt(images))
    if graphs and images <= _MOST_BESIDE:
        columns = images
    rows = math.ceil(images / columns)
    width = SIZE // columns
    room = round(SIZE * _IMAGES_SHARE) if graphs else SIZE
    height = min(room // rows, width + _title_height())
    top = 0 if graphs else (SIZE - rows * height) // 2
    for index in range(images):
        row, column = divmod(index, columns)
        in_row = min(columns, images - row * columns)
        left = (SIZE - in_row * width) // 2 + column * width
        yield Box(left=left, top=top + row * height, width=width, height=height)


def _graph_cells(graphs: int, top: int) -> Iterator[Box]:
    """Yield where graphs are: one above the other if that leaves them high enough."""
    if not graphs:
        return
    room = SIZE - top
    columns = 1 if room // graphs >= _LOWEST else 2
    rows = math.ceil(graphs / columns)
    for index in range(graphs):
        row, column = divmod(index, columns)
        alone = column == 0 and index == graphs - 1
        width = SIZE if alone else SIZE // columns
        yield Box(
            left=column * width,
            top=top + row * room // rows,
            width=width,
            height=room // rows,
        )


def _draw_panel(picture: Image.Image, panel: _Panel, cell: Box) -> None:
    _write_title(picture, panel.title, cell)
    inner = Box(
        left=cell.left + _GAP // 2,
        top=cell.top + _title_height(),
        width=cell.width - _GAP,
        height=cell.height - _title_height() - _GAP // 2,
    )
    drawn, problem = _drawn(panel, inner)
    if drawn is None:
        _write_problem(picture, problem, inner)
    else:
        picture.alpha_composite(drawn, (inner.left, inner.top))


def _drawn(panel: _Panel, inner: Box) -> tuple[Image.Image | None, str]:
    if panel.drawing is None:
        return None, panel.problem
    zoom = inner.height * (_GRAPH_ZOOM if panel.wide else _IMAGE_ZOOM)
    zoom = max(_ZOOMS[0], min(zoom, _ZOOMS[1]))
    try:
        page = Page(width=inner.width, height=inner.height, zoom=zoom)
        return panel.drawing.draw(page), ""
    except PreviewError as error:
        return None, str(error)


def _page() -> Page:
    return Page(width=SIZE, height=SIZE, zoom=_TITLE_ZOOM)


def _title_height() -> int:
    return _page().lettering(_TITLE_TEXT).height + _GAP


def _write_title(picture: Image.Image, title: str, cell: Box) -> None:
    letters = _page().lettering(_TITLE_TEXT)
    text = letters.shortened(" ".join(title.split()), cell.width - _GAP)
    left = cell.left + (cell.width - letters.width(text)) / 2
    position = (left, cell.top + _GAP * 2 // 3)
    letters.write(ImageDraw.Draw(picture), position, text, _TEXT)


def _write_problem(picture: Image.Image, problem: str, inner: Box) -> None:
    letters, draw = _page().lettering(13), ImageDraw.Draw(picture)
    for row, line in enumerate(letters.wrapped(problem, inner.width)):
        top = inner.top + row * letters.height
        if top + letters.height > inner.bottom:
            return
        letters.write(draw, (inner.left, top), line, _TEXT)
