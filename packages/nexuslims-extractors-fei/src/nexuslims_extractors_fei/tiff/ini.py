"""The settings of SEM and FIB instruments: sections of ``key=value`` lines."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

NEWLINE = re.compile(r"\r\n|\r|\n")
HEADER = re.compile(r"\[(?P<name>[^\]]+)\]$")
GAS_UNIT = re.compile(r"MultiGISUnit\d+$")
GAS = re.compile(r"MultiGISGas\d+$")

Sections = Mapping[str, Mapping[str, str]]
"""Values by section and key, as written."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The settings of one file."""

    sections: Sections
    xml: str = ""
    """XML that followed them without a tag of its own."""
    rejected: tuple[str, ...] = ()
    """Lines that are neither section nor ``key=value``."""


def parse(text: str) -> Settings:
    """Return the sections of `text`; keys are case-sensitive, values verbatim.

    The sections ``[MultiGISGasM]`` are repeated below every ``[MultiGISUnitN]``: they
    are called ``MultiGISUnitN.MultiGISGasM``. Another section that comes again gets a
    number, as in ``Image (2)``.
    """
    before, mark, after = text.partition("<?xml")
    sections: dict[str, dict[str, str]] = {}
    rejected: list[str] = []
    current: dict[str, str] | None = None
    unit = ""
    for line in NEWLINE.split(before):
        stripped = line.strip()
        header = HEADER.match(stripped)
        if header:
            name = header["name"]
            unit = name if GAS_UNIT.match(name) else unit
            current = sections.setdefault(_unique(name, unit, sections), {})
        elif "=" in stripped and current is not None:
            key, _, value = stripped.partition("=")
            current[key.strip()] = value.strip()
        elif stripped:
            rejected.append(stripped)
    return Settings(sections=sections, xml=mark + after, rejected=tuple(rejected))


def _unique(name: str, unit: str, taken: Sections) -> str:
    if unit and GAS.match(name):
        name = f"{unit}.{name}"
    number = 2
    unique = name
    while unique in taken:
        unique = f"{name} ({number})"
        number += 1
    return unique
