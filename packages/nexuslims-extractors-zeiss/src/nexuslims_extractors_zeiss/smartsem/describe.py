"""The metadata of an image, from its settings."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from nexuslims_core.reading.findings import Findings, number, scaled
from nexuslims_core.reading.tables import Field, tabulated
from nexuslims_core.types import quantity

from nexuslims_extractors_zeiss.smartsem.fields import (
    FIB,
    FIB_FIELDS,
    IMAGE_FIELDS,
    SEM,
    SEM_FIELDS,
    SHOWN_FIB_FIELDS,
    SHOWN_FIELDS,
)
from nexuslims_extractors_zeiss.smartsem.settings import PIXEL_SIZE, Settings
from nexuslims_extractors_zeiss.units import MEASURED, in_unit, is_unit, is_unset

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

GROUP = "CZ_SEM"

TYPED_BEAMS = {SEM: SEM_FIELDS, FIB: FIB_FIELDS}

MAGNIFIED = frozenset({"X", "K X", "M X"})
"""Units of magnifications, which are numbers without unit."""

LONGER_THAN_DWELLING = 10
"""A line that takes so many times as long as dwelling on its pixels was scanned with
another dwell time: SmartSEM gives that of the fastest speed, whatever the speed."""


def describe(settings: Settings, columns: int, rows: int) -> Findings:
    """Return what settings say.

    Parameters
    ----------
    columns, rows
        Size of the image; zeros when unknown.
    """
    beam = FIB if settings.value("DP_FIB_IMAGING") == FIB else SEM
    typed = _typed(settings, (*IMAGE_FIELDS, *TYPED_BEAMS[beam]))
    calibration = _calibration(_pixel_nm(settings, beam), columns, rows)
    return Findings(
        data_type=f"{beam}_Imaging",
        fields={**_dimensions(columns, rows), **calibration},
        raw={GROUP: dict(settings.lines)},
    ).joined(
        typed,
        _corrected(settings, beam, typed.fields),
        tabulated(SHOWN_FIELDS, lambda row: value(settings, row)),
        _columns(settings, beam),
        _operator(settings),
        _dwelling(settings, typed.fields, columns),
    )


def value(settings: Settings, row: Field) -> object:
    """Return the value of a row, in the row's unit; `None` where there is none."""
    text = settings.value(row.key)
    found, unit = _split(text)
    if row.text or not found or not (row.unit or unit in MAGNIFIED):
        return text or None
    return in_unit(found, unit, row.unit) if is_unit(unit) or not unit else text


def _typed(settings: Settings, table: Iterable[Field]) -> Findings:
    def find(row: Field) -> object:
        found = value(settings, row)
        return None if is_unset(row, found) else found

    return tabulated(table, find)


def _corrected(settings: Settings, beam: str, typed: Mapping[str, Any]) -> Findings:
    """Return the typed fields that depend on more than one setting."""
    if beam == SEM:
        off = settings.value("DP_SCAN_ROT") == "Off" and "scan_rotation" in typed
        return Findings(fields={"scan_rotation": quantity(0, "deg")} if off else {})
    # The current is part of a probe's name: "30kV:50pA".
    _, _, current = settings.value("DP_FIB_IMAGE_PROBE").rpartition(":")
    picoamperes = number(in_unit(*_split(current), "pA"))
    if "beam_current" in typed or not picoamperes:
        return Findings()
    return Findings(fields={"beam_current": quantity(picoamperes, "pA")})


def _dimensions(columns: int, rows: int) -> dict[str, str]:
    return {"data_dimensions": f"({columns}, {rows})"} if columns and rows else {}


def _pixel_nm(settings: Settings, beam: str) -> float | None:
    """Return the size of a pixel; of the settings that tell it the first."""
    keys = ("AP_IMAGE_PIXEL_SIZE", *(("AP_FIB_PIXEL_SIZE",) if beam == FIB else ()))
    for key in keys:
        found = number(in_unit(*_split(settings.value(key)), "nm"))
        if found is not None and found > 0:
            return found
    metres = next(iter(settings.numbers[PIXEL_SIZE : PIXEL_SIZE + 1]), "")
    return scaled(metres, "1e9") if (number(metres) or 0) > 0 else None


def _calibration(pixel_nm: float | None, columns: int, rows: int) -> dict[str, Any]:
    """Return sizes of pixels, and the fields of view that these make."""
    if pixel_nm is None:
        return {}
    pixel = quantity(pixel_nm, "nm")
    fields = {"pixel_width": pixel, "pixel_height": pixel}
    for direction, pixels in (("horizontal", columns), ("vertical", rows)):
        if pixels:
            width = quantity(scaled(scaled(pixel_nm, pixels), "1e-3"), "µm")
            fields[f"{direction}_field_width"] = width
    return fields


def _columns(settings: Settings, imaging: str) -> Findings:
    """Return what a CrossBeam says of its ions, and of the beam that did not image."""
    if settings.value("DP_FIB_PRESENT") == "No" or not _has_ions(settings):
        return Findings()
    other = TYPED_BEAMS[SEM if imaging == FIB else FIB]
    rows = (
        replace(row, display=(row.section, *row.display), typed="")
        for row in (*SHOWN_FIB_FIELDS, *other)
    )
    found = tabulated(rows, lambda row: value(settings, row))
    return replace(found, extensions={**found.extensions, "Beam": imaging})


def _has_ions(settings: Settings) -> bool:
    return settings.value("DP_FIB_PRESENT") == "Yes" or any(
        settings.value(row.key) for row in FIB_FIELDS
    )


def _operator(settings: Settings) -> Findings:
    name = settings.value("SV_OPERATOR") or settings.value("SV_USER_NAME")
    if not name:
        return Findings()
    # A login that a whole group shares says little about who sat there.
    return Findings(extensions={"Operator": name}, flagged=(("Operator",),))


def _dwelling(settings: Settings, typed: Mapping[str, Any], columns: int) -> Findings:
    """Flag a dwell time that the time of a line contradicts."""
    line = in_unit(*_split(settings.value("AP_LINE_TIME")), "µs")
    taken, dwell = number(line), typed.get("dwell_time")
    if taken is None or dwell is None or not columns:
        return Findings()
    lines = max(1, number(settings.value("AP_LINE_AVERAGE_COUNT")) or 1)
    longer = taken / lines > LONGER_THAN_DWELLING * columns * dwell.magnitude
    return Findings(flagged=(("Pixel Dwell Time",),) if longer else ())


def _split(text: str) -> tuple[str, str]:
    measured = MEASURED.fullmatch(text)
    return (measured["number"], measured["unit"] or "") if measured else ("", "")
