"""What a dataset's metadata may hold: one model per type of dataset.

A field that describes the microscope, its beam or its detector is accepted for every
type of dataset, because the microscope has it whatever is recorded: a spectrum has a
dwell time and a beam current, a diffraction pattern a magnification, a STEM image a
camera length. Only what describes the *data* belongs to single types: pixel sizes to
images and diffraction patterns, energies and take-off geometry to spectra.

Names of EM quantities follow the EM Glossary, units QUDT.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias, cast

import pint
from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
)

from nexuslims_core.model.files import DatasetType
from nexuslims_core.model.jsonable import jsonable
from nexuslims_core.model.units import (
    QUDT,
    QUDT_NAMES,
    convert,
    number,
    parse_quantity,
    parse_unit,
    registry,
    symbol,
)

if TYPE_CHECKING:
    from pydantic.config import JsonDict

EM_GLOSSARY = "https://purls.helmholtz-metadaten.de/emg/v2.0.0/"
"""Namespace of the EM Glossary."""


def _dump(value: pint.Quantity[Any]) -> dict[str, Any]:
    return cast("dict[str, Any]", jsonable(value))


Quantity: TypeAlias = Annotated[
    pint.Quantity[Any],
    PlainSerializer(_dump),
    WithJsonSchema(
        {
            "type": "object",
            "properties": {"value": {"type": "number"}, "unit": {"type": "string"}},
            "required": ["value", "unit"],
        }
    ),
]
"""A quantity in its field's preferred unit; in JSON ``{"value": …, "unit": …}``."""

Text: TypeAlias = Annotated[str, StringConstraints(min_length=1)]


@dataclass(frozen=True, kw_only=True)
class FieldDescriptor:
    """What is known about a field of the schema."""

    display_name: str
    unit: str | None = None
    """Symbol of the preferred unit; `None` for what is no quantity."""
    qudt_iri: str | None = None
    emg_id: str | None = None
    emg_label: str | None = None
    emg_uri: str | None = None


def emg_field(
    display_name: str, *, unit: str | None = None, emg: tuple[str, str] | None = None
) -> Any:  # noqa: ANN401 - stands for the value of the field it describes
    """Return a field of a schema, not required.

    Parameters
    ----------
    display_name
        What people read in a record.
    unit
        Symbol of the preferred unit; ``""`` for pure numbers.
    emg
        Identifier and label in the EM Glossary.
    """
    identifier, label = emg or (None, None)
    extra: JsonDict = {
        "display_name": display_name,
        "unit": unit,
        "qudt_iri": QUDT + QUDT_NAMES[unit] if unit is not None else None,
        "emg_id": identifier,
        "emg_label": label,
        "emg_uri": EM_GLOSSARY + identifier if identifier else None,
    }
    return Field(default=None, title=display_name, json_schema_extra=extra)


def in_unit(value: object, unit: str) -> pint.Quantity[Any]:
    """Return `value` as a quantity in `unit`.

    Parameters
    ----------
    value
        A quantity, text such as ``"15 kV"``, a mapping of ``value`` and ``unit`` (or
        ``units``), or, where `unit` is ``""``, a number.

    Raises
    ------
    ValueError
        If it is nothing of this, not finite, or of another dimension.
    """
    quantity = convert(_quantity(value, unit), unit)
    if not math.isfinite(quantity.magnitude):
        raise ValueError(f"{quantity.magnitude} is no measured value")
    return quantity


def _quantity(value: object, unit: str) -> pint.Quantity[Any]:
    if isinstance(value, pint.Quantity):
        return value
    if isinstance(value, str):
        return parse_quantity(value)
    if isinstance(value, Mapping):
        return _from_mapping(value)
    if unit:
        raise ValueError(f"it has no unit; expected a quantity such as '1 {unit}'")
    return registry().Quantity(number(value), "")


def _from_mapping(value: Mapping[str, Any]) -> pint.Quantity[Any]:
    unit = value.get("unit", value.get("units"))
    if "value" not in value or not isinstance(unit, str):
        raise ValueError("expected an object of 'value' and 'unit'")
    return registry().Quantity(number(value["value"]), parse_unit(unit))


class _Model(BaseModel):
    """A model whose quantities are brought to the unit that their field prefers."""

    model_config = ConfigDict(
        arbitrary_types_allowed=True,
        coerce_numbers_to_str=True,
        extra="forbid",
        frozen=True,
        populate_by_name=True,
        ser_json_inf_nan="strings",
    )

    @field_validator("*", mode="before")
    @classmethod
    def _normalise(cls, value: object, info: ValidationInfo) -> object:
        found = descriptors(cls).get(info.field_name or "")
        if found is None or found.unit is None or value is None:
            return value
        quantity = in_unit(value, found.unit)
        return quantity if found.unit else quantity.magnitude


class StagePosition(_Model):
    """Where the stage stood; further axes may be added."""

    model_config = ConfigDict(extra="allow")

    x: Quantity | None = emg_field("X", unit="µm")
    y: Quantity | None = emg_field("Y", unit="µm")
    z: Quantity | None = emg_field("Z", unit="mm")
    rotation: Quantity | None = emg_field("Rotation", unit="deg")
    tilt_alpha: Quantity | None = emg_field("Tilt Alpha", unit="deg")
    tilt_beta: Quantity | None = emg_field("Tilt Beta", unit="deg")


class ExtractionDetails(_Model):
    """Who read a dataset's metadata, and when."""

    date: AwareDatetime = Field(alias="Date")
    module: Text = Field(alias="Module")
    version: Text = Field(alias="Version")
    extractor_warnings: tuple[str, ...] = Field(default=(), alias="Extractor Warnings")


class NexusMetadata(_Model):
    """What any dataset may say; all there is for the types ``Misc`` and ``Unknown``."""

    creation_time: AwareDatetime = Field(alias="Creation Time")
    data_type: Text = Field(alias="Data Type")
    dataset_type: DatasetType = Field(alias="DatasetType")
    data_dimensions: str | None = Field(default=None, alias="Data Dimensions")
    instrument_id: str | None = Field(default=None, alias="Instrument ID")

    acceleration_voltage: Quantity | None = emg_field(
        "Acceleration Voltage",
        unit="kV",
        emg=("EMG_00000004", "Acceleration Voltage"),
    )
    beam_current: Quantity | None = emg_field(
        "Beam Current", unit="pA", emg=("EMG_00000006", "Beam Current")
    )
    emission_current: Quantity | None = emg_field(
        "Emission Current", unit="µA", emg=("EMG_00000025", "Emission Current")
    )
    working_distance: Quantity | None = emg_field(
        "Working Distance", unit="mm", emg=("EMG_00000050", "Working Distance")
    )
    camera_length: Quantity | None = emg_field(
        "Camera Length", unit="mm", emg=("EMG_00000008", "Camera Length")
    )
    convergence_angle: Quantity | None = emg_field(
        "Convergence Angle", unit="mrad", emg=("EMG_00000010", "Convergence Angle")
    )
    magnification: float | None = emg_field("Magnification", unit="")
    horizontal_field_width: Quantity | None = emg_field(
        "Horizontal Field Width", unit="µm"
    )
    vertical_field_width: Quantity | None = emg_field("Vertical Field Width", unit="µm")
    scan_rotation: Quantity | None = emg_field("Scan Rotation", unit="deg")
    dwell_time: Quantity | None = emg_field(
        "Pixel Dwell Time", unit="µs", emg=("EMG_00000015", "Dwell Time")
    )
    acquisition_time: Quantity | None = emg_field(
        "Acquisition Time", unit="s", emg=("EMG_00000055", "Acquisition Time")
    )
    stage_position: StagePosition | None = emg_field("Stage Position")
    temperature: Quantity | None = emg_field("Temperature", unit="K")
    pressure: Quantity | None = emg_field("Pressure", unit="Pa")
    chamber_pressure: Quantity | None = emg_field("Chamber Pressure", unit="Pa")
    detector_type: str | None = emg_field("Detector")
    acquisition_device: str | None = emg_field("Acquisition Device")
    illumination_mode: str | None = emg_field("Illumination Mode")
    specimen: str | None = emg_field("Specimen")
    operator: str | None = emg_field("Operator")

    nexuslims_extraction: ExtractionDetails | None = Field(
        default=None, alias="NexusLIMS Extraction"
    )
    warnings: tuple[str | tuple[str, ...], ...] = ()
    extensions: dict[str, Any] = Field(default_factory=dict)

    @field_validator("data_dimensions", mode="before")
    @classmethod
    def _shape_as_text(cls, value: object) -> object:
        return str(tuple(value)) if isinstance(value, list | tuple) else value


class _Pixels(NexusMetadata):
    pixel_width: Quantity | None = emg_field("Pixel Width", unit="nm")
    pixel_height: Quantity | None = emg_field("Pixel Height", unit="nm")


class ImageMetadata(_Pixels):
    """What an image may say."""


class DiffractionMetadata(_Pixels):
    """What a diffraction pattern may say; its pixels only where they are lengths."""


class SpectrumMetadata(NexusMetadata):
    """What a spectrum may say."""

    live_time: Quantity | None = emg_field("Live Time", unit="s")
    detector_energy_resolution: Quantity | None = emg_field(
        "Energy Resolution", unit="eV"
    )
    channel_size: Quantity | None = emg_field("Channel Size", unit="eV")
    starting_energy: Quantity | None = emg_field("Starting Energy", unit="keV")
    azimuthal_angle: Quantity | None = emg_field("Azimuthal Angle", unit="deg")
    elevation_angle: Quantity | None = emg_field("Elevation Angle", unit="deg")
    takeoff_angle: Quantity | None = emg_field("Takeoff Angle", unit="deg")
    elements: tuple[str, ...] | None = emg_field("Elements")

    @field_validator("elements", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        return tuple(value.replace(",", " ").replace(";", " ").split())


class SpectrumImageMetadata(ImageMetadata, SpectrumMetadata):
    """What a spectrum image may say."""

    pixel_time: Quantity | None = emg_field("Pixel Time", unit="s")
    scan_mode: str | None = emg_field("Scan Mode")


MODELS: Mapping[DatasetType, type[NexusMetadata]] = {
    "Image": ImageMetadata,
    "Spectrum": SpectrumMetadata,
    "SpectrumImage": SpectrumImageMetadata,
    "Diffraction": DiffractionMetadata,
    "Misc": NexusMetadata,
    "Unknown": NexusMetadata,
}
"""Model of each type of dataset."""

BARE_NAMES = frozenset({"magnification", "elements"})
"""Fields that records show under their own name; repositories search for these."""


@cache
def descriptors(model: type[BaseModel]) -> Mapping[str, FieldDescriptor]:
    """Return the descriptors of a model's fields, by the name of the field."""
    return {
        name: FieldDescriptor(**cast("dict[str, str]", info.json_schema_extra))
        for name, info in model.model_fields.items()
        if isinstance(info.json_schema_extra, dict)
    }


@cache
def known_fields() -> Mapping[str, FieldDescriptor]:
    """Return the descriptors of all fields of all types of datasets."""
    return {
        name: descriptor
        for model in MODELS.values()
        for name, descriptor in descriptors(model).items()
    }


def display_name(name: str) -> str:
    """Return what people read for a field or top-level key.

    Keys in snake case become title case; others are already meant to be read.
    """
    found = known_fields().get(name)
    if found is not None and name not in BARE_NAMES:
        return found.display_name
    if "_" in name and name.islower():
        return " ".join(word.capitalize() for word in name.split("_") if word)
    return name


def unit_symbol(name: str) -> str:
    """Return the symbol of a unit, or the name itself when it is none that we know."""
    try:
        return symbol(name)
    except ValueError:
        return name
