"""Choosing how to draw a source."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from nexuslims_core.previews.pictures import draw_image
from nexuslims_core.previews.plots import (
    draw_cascade,
    draw_curve,
    draw_line_scan,
    draw_overlay,
)
from nexuslims_core.previews.signals import signal_of
from nexuslims_core.previews.stacks import draw_maps, draw_series, draw_tableau

if TYPE_CHECKING:
    from collections.abc import Callable

    from PIL import Image

    from nexuslims_core.model.files import PreviewSource
    from nexuslims_core.previews.canvas import Page
    from nexuslims_core.previews.signals import Signal


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """What is about to be drawn."""

    draw: Callable[[Page], Image.Image]
    wide: bool
    """Whether it fills a page of any proportions, as graphs do."""


def drawing_of(source: PreviewSource) -> Drawing:
    """Choose how to draw a source.

    Raises
    ------
    PreviewError
        If nothing can be drawn of it.
    """
    signal = signal_of(source)
    wide = len(signal.along) == 1
    draw = _curves(signal, source) if wide else _images(signal, source)
    return Drawing(draw=draw, wide=wide)


def _curves(signal: Signal, source: PreviewSource) -> Callable[[Page], Image.Image]:
    notes = source.annotations
    if not signal.across:
        return partial(draw_curve, signal, title=source.title, annotations=notes)
    if signal.named:
        return partial(draw_overlay, signal, title=source.title, annotations=notes)
    draw = draw_line_scan if len(signal.across) == 1 else draw_cascade
    return partial(draw, signal, title=source.title)


def _images(signal: Signal, source: PreviewSource) -> Callable[[Page], Image.Image]:
    if not signal.across:
        notes = source.annotations
        return partial(draw_image, signal, title=source.title, annotations=notes)
    if signal.named:
        return partial(draw_maps, signal, title=source.title)
    draw = draw_series if len(signal.across) == 1 else draw_tableau
    return partial(draw, signal, title=source.title)
