"""Signals as the readers of the HyperSpy family describe them: as dictionaries.

Such a reader returns a list of dictionaries with ``data``, ``axes``, and the metadata
that `nexuslims_core.reading.standard` understands. This module makes of each what a
dataset needs. It imports no reader.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nexuslims_core.reading.axes import calibration, dimension, finite, tidy_unit
from nexuslims_core.reading.findings import Findings
from nexuslims_core.reading.guard import drawing
from nexuslims_core.reading.standard import (
    FIELDS,
    acquired,
    finder,
    looked_up,
    microscope,
    plain,
    standard_metadata,
    trimmed,
)
from nexuslims_core.reading.tables import tabulated
from nexuslims_core.types import Axis, PreviewSource

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from nexuslims_core.types import Annotation, DataFile, DatasetType

SPECTRAL = frozenset({"Spectrum", "SpectrumImage"})
"""Types of datasets that may say from which elements their lines come."""

TECHNIQUES = ("EDS", "EELS", "CL")
"""What spectra are of, as types of signals begin."""


@dataclass(frozen=True, kw_only=True)
class Described:
    """A signal in our terms: all that a dataset needs."""

    findings: Findings
    creation_time: datetime | None
    preview: PreviewSource | None
    axes: tuple[Axis, ...]
    standard: Mapping[str, Any]
    """The standard tree, with what the mapping adds."""


def describe(
    signal: Mapping[str, Any],
    file: DataFile,
    *,
    annotations: tuple[Annotation, ...] = (),
) -> Described:
    """Return what a signal says: types, typed fields, time and pixels.

    Callers add what the standard tree does not have by `Findings.joined`.
    """
    tree, notes = standard_metadata(signal)
    axes = signal_axes(signal)
    type_, data_type = dataset_types(
        axes, tree, transformed=signal["data"].dtype.kind == "c"
    )
    findings = Findings(
        dataset_type=type_,
        data_type=data_type,
        fields={
            **calibration(axes if type_ != "Diffraction" else _scanned(axes)),
            **_elements(tree, type_),
            "data_dimensions": _shape(signal),
        },
        extensions=_more(tree),
        raw={"original_metadata": trimmed(signal.get("original_metadata") or {})},
        notes=tuple(notes),
    )
    return Described(
        findings=findings.joined(tabulated(FIELDS, finder(tree))),
        creation_time=acquired(tree),
        preview=preview_source(signal, axes, file, annotations),
        axes=axes,
        standard=tree,
    )


def _elements(tree: Mapping[str, Any], type_: DatasetType) -> dict[str, Any]:
    found = looked_up(tree, "Sample.elements")
    if not isinstance(found, list | tuple) or not found or type_ not in SPECTRAL:
        return {}
    return {"elements": tuple(map(str, found))}


def _more(tree: Mapping[str, Any]) -> dict[str, Any]:
    """Return what has no row: lists, and who is named as author."""
    lines = looked_up(tree, "Sample.xray_lines")
    authors = plain(looked_up(tree, "General.authors"))
    found: dict[str, Any] = {}
    if isinstance(lines, list | tuple) and lines:
        found["X-ray Lines"] = ", ".join(map(str, lines))
    if authors:
        found["Authors"] = authors
    return found


# Types.


def dataset_types(
    axes: Sequence[Axis], tree: Mapping[str, Any], *, transformed: bool = False
) -> tuple[DatasetType, str]:
    """Return the type of a dataset, and the kind of its acquisition.

    By dimensions: one axis to look along is a spectrum, with others to step through a
    spectrum image; two are an image, or a diffraction pattern where they are
    reciprocal lengths or angles, or where frames are stepped over a plane.

    Parameters
    ----------
    transformed
        Whether the numbers are complex: a Fourier transform has reciprocal axes, too.
    """
    along = [one for one in axes if not one.navigation]
    across = [one for one in axes if one.navigation]
    kind, group = microscope(tree)
    mode = str(group.get("acquisition_mode") or kind).strip().upper()
    technique = _technique(str(looked_up(tree, "Signal.signal_type") or ""))
    if not technique and _is_log(along, across):
        return "Misc", "Time_Series"
    if len(along) == 1 and across:
        return "SpectrumImage", _joined(mode, technique, "Spectrum_Imaging")
    if len(along) == 1:
        return "Spectrum", _joined(mode, technique, "Spectrum")
    if not transformed and _diffracts(along, across, tree):
        return "Diffraction", _joined(mode, "Diffraction")
    return "Image", _joined(mode, "Imaging")


def _technique(signal_type: str) -> str:
    return next((one for one in TECHNIQUES if signal_type.startswith(one)), "")


def _joined(*parts: str) -> str:
    return "_".join(part for part in parts if part)


def _is_log(along: Sequence[Axis], across: Sequence[Axis]) -> bool:
    """Tell whether there are values over time, or over anything else than a plane."""
    if len(along) == 1 and not across:
        return dimension(along[0].unit) == "time"
    return not along and len(across) == 1


def _diffracts(
    along: Sequence[Axis], across: Sequence[Axis], tree: Mapping[str, Any]
) -> bool:
    measured = {dimension(one.unit) for one in along}
    if measured & {"reciprocal length", "angle"}:
        return True
    named = "diffraction" in str(looked_up(tree, "Signal.signal_type") or "")
    return named or (len(across) > 1 and bool(along) and "length" not in measured)


# Axes and pixels.


def signal_axes(signal: Mapping[str, Any]) -> tuple[Axis, ...]:
    """Return the axes of a signal in the order of its array.

    Where the reader does not say which axes are stepped through, the last two are
    looked at.
    """
    shape = signal["data"].shape
    given = list(signal.get("axes") or ())
    if all("index_in_array" in one for one in given):
        # Some readers count from the end.
        count = len(given)
        given.sort(key=lambda one: int(one["index_in_array"] or 0) % count)
    said = any("navigate" in one for one in given)
    axes = []
    for index, size in enumerate(shape[: len(given)]):
        one = given[index]
        default = not said and index < len(given) - 2
        scale, offset = _linear(one, int(size))
        axes.append(
            Axis(
                name=_name(one.get("name"), index),
                size=int(size),
                scale=scale,
                offset=offset,
                unit=tidy_unit(one.get("units")),
                navigation=bool(one.get("navigate", default)),
            )
        )
    return tuple(axes)


def _name(name: object, index: int) -> str:
    text = str(name or "").strip()
    return text if text and text != "<undefined>" else f"axis {index}"


def _linear(axis: Mapping[str, Any], size: int) -> tuple[float, float]:
    """Return scale and offset, of the straight line where positions are listed."""
    places = axis.get("axis")
    if places is not None and len(places) == size and size > 1:
        first, last = finite(places[0], math.nan), finite(places[-1], math.nan)
        scale = (last - first) / (size - 1)
        if math.isfinite(scale) and scale:
            return scale, first
    return finite(axis.get("scale"), 1.0) or 1.0, finite(axis.get("offset"), 0.0)


def _scanned(axes: Sequence[Axis]) -> list[Axis]:
    return [one for one in axes if one.navigation]


def _shape(signal: Mapping[str, Any]) -> str:
    return str(tuple(int(size) for size in signal["data"].shape))


def preview_source(
    signal: Mapping[str, Any],
    axes: Sequence[Axis],
    file: DataFile,
    annotations: tuple[Annotation, ...] = (),
) -> PreviewSource | None:
    """Return the pixels of a signal for the renderer, still where they are.

    `None` where there is nothing to draw: no axes, no numbers.
    """
    data = signal["data"]
    coloured = data.dtype.names is not None
    numeric = coloured or data.dtype.kind in "buifc"
    if not axes or not numeric or 0 in data.shape or len(axes) != data.ndim:
        return None

    def read() -> Any:  # noqa: ANN401 - array-like
        with drawing(file):
            return _Guarded(colours(data) if coloured else data, file)

    metadata = signal.get("metadata")
    return PreviewSource(
        read=read,
        axes=tuple(axes),
        title=str(looked_up(metadata, "General.title") or ""),
        quantity=str(plain(looked_up(metadata, "Signal.quantity")) or ""),
        annotations=annotations,
    )


class _Guarded:
    """An array on disk, of which a part that cannot be read is a `PreviewError`."""

    def __init__(self, array: Any, file: DataFile) -> None:  # noqa: ANN401 - array-like
        self._array, self._file = array, file
        self.shape, self.dtype = array.shape, array.dtype

    @property
    def ndim(self) -> int:
        """Number of dimensions."""
        return len(self.shape)

    @property
    def chunks(self) -> Any:  # noqa: ANN401 - as the array says it
        """How the array is cut on disk, where it says so."""
        return getattr(self._array, "chunks", None)

    def __getitem__(self, part: Any) -> Any:  # noqa: ANN401 - any index
        import numpy as np

        with drawing(self._file):
            return np.asarray(self._array[part])

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:  # noqa: ANN401, FBT001 - NumPy's protocol
        import numpy as np

        with drawing(self._file):
            return np.array(self._array, dtype=dtype, copy=copy or None)


def colours(data: Any) -> Any:  # noqa: ANN401 - array-like
    """Return an array of named colours as one with a last axis of three or four."""
    import numpy as np

    names = [name for name in ("R", "G", "B", "A") if name in data.dtype.names]
    return np.stack([data[name] for name in names or data.dtype.names[:3]], axis=-1)
