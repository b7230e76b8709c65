"""Previews of datasets: one picture each, 500 pixels wide, drawn with Pillow alone.

`arrays` draws what extractors hand over, `files` and `text` what no extractor knows.
What each kind looks like is shown in ``docs/previews.md``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nexuslims_core.errors import PreviewError
from nexuslims_core.previews.arrays import render_array
from nexuslims_core.previews.files import IMAGE_EXTENSIONS, render_image_file
from nexuslims_core.previews.text import TEXT_EXTENSIONS, render_text_file

if TYPE_CHECKING:
    from PIL.Image import Image

    from nexuslims_core.model.files import Dataset

__all__ = [
    "render_array",
    "render_image",
    "render_image_file",
    "render_text",
    "render_text_file",
    "supports_image",
    "supports_text",
]


def supports_image(dataset: Dataset) -> bool:
    """Tell whether the dataset comes with an array or is in an image file."""
    return dataset.preview is not None or dataset.file.extension in IMAGE_EXTENSIONS


def render_image(dataset: Dataset) -> Image:
    """Draw the array that the extractor handed over; without one, the image file.

    An array that cannot be had costs no picture if Pillow understands the file.

    Raises
    ------
    PreviewError
        If there is nothing in it that can be drawn.
    """
    if dataset.preview is None:
        return render_image_file(dataset.file.path)
    try:
        return render_array(dataset.preview)
    except PreviewError as error:
        if dataset.file.extension not in IMAGE_EXTENSIONS:
            raise
        try:
            return render_image_file(dataset.file.path)
        except PreviewError:
            raise error from None


def supports_text(dataset: Dataset) -> bool:
    """Tell whether the dataset is a text file that nothing else is known about."""
    return dataset.preview is None and dataset.file.extension in TEXT_EXTENSIONS


def render_text(dataset: Dataset) -> Image:
    """Draw the beginning of a text file.

    Raises
    ------
    PreviewError
        If the file holds no text.
    """
    return render_text_file(dataset.file.path)
