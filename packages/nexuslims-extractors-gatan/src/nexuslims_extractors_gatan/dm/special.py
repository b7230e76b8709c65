"""Tags whose meaning depends on others, or that need more than a unit."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
from nexuslims_core.reading.axes import dimension
from nexuslims_core.reading.clock import local_time
from nexuslims_core.reading.findings import Findings, merged, number, scaled
from nexuslims_core.types import quantity

from nexuslims_extractors_gatan.dm.elements import symbol
from nexuslims_extractors_gatan.dm.fields import (
    BAR,
    CAMERA,
    DOUBTFUL_EDS,
    EDS_COUNTERS,
    EELS_ACQUISITION,
    MICROSCOPE,
    SI,
)
from nexuslims_extractors_gatan.dm.tags import group, groups, scalar

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

STEPS = {
    "AlignSIByPeak": "Aligned parent SI By Peak",
    "Background Removal": "Background Removal",
    "Compute Thickness": "Compute Thickness",
    "DataPicker": "Extracted from SI",
    "Signal Integration": "Signal Integration",
    "SpectrumCalibrate": "Calibrated Post-acquisition",
}
"""What DigitalMicrograph calls a step of processing, and what we do."""

RELATIVE_THICKNESS = "Thickness (relative) [t/λ]"

DAY = timedelta(days=1)

ANY_DAY = datetime(2000, 1, 1, tzinfo=UTC)
"""Stands for the date where only the time of day is known."""

FRAME_TIME_NS = ("Acquisition.Frame.Sequence", "Exposure Time (ns)")


def special_fields(tags: Mapping[str, Any]) -> Findings:
    """Return what the table of fields cannot say.

    Parameters
    ----------
    tags
        An image's, tidied.
    """
    return Findings(
        fields={**_elements(tags), **_acquisition_time(tags)},
        extensions=merged(
            _binning(tags),
            _in_group("EELS", {**_processing(tags), **_thickness(tags)}),
            _in_group("Spectrum Imaging", {**_drift(tags), **_duration(tags)}),
        ),
    )


def _in_group(name: str, values: dict[str, Any]) -> dict[str, Any]:
    return {name: values} if values else {}


def found(tags: Mapping[str, Any], section: str, key: str) -> int | float | None:
    """Return the number of a tag, which may also be text."""
    return number(scalar(group(tags, *section.split(".")).get(key)))


# Modes.


def illumination(tags: Mapping[str, Any]) -> str:
    """Return ``STEM``, ``SEM`` or ``TEM``, which is what it is if nothing is said."""
    said = str(scalar(group(tags, MICROSCOPE).get("Illumination Mode")) or "").upper()
    return next((one for one in ("STEM", "SEM") if one in said), "TEM")


def is_scanned(tags: Mapping[str, Any]) -> bool:
    """Tell whether the beam was a probe that was moved: STEM, or SEM."""
    mode = str(scalar(group(tags, MICROSCOPE).get("Operation Mode")) or "").upper()
    return illumination(tags) != "TEM" or mode in {"SCANNING", "STEM"}


def is_diffraction_mode(tags: Mapping[str, Any]) -> bool:
    """Tell whether the lenses of a TEM, not of a STEM, showed the diffraction plane."""
    about = group(tags, MICROSCOPE)
    modes = (scalar(about.get(key)) for key in ("Imaging Mode", "Operation Mode"))
    said = any("DIFFRACTION" in str(one).upper() for one in modes)
    return said and not is_scanned(tags)


def enlargement(tags: Mapping[str, Any], *, diffraction: bool) -> Findings:
    """Return magnification and camera length, which share a tag.

    In the diffraction mode of a TEM, the tag of the magnification has the camera length
    in mm, and the one named for the camera length of STEM is left from earlier.

    Parameters
    ----------
    diffraction
        Whether the dataset is a diffraction pattern.
    """
    indicated = found(tags, MICROSCOPE, "Indicated Magnification")
    length = found(tags, MICROSCOPE, "STEM Camera Length")
    fields: dict[str, Any] = {}
    extensions: dict[str, Any] = {}
    of_tem = is_diffraction_mode(tags)
    if indicated is not None and not of_tem:
        fields["magnification"] = float(indicated)
    if indicated is not None and (of_tem or diffraction):
        extensions["Indicated Magnification"] = indicated
    if of_tem and indicated:
        fields["camera_length"] = quantity(indicated, "mm")
    elif length and (diffraction or illumination(tags) == "STEM"):
        fields["camera_length"] = quantity(length, "mm")
    if length is not None and (of_tem or not diffraction):
        extensions["STEM Camera Length"] = quantity(length, "mm")
    return Findings(fields=fields, extensions=extensions)


# Cameras and times.


def _binning(tags: Mapping[str, Any]) -> dict[str, Any]:
    given = group(tags, *CAMERA.split(".")).get("Binning")
    pair = given if isinstance(given, list | tuple) else (given, given)
    names = ("Binning (Horizontal)", "Binning (Vertical)")
    if len(pair) != len(names):
        return {}
    values = [number(scalar(one)) for one in pair]
    return {n: one for n, one in zip(names, values, strict=True) if one is not None}


def _acquisition_time(tags: Mapping[str, Any]) -> dict[str, Any]:
    """Return how long the acquisition was: the whole, not one frame or pixel of it."""
    times = (one for one in _times(tags) if one and math.isfinite(one))
    found_first = next(times, None)
    return {"acquisition_time": quantity(found_first, "s")} if found_first else {}


def _times(tags: Mapping[str, Any]) -> Iterator[float | None]:
    """Yield how long the acquisition was, in seconds, best first."""
    duration = _duration(tags).get("Acquisition Duration")
    yield duration.magnitude if duration is not None else None
    for section in (EELS_ACQUISITION, "CL.Acquisition"):
        yield found(tags, section, "Integration time (s)")
        exposure = found(tags, section, "Exposure (s)")
        frames = found(tags, section, "Number of frames")
        yield scaled(exposure, frames or 1) if exposure is not None else None
    yield found(tags, "EDS", "Real time")
    yield found(tags, CAMERA, "Exposure (s)")
    yield found(tags, BAR, "Exposure Time (s)")
    nanoseconds = found(tags, *FRAME_TIME_NS)
    yield scaled(nanoseconds, "1e-9") if nanoseconds is not None else None


# EELS.


def _processing(tags: Mapping[str, Any]) -> dict[str, Any]:
    steps = set()
    extensions: dict[str, Any] = {}
    for one in groups(tags.get("Processing")):
        step = STEPS.get(str(scalar(one.get("Operation"))))
        if step:
            steps.add(step)
        model = scalar(group(one, "Parameters").get("Model"))
        if step == "Background Removal" and model is not None:
            extensions["Background Removal Model"] = model
    if steps:
        extensions["Processing Steps"] = ", ".join(sorted(steps))
    return extensions


def _thickness(tags: Mapping[str, Any]) -> dict[str, Any]:
    absolute = group(tags, "EELS", "Thickness", "Absolute")
    units = str(scalar(absolute.get("Units")) or "nm")
    values = {
        f"Thickness (absolute) [{units}]": _measured(absolute, "Measurement", units),
        "Thickness (absolute) mean free path": _measured(
            absolute, "Mean Free Path", units
        ),
        RELATIVE_THICKNESS: found(tags, "EELS.Thickness.Relative", "Measurement"),
    }
    return {name: value for name, value in values.items() if value is not None}


def _measured(tags: Mapping[str, Any], key: str, unit: str) -> Any:  # noqa: ANN401 - number or quantity
    value = number(scalar(tags.get(key)))
    if value is None:
        return None
    return quantity(value, unit) if dimension(unit) == "length" else value


def _elements(tags: Mapping[str, Any]) -> dict[str, Any]:
    """Return the elements that a spectrum was quantified for."""
    places = (
        ("EELS", "Composition", "Setup"),
        ("EELS", "State", "Quantification List"),
    )
    names = [
        symbol(number(scalar(group(one, "Info").get("Z"))))
        for place in places
        for one in groups(group(tags, *place))
    ]
    known = tuple(dict.fromkeys(name for name in names if name))
    return {"elements": known} if known else {}


# Spectrum images.


def _drift(tags: Mapping[str, Any]) -> dict[str, Any]:
    drift = group(tags, *SI.split("."), "Artefact Correction", "Spatial Drift")
    period, unit = scalar(drift.get("Periodicity")), scalar(drift.get("Units"))
    if period is None or unit is None:
        return {}
    plural = "" if str(unit).endswith(("s", "(s)")) else "(s)"
    text = f"Spatial drift correction every {period} {unit}{plural}"
    return {"Artefact Correction": text}


def _duration(tags: Mapping[str, Any]) -> dict[str, Any]:
    """Return how long a spectrum image took, of which only times of day are known."""
    about = group(tags, *SI.split("."))
    texts = [str(scalar(about.get(key)) or "") for key in ("Start time", "End time")]
    start, end = (local_time(f"{ANY_DAY:%Y-%m-%d} {text}", ANY_DAY) for text in texts)
    if start is None or end is None:
        return {}
    return {"Acquisition Duration": quantity(((end - start) % DAY).seconds, "s")}


# EDS.


def averages(tags: Mapping[str, Any]) -> dict[str, Any]:
    """Return the mean of what was counted for every pixel of a spectrum image."""
    if not group(tags, "SI"):
        return {}
    images = group(tags, "EDS", "Images")
    means = {key: _mean(images.get(key)) for key in EDS_COUNTERS}
    return {
        key: quantity(mean, EDS_COUNTERS[key]) if EDS_COUNTERS[key] else mean
        for key, mean in means.items()
        if mean is not None
    }


def _mean(values: object) -> float | None:
    if not isinstance(values, list | tuple | np.ndarray) or not len(values):
        return None
    try:
        mean = float(np.mean(np.asarray(values, dtype=float)))
    except (TypeError, ValueError):
        return None
    return mean if np.isfinite(mean) else None


def with_averages(
    extensions: Mapping[str, Any], tags: Mapping[str, Any]
) -> dict[str, Any]:
    """Return extensions in which means over a spectrum image replace single values."""
    means = averages(tags)
    if not means:
        return dict(extensions)
    kept = {k: v for k, v in extensions.get("EDS", {}).items() if k not in means}
    named = {f"{key} (SI Average)": mean for key, mean in means.items()}
    return {**extensions, "EDS": {**kept, **named}}


def doubtful(extensions: Mapping[str, Any]) -> tuple[tuple[str, ...], ...]:
    """Return the paths of values of EDS that the software often only assumes."""
    present = extensions.get("EDS", {})
    return tuple(("EDS", key) for key in DOUBTFUL_EDS if key in present)
