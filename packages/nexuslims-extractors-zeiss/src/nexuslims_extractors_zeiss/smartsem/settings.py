"""SmartSEM's settings: a line with a key, and one with name, value and unit."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nexuslims_core.reading.ini import NEWLINE

if TYPE_CHECKING:
    from collections.abc import Mapping

KEY = re.compile(r"(?:AP|DP|SV)_[A-Z0-9_]+")
"""Names of analogue and digital parameters, and of string values."""

PIXEL_SIZE = 3
"""Index of the pixel size in metres, among the numbers before the first key."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The settings of one image."""

    lines: Mapping[str, str] = field(default_factory=dict)
    """What is said for each key: ``Mag =   10.00 K X``."""
    numbers: tuple[str, ...] = ()
    """Lines before the first key."""

    def value(self, key: str) -> str:
        """Return the value of a key with its unit; empty where there is none."""
        line = self.lines.get(key, "")
        # Dates and times: "Time :11:21:55".
        separator = "=" if "=" in line else ":"
        return line.partition(separator)[2].strip()


def parse(text: str) -> Settings:
    """Return the settings in `text`; other lines are left out."""
    lines = [line.strip() for line in NEWLINE.split(text)]
    keys = [index for index, line in enumerate(lines) if KEY.fullmatch(line)]
    found = {
        lines[index]: following
        for index, following in ((index, _after(lines, index)) for index in keys)
        if following and not KEY.fullmatch(following)
    }
    first = keys[0] if keys else 0
    return Settings(lines=found, numbers=tuple(lines[:first]))


def _after(lines: list[str], index: int) -> str:
    return lines[index + 1] if index + 1 < len(lines) else ""
