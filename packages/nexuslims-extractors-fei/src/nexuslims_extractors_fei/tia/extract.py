"""The extractor of TIA's ``.ser`` and ``.emi`` files."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from nexuslims_core.errors import ExtractionError
from nexuslims_core.reading.axes import calibration
from nexuslims_core.reading.findings import Findings, merged
from nexuslims_core.types import DataFile, Dataset, Extraction, PreviewSource

from nexuslims_extractors_fei.tia import describe
from nexuslims_extractors_fei.tia.objects import (
    of_series,
    read_objects,
    reference_image,
)
from nexuslims_extractors_fei.tia.series import is_series
from nexuslims_extractors_fei.tia.signals import Signal, read_signal

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from nexuslims_extractors_fei.tia.objects import ObjectInfo

NUMBERED = re.compile(r"(?P<stem>.+)_(?P<place>\d{1,4})")
"""Name of a ``.ser``: that of its ``.emi``, and its place in it."""

EMI_NAME = "emi Filename"


def is_tia(file: DataFile) -> bool:
    """Tell whether `file` is TIA's; false for what cannot be read."""
    try:
        if file.extension == "ser":
            return is_series(file.head)
        return bool(read_objects(file.path, file.size, file.mtime_ns))
    except OSError:
        return False


def extract(file: DataFile) -> Extraction:
    """Return the datasets of a TIA file; reads what is not numbers once.

    A ``.ser`` is one dataset. An ``.emi`` is those of all ``.ser`` files beside it, or
    without any those that its objects describe.

    Raises
    ------
    ExtractionError
        If it is no such file.
    """
    try:
        if file.extension == "emi":
            return Extraction(datasets=_of_emi(file))
        return Extraction(datasets=(_of_ser(file),))
    except (OSError, ValueError) as error:
        msg = f"{file.path.name}: cannot be read as a file of TIA: {error}"
        raise ExtractionError(msg) from error


def _of_ser(file: DataFile) -> Dataset:
    if not is_series(file.head):
        msg = f"expected a TIA series, found {file.head[:4]!r}"
        raise ValueError(msg)
    return _of_series(file, _companion(file.path), file)


@dataclass(frozen=True, kw_only=True)
class _Companion:
    """The ``.emi`` that belongs to a ``.ser``."""

    path: Path | None
    place: int = 1
    """Which of its signals the ``.ser`` holds, from 1."""
    objects: tuple[ObjectInfo, ...] = ()
    notes: tuple[str, ...] = ()


def _companion(path: Path) -> _Companion:
    match = NUMBERED.fullmatch(path.stem)
    stem, place = (match["stem"], int(match["place"])) if match else (path.stem, 1)
    candidates = [path.with_name(f"{stem}.{ending}") for ending in ("emi", "EMI")]
    emi = next((one for one in candidates if one.is_file()), None)
    if emi is None:
        name = candidates[0].name
        note = f"No {name} beside it: settings of the microscope are unknown."
        return _Companion(path=None, place=place, notes=(note,))
    objects, notes = _objects(emi)
    return _Companion(path=emi, place=place, objects=objects, notes=notes)


def _objects(emi: Path) -> tuple[tuple[ObjectInfo, ...], tuple[str, ...]]:
    try:
        stat = emi.stat()
        objects = read_objects(emi, stat.st_size, stat.st_mtime_ns)
    except OSError as error:
        return (), (f"{emi.name} cannot be read: {error.strerror or error}.",)
    if not objects:
        note = f"{emi.name} cannot be read: expected an ObjectInfo, found none."
        return (), (note,)
    return objects, ()


def _of_emi(file: DataFile) -> tuple[Dataset, ...]:
    objects = read_objects(file.path, file.size, file.mtime_ns)
    if not objects:
        msg = "expected an ObjectInfo of XML, found none"
        raise ValueError(msg)
    beside = sorted(_series_beside(file.path))
    if beside:
        return tuple(
            _of_series(
                DataFile.at(path, file.instrument),
                _Companion(path=file.path, place=place, objects=objects),
                file,
            )
            for place, path in beside
        )
    own = [one for one in objects if not one.reference] or list(objects)
    note = "No .ser beside it: it is described, but its numbers are not here."
    return tuple(
        _dataset(
            file,
            _Companion(path=file.path, place=place, objects=objects, notes=(note,)),
            Signal(kind=one.kind),
        )
        for place, one in enumerate(own, start=1)
    )


def _series_beside(emi: Path) -> list[tuple[int, Path]]:
    found = []
    for path in emi.parent.iterdir():
        match = NUMBERED.fullmatch(path.stem)
        if match and match["stem"] == emi.stem and path.suffix.lower() == ".ser":
            found.append((int(match["place"]), path))
    return found


def _of_series(series: DataFile, companion: _Companion, file: DataFile) -> Dataset:
    """Return the dataset of a ``.ser``, on behalf of `file`."""
    try:
        signal = read_signal(series)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        note = f"{series.path.name}: its numbers cannot be read: {reason}."
        signal = Signal(notes=(note,))
    return _dataset(file, companion, signal)


def _dataset(file: DataFile, companion: _Companion, signal: Signal) -> Dataset:
    info = of_series(companion.objects, companion.place, signal.kind)
    findings = _findings(file, companion, signal, info)
    when, notes = describe.acquired(info) if info else (None, ())
    preview = None
    if signal.data is not None:
        preview = PreviewSource(read=lambda: signal.data, axes=signal.axes)
    joined = findings.joined(Findings(notes=(*signal.notes, *notes)))
    when = when or _in_zone(signal.time, file)
    return joined.dataset(file, creation_time=when, preview=preview)


def _in_zone(when: datetime | None, file: DataFile) -> datetime | None:
    return when.astimezone(file.timezone) if when and file.timezone else when


def _findings(
    file: DataFile, companion: _Companion, signal: Signal, info: ObjectInfo | None
) -> Findings:
    type_, data_type = describe.dataset_types(info, signal.axes, file.instrument)
    if not signal.axes:
        type_, data_type = "Misc", "Unknown"
    own = Findings(
        dataset_type=type_,
        data_type=data_type,
        fields=_typed(signal, type_),
        extensions={EMI_NAME: _relative(companion.path, file)},
        raw={"ser_header_parameters": signal.header} if signal.header else {},
        notes=companion.notes,
    )
    if info is None:
        return own.joined(Findings(notes=tuple(_unknown(companion))))
    told = describe.described(info)
    fields = merged(told.fields, describe.times(info, type_))
    return own.joined(
        replace(told, fields=fields),
        _reference(companion, info),
        Findings(notes=tuple(_incomplete(companion, info))),
    )


def _reference(companion: _Companion, info: ObjectInfo) -> Findings:
    image = reference_image(companion.objects)
    if image is None or image is info:
        return Findings()
    return describe.reference(image)


def _unknown(companion: _Companion) -> list[str]:
    if not companion.objects or companion.path is None:
        return []
    needed, found = companion.place, len(companion.objects)
    return [f"{companion.path.name}: expected {needed} signals, found {found}."]


def _incomplete(companion: _Companion, info: ObjectInfo) -> list[str]:
    name = companion.path.name if companion.path else "The .emi"
    notes = [f"{name} has no {part} for this signal." for part in info.missing]
    if info.problem:
        notes.append(f"{name} is damaged: {info.problem}.")
    return notes


def _typed(signal: Signal, type_: str) -> dict[str, Any]:
    if not signal.axes:
        return {}
    measured = [one for one in signal.axes if one.navigation or type_ != "Diffraction"]
    shape = tuple(one.size for one in signal.axes)
    return {**calibration(measured), "data_dimensions": str(shape)}


def _relative(emi: Path | None, file: DataFile) -> str | None:
    """Return where the ``.emi`` is, seen from the folder of its instrument."""
    if emi is None:
        return None
    store = file.instrument.filestore_path.strip("/") if file.instrument else ""
    _, found, below = emi.as_posix().partition(f"/{store}/")
    return below if store and found else emi.name
