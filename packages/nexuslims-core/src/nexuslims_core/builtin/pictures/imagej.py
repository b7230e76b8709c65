"""What ImageJ writes into the description of a TIFF: lines of ``key=value``.

``XResolution`` then counts pixels per ``unit`` of the specimen, not per inch of paper.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nexuslims_core.reading.axes import dimension
from nexuslims_core.reading.findings import number
from nexuslims_core.types import quantity

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pint

MAGIC = "ImageJ="

METADATA_COUNTS, METADATA = 50838, 50839
"""Tags that hold what does not fit into the description, and the sizes of its parts."""

PAPER = frozenset({"inch", "inches", "in", "cm"})
"""Units that ImageJ takes over from a resolution for print; no size of a specimen."""

_UNITS = {"micron": "µm", "microns": "µm", "um": "µm", "μm": "µm", "A": "Å"}
_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")


@dataclass(frozen=True, kw_only=True)
class Notes:
    """The lines, by their key."""

    values: Mapping[str, str]

    @property
    def images(self) -> int:
        """How many images the file says it has."""
        found = number(self.values.get("images", ""))
        return int(found) if found and found > 0 else 1

    def pixel(
        self, horizontal: float | None, vertical: float | None
    ) -> tuple[pint.Quantity[Any], pint.Quantity[Any]] | None:
        """Return a pixel's width and height, from the pixels per unit; or `None`."""
        unit = _unit(self.values.get("unit", ""))
        if not horizontal or not vertical or not unit:
            return None
        other = _unit(self.values.get("yunit", "")) or unit
        return quantity(1 / horizontal, unit), quantity(1 / vertical, other)

    def extensions(self) -> dict[str, Any]:
        """Return what is worth showing."""
        named = {"channels": "Channels", "slices": "Slices", "frames": "Frames"}
        found: dict[str, Any] = {
            name: number(self.values[key])
            for key, name in named.items()
            if number(self.values.get(key, "")) is not None
        }
        spacing = number(self.values.get("spacing", ""))
        unit = _unit(self.values.get("zunit", "")) or _unit(self.values.get("unit", ""))
        if spacing and unit:
            found["Slice Spacing"] = quantity(spacing, unit)
        interval = number(self.values.get("finterval", ""))
        if interval:
            found["Frame Interval"] = quantity(interval, "s")
        found["Software"] = f"ImageJ {self.values['ImageJ']}".strip()
        return found


def parse(description: str) -> Notes | None:
    """Return what ImageJ wrote, or `None` if it did not write the description."""
    if not description.startswith(MAGIC):
        return None
    lines = (line.partition("=") for line in description.splitlines())
    return Notes(
        values={
            key.strip(): _ESCAPE.sub(lambda one: chr(int(one[1], 16)), value.strip())
            for key, mark, value in lines
            if mark and key.strip()
        }
    )


def _unit(text: str) -> str:
    """Return a unit of length on a specimen; empty for any other."""
    unit = _UNITS.get(text, text)
    return unit if dimension(unit) == "length" and unit not in PAPER else ""


def info(metadata: bytes, counts: Sequence[int], byte_order: str) -> str:
    """Return the text ``Info`` of a file: metadata of the one it was made from.

    Parameters
    ----------
    metadata, counts
        Values of `METADATA` and `METADATA_COUNTS`. The first part is a header that
        gives the kinds of the others, and how many there are of each.
    """
    header, *sizes = counts or (0,)
    kinds: list[bytes] = []
    for start in range(4, min(header, len(metadata)) - 7, 8):
        kind, number = metadata[start : start + 4], metadata[start + 4 : start + 8]
        repeated = int.from_bytes(number, "little" if byte_order == "<" else "big")
        kinds += [kind if byte_order == ">" else kind[::-1]] * min(repeated, len(sizes))
    start = header
    for kind, size in zip(kinds, sizes, strict=False):
        if kind == b"info":
            encoding = "utf-16-le" if byte_order == "<" else "utf-16-be"
            return metadata[start : start + size].decode(encoding, "replace")
        start += size
    return ""
