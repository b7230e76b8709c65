"""What is known of a picture, whichever format it is stored in."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from nexuslims_core.reading.findings import Findings, merged, scaled
from nexuslims_core.types import quantity

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    import pint

    from nexuslims_core.model.files import DataFile, Dataset, PreviewSource

DATA_TYPE = "Miscellaneous"
"""It is an image; of which technique, the file does not tell."""

LONGEST = 2000
"""Characters of a text among the extensions; longer ones are kept raw alone."""


@dataclass(frozen=True, kw_only=True)
class Layout:
    """How a picture is stored."""

    format: str
    width: int
    height: int
    colour: str
    """``Greyscale``, ``RGB`` and so on."""
    bits: int
    """Per sample."""
    compression: str = ""
    images: int = 1
    """Pages, frames or planes in the file."""


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A picture's layout, and what the file says about it."""

    layout: Layout
    said: Findings = field(default_factory=Findings)
    """Beside the layout."""
    created: datetime | None = None
    preview: PreviewSource | None = None

    def dataset(self, file: DataFile) -> Dataset:
        """Return the dataset of the picture in `file`."""
        layout = self.layout
        extensions = {
            "File Format": layout.format,
            "Color Mode": layout.colour,
            "Bit Depth": layout.bits,
            "Number of Images": layout.images,
            **({"Compression": layout.compression} if layout.compression else {}),
        }
        whole = replace(
            self.said,
            dataset_type="Image",
            data_type=DATA_TYPE,
            fields={
                "data_dimensions": str((layout.width, layout.height)),
                **self.said.fields,
            },
            extensions=merged(extensions, self.said.extensions),
        )
        return whole.dataset(file, creation_time=self.created, preview=self.preview)


def calibrated(
    layout: Layout, width: pint.Quantity[Any], height: pint.Quantity[Any]
) -> dict[str, Any]:
    """Return the typed fields of a picture whose pixels have a size."""
    return {
        "pixel_width": width,
        "pixel_height": height,
        "horizontal_field_width": _times(width, layout.width),
        "vertical_field_width": _times(height, layout.height),
    }


def _times(size: pint.Quantity[Any], count: int) -> pint.Quantity[Any]:
    return quantity(scaled(float(size.magnitude), count), str(size.units))


def resolution(
    horizontal: float | None, vertical: float | None, unit: str
) -> dict[str, Any]:
    """Return how densely the picture is to be printed, for the extensions.

    Parameters
    ----------
    unit
        The length that the numbers of dots are for, ``inch`` or ``cm``.
    """
    if not horizontal or not vertical:
        return {}
    per = f"1/{unit}"
    if horizontal == vertical:
        return {"Resolution": quantity(horizontal, per)}
    return {
        "Resolution X": quantity(horizontal, per),
        "Resolution Y": quantity(vertical, per),
    }


def shown(texts: Mapping[str, str]) -> dict[str, str]:
    """Return the texts that are short enough to be shown, and say anything."""
    return {
        name: text.strip()
        for name, text in texts.items()
        if text.strip() and len(text) <= LONGEST
    }
