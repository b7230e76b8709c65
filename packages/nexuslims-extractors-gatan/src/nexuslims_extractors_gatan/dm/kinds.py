"""What kind of data an image of a file holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nexuslims_core.reading.axes import dimension

from nexuslims_extractors_gatan.dm.special import illumination, is_diffraction_mode
from nexuslims_extractors_gatan.dm.tags import group, scalar

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nexuslims_core.types import Axis, DatasetType

TECHNIQUES = ("EELS", "EDS")
"""Groups among the extensions that say what a spectrum is of; the later goes before."""

SIGNALS = {"EELS": "EELS", "X-ray": "EDS", "CL": "CL"}
"""What ``Meta Data/Signal`` calls them."""

STATE = "Spectrometer "
"""How names of a spectrometer's settings begin: images through it have these, too."""


def kind(
    tags: Mapping[str, Any],
    axes: Sequence[Axis],
    extensions: Mapping[str, Any],
    *,
    transformed: bool,
) -> tuple[DatasetType, str]:
    """Return the type of a dataset, and the kind of its acquisition.

    Parameters
    ----------
    tags
        The image's, tidied.
    axes
        Its axes, navigation among them.
    extensions
        What was found in the tags.
    transformed
        Whether the numbers are complex: those of a Fourier transform.
    """
    mode = illumination(tags)
    technique = _technique(tags, axes, extensions)
    if technique:
        return _spectral(mode, technique, axes, extensions)
    if is_curve(axes):
        return "Spectrum", f"{mode}_Spectrum"
    if not transformed and _diffracts(tags, axes):
        return "Diffraction", f"{mode}_Diffraction"
    return "Image", f"{mode}_Imaging"


def _technique(
    tags: Mapping[str, Any], axes: Sequence[Axis], extensions: Mapping[str, Any]
) -> str:
    """Return what a spectrum, or a map made of spectra, is of; empty for others."""
    about = group(tags, "Meta Data")
    signal = SIGNALS.get(str(scalar(about.get("Signal"))), "")
    present = [one for one in TECHNIQUES if _tells(extensions.get(one, {}))]
    if scalar(about.get("Format")) == "Image" and not signal:
        return ""  # of a camera or a detector, beside the spectra
    if signal in present:
        return signal
    if present:
        return present[-1]
    if not is_curve(axes):
        return ""
    # Backgrounds and the like, cut from a spectrum, have an axis but no settings.
    unit = next(axis.unit for axis in axes if not axis.navigation)
    return signal or {"eV": "EELS", "keV": "EDS"}.get(unit, "")


def _tells(settings: Mapping[str, Any]) -> bool:
    return any(not name.startswith(STATE) for name in settings)


def _spectral(
    mode: str, technique: str, axes: Sequence[Axis], extensions: Mapping[str, Any]
) -> tuple[DatasetType, str]:
    is_map = is_curve(axes) and len(axes) > 1
    if "Spectrum Imaging" in extensions or is_map:
        return "SpectrumImage", f"{technique}_Spectrum_Imaging"
    return "Spectrum", f"{mode}_{technique}"


def is_curve(axes: Sequence[Axis]) -> bool:
    """Tell whether there is one axis to look along, as in a spectrum."""
    return sum(not axis.navigation for axis in axes) == 1


def _diffracts(tags: Mapping[str, Any], axes: Sequence[Axis]) -> bool:
    if group(tags, "Private", "FFT"):
        return False
    looked_at = {dimension(axis.unit) for axis in axes if not axis.navigation}
    if looked_at & {"reciprocal length", "angle"}:
        return True
    return is_diffraction_mode(tags) and "length" not in looked_at
