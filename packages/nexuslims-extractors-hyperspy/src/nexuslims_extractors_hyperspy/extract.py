"""The extractor of whatever RosettaSciIO reads."""

from __future__ import annotations

import importlib
from dataclasses import replace
from datetime import UTC
from typing import TYPE_CHECKING, Any

from nexuslims_core.errors import ExtractionError
from nexuslims_core.reading.axes import calibration, dimension, tidy_unit
from nexuslims_core.reading.findings import Findings, scaled
from nexuslims_core.reading.fitting import fitted
from nexuslims_core.reading.guard import reading
from nexuslims_core.reading.signals import describe
from nexuslims_core.reading.standard import (
    FIELDS,
    acquired,
    finder,
    looked_up,
    plain,
    standard_metadata,
    trimmed,
)
from nexuslims_core.reading.tables import tabulated
from nexuslims_core.types import DataFile, Dataset, Extraction

from nexuslims_extractors_hyperspy import logs
from nexuslims_extractors_hyperspy.formats import identified, listed
from nexuslims_extractors_hyperspy.tables import LUMINESCENCE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from nexuslims_core.reading.tables import Field
    from nexuslims_core.types import Axis

    from nexuslims_extractors_hyperspy.formats import Format, Signal

MOST_SIGNALS = 64
"""Of one file; a NeXus file may hold thousands."""

MOST_EAGER_BYTES = 256 << 20
"""Of a file whose reader takes all of it into memory."""


def extract(file: DataFile) -> Extraction:
    """Return a dataset per signal of a file; one of all columns of a log.

    Raises
    ------
    ExtractionError
        If it is of no known format, or cannot be read.
    """
    format_ = identified(file)
    if format_ is None:
        try:
            found = file.head[:16]
        except OSError as error:
            msg = f"{file.path.name}: cannot be read: {error.strerror or error}"
            raise ExtractionError(msg) from error
        msg = (
            f"{file.path.name}: expected a format of RosettaSciIO with the extension "
            f"{file.extension!r}, found bytes {found!r}"
        )
        raise ExtractionError(msg)
    return Extraction(datasets=_datasets(file, format_))


def _datasets(file: DataFile, format_: Format) -> tuple[Dataset, ...]:
    with reading(file, format_.what):
        signals = list(_signals(file, format_))
    signals = [_timed(corrected(one, format_.factors), format_) for one in signals]
    if not signals:
        msg = f"{file.path.name}: read as {format_.what}, but it holds no signal"
        raise ExtractionError(msg)
    if format_.is_log and _are_columns(signals):
        return (_log(file, format_, signals),)
    datasets = [_dataset(file, format_, one) for one in signals[:MOST_SIGNALS]]
    if len(signals) > MOST_SIGNALS:
        note = f"Of {len(signals)} signals in the file, {MOST_SIGNALS} are described."
        datasets[0] = replace(datasets[0], notes=(*datasets[0].notes, note))
    return tuple(datasets)


def _signals(file: DataFile, format_: Format) -> Iterable[Signal]:
    if format_.read is not None:
        return format_.read(file)
    reader = _reader(file, format_)
    options = dict(format_.options(file))
    if file.size < format_.lazy_from:
        return reader(str(file.path), lazy=False, **options)
    try:
        return reader(str(file.path), lazy=True, **options)
    except NotImplementedError:
        _refuse_large(file, format_)
        return reader(str(file.path), lazy=False, **options)


def _reader(file: DataFile, format_: Format) -> Callable[..., Iterable[Signal]]:
    try:
        module = importlib.import_module(listed()[format_.name][0])
    except ImportError as error:
        name = f"nexuslims-extractors-hyperspy[{format_.extra or 'all'}]"
        msg = (
            f"{file.path.name}: reading {format_.what} needs the library "
            f"{error.name!r}: install {name}"
        )
        raise ExtractionError(msg) from error
    reader: Callable[..., Iterable[Signal]] = module.file_reader
    return reader


def _refuse_large(file: DataFile, format_: Format) -> None:
    if file.size > MOST_EAGER_BYTES:
        msg = (
            f"{file.path.name}: {format_.what} of more than "
            f"{MOST_EAGER_BYTES >> 20} MiB is not read, since it would have to be held "
            f"in memory; found {file.size >> 20} MiB"
        )
        raise ExtractionError(msg)


# Signals as RosettaSciIO hands them over, put right.


def corrected(signal: Signal, factors: Mapping[str, float | str | None]) -> Signal:
    """Return a signal with standard units, and axes that say which are stepped through.

    Parameters
    ----------
    factors
        Those of its format.
    """
    tree, notes = standard_metadata(signal)
    doubtful: dict[str, Any] = {}
    for path, factor in factors.items():
        value = plain(looked_up(tree, path))
        if isinstance(value, str | type(None)):
            continue
        *groups, name = path.split(".")
        place = looked_up(tree, ".".join(groups))
        if factor is None:
            doubtful[path.partition("TEM.")[2].replace(".", " ")] = place.pop(name)
        else:
            place[name] = scaled(str(value), factor)
    return {
        **signal,
        "axes": _stepped(signal.get("axes") or ()),
        "metadata": tree,
        "mapping": {},
        "notes": [*signal.get("notes", ()), *notes],
        "extensions": {**signal.get("extensions", {}), **_named(doubtful)},
    }


def _timed(signal: Signal, format_: Format) -> Signal:
    """Return a signal whose time is in the right zone."""
    general = signal["metadata"].get("General")
    if format_.clock == "file's" or not isinstance(general, dict):
        return signal
    general.pop("time_zone", None)
    when = acquired(signal["metadata"])
    if format_.clock == "instrument's" or when is None:
        return signal
    return {**signal, "when": when.astimezone(UTC)}


def _named(doubtful: Mapping[str, Any]) -> dict[str, Any]:
    """Return values whose unit is documented nowhere, as numbers."""
    return {
        f"{path.replace('_', ' ').title()} (no unit stated)": value
        for path, value in doubtful.items()
    }


def _stepped(axes: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return axes of which at most two are looked along.

    Some readers say of no axis of a four-dimensional array that it is stepped through,
    or of both of an image that they are.
    """
    given = [dict(one) for one in axes]
    most = 2
    said = {one.get("navigate") for one in given}
    if said == {True} and len(given) == most:
        return [{**one, "navigate": False} for one in given]
    if said != {False} or len(given) <= most:
        return given
    spectral = dimension(tidy_unit(given[-1].get("units"))) == "energy"
    for one in given[: -1 if spectral else -2]:
        one["navigate"] = True
    return given


# Datasets.


def _dataset(file: DataFile, format_: Format, signal: Signal) -> Dataset:
    if signal["data"] is None:
        return _without_pixels(file, format_, signal)
    described = describe(signal, file)
    findings = described.findings.joined(
        _whole(signal, described.axes), *_extra(format_, signal)
    )
    return fitted(findings).dataset(
        file,
        creation_time=signal.get("when") or described.creation_time,
        preview=described.preview,
    )


def _without_pixels(file: DataFile, format_: Format, signal: Signal) -> Dataset:
    """Return what is said about data that cannot be shown."""
    shape = signal.get("shape")
    findings = Findings(
        dataset_type=signal.get("dataset_type", "Misc"),
        data_type=signal["data_type"],
        fields={"data_dimensions": str(tuple(shape))} if shape else {},
        raw={"original_metadata": trimmed(signal["original_metadata"])},
    ).joined(tabulated(FIELDS, finder(signal["metadata"])), *_extra(format_, signal))
    when = signal.get("when") or acquired(signal["metadata"])
    return fitted(findings).dataset(file, creation_time=when)


def _log(file: DataFile, format_: Format, signals: Sequence[Signal]) -> Dataset:
    described, findings, preview = logs.combined(signals, file)
    titled = {
        k: v for k, v in described.findings.extensions.items() if k not in OF_A_COLUMN
    }
    everything = replace(
        described.findings,
        dataset_type=findings.dataset_type,
        data_type=findings.data_type,
        extensions=titled,
    ).joined(findings, *_extra(format_, signals[0]))
    return fitted(everything).dataset(
        file, creation_time=described.creation_time, preview=preview
    )


OF_A_COLUMN = frozenset({"Title", "Signal Quantity"})
"""What of the first column's metadata is not true of the whole log."""


def _are_columns(signals: Sequence[Signal]) -> bool:
    shapes = {tuple(one["data"].shape) for one in signals}
    return len(shapes) == 1 and len(next(iter(shapes))) == 1


def _extra(format_: Format, signal: Signal) -> tuple[Findings, ...]:
    """Return what the tables find, and what the format's own reader said."""
    original = signal.get("original_metadata") or {}
    more = Findings(
        extensions=signal.get("extensions") or {}, notes=tuple(signal.get("notes", ()))
    )
    light = tabulated(LUMINESCENCE, _finder(signal.get("metadata") or {}))
    return light, tabulated(format_.table, _finder(original)), more


def _finder(original: Mapping[str, Any]) -> Callable[[Field], object]:
    def find(row: Field) -> object:
        group = looked_up(original, row.section) if row.section else original
        return plain(group.get(row.key)) if hasattr(group, "get") else None

    return find


def _whole(signal: Signal, axes: Sequence[Axis]) -> Findings:
    """Return the calibration of the array in the file, where pixels were added up."""
    factors = signal.get("binned")
    if not factors:
        return Findings()
    whole = [
        replace(axis, size=size, scale=axis.scale / factor)
        for axis, size, factor in zip(axes, signal["full_shape"], factors, strict=True)
    ]
    fields = {**calibration(whole), "data_dimensions": str(tuple(signal["full_shape"]))}
    return Findings(fields=fields)
