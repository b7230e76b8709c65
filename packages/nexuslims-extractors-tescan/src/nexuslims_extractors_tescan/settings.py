"""Tescan's settings: blocks of a TIFF tag, or text whose headers may be lost.

Tescan does not publish the layout of the tag. It is as real files show it, with kinds
of blocks as Gwyddion's reader of the format knows them: blocks, each of its size (32
bits, which counts what follows), its kind (16 bits) and its content.
"""

from __future__ import annotations

import re
import struct

from nexuslims_core.reading import ini
from nexuslims_core.reading.findings import as_text

BLOCK = struct.Struct("<IH")
SIZE_BYTES = 4

LAST = 0
"""Kind of the block that ends the tag; another is 1, the thumbnail."""

SECTIONS = {2: "MAIN", 3: "SEM", 4: "GAMA", 5: "FIB"}
"""Kinds of blocks that are settings, and the sections that these are in a side-car."""

FIRST_KEYS = (b"[MAIN]", b"AccFrames=", b"AccType=", b"Company=", b"Date=")
"""With which of them the text begins, where the blocks are damaged."""

BEAM_KEY = re.compile(
    r"AcceleratorVoltage=|ApertureDiameter=|ApertureOptimization=|ChamberPressure="
    r"|CrossFree=|(?<![A-Za-z])HV="
)
"""First of the keys that belong to the beam."""

BINARY = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]+")
"""What text does not contain."""


def from_tag(content: bytes) -> ini.Settings:
    """Return the settings in the bytes of tag 50431; no sections if there are none."""
    texts = blocks(content)
    if texts:
        return ini.parse("\n".join(_headed(*block) for block in texts.items()))
    starts = [content.find(key) for key in FIRST_KEYS if key in content]
    text = as_text(BINARY.sub(b"\n", content[min(starts, default=0) :]))
    if not starts and not BEAM_KEY.search(text):
        return ini.Settings(sections={})
    # Remains of the blocks' sizes stand between the lines: they are no lines to report.
    return ini.Settings(sections=from_text(text).sections)


def blocks(content: bytes) -> dict[str, str]:
    """Return the text of each block of settings; nothing if one is damaged."""
    found: dict[str, str] = {}
    position = 0
    while position + BLOCK.size <= len(content):
        size, kind = BLOCK.unpack_from(content, position)
        start, position = position + BLOCK.size, position + SIZE_BYTES + size
        if kind == LAST:
            return found
        if position < start or position > len(content):
            return {}
        if kind in SECTIONS:
            found[SECTIONS[kind]] = as_text(content[start:position])
    return found


def _headed(section: str, text: str) -> str:
    header = f"[{section}]"
    return text if header in text else f"{header}\n{text}"


def from_text(text: str) -> ini.Settings:
    """Return the settings of a side-car; headers that are missing are put back."""
    if "[MAIN]" not in text:
        text = f"[MAIN]\n{text}"
    beam = BEAM_KEY.search(text)
    if beam and "[SEM]" not in text and "[FIB]" not in text:
        text = f"{text[: beam.start()]}\n[SEM]\n{text[beam.start() :]}"
    return ini.parse(text)
