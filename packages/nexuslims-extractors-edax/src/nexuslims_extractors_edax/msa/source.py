"""The text of an EMSA/MAS file as keywords and numbers, nothing understood yet."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from nexuslims_core.reading.findings import as_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nexuslims_core.types import DataFile

FORMAT = re.compile(r"^\s*#\s*FORMAT\s*:\s*EMSA", re.IGNORECASE | re.MULTILINE)
"""The keyword with which a file says what it is."""

KEYWORD = re.compile(r"#(?P<own>#?)\s*(?P<key>[^:]*?)\s*:(?P<value>.*)")

STANDARD = re.compile(r"(?P<key>[A-Za-z0-9]+)\s*(?:[\s-]\s*(?P<unit>[^\s-]+))?")
"""A keyword of the standard, with its unit: ``BEAMKV   -kV``, ``XPOSITION mm``."""

BYTE_ORDER_MARKS = "\ufeff\xff\xfe\xfe\xff"
"""What is left of UTF-16's and UTF-8's when the text is decoded as another."""

MOST_BYTES = 32 * 2**20
"""Spectra of a million channels take less."""

SEPARATORS = re.compile(r"[\s,;]+")


@dataclass(frozen=True, kw_only=True)
class Keyword:
    """One line of the header."""

    key: str
    """As written, without the marks."""
    value: str
    own: bool
    """Whether the writing program defined it: two marks instead of one."""

    @property
    def standard(self) -> tuple[str, str]:
        """Name and unit of a keyword of the standard; both empty for another's."""
        match = None if self.own else STANDARD.fullmatch(self.key)
        return (match["key"].upper(), match["unit"] or "") if match else ("", "")


@dataclass(frozen=True, kw_only=True)
class Source:
    """One file."""

    keywords: tuple[Keyword, ...]
    numbers: np.ndarray
    """All numbers after the header, in the order of the file; `float64`."""
    notes: tuple[str, ...] = ()


def is_msa(file: DataFile) -> bool:
    """Tell whether a file says that it is of this format."""
    try:
        text = _decoded(file.head)
    except OSError:
        return False
    return text.lstrip().startswith("#") and FORMAT.search(text) is not None


def read_source(file: DataFile) -> Source:
    """Return the content of a file.

    Raises
    ------
    OSError
        If it cannot be read.
    ValueError
        If it is of another format.
    """
    with file.path.open("rb") as stream:
        text = _decoded(stream.read(MOST_BYTES))
    if FORMAT.search(text) is None:
        line = text.strip().partition("\n")[0]
        raise ValueError(
            f"expected a line '#FORMAT : EMSA/MAS ...', found {line!r:.80}"
        )
    header, data, notes = _divided(text.splitlines())
    if file.size > MOST_BYTES:
        notes.append(f"Only the first {MOST_BYTES} of {file.size} bytes were read.")
    numbers, strange = _numbers(data)
    if strange:
        notes.append(f"{strange} of the values after #SPECTRUM are no numbers.")
    return Source(keywords=tuple(header), numbers=numbers, notes=tuple(notes))


def _decoded(content: bytes) -> str:
    return as_text(content).lstrip(BYTE_ORDER_MARKS)


def _divided(lines: Iterable[str]) -> tuple[list[Keyword], list[str], list[str]]:
    """Return the header, the lines of data, and notes."""
    header: list[Keyword] = []
    data: list[str] = []
    notes: list[str] = []
    inside = False
    for line in map(str.strip, lines):
        match = KEYWORD.match(line)
        if match is None:
            if inside and not line.startswith("#"):
                data.append(line)
            elif line.strip("#"):
                notes.append(f"Line {line!r:.80} is no '#KEYWORD : value'.")
            continue
        found = Keyword(
            key=match["key"], value=match["value"].strip(), own=bool(match["own"])
        )
        name, _ = found.standard
        if name == "ENDOFDATA":
            break
        inside = inside or name == "SPECTRUM"
        if name != "SPECTRUM":
            header.append(found)
    if not inside:
        notes.append("The file ends before its data: there is no line #SPECTRUM.")
    return header, data, notes


def _numbers(lines: list[str]) -> tuple[np.ndarray, int]:
    """Return the numbers in lines of text, and how many words are none."""
    words = [word for word in SEPARATORS.split("\n".join(lines)) if word]
    try:
        return np.array(words, dtype=np.float64), 0
    except ValueError:
        values = [value for word in words if (value := _value(word)) is not None]
        return np.array(values, dtype=np.float64), len(words) - len(values)


def _value(word: str) -> float | None:
    try:
        return float(word.upper().replace("D", "E"))  # FORTRAN's double precision
    except ValueError:
        return None
