"""Drawing the array that an extractor handed over, according to its axes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nexuslims_core.previews.canvas import Page
from nexuslims_core.previews.composite import draw_composite
from nexuslims_core.previews.drawing import drawing_of

if TYPE_CHECKING:
    from PIL import Image

    from nexuslims_core.model.files import PreviewSource


def render_array(source: PreviewSource) -> Image.Image:
    """Draw an array of any number of dimensions.

    What it looks like follows from the axes:

    ==========  ===========  =====================================================
    looked at   navigation   drawn as
    ==========  ===========  =====================================================
    1           none         curve
    1           named        curves in one graph, with a legend
    1           1            image of a line scan, with both axes
    1           2 or more    up to 9 spectra of a spectrum image above each other
    2           none         image with scale bar and annotations
    2           named        up to 9 images with their names
    2           1            up to 5 images of a series, one behind the other
    2           2 or more    up to 3×3 frames of a hyperimage
    ==========  ===========  =====================================================

    Where everything is navigation, as in a map, the last two axes are looked at.

    Parameters
    ----------
    source
        Array and axes. Without axes, the last two dimensions are an image, and a last
        one of 3 or 4 is its colour. A last axis with three labels is shown in red,
        green and blue, each in its own contrast.

    Returns
    -------
    PIL.Image.Image
        RGBA, 500×500 pixels, transparent around what is drawn; 1500×1500 and white if
        the source has panels.

    Raises
    ------
    PreviewError
        If the array is empty, not of numbers, or does not match its axes.
    """
    if source.panels:
        return draw_composite(source)
    return drawing_of(source).draw(Page())
