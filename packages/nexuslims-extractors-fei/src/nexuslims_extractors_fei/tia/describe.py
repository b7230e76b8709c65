"""Metadata of one signal: what its object says, and what its numbers are."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from email.utils import parsedate
from typing import TYPE_CHECKING, Any

from nexuslims_core.reading.axes import dimension
from nexuslims_core.reading.findings import Findings, merged, number
from nexuslims_core.reading.tables import Field, tabulated
from nexuslims_core.types import quantity

from nexuslims_extractors_fei.tia.fields import DESCRIBED, SETTINGS, TYPED, UNITS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nexuslims_core.types import Axis, DatasetType, Instrument

    from nexuslims_extractors_fei.tia.objects import Entry, ObjectInfo

ONLY_TYPED = frozenset(
    {"acceleration voltage", "acquisition device", "camera length", "convergence angle"}
)
"""Labels that are shown under the name of their typed field, and so not once more."""

EDS_FROM_EV = 5000.0
"""Spectra that reach higher are of X-rays."""

EELS_CHANNELS = 2048
"""Channels of the spectrometers that TIA reads electron losses with."""

MICROMETRES = re.compile(r"(.+) um$")

REFERENCE = "Reference Image"
"""Group of extensions: the image on which the places of a scan were chosen."""


def described(info: ObjectInfo) -> Findings:
    """Return the settings that an object holds."""
    settings = tabulated(SETTINGS, lambda row: info.value(row.section, row.key))
    typed = tabulated(
        [_in_unit_of(row, info) for row in TYPED], lambda row: _typed_value(row, info)
    )
    magnification = _positive(info.value("AcquireInfo", "Magnification").rstrip(" Xx"))
    fields = {"magnification": magnification} if magnification else {}
    lines = _description(info.description)
    operator = "operator" in typed.fields
    return Findings(
        fields=merged(fields, typed.fields),
        extensions=merged(settings.extensions, typed.extensions, lines),
        raw={"ObjectInfo": info.raw},
        # A login that a whole group shares says little about who sat there.
        flagged=(("Operator",), ("User",)) if operator else (),
        notes=(*settings.notes, *typed.notes),
    )


def _typed_value(row: Field, info: ObjectInfo) -> str:
    if row.section != DESCRIBED:
        return info.value(row.section, row.key)
    entry = info.entry(row.key)
    return entry.value if entry else ""


def _in_unit_of(row: Field, info: ObjectInfo) -> Field:
    """Return the row with the unit that the file's line has, if it is a known one."""
    entry = info.entry(row.key) if row.section == DESCRIBED else None
    unit = UNITS.get(entry.unit, "") if entry and row.unit else ""
    row = replace(row, display=row.display or (row.key.title(),))
    return replace(row, unit=unit) if unit else row


def _positive(text: str) -> float | None:
    found = number(text)
    return float(found) if found is not None and found > 0 else None


def _description(entries: Sequence[Entry]) -> dict[str, Any]:
    """Return every line by its display name."""
    lines: dict[str, Any] = {}
    for entry in entries:
        if entry.value and entry.label.lower() not in ONLY_TYPED:
            *groups, name = display_path(entry.label)
            if entry.unit not in UNITS:
                name = f"{name} ({entry.unit})"
            group = lines
            for one in groups:
                group = group.setdefault(one, {})
            group[name] = _value(entry)
    return lines


def display_path(label: str) -> tuple[str, ...]:
    """Return what people read for a label: ``C2 lens`` as ``C2 Lens``."""
    group, _, rest = label.partition(" ")
    if group == "Stage" and len(rest) == 1:
        return "Stage Position", rest
    words = [one.title() if one.islower() else one for one in label.split()]
    if group == "Filter" and rest:
        return "Tecnai Filter", " ".join(words[1:])
    return (re.sub(r"\bStem ", "STEM ", " ".join(words)),)


def _value(entry: Entry) -> Any:  # noqa: ANN401 - number, quantity or text
    text, unit = entry.value, UNITS.get(entry.unit, "")
    micrometres = MICROMETRES.fullmatch(text)
    if micrometres and number(micrometres[1]) is not None:
        text, unit = micrometres[1], "µm"
    found = number(text)
    if found is None:
        return text
    return quantity(found, unit) if unit else found


def reference(info: ObjectInfo) -> Findings:
    """Return what is worth knowing of the image on which places were chosen."""
    found = dict(
        tabulated(SETTINGS, lambda row: info.value(row.section, row.key)).extensions
    )
    date = info.value("ObjectInfo", "AcquireDate")
    if date:
        found["Acquisition Date"] = date
    return Findings(extensions={REFERENCE: found} if found else {})


def acquired(info: ObjectInfo) -> tuple[datetime | None, tuple[str, ...]]:
    """Return when a signal was acquired, on the microscope's clock, and notes."""
    text = info.value("ObjectInfo", "AcquireDate")
    if not text:
        return None, ()
    parts = parsedate(text)
    try:
        when = datetime(*parts[:6]) if parts else None  # noqa: DTZ001 - the instrument's clock
    except ValueError:
        when = None
    if when is not None:
        return when, ()
    expected = "a time such as 'Wed Nov 16 09:46:13 2011'"
    return None, (f"AcquireDate: expected {expected}, found {text!r:.80}.",)


# Types.


def dataset_types(
    info: ObjectInfo | None, axes: Sequence[Axis], instrument: Instrument | None
) -> tuple[DatasetType, str]:
    """Return the type of a signal, and the kind of its acquisition.

    Images are diffraction patterns if their pixels are reciprocal lengths, which those
    of a camera are in STEM, too, or if a TEM was in a diffraction mode.
    """
    mode = info.entry("Mode") if info else None
    beam = _beam(mode.value if mode else "", instrument)
    along = [one for one in axes if not one.navigation]
    if len(along) == 1:
        spectrum = "_".join(filter(None, (beam, _technique(along[0]), "Spectrum")))
        if len(axes) > 1:
            return "SpectrumImage", f"{spectrum}_Imaging"
        return "Spectrum", spectrum
    measured = {dimension(one.unit) for one in along}
    named = mode is not None and beam == "TEM" and "Diffraction" in mode.value
    if "reciprocal length" in measured or named:
        return "Diffraction", f"{beam}_Diffraction"
    return "Image", f"{beam}_Imaging"


def _beam(mode: str, instrument: Instrument | None) -> str:
    for kind in ("STEM", "TEM"):  # the longer first, for it contains the other
        if kind in mode:
            return kind
    return "STEM" if instrument and "STEM" in instrument.pid.upper() else "TEM"


def _technique(axis: Axis) -> str:
    if axis.offset + axis.scale * axis.size > EDS_FROM_EV:
        return "EDS"
    return "EELS" if axis.size == EELS_CHANNELS else ""


def times(info: ObjectInfo, dataset_type: DatasetType) -> dict[str, Any]:
    """Return the typed fields of how long was measured, by what was measured."""
    dwell = _seconds(info.value("AcquireInfo", "DwellTimePath"))
    integration = _seconds(info.value("AcquireInfo", "IntegrationTime"))
    if dataset_type in {"Spectrum", "SpectrumImage"}:
        name = "pixel_time" if dataset_type == "SpectrumImage" else "acquisition_time"
        return {name: integration} if integration is not None else {}
    # With a camera, TIA calls its exposure so.
    camera = info.value("AcquireInfo", "CameraNamePath")
    name = "acquisition_time" if camera else "dwell_time"
    return {name: dwell} if dwell is not None else {}


def _seconds(text: str) -> Any:  # noqa: ANN401 - a quantity
    found = _positive(text)
    return None if found is None else quantity(found, "s")
