"""Settings as sections of ``key=value`` lines, as many SEMs write them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

NEWLINE = re.compile(r"\r\n|\r|\n")
HEADER = re.compile(r"\[(?P<name>[^\]]+)\]$")

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


def parse(
    text: str, *, nested: tuple[re.Pattern[str], re.Pattern[str]] | None = None
) -> Settings:
    """Return the sections of `text`; keys are case-sensitive, values verbatim.

    A section that comes again gets a number, as in ``Image (2)``.

    Parameters
    ----------
    nested
        Names of sections, and of others that are repeated below each of these: they
        are called ``Parent.Child``.
    """
    before, mark, after = text.partition("<?xml")
    sections: dict[str, dict[str, str]] = {}
    rejected: list[str] = []
    current: dict[str, str] | None = None
    parent = ""
    for line in NEWLINE.split(before):
        stripped = line.strip()
        header = HEADER.match(stripped)
        if header:
            name = header["name"]
            if nested and nested[0].match(name):
                parent = name
            elif nested and parent and nested[1].match(name):
                name = f"{parent}.{name}"
            current = sections.setdefault(_unique(name, sections), {})
        elif "=" in stripped and current is not None:
            key, _, value = stripped.partition("=")
            current[key.strip()] = value.strip()
        elif stripped:
            rejected.append(stripped)
    return Settings(sections=sections, xml=mark + after, rejected=tuple(rejected))


def _unique(name: str, taken: Sections) -> str:
    number = 2
    unique = name
    while unique in taken:
        unique = f"{name} ({number})"
        number += 1
    return unique
