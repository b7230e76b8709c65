"""Metadata of one signal of a Velox file, from the JSON beside its numbers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from nexuslims_core.reading.findings import Findings, number
from nexuslims_core.reading.standard import looked_up
from nexuslims_core.reading.tables import Field, tabulated
from nexuslims_core.types import quantity

from nexuslims_extractors_fei.velox.fields import (
    ANALYSER,
    DETECTOR,
    DETECTOR_PROPERTY,
    FIELDS,
    PROPERTY,
)

if TYPE_CHECKING:
    from datetime import tzinfo

    from nexuslims_core.types import DatasetType

    from nexuslims_extractors_fei.velox.contents import Contents, Part

MODES = {"1": "TEM", "2": "STEM"}
"""``Optics.OperatingMode``, as Velox counts."""

ANALYTICAL = "AnalyticalDetector"
"""Type of detectors of X-rays and of lost energy."""

NOTHING = frozenset({"", "None"})
"""What Velox writes where there is nothing to say."""

Metadata = Mapping[str, Any]


def group(tree: Metadata, path: str) -> Metadata:
    """Return a group of the JSON; empty where there is none, or text in its place."""
    found = looked_up(tree, path)
    return found if isinstance(found, Mapping) else {}


def mode(metadata: Metadata) -> str:
    """Return whether the microscope scanned: ``STEM`` or ``TEM``."""
    told = MODES.get(str(looked_up(metadata, "Optics.OperatingMode")))
    if told:
        return told
    dwell = number(looked_up(metadata, "Scan.DwellTime"))
    return "STEM" if dwell else "TEM"


def detector(metadata: Metadata) -> Metadata:
    """Return the detector that a signal is of.

    A signal names its detector by number or by name. One that is of several segments
    has the beginning of their names; then, what is the same for all of them counts.
    """
    detectors = group(metadata, "Detectors")
    result = group(metadata, "BinaryResult")
    numbered = detectors.get(f"Detector-{result.get('DetectorIndex')}")
    if isinstance(numbered, Mapping):
        return numbered
    name = str(result.get("Detector") or "")
    named = [
        one
        for one in detectors.values()
        if name
        and isinstance(one, Mapping)
        and str(one.get("DetectorName")).startswith(name)
    ]
    exact = [one for one in named if one.get("DetectorName") == name]
    enabled = [one for one in named if one.get("Enabled") == "true"]
    return _common(exact or enabled or named)


def _common(groups: list[Metadata]) -> Metadata:
    first = groups[0] if groups else {}
    return {k: v for k, v in first.items() if all(one.get(k) == v for one in groups)}


def technique(metadata: Metadata) -> str:
    """Return what an analytical detector analyses; empty for other detectors."""
    if detector(metadata).get("DetectorType") != ANALYTICAL:
        return ""
    name = str(looked_up(metadata, "BinaryResult.Detector") or "")
    losses = group(metadata, PROPERTY).get("AnalyticalDetector[EELS].DetectorName")
    of_losses = isinstance(losses, Mapping) and losses.get("value") == name
    return "EELS" if of_losses else "EDS"


def described(part: Part, contents: Contents, dataset_type: DatasetType) -> Findings:
    """Return the settings that a part's JSON holds."""
    metadata = part.metadata
    own = detector(metadata)
    spectral = dataset_type in {"Spectrum", "SpectrumImage"}

    def find(row: Field) -> object:
        if row.section == ANALYSER and not spectral:
            return None
        return _found(row, metadata, own)

    findings = tabulated(FIELDS, find)
    extensions: dict[str, Any] = {
        **findings.extensions,
        **({"Apertures": found} if (found := _apertures(metadata)) else {}),
    }
    if contents.application:
        extensions["Velox Version"] = contents.application
    extensions.update(_more(part.settings))
    fields = {**findings.fields, **_pixel_time(part.settings)}
    return Findings(
        fields=fields,
        extensions=extensions,
        # A login that a whole group shares says little about who sat there.
        flagged=(("Operator",),) if "operator" in findings.fields else (),
        notes=findings.notes,
    )


def _found(row: Field, metadata: Metadata, own: Metadata) -> object:
    if row.section in {DETECTOR, ANALYSER}:
        found = looked_up(own, row.key)
    elif row.section == DETECTOR_PROPERTY:
        name = own.get("DetectorName")
        found = _property(metadata, f"Detectors[{name}].{row.key}", row)
    elif row.section == PROPERTY:
        found = _property(metadata, row.key, row)
    else:
        found = looked_up(metadata, f"{row.section}.{row.key}")
    if isinstance(found, Mapping | list) or found in NOTHING:
        return None
    return str(found).strip() if isinstance(found, str) else found


def _property(metadata: Metadata, name: str, row: Field) -> object:
    """Return a custom property; those that are true or false are no typed values."""
    one = group(metadata, PROPERTY).get(name)
    if not isinstance(one, Mapping):
        return None
    value = one.get("value")
    if one.get("type") == "bool":
        return None if row.typed else str(value) in {"1", "true"}
    return value


def _pixel_time(settings: Metadata) -> dict[str, Any]:
    """Return how long a spectrometer of lost energy was exposed at each pixel."""
    seconds = number(looked_up(settings, "Data.exposureTime"))
    return {"pixel_time": quantity(seconds, "s")} if seconds else {}


def _more(settings: Metadata) -> dict[str, Any]:
    """Return what the data sets beside a signal say of its frames."""
    first, last = (
        number(settings.get(f"{one}FramePosition")) for one in ("start", "end")
    )
    averaged = number(looked_up(settings, "Data.detectorFramesAveraged"))
    found: dict[str, Any] = {}
    if first is not None and last is not None and last >= first:
        found["Number of Frames"] = int(last - first + 1)
    if averaged is not None:
        found["Detector Frames Averaged"] = averaged
    return found


def _apertures(metadata: Metadata) -> dict[str, Any]:
    """Return the diameters of the apertures that are in, by their names."""
    found: dict[str, Any] = {}
    for one in group(metadata, "Optics.Apertures").values():
        if not isinstance(one, Mapping) or not one.get("Name"):
            continue
        metres = number(one.get("Diameter"))
        inserted = str(one.get("Type")) not in NOTHING
        if metres and inserted:
            found[str(one["Name"])] = quantity(metres * 1e6, "µm")
    return found


def acquired(metadata: Metadata, zone: tzinfo | None) -> datetime | None:
    """Return when a signal was acquired, in the zone of its instrument.

    The start of the acquisition goes before the time at which it was stored, and that
    before the time stamp of a camera.
    """
    seconds = [
        number(looked_up(metadata, f"Acquisition.{name}.DateTime"))
        for name in ("AcquisitionStartDatetime", "AcquisitionDatetime")
    ]
    for name, one in group(metadata, PROPERTY).items():
        if name.endswith(".TimeStamp") and isinstance(one, Mapping):
            microseconds = number(one.get("value"))
            seconds.append(microseconds / 1e6 if microseconds else None)
    try:
        first = next(filter(None, seconds), None)
        when = datetime.fromtimestamp(first, tz=UTC) if first else None
    except (OverflowError, OSError, ValueError):
        return None
    return when.astimezone(zone) if when and zone else when
