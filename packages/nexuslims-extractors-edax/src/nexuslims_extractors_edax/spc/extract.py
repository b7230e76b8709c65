"""The extractors of EDAX's spectra, maps and line scans."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from nexuslims_core.reading.findings import Findings, as_text, number
from nexuslims_core.reading.signals import Described, describe
from nexuslims_core.reading.standard import looked_up, trimmed
from nexuslims_core.reading.tables import Field, tabulated
from nexuslims_core.types import DataFile, Dataset, Extraction, quantity

from nexuslims_extractors_edax.spc.fields import (
    ANALYZERS,
    DETECTORS,
    FIELDS,
    MATERIAL_CHARACTERS,
    NOT_ZERO,
    PRESETS,
    SAPPHIRE,
    SPC,
    TIMED,
)
from nexuslims_extractors_edax.spc.source import Signal, read_map, read_spectrum

if TYPE_CHECKING:
    from collections.abc import Mapping

CHARACTERS = frozenset(
    {
        "charText",
        "fName",
        "fileName",
        "imageFilename",
        "jobFilename",
        "label",
        "longFileName",
        "longImageFileName",
        "roiNames",
        "spectrumLabel",
        "tag",
        "userID",
    }
)
"""Values that are text, which the reader returns as numbers or bytes."""

CLOCK = (
    ("collectDateYear", 1),
    ("collectDateMon", 1),
    ("collectDateDay", 1),
    ("collectTimeHour", 1),
    ("collectTimeMin", 1),
    ("collectTimeSec", 1),
    ("collectTimeHund", 10_000),
)
"""When a spectrum was collected, as `datetime` wants it, and what to multiply by."""


def extract_spectrum(file: DataFile) -> Extraction:
    """Return the one spectrum of an ``.spc`` file; reads the file once.

    Raises
    ------
    ExtractionError
        If it cannot be read.
    """
    return Extraction(datasets=(_dataset(file, read_spectrum(file), "EDS_Spectrum"),))


def extract_map(file: DataFile) -> Extraction:
    """Return the one map of an ``.spd`` file, or the line scan of an ``.lsd`` file.

    Raises
    ------
    ExtractionError
        If it cannot be read.
    """
    dataset = _dataset(file, read_map(file), "EDS_Spectrum_Imaging")
    return Extraction(datasets=(dataset,))


def _dataset(file: DataFile, found: Signal, data_type: str) -> Dataset:
    described = describe(found.signal, file)
    headers = _headers(found.signal["original_metadata"])
    header = headers.get(SPC, {})
    found_more = Findings(notes=found.notes).joined(
        tabulated(FIELDS, lambda row: _value(headers, row)), _preset(header)
    )
    findings = replace(
        _undone(described).joined(found_more),
        data_type=data_type,
        raw={"original_metadata": trimmed(_without_counts(headers))},
    )
    return findings.dataset(
        file,
        creation_time=_collected(header),
        preview=described.preview if found.complete else None,
    )


def _undone(described: Described) -> Findings:
    """Return what the reader's standard tree says, but for the title it makes up.

    Zeros that mean nothing was known go as well.
    """
    findings = described.findings
    unknown = ("acceleration_voltage", "detector_energy_resolution")
    fields = {
        name: value
        for name, value in findings.fields.items()
        if name not in unknown or value.magnitude
    }
    extensions = {k: v for k, v in findings.extensions.items() if k != "Title"}
    if not looked_up(described.standard, "Acquisition_instrument"):
        # Without the spectrum beside it a map has channels, and no energies.
        fields = {k: v for k, v in fields.items() if k != "channel_size"}
    return replace(findings, fields=fields, extensions=extensions)


def _headers(original: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    headers = {
        name: {key: _readable(key, value) for key, value in header.items()}
        for name, header in original.items()
        if hasattr(header, "items")
    }
    label = original.get(SPC, {}).get("spectrumLabel")
    if label is not None:
        content = label.astype("i1").tobytes()
        headers[SPC]["materialType"] = _text(content[:MATERIAL_CHARACTERS])
        headers[SPC]["spectrumLabel"] = _text(content[MATERIAL_CHARACTERS:])
    return headers


def _readable(key: str, value: Any) -> Any:  # noqa: ANN401 - what the reader returns
    if key not in CHARACTERS:
        return value
    if isinstance(value, list):
        return ", ".join(filter(None, (_text(bytes(one)) for one in value)))
    return _text(bytes(value if isinstance(value, bytes) else value.astype("i1")))


def _text(content: bytes) -> str:
    """Return what stands before the first NUL; nothing where that is no text."""
    text = as_text(content.partition(b"\0")[0]).strip()
    return text if text.isprintable() else ""


def _without_counts(headers: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    return {
        name: {
            key: value
            for key, value in header.items()
            if key != "s" and not key.startswith(("filler", "reserved"))
        }
        for name, header in headers.items()
    }


def _value(headers: Mapping[str, Mapping[str, Any]], row: Field) -> object:
    header = headers.get(row.section, {})
    value = header.get(row.key)
    if row.key in NOT_ZERO and number(value) == 0:
        return None
    if row.typed == "detector_type":
        return _detector(number(value))
    if row.key in {"analyzerType", "analysisType"}:
        names = ANALYZERS if row.key == "analyzerType" else PRESETS
        code = number(value)
        return None if code is None else names.get(int(code), code)
    return value


def _detector(code: float | None) -> str | None:
    if code is None:
        return None
    plain = DETECTORS.get(int(code))
    sapphire = DETECTORS.get(int(code) - SAPPHIRE)
    if plain is None and sapphire is not None and code < 2 * SAPPHIRE:
        return f"{sapphire} (Sapphire)"
    return plain


def _preset(header: Mapping[str, Any]) -> Findings:
    """Return the preset with its unit, where it is a time."""
    value, kind = number(header.get("preset")), number(header.get("analysisType"))
    if not value or kind is None or PRESETS.get(int(kind)) not in TIMED:
        return Findings()
    return Findings(extensions={"Preset": quantity(value, "s")})


def _collected(header: Mapping[str, Any]) -> datetime | None:
    """Return when a spectrum was collected; `None` where its clock shows no time."""
    parts = [number(header.get(name)) for name, _ in CLOCK]
    if None in parts:
        return None
    scaled = [int(part or 0) * by for part, (_, by) in zip(parts, CLOCK, strict=True)]
    try:
        return datetime(*scaled)  # type: ignore[arg-type]  # noqa: DTZ001
    except ValueError:
        return None
