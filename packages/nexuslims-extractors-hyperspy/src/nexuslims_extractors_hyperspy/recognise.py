"""Telling formats by their content: an extension is not an identity.

Every function here returns one that looks at a file. None of them reads more of it than
its beginning, or the names of an HDF5 file's or an archive's members.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeAlias

from nexuslims_core.errors import ExtractionError
from nexuslims_core.reading.guard import reading

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from nexuslims_core.types import DataFile

    Recogniser: TypeAlias = Callable[[DataFile], bool]

HDF5 = b"\x89HDF\r\n\x1a\n"
"""Signature of an HDF5 file; HDF5 File Format Specification, "Superblock"."""

MOST_TEXT = 1_000_000
"""Bytes in which the telling element of an XML file is looked for."""


def starts(*signatures: bytes, at: int = 0) -> Recogniser:
    """Tell files that have one of the signatures, at a place."""

    def recognised(file: DataFile) -> bool:
        return file.head[at:].startswith(signatures)

    return recognised


def head(pattern: bytes) -> Recogniser:
    """Tell files whose first bytes match a regular expression."""
    compiled = re.compile(pattern, re.DOTALL)

    def recognised(file: DataFile) -> bool:
        return compiled.match(file.head) is not None

    return recognised


def text(*patterns: str) -> Recogniser:
    """Tell texts that have all of the patterns in their first part, in any order."""
    compiled = [re.compile(one, re.IGNORECASE) for one in patterns]

    def recognised(file: DataFile) -> bool:
        if b"\0\0\0" in file.head:
            return False
        beginning = file.head.decode("latin-1")
        return all(one.search(beginning) for one in compiled)

    return recognised


def markup(*patterns: bytes) -> Recogniser:
    """Tell XML files that have all of the patterns in their first megabyte."""
    compiled = [re.compile(one) for one in patterns]

    def recognised(file: DataFile) -> bool:
        if b"<" not in file.head[:64]:
            return False
        with file.path.open("rb") as stream:
            beginning = stream.read(MOST_TEXT)
        return all(one.search(beginning) for one in compiled)

    return recognised


def hdf5(look: Callable[[Any], bool]) -> Recogniser:
    """Tell HDF5 files by what `look` finds in the opened file."""

    def recognised(file: DataFile) -> bool:
        if not file.head.startswith(HDF5):
            return False
        return _looked(file, look)

    return recognised


def _looked(file: DataFile, look: Callable[[Any], bool]) -> bool:
    import h5py

    try:
        # h5py documents no exceptions for damaged files.
        with reading(file, "an HDF5 file"), h5py.File(file.path, "r") as opened:
            return bool(look(opened))
    except ExtractionError:
        return False


def archive(*members: str) -> Recogniser:
    """Tell ZIP archives that have members, by the beginnings of their names."""

    def recognised(file: DataFile) -> bool:
        if not file.head.startswith(b"PK\3\4"):
            return False
        names = _names(file)
        return all(any(one.startswith(member) for one in names) for member in members)

    return recognised


def _names(file: DataFile) -> Collection[str]:
    import zipfile

    try:
        with (
            reading(file, "a ZIP archive"),
            zipfile.ZipFile(file.path) as opened,
        ):
            return opened.namelist()
    except ExtractionError:
        return ()


def groups(opened: Any) -> list[Any]:  # noqa: ANN401 - an h5py file
    """Return the groups at the top of an HDF5 file."""
    import h5py

    kinds = {name: opened.get(name, getclass=True) for name in opened}
    return [opened[name] for name, kind in kinds.items() if kind is h5py.Group]


def tags(*numbers: int) -> Recogniser:
    """Tell TIFF files whose first directory has one of the tags."""

    def recognised(file: DataFile) -> bool:
        return bool(_first_tags(file, numbers))

    return recognised


def tag_text(number: int, pattern: bytes) -> Recogniser:
    """Tell TIFF files in whose first directory a tag's text begins with a pattern."""
    compiled = re.compile(pattern)

    def recognised(file: DataFile) -> bool:
        values = _first_tags(file, (number,))
        return any(compiled.match(one) for one in values.values())

    return recognised


def _first_tags(file: DataFile, numbers: tuple[int, ...]) -> dict[int, bytes]:
    """Return beginnings of those tags that the first image has."""
    from nexuslims_core.reading.tiff import MAGICS, directories

    if file.head[:4] not in MAGICS:
        return {}
    try:
        with file.path.open("rb") as stream:
            first = next(directories(stream, file.size), None)
            if first is None:
                return {}
            there = first.entries.keys() & set(numbers)
            return {tag: first.read(stream, tag)[:256] for tag in there}
    except (OSError, ValueError):
        return {}


def either(*recognisers: Recogniser) -> Recogniser:
    """Tell files that any of the recognisers tells."""

    def recognised(file: DataFile) -> bool:
        return any(one(file) for one in recognisers)

    return recognised
