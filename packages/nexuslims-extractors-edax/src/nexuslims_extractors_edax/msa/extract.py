"""The extractor of EMSA/MAS files."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from nexuslims_core.errors import ExtractionError
from nexuslims_core.model.schema import known_fields
from nexuslims_core.model.units import convert
from nexuslims_core.reading.axes import calibration, finite
from nexuslims_core.reading.findings import Findings, number
from nexuslims_core.reading.tables import Field, tabulated
from nexuslims_core.types import Axis, DataFile, Extraction, PreviewSource, quantity

from nexuslims_extractors_edax.elements import elements
from nexuslims_extractors_edax.msa.fields import (
    CAMERA_LENGTH,
    FIELDS,
    MAGNIFICATION,
    NOT_ZERO,
    STANDARD,
    UNITS,
)
from nexuslims_extractors_edax.msa.source import Keyword, Source, read_source
from nexuslims_extractors_edax.msa.times import acquired

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np

TECHNIQUES = {
    "EDS": "EDS",
    "EDX": "EDS",
    "EDXS": "EDS",
    "XEDS": "EDS",
    "WDS": "WDS",
    "ELS": "EELS",
    "EELS": "EELS",
    "AES": "AES",
    "PES": "PES",
    "XPS": "PES",
    "XRF": "XRF",
    "CLS": "CL",
    "CL": "CL",
    "GAM": "GAM",
}
"""Techniques by ``SIGNALTYPE``, as the standard and as programs write it."""

TELLING = {
    "EDS": ("EDSDET", "LIVETIME", "ELEVANGLE", "FWHMMNKA"),
    "EELS": ("ELSDET", "COLLANGLE", "INTEGTIME"),
}
"""Keywords that tell the technique where ``SIGNALTYPE`` is missing."""

MODES = {"IMAG": "TEM", "DIFF": "TEM", "SCIM": "STEM", "SCDI": "STEM"}
"""Microscopes by the first letters of ``OPERMODE``."""

MOST_KV_OF_SEM = 30
"""Below, a scanning microscope may as well be an SEM, which the standard cannot say."""

REPEATED = {"TITLE": " ", "COMMENT": " "}
"""Keywords that may stand on several lines, and what joins these."""

FEWEST_LINES = 2
"""Data points that an axis needs to have a scale."""


def extract(file: DataFile) -> Extraction:
    """Return the one spectrum of an EMSA/MAS file; reads the file once.

    Raises
    ------
    ExtractionError
        If the file is not of this format.
    """
    try:
        source = read_source(file)
    except (OSError, ValueError) as error:
        msg = f"{file.path.name}: cannot be read as an EMSA/MAS file: {error}"
        raise ExtractionError(msg) from error
    header = _Header(source)
    counts, axis, size_note = _spectrum(source, header)
    when, time_note = acquired(header.text("DATE"), header.text("TIME"), file.modified)
    notes = (*source.notes, size_note, time_note)
    findings = Findings(
        dataset_type="Spectrum",
        data_type=_data_type(header),
        fields=_derived(header, axis) if counts.size else _listed(header),
        raw={"original_metadata": header.raw},
        notes=tuple(note for note in notes if note),
    ).joined(header.tabulated())
    preview = _preview(counts, axis, header.text("TITLE") or file.path.name)
    dataset = findings.dataset(file, creation_time=when, preview=preview)
    return Extraction(datasets=(dataset,))


class _Header:
    """The keywords of a file, to be asked by name."""

    def __init__(self, source: Source) -> None:
        self._found: dict[str, Keyword] = {}
        self.raw: dict[str, str] = {}
        for keyword in source.keywords:
            name = _name(keyword)
            earlier = self._found.get(name)
            one = keyword if earlier is None else _again(earlier, keyword)
            self._found[name] = one
            self.raw[one.key] = one.value

    def text(self, name: str) -> str:
        """Return a value as written; empty where there is none."""
        found = self._found.get(name.casefold())
        return found.value if found else ""

    def number(self, name: str) -> int | float | None:
        """Return the number that a value is; `None` where it is none."""
        return number(plain(self.text(name)))

    def tabulated(self) -> Findings:
        """Return what the table says, and all other keywords as extensions."""
        magnified = CAMERA_LENGTH if self._diffracts() else MAGNIFICATION
        table = (*FIELDS, magnified)
        adapted = [self._adapted(row) for row in table]
        found = tabulated((row for row, _ in adapted), self._find)
        taken = {row.key.casefold() for row in table}
        others = [one for key, one in self._found.items() if key not in taken]
        extensions = {**dict(_others(others, found)), **found.extensions}
        notes = tuple(note for _, note in adapted if note)
        return replace(found, extensions=extensions, notes=(*notes, *found.notes))

    def _diffracts(self) -> bool:
        return self.text("OPERMODE").upper()[:4] in {"DIFF", "SCDI"}

    def _find(self, row: Field) -> object:
        text = self.text(row.key)
        if row.text:
            return text
        found = plain(text)
        # Several programs write 0 for what they do not know.
        unknown = row.key in NOT_ZERO or row.typed == "acquisition_time"
        return None if unknown and number(found) == 0 else found

    def _adapted(self, row: Field) -> tuple[Field, str]:
        """Return a row with the unit that the file gives, and a note."""
        keyword = self._found.get(row.key.casefold())
        if not row.unit or keyword is None or not keyword.value or keyword.own:
            return row, ""
        _, written = keyword.standard
        if not written:
            guessed = row.key.endswith("POSITION") and self.number(row.key)
            note = f"{row.key} has no unit; it was taken as {row.unit}."
            return row, note if guessed else ""
        unit = UNITS.get(written.casefold(), "")
        if not _alike(unit, row.unit):
            return (
                row,
                f"{row.key}: expected a unit like {row.unit}, found {written!r}.",
            )
        return replace(row, unit=unit), ""


def _name(keyword: Keyword) -> str:
    """Return by what name a keyword is asked for."""
    standard, _ = keyword.standard
    known = standard and any(
        row.key == standard
        for row in (*FIELDS, MAGNIFICATION)
        if row.section == STANDARD
    )
    return (standard if known else keyword.key).casefold()


def _again(earlier: Keyword, later: Keyword) -> Keyword:
    """Return one of two lines with the same keyword."""
    name, _ = later.standard
    glue = "; " if later.own else REPEATED.get(name)
    if glue is None or not earlier.value:
        return later if later.value else earlier
    return replace(earlier, value=f"{earlier.value}{glue}{later.value}".strip())


def plain(text: str) -> str:
    """Return the text of a number as most programs would write it.

    Blanks before the exponent, as in ``2.0 E-06``, FORTRAN's ``D`` for ``E``, decimal
    commas, a bare point at the end and a second number are real.
    """
    one = re.sub(r"(?<=[\d.])\s*[EeDd]\s*([+-]?\d+)$", r"E\1", text.strip())
    one = re.sub(r"^([+-]?\d+),(\d+)(?=E|$)", r"\1.\2", one)
    first, _, rest = one.partition(" ")
    if rest and number(first) is not None and number(rest.split()[0]) is not None:
        one = first
    return re.sub(r"^([+-]?\d+)\.$", r"\1", one)


def _alike(unit: str, other: str) -> bool:
    try:
        convert(quantity(1, unit), other)
    except ValueError:
        return False
    return bool(unit)


def _others(
    keywords: list[Keyword], found: Findings
) -> Iterator[tuple[str, str | int | float]]:
    """Yield keywords that no table has, where their names are free."""
    shown = {known_fields()[name].display_name for name in found.fields}
    for keyword in keywords:
        value = number(plain(keyword.value))
        if keyword.key and keyword.value and keyword.key not in shown:
            yield keyword.key, keyword.value if value is None else value


# What the spectrum is of.


def _data_type(header: _Header) -> str:
    technique = _technique(header)
    scope = MODES.get(header.text("OPERMODE").upper()[:4], "")
    voltage = header.number("BEAMKV") or MOST_KV_OF_SEM + 1
    if voltage <= MOST_KV_OF_SEM:
        scope = ""
    return "_".join(part for part in (scope, technique, "Spectrum") if part)


def _technique(header: _Header) -> str:
    written = header.text("SIGNALTYPE").strip().upper()
    if written:
        return TECHNIQUES.get(written, "")
    for technique, keys in TELLING.items():
        if any(header.text(key) for key in keys):
            return technique
    return ""


def _listed(header: _Header) -> dict[str, Any]:
    found = elements(header.text("Elements")) or elements(header.text("OXINSTELEMS"))
    return {"elements": found} if found else {}


def _derived(header: _Header, axis: Axis) -> dict[str, Any]:
    """Return the typed fields that no single keyword tells."""
    return {
        **calibration((axis,)),
        **_listed(header),
        "data_dimensions": str((axis.size,)),
    }


# The spectrum.


def _spectrum(source: Source, header: _Header) -> tuple[np.ndarray, Axis, str]:
    """Return counts, their axis, and a note if there are not as many as said."""
    expected = header.number("NPOINTS")
    numbers = source.numbers
    paired = _is_paired(header.text("DATATYPE"), numbers.size, expected)
    counts = numbers[1::2] if paired else numbers
    places = numbers[0::2][: counts.size] if paired else numbers[:0]
    axis = _axis(header, places, counts.size)
    if expected is None or counts.size == expected:
        return counts, axis, ""
    note = f"NPOINTS says {expected} data points, but the file holds {counts.size}."
    return counts, axis, note


def _is_paired(written: str, size: int, expected: float | None) -> bool:
    """Tell whether data are pairs of position and count, or counts alone."""
    kind = written.strip().upper()
    if kind in {"XY", "Y"}:
        return kind == "XY"
    return expected is not None and size == 2 * expected


def _axis(header: _Header, places: np.ndarray, size: int) -> Axis:
    scale = finite(header.number("XPERCHAN"), 0.0)
    offset = header.number("OFFSET")
    if places.size >= FEWEST_LINES:
        step = finite((places[-1] - places[0]) / (places.size - 1), 0.0)
        scale = scale or step
        offset = finite(places[0], 0.0) if offset is None else offset
    name, unit = _unit(header.text("XUNITS"), header.text("XLABEL"))
    return Axis(
        name=name,
        size=size,
        scale=scale or 1.0,
        offset=finite(offset, 0.0),
        unit=unit,
    )


def _unit(units: str, label: str) -> tuple[str, str]:
    """Return name and unit of the axis: ``Energy (EV)`` is both, ``eV`` a unit."""
    match = re.fullmatch(r"(.*?)\(([^()]*)\)\s*", units) or re.fullmatch(
        r"(.*?)[(\[]([^()\[\]]*)[)\]]\s*", label
    )
    written = units if not match or _known(units) else match[2]
    name = label or (match[1].strip() if match else "")
    return name, _known(written) or written.strip()


def _known(unit: str) -> str:
    return UNITS.get(unit.strip().casefold(), "")


def _preview(counts: np.ndarray, axis: Axis, title: str) -> PreviewSource | None:
    if not counts.size:
        return None
    return PreviewSource(read=lambda: counts, axes=(axis,), title=title)
