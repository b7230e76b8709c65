"""Logs of holders: a column of numbers per quantity, together one dataset."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nexuslims_core.errors import ExtractionError
from nexuslims_core.reading.findings import Findings
from nexuslims_core.reading.signals import describe
from nexuslims_core.reading.standard import looked_up
from nexuslims_core.types import Axis, PreviewSource, quantity

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nexuslims_core.reading.signals import Described
    from nexuslims_core.types import DataFile

NUMBERS = "iuf"
"""NumPy's kinds of them."""


def combined(
    columns: Sequence[Mapping[str, Any]], file: DataFile
) -> tuple[Described, Findings, PreviewSource]:
    """Return the columns of a log as one: its curves, labelled, share a plot.

    Columns that hold more than numbers are left out, with a note.

    Raises
    ------
    ExtractionError
        If no column holds numbers.

    Returns
    -------
    described
        The first column.
    findings
        What all columns say: the range of each, and how long they took.
    preview
        The curves.
    """
    signals = [one for one in columns if one["data"].dtype.kind in NUMBERS]
    if not signals:
        msg = f"{file.path.name}: expected columns of numbers, found none"
        raise ExtractionError(msg)
    first = describe(signals[0], file)
    (time,) = first.axes
    labels = tuple(_label(one) for one in signals)
    duration = abs(time.scale) * max(time.size - 1, 0)
    findings = Findings(
        dataset_type="Misc",
        data_type="Time_Series",
        fields={
            "data_dimensions": str((len(signals), time.size)),
            "acquisition_time": quantity(round(duration, 6), time.unit or "s"),
        },
        extensions={
            "Number of Readings": time.size,
            "Ranges": {
                label: _range(one["data"])
                for label, one in zip(labels, signals, strict=True)
            },
        },
        notes=tuple(
            f"Column {_label(one)!r} is left out: it holds more than numbers."
            for one in columns
            if one["data"].dtype.kind not in NUMBERS
        ),
    )
    return first, findings, _curves(signals, labels, time)


def _label(signal: Mapping[str, Any]) -> str:
    """Return the name of a column, with its unit where the reader tells it."""
    title = str(looked_up(signal["metadata"], "General.title") or "")
    measured = str(looked_up(signal["metadata"], "Signal.quantity") or "")
    return title or measured or "value"


def _range(values: Any) -> str:  # noqa: ANN401 - an array
    import numpy as np

    finite = values[np.isfinite(values)]
    return f"{finite.min():.6g} to {finite.max():.6g}" if finite.size else "no numbers"


def _curves(
    signals: Sequence[Mapping[str, Any]], labels: tuple[str, ...], time: Axis
) -> PreviewSource:
    def read() -> Any:  # noqa: ANN401 - an array
        import numpy as np

        return np.stack([np.asarray(one["data"], dtype=float) for one in signals])

    curves = Axis(name="quantity", size=len(signals), navigation=True, labels=labels)
    return PreviewSource(read=read, axes=(curves, time))
