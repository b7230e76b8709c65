"""The composite picture of a file: image, maps, depth profile and mass spectrum."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from nexuslims_core.errors import ExtractionError, PreviewError
from nexuslims_core.reading.axes import length_axis
from nexuslims_core.types import Axis, PreviewSource

from nexuslims_extractors_tofwerk.geometry import Geometry, cube
from nexuslims_extractors_tofwerk.source import PEAKS, opened
from nexuslims_extractors_tofwerk.spectrum import even, labels, peak_name, ranked
from nexuslims_extractors_tofwerk.survey import Survey

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nexuslims_core.types import DataFile

    from nexuslims_extractors_tofwerk.source import Array, Contents, Peak

COLOURS = 3
"""Peaks of the coloured map."""

PROFILES = 8
"""Peaks whose depth profiles are drawn."""

UNNAMED = "nominal"
"""How labels begin that the software gave."""


def preview_source(
    file: DataFile, contents: Contents, size: Geometry
) -> PreviewSource | None:
    """Return the pictures of a file, as one source with panels; `None` without any.

    They are made when they are drawn. Maps are handed over whole: contrast, and that
    edges of a crater do not spoil it, is the renderer's.
    """
    panels = [
        *_image(file, contents, size),
        *_maps(file, contents, size),
        *_spectrum(contents),
    ]
    if not panels:
        return None
    return replace(panels[0], panels=tuple(panels[1:]))


def _image(
    file: DataFile, contents: Contents, size: Geometry
) -> Iterator[PreviewSource]:
    if not contents.images:
        return
    array = contents.images[0]
    rows, columns = array.shape
    pixel = size.view_mm / 1000 / columns
    yield PreviewSource(
        read=lambda: Stored(file, array),
        axes=_lateral(rows, columns, pixel),
        title=f"FIB image ({file.path.name})",
    )


def _lateral(rows: int, columns: int, pixel_m: float) -> tuple[Axis, Axis]:
    if not pixel_m:
        return Axis(name="y", size=rows), Axis(name="x", size=columns)
    # One unit for both, that of the width, so that pixels are seen to be square.
    along = length_axis("x", columns, pixel_m)
    return replace(along, name="y", size=rows), along


def _maps(
    file: DataFile, contents: Contents, size: Geometry
) -> Iterator[PreviewSource]:
    array = cube(contents)
    if array is None:
        return
    negative = _is_negative(contents)
    chosen = _chosen(contents, array)
    survey = Survey(file, array, chosen)
    _, rows, columns = array.shape[:3]
    axes = _lateral(rows, columns, size.view_mm / 1000 / columns)
    names = tuple(_name(contents.peaks[index], negative=negative) for index in chosen)
    yield PreviewSource(
        read=lambda: survey.sums.total, axes=axes, title="Total ion counts"
    )
    if len(names) >= COLOURS:
        yield PreviewSource(
            read=lambda: survey.sums.maps[..., :COLOURS],
            axes=(*axes, Axis(name="ion", size=COLOURS, labels=names[:COLOURS])),
            title=", ".join(names[:COLOURS]),
        )
    yield from _profiles(survey, names)


def _chosen(contents: Contents, array: Array) -> tuple[int, ...]:
    """Return the peaks with most counts: indices along the last axis of the array."""
    if array.path != PEAKS:
        return ()
    known = contents.peaks[: array.shape[-1]]
    return tuple(ranked(known, contents.masses, contents.counts)[:PROFILES])


def _name(peak: Peak, *, negative: bool) -> str:
    """Return the name that somebody gave a peak, or what it is probably of."""
    if peak.label and not peak.label.startswith(UNNAMED):
        return peak.label
    return peak_name(peak.mass, negative=negative)


def _profiles(survey: Survey, names: tuple[str, ...]) -> Iterator[PreviewSource]:
    if len(survey.writes) <= 1:
        return
    depth = Axis(name="write", size=len(survey.writes), scale=float(survey.step))
    if not names:
        yield PreviewSource(
            read=lambda: survey.sums.profile, axes=(depth,), title="Depth profile"
        )
        return
    ions = Axis(name="ion", size=len(names), navigation=True, labels=names)
    yield PreviewSource(
        read=lambda: survey.sums.profiles, axes=(ions, depth), title="Depth profiles"
    )


def _spectrum(contents: Contents) -> Iterator[PreviewSource]:
    if not contents.counts.size:
        return
    spectrum = even(contents.masses, contents.counts)
    if spectrum is None:
        return
    yield PreviewSource(
        read=lambda: spectrum.counts,
        axes=(spectrum.axis,),
        title="Sum of all mass spectra",
        annotations=labels(spectrum, negative=_is_negative(contents)),
    )


def _is_negative(contents: Contents) -> bool:
    return str(contents.root.get("IonMode", "")).lower().startswith("neg")


@dataclass(frozen=True)
class Stored:
    """An array that stays in its file; parts are read when they are asked for."""

    file: DataFile
    array: Array

    @property
    def shape(self) -> tuple[int, ...]:
        """Size of the array."""
        return self.array.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of its numbers."""
        return self.array.dtype

    def __getitem__(self, part: Any) -> np.ndarray:  # noqa: ANN401 - any index
        try:
            with opened(self.file) as stream:
                return np.asarray(stream[self.array.path][part])
        except ExtractionError as error:
            raise PreviewError(str(error)) from error
