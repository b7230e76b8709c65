"""Settings that become metadata, as tables: one row per setting, and where it goes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nexuslims_core.reading.findings import Findings, number, scaled
from nexuslims_core.types import quantity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


@dataclass(frozen=True)
class Field:
    """One setting, and where it goes."""

    section: str
    """Name of the group that it is in."""
    key: str
    """Its name there."""
    display: tuple[str, ...]
    """Display name; more than one part where values are nested."""
    unit: str = ""
    """Unit of the file's numbers, after `factor`; empty for none."""
    typed: str = ""
    """Name of the schema's field, ``stage_position/x`` for one of the stage's; empty:
    it goes to the extensions.
    """
    text: bool = False
    """Kept as text even where it looks like a number."""
    factor: float | str = 1
    """What the file's numbers are multiplied by, exactly."""


def tabulated(table: Iterable[Field], find: Callable[[Field], object]) -> Findings:
    """Return what a file says, by a table.

    A number goes where its row says, with its unit. Text in place of a number is kept
    as text among the extensions; a note says so where a typed field was expected. Of
    two rows with one place the later one wins where both have a value.

    Parameters
    ----------
    table
        The rows.
    find
        Returns the value of a row in the file: text, a number, or anything else that
        may stand in metadata; `None` or empty text where there is none.
    """
    fields: dict[str, Any] = {}
    extensions: dict[str, Any] = {}
    notes = []
    for row in table:
        value = find(row)
        if value is not None and value != "":
            note = _place(row, value, fields, extensions)
            notes += [note] if note else []
    return Findings(fields=fields, extensions=extensions, notes=tuple(notes))


def _place(
    row: Field, value: object, fields: dict[str, Any], extensions: dict[str, Any]
) -> str | None:
    """Put one value where it belongs; returns a note if it is not what it should be."""
    measured = None if row.text else _measured(row, value)
    if row.typed and (row.text or measured is not None):
        _put(fields, row.typed.split("/"), str(value) if row.text else measured)
        return None
    kept = str(value) if row.text else value
    _put(extensions, row.display, kept if measured is None else measured)
    if row.typed:
        expected = f"a number in {row.unit}" if row.unit else "a number"
        return f"{row.display[-1]}: expected {expected}, found {value!r:.80}."
    return None


def _measured(row: Field, value: object) -> Any:  # noqa: ANN401 - number or quantity
    found = number(value)
    if found is None:
        return None
    if row.factor != 1:
        found = scaled(found, row.factor)
    return quantity(found, row.unit) if row.unit else found


def _put(group: dict[str, Any], path: Iterable[str], value: object) -> None:
    *parents, name = path
    for parent in parents:
        inner = group.setdefault(parent, {})
        if not isinstance(inner, dict):
            inner = group[parent] = {parent: inner}
        group = inner
    group[name] = value
