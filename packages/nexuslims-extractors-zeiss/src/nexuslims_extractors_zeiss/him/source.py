"""Where the XML is, and reading it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO

from nexuslims_core.reading.markup import salvage
from nexuslims_core.reading.tiff import Directory, directories
from nexuslims_core.reading.tiff_image import further_images

from nexuslims_extractors_zeiss import tags

if TYPE_CHECKING:
    from collections.abc import Mapping
    from xml.etree import ElementTree as ET

    from nexuslims_core.types import DataFile

ROOTS = {65000: "ImageTags", 51023: "Fibics"}
"""Tags that hold XML, and the name of its root: of Zeiss, and of Fibics."""

ROOT = re.compile(rb"<(ImageTags|Fibics)[\s/>]")
ROOT_WITHIN = 1024
"""Bytes at the start of a tag in which its root element begins."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """The XML of one file."""

    directory: Directory
    roots: Mapping[str, ET.Element] = field(default_factory=dict)
    """Root elements, by their name."""
    notes: tuple[str, ...] = ()


def is_him_tiff(file: DataFile) -> bool:
    """Tell whether `file` is a TIFF with such XML; false if it is unreadable."""
    return tags.first_directory_has(file, has_xml)


def has_xml(stream: BinaryIO, directory: Directory) -> bool:
    """Tell whether an image has XML of Zeiss or Fibics."""
    return any(
        _is_xml(name, tags.content(stream, directory, tag))
        for tag, name in ROOTS.items()
    )


def _is_xml(name: str, content: bytes) -> bool:
    root = ROOT.search(content[:ROOT_WITHIN])
    return root is not None and root[1] == name.encode()


def read_source(stream: BinaryIO, size: int) -> Source:
    """Return the XML of an open file.

    Raises
    ------
    ValueError
        If there is none, or the file is so damaged that none can be found.
    """
    pages = directories(stream, size)
    directory = next(pages, None)
    if directory is None:
        raise ValueError("expected an image, found no directory")
    roots: dict[str, ET.Element] = {}
    notes: list[str] = []
    for tag, name in ROOTS.items():
        if not _is_xml(name, tags.content(stream, directory, tag)):
            continue
        root, problem = salvage(tags.text(stream, directory, tag))
        notes += [*tags.cut_note(directory, tag)]
        notes += [f"The XML in tag {tag} is damaged: {problem}."] if problem else []
        if root is not None and root.tag == name:
            roots[name] = root
    if not roots:
        expected = " or ".join(f"{name} in tag {tag}" for tag, name in ROOTS.items())
        raise ValueError(
            f"expected XML of {expected}, found {'; '.join(notes) or 'none'}"
        )
    return Source(
        directory=directory,
        roots=roots,
        notes=(*notes, *further_images(stream, pages)),
    )
