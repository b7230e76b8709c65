"""Data files and what an extractor finds in them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from nexuslims_core.model.facility import Instrument

DatasetType = Literal[
    "Image", "Spectrum", "SpectrumImage", "Diffraction", "Misc", "Unknown"
]
"""What kind of signal a dataset holds."""

HEAD_BYTES = 8192
"""How much of a file `DataFile.head` reads; enough for every format's signature."""


@dataclass(frozen=True, kw_only=True)
class DataFile:
    """A file on an instrument's file store. It is only ever opened for reading."""

    path: Path
    size: int
    """Bytes."""
    mtime_ns: int
    """Modification time, nanoseconds since the epoch."""
    instrument: Instrument | None = None

    @classmethod
    def at(cls, path: Path, instrument: Instrument | None = None) -> DataFile:
        """Describe the file at `path` as it is now.

        Raises
        ------
        OSError
            If it cannot be looked at.
        """
        stat = path.stat()
        return cls(
            path=path,
            size=stat.st_size,
            mtime_ns=stat.st_mtime_ns,
            instrument=instrument,
        )

    @property
    def extension(self) -> str:
        """Lower-case extension without the dot; empty when there is none."""
        return self.path.suffix.lower().removeprefix(".")

    @property
    def timezone(self) -> tzinfo | None:
        """Time zone of the instrument; `None` (the system's) when unknown."""
        return self.instrument.zone if self.instrument else None

    @property
    def modified(self) -> datetime:
        """Modification time, aware, in the instrument's or the system's time zone."""
        return datetime.fromtimestamp(self.mtime_ns / 1e9, tz=self.timezone).astimezone(
            self.timezone
        )

    @cached_property
    def head(self) -> bytes:
        """First `HEAD_BYTES` bytes, read once, for extractors that look inside.

        Raises
        ------
        OSError
            If the file cannot be read.
        """
        with self.path.open("rb") as stream:
            return stream.read(HEAD_BYTES)


@dataclass(frozen=True, kw_only=True)
class Axis:
    """A calibrated axis of an array: position of index `i` is `offset + i * scale`."""

    name: str
    size: int
    scale: float = 1.0
    offset: float = 0.0
    unit: str = ""
    navigation: bool = False
    """True for axes one steps through (scan position), false for those one looks at."""
    labels: tuple[str, ...] = ()
    """Names of the positions, where they have names rather than coordinates: ions,
    elements, detectors. Curves along a labelled axis share one plot, with a legend;
    images are shown side by side; three labels of a last axis are red, green and blue.
    """


@dataclass(frozen=True, kw_only=True)
class Annotation:
    """What a person drew onto an image, or a reader onto a spectrum."""

    kind: Literal[
        "text", "line", "arrow", "double arrow", "rectangle", "ellipse", "points"
    ]
    points: tuple[tuple[float, float], ...]
    """Column and row, in pixels of the whole array: where a text begins; the two ends
    of a line or arrow, whose head is at the second; two opposite corners of a
    rectangle, or of the one around an ellipse; each of several points. On a curve, only
    the first number counts: the index along the axis that the text belongs to.
    """
    text: str = ""
    colour: tuple[int, int, int] = (255, 60, 60)
    """Red, green and blue, up to 255."""


@dataclass(frozen=True, kw_only=True)
class PreviewSource:
    """Data for a preview, handed over by the extractor that had the file open.

    The extractor decides what is on the axes; the renderer how it looks.
    """

    read: Callable[[], Any]
    """Returns the array, shaped as `axes` say; a trailing axis of 3 or 4 is colour.

    Whatever has `shape` and `dtype` and gives a NumPy array when sliced will do: for
    big data hand over one that reads only what is asked for (a memory map, an HDF5 data
    set, a dask array). It is called once, while the preview is drawn, in the process
    that called the extractor. May raise `PreviewError`.
    """
    axes: tuple[Axis, ...] = ()
    """In the array's order, slowest first. Empty: shown without calibration."""
    title: str = ""
    quantity: str = ""
    """What the numbers are, such as ``Counts`` or ``Current (nA)``; beside curves."""
    annotations: tuple[Annotation, ...] = ()
    panels: tuple[PreviewSource, ...] = ()
    """Further pictures of the same dataset: drawn beside this one, as one composite in
    which each has its title.
    """


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """One signal of a data file, as an extractor found it; not yet validated."""

    file: DataFile
    dataset_type: DatasetType
    data_type: str
    """Kind of acquisition, such as ``STEM_Imaging``."""
    creation_time: datetime | None = None
    """When the data were acquired, as the file says. `None`: use the file's mtime.

    A naive time is the instrument's.
    """
    fields: Mapping[str, Any] = field(default_factory=dict)
    """Typed fields by the schema's name, e.g. ``acceleration_voltage``.

    Quantities are `pint.Quantity` (make them with `nexuslims_core.types.quantity`) or
    text such as ``"15 kV"``.
    """
    extensions: Mapping[str, Any] = field(default_factory=dict)
    """Everything else worth showing, by display name; may nest."""
    raw: Mapping[str, Any] = field(default_factory=dict)
    """Raw metadata groups, kept in the side-car only."""
    flagged: tuple[tuple[str, ...], ...] = ()
    """Paths of values that a reader should not trust, e.g. ``("Operator",)``."""
    notes: tuple[str, ...] = ()
    """Sentences on what could not be read; become ``Extractor Warnings``."""
    preview: PreviewSource | None = None


@dataclass(frozen=True, kw_only=True)
class Extraction:
    """What an extractor read from one file: a dataset per signal, in file order."""

    datasets: tuple[Dataset, ...]
