"""The tags of a file, and finding one among them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from nexuslims_core.errors import ExtractionError
from nexuslims_core.reading.guard import reading

from nexuslims_extractors_gatan.dm.header import read_header

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from nexuslims_core.reading.tables import Field
    from nexuslims_core.types import DataFile

    from nexuslims_extractors_gatan.dm.bounded import BoundedReader

PLACEHOLDERS = frozenset({"DO NOT EDIT", "DO NOT ENTER"})
"""What sites put where users should not type."""

MOST_JOINED = 16
"""Values of a list that stand as one text."""


@dataclass(frozen=True, kw_only=True)
class Tags:
    """What a file has."""

    tree: Mapping[str, Any]
    byte_order: Literal["<", ">"]
    """Of its values, pixels among them."""
    complete: bool = True
    """Whether they were read to their end."""
    notes: tuple[str, ...] = ()


def read_tags(file: DataFile) -> Tags:
    """Return the tags of a file; of a damaged one those before the damage.

    Raises
    ------
    ExtractionError
        If there are none that can be read.
    """
    # Profiles of microscopes use this module, too, on files that need no such reader.
    from nexuslims_extractors_gatan.dm.bounded import BoundedReader

    with reading(file, "a DigitalMicrograph file"):
        header = read_header(file.head)
        if header is None:
            msg = f"expected a header of version 3 or 4, found {file.head[:16]!r}"
            raise ExtractionError(f"{file.path.name}: {msg}")
        with file.path.open("rb") as stream:
            reader = BoundedReader(stream, file.size)
            problem = _parse(file, reader)
    notes = [problem] if problem else []
    if header.size > file.size:
        notes.append(
            f"The file ends after {file.size} of {header.size} bytes: it is incomplete."
        )
    return Tags(
        tree=reader.tags_dict or {},
        byte_order="<" if reader.endian == "little" else ">",
        complete=not problem,
        notes=tuple(notes),
    )


def _parse(file: DataFile, reader: BoundedReader) -> str:
    """Fill `reader.tags_dict`; returns what stopped that, if anything."""
    try:
        with reading(file, "a tree of tags"):
            reader.parse_file()
    except ExtractionError as error:
        if isinstance(error.__cause__, OSError) and error.__cause__.errno:
            raise
        return f"The tags are damaged and read in part: {error}."
    return ""


def groups(tree: object) -> Iterator[Mapping[str, Any]]:
    """Yield the groups in a group: those of a list."""
    if isinstance(tree, dict):
        yield from (one for one in tree.values() if isinstance(one, dict))


def group(tree: object, *names: str) -> Mapping[str, Any]:
    """Return a group within groups; empty where there is none."""
    for name in names:
        tree = tree.get(name) if isinstance(tree, dict) else None
    return tree if isinstance(tree, dict) else {}


def tidied(tree: Mapping[str, Any]) -> dict[str, Any]:
    """Return groups with names as we look for them.

    Some names end in a blank or a line feed; in others the micro sign is a Greek mu.
    """
    return {
        _tidy(name): tidied(value) if isinstance(value, dict) else value
        for name, value in tree.items()
    }


def _tidy(name: str) -> str:
    return name.strip().replace("\N{GREEK SMALL LETTER MU}", "\N{MICRO SIGN}")


def scalar(value: object) -> Any:  # noqa: ANN401 - text or a number
    """Return what can stand as one value; `None` where a tag says nothing.

    A list of one is its element, another short one the text of its elements.
    """
    if isinstance(value, str):
        text = value.replace("\0", "").strip()
        return text if text and text not in PLACEHOLDERS else None
    if isinstance(value, list | tuple):
        if len(value) == 1:
            return scalar(value[0])
        return ", ".join(map(str, value[:MOST_JOINED])) or None
    return value if isinstance(value, int | float) else None


def finder(tags: Mapping[str, Any], field: Field) -> object:
    """Return the value of a row of a table in tidied tags."""
    return scalar(group(tags, *field.section.split(".")).get(field.key))
