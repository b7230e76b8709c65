"""What may stand in the TOML file of a profile.

The descriptions here are the tables of the documentation.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeAlias, get_args

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    field_validator,
    model_validator,
)

from nexuslims_core.model.files import DatasetType
from nexuslims_core.model.schema import (
    StagePosition,
    descriptors,
    in_unit,
    known_fields,
)
from nexuslims_core.model.units import convert, parse_unit, registry
from nexuslims_core.profiles.places import RESERVED, Place, parse
from nexuslims_core.profiles.words import words_of

_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]*")


def _one_or_more(value: object) -> object:
    if isinstance(value, list | tuple):
        if not value:
            raise ValueError("expected at least one, found an empty list")
        return tuple(value)
    return (value,)


def _text(value: object) -> str:
    if isinstance(value, str) and value.strip():
        return value
    raise ValueError(f"expected text, found {value!r:.60}")


def _unit(value: object) -> str:
    text = value if isinstance(value, str) else _text(value)
    parse_unit(text)
    return text


def _value(value: object) -> object:
    if isinstance(value, list) and value:
        return tuple(map(_value, value))
    finite = not isinstance(value, float) or math.isfinite(value)
    if isinstance(value, str | bool | int | float) and finite:
        return value
    msg = (
        f"expected text, a number, true, false or a list of those, found {value!r:.60}"
    )
    raise ValueError(msg)


def _pattern(value: object) -> re.Pattern[str]:
    try:
        return re.compile(_text(value))
    except re.error as error:
        raise ValueError(f"{value!r} is no regular expression: {error}") from error


def _word(value: object) -> str:
    word = _text(value).strip().lower()
    if word not in words_of(word):
        msg = f"{value!r} is no single word; give a list of words, any of which will do"
        raise ValueError(msg)
    return word


def _extension(value: object) -> str:
    return _text(value).strip().lower().removeprefix(".")


def _target(value: object) -> Place:
    place = parse(value)
    if place.kind == "raw":
        raise ValueError(
            "raw groups stay as they were read; action = 'copy' takes values from them"
        )
    if place.kind == "type":
        raise ValueError("the type of data is chosen with action = 'type'")
    if place.parts[0] in RESERVED:
        raise ValueError(
            f"{place} is what NexusLIMS says of a file; name another place"
        )
    return place


def _shown(value: object) -> Place:
    place = parse(value)
    if place.kind == "raw":
        raise ValueError("raw groups are not in the record; copy the value first")
    return place


Text: TypeAlias = Annotated[str, BeforeValidator(_text)]
Texts: TypeAlias = Annotated[tuple[Text, ...], BeforeValidator(_one_or_more)]
Unit: TypeAlias = Annotated[str, BeforeValidator(_unit)]
Value: TypeAlias = Annotated[Any, BeforeValidator(_value)]
Source: TypeAlias = Annotated[Place, BeforeValidator(parse)]
Target: TypeAlias = Annotated[Place, BeforeValidator(_target)]
Shown: TypeAlias = Annotated[Place, BeforeValidator(_shown)]


class _Strict(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        arbitrary_types_allowed=True,
        # A file says what it says: no number for text, no text for a number.
        strict=True,
    )


class Condition(_Strict):
    """When a step applies: everything in it must hold."""

    path: Source | None = Field(
        default=None, description="Value that the next four keys are about."
    )
    exists: bool | None = Field(
        default=None, description="Whether the file has that value."
    )
    equals: Annotated[tuple[Value, ...], BeforeValidator(_one_or_more)] = Field(
        default=(),
        description="It is this, or one of these: text in any case, a number, or a "
        "quantity such as `200 kV` in whatever unit.",
    )
    contains: Texts = Field(
        default=(), description="It has this text in it, or one of these, in any case."
    )
    matches: Annotated[re.Pattern[str], BeforeValidator(_pattern)] | None = Field(
        default=None,
        description="This regular expression of Python is found in it; `(?i)` at the "
        "start makes it match in any case.",
    )
    extension: Annotated[
        tuple[Annotated[str, BeforeValidator(_extension)], ...],
        BeforeValidator(_one_or_more),
    ] = Field(default=(), description="The file has this extension, or one of these.")
    word: Annotated[
        tuple[Annotated[str, BeforeValidator(_word)], ...],
        BeforeValidator(_one_or_more),
    ] = Field(
        default=(),
        description="The name of the file or of its folder has this whole word, or one "
        "of these, in any case.",
    )

    @model_validator(mode="after")
    def _complete(self) -> Condition:
        about_value = self.exists is not None or bool(
            self.equals or self.contains or self.matches
        )
        if about_value and self.path is None:
            raise ValueError("'path' is missing: of which value?")
        if self.path is not None and not about_value:
            raise ValueError(
                "'path' needs 'exists', 'equals', 'contains' or 'matches' beside it"
            )
        if self.path is None and not (self.extension or self.word):
            raise ValueError("it is empty; give a 'path', an 'extension' or a 'word'")
        return self


Conditions: TypeAlias = Annotated[tuple[Condition, ...], BeforeValidator(_one_or_more)]


class Step(_Strict):
    """What every step may have."""

    when: Conditions = Field(
        default=(),
        description="The step applies only where this condition holds; of several in a "
        "list, any.",
    )
    unless: Conditions = Field(
        default=(), description="The step does not apply where this condition holds."
    )

    @property
    def about(self) -> str:
        """What the step is about, for people."""
        raise NotImplementedError


class Rename(Step):
    """Move a value. A value that is there already is kept, and a note says so."""

    action: Literal["rename"]
    source: Target = Field(alias="from", description="Typed field or extension.")
    target: Target = Field(alias="to", description="Typed field or extension.")

    @property
    def about(self) -> str:
        """What the step is about, for people."""
        return str(self.source)

    @model_validator(mode="after")
    def _somewhere_else(self) -> Rename:
        if self.source == self.target:
            raise ValueError(f"'from' and 'to' are both {self.source}")
        return self


class Copy(Step):
    """Copy a value, also from a raw group; what was there before is replaced."""

    action: Literal["copy"]
    source: Source = Field(
        alias="from", description="Typed field, extension or `raw:` group."
    )
    target: Target = Field(alias="to", description="Typed field or extension.")

    @property
    def about(self) -> str:
        """What the step is about, for people."""
        return str(self.source)


class Convert(Step):
    """Give a number its unit, or bring a quantity to another.

    What is no number or quantity, or of another dimension, is kept as it is, and a note
    says so.
    """

    action: Literal["convert"]
    path: Target = Field(description="Typed field or extension.")
    unit: Unit = Field(description="Unit that it is to have, such as `kV` or `µm`.")
    number_unit: Unit | None = Field(
        default=None,
        description="Unit of a value that is a mere number; if left out, `unit`.",
    )

    @property
    def about(self) -> str:
        """What the step is about, for people."""
        return str(self.path)

    @model_validator(mode="after")
    def _of_one_dimension(self) -> Convert:
        if self.number_unit is not None:
            convert(registry().Quantity(1.0, parse_unit(self.number_unit)), self.unit)
        _require_fit(self.path, registry().Quantity(1.0, parse_unit(self.unit)))
        return self


class Set(Step):
    """Give a value; what was there before is replaced."""

    action: Literal["set"]
    path: Target = Field(description="Typed field or extension.")
    value: Value = Field(
        description="Text, number, `true`, `false`, or a list of those."
    )
    unit: Unit | None = Field(default=None, description="Unit of a number.")

    @property
    def about(self) -> str:
        """What the step is about, for people."""
        return str(self.path)

    @property
    def given(self) -> object:
        """The value, as a quantity where it has a unit."""
        if self.unit is None:
            return list(self.value) if isinstance(self.value, tuple) else self.value
        return registry().Quantity(float(self.value), parse_unit(self.unit))

    @model_validator(mode="after")
    def _as_the_schema_has_it(self) -> Set:
        if self.unit is not None and (
            isinstance(self.value, bool) or not isinstance(self.value, int | float)
        ):
            raise ValueError(f"a 'unit' goes with a number, not with {self.value!r}")
        _require_fit(self.path, self.given)
        return self


class Type(Step):
    """Say what kind of data it is."""

    action: Literal["type"]
    dataset_type: DatasetType | None = Field(
        default=None, description=f"One of {', '.join(get_args(DatasetType))}."
    )
    data_type: Text | None = Field(
        default=None, description="Kind of acquisition, such as `TEM_Diffraction`."
    )

    @property
    def about(self) -> str:
        """What the step is about, for people."""
        return self.data_type or self.dataset_type or ""

    @model_validator(mode="after")
    def _says_something(self) -> Type:
        if self.dataset_type is None and self.data_type is None:
            raise ValueError("give 'dataset_type', 'data_type' or both")
        return self


class Warn(Step):
    """Mark values that readers should not trust, where they are there."""

    action: Literal["warn"]
    paths: Annotated[tuple[Shown, ...], BeforeValidator(_one_or_more)] = Field(
        description="Typed fields, extensions, `DatasetType` or `Data Type`.",
    )

    @property
    def about(self) -> str:
        """What the step is about, for people."""
        return ", ".join(map(str, self.paths))


class Remove(Step):
    """Take values out, where they are there."""

    action: Literal["remove"]
    paths: Annotated[tuple[Source, ...], BeforeValidator(_one_or_more)] = Field(
        description="Typed fields, extensions or `raw:` groups."
    )

    @property
    def about(self) -> str:
        """What the step is about, for people."""
        return ", ".join(map(str, self.paths))

    @model_validator(mode="after")
    def _not_the_type(self) -> Remove:
        for place in self.paths:
            if place.kind == "type":
                raise ValueError(
                    f"every dataset has its {place}; change it with 'type'"
                )
        return self


ACTIONS: Mapping[str, type[Step]] = {
    "rename": Rename,
    "copy": Copy,
    "convert": Convert,
    "set": Set,
    "type": Type,
    "warn": Warn,
    "remove": Remove,
}
"""The model of each kind of step, by what its `action` says."""


def _action(step: object) -> str | None:
    action = step.get("action") if isinstance(step, Mapping) else None
    return action if isinstance(action, str) else None


AnyStep: TypeAlias = Annotated[
    Annotated[Rename, Tag("rename")]
    | Annotated[Copy, Tag("copy")]
    | Annotated[Convert, Tag("convert")]
    | Annotated[Set, Tag("set")]
    | Annotated[Type, Tag("type")]
    | Annotated[Warn, Tag("warn")]
    | Annotated[Remove, Tag("remove")],
    Discriminator(_action),
]


class ProfileFile(_Strict):
    """A whole file."""

    instrument: Texts = Field(
        description="Identifier (`--pid`) of the instrument, or a list of them; `*` "
        "for all files, whatever they come from.",
    )
    name: str = Field(
        default="",
        description="Name of the profile; if left out, that of the file.",
    )
    description: str = Field(default="", description="For whoever reads the file.")
    step: tuple[AnyStep, ...] = Field(
        description="The steps, each a `[[step]]`; run in their order."
    )

    @field_validator("name")
    @classmethod
    def _usable(cls, name: str) -> str:
        if name and not _NAME.fullmatch(name):
            msg = (
                f"{name!r}: expected lower-case letters, digits, '_', '-' or '.', "
                "starting with a letter or digit"
            )
            raise ValueError(msg)
        return name

    @field_validator("step", mode="before")
    @classmethod
    def _steps(cls, value: object) -> object:
        if not isinstance(value, list) or not value:
            raise ValueError("expected tables that begin with [[step]]")
        return tuple(value)


def unit_of(place: Place) -> str | None:
    """Return the preferred unit of a typed field; `None` for what has none."""
    if place.kind != "field":
        return None
    name, *rest = place.parts
    if name == "stage_position" and rest:
        found = descriptors(StagePosition).get(rest[0])
    else:
        found = known_fields().get(name)
    return found.unit if found is not None else None


def _require_fit(place: Place, value: object) -> None:
    """Raise `ValueError` if the typed field at `place` takes no such value."""
    wanted = unit_of(place)
    if wanted is None:
        return
    try:
        in_unit(value, wanted)
    except ValueError as error:
        raise ValueError(f"{place}: {error}") from error
