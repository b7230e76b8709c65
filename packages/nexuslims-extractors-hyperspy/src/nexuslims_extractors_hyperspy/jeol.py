"""JEOL Analysis Station: projects, images, maps and spectra."""

from __future__ import annotations

import re
import struct
from pathlib import Path, PureWindowsPath
from typing import TYPE_CHECKING, Any

from nexuslims_core.errors import ExtractionError
from nexuslims_core.reading.guard import reading
from nexuslims_core.reading.standard import looked_up
from nexuslims_core.types import DataFile

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

IMAGE, MAP, SPECTRUM = b"\x34\0\0\0", b"\x30\1\0\0PTTDFILE", b"\2\0\0\0\2\0\0\0\0\0"
"""How .img and .map, .pts, and .eds files begin."""

PROJECT = re.compile(rb"\x00{12}\x01.{4}FileType\x00", re.DOTALL)
"""How an .asw file begins: a tree whose first leaf is its type."""

CHANNELS = 4096
"""Of every .pts file."""

MOST_CELLS = 1 << 24
"""Of the array into which the X-rays of a .pts file are counted: 64 MiB."""

MOST_REBINNED = 16
"""Channels that are counted as one; 160 eV, the resolution of a detector."""

SIDES = re.compile(rb"Pixels\x00.{8}(\d{2,4})x(\d{2,4})\x00", re.DOTALL)
"""The size of a map, in the tree of a .pts file's settings."""

HEADER_BYTES = 1 << 20


def is_jeol(file: DataFile) -> bool:
    """Tell the files of Analysis Station, each by its own signature."""
    beginning = file.head
    if file.extension in {"img", "map"}:
        return beginning.startswith(IMAGE) and beginning[4:7] == b"JED"
    if file.extension == "pts":
        return beginning.startswith(MAP)
    if file.extension == "eds":
        return beginning.startswith(SPECTRUM) and _is_date(beginning[10:18])
    return PROJECT.match(beginning) is not None


def _is_date(value: bytes) -> bool:
    """Tell days since the end of 1899, between 1954 and 2173."""
    earliest, latest = 20_000, 100_000
    return len(value) == 8 and earliest < struct.unpack("<d", value)[0] < latest  # noqa: PLR2004 - a double


def read(file: DataFile) -> list[Mapping[str, Any]]:
    """Return the signals of a file; of a project, those of the files that it names."""
    if file.extension == "asw":
        return _project(file)
    return _one(file.path)


def _one(path: Path) -> list[Mapping[str, Any]]:
    from rsciio.jeol import file_reader

    if path.suffix.lower() == ".pts":
        return _map(path)
    signals = file_reader(str(path), lazy=True)
    return [_with_elements(one) for one in signals]


def _with_elements(signal: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a signal with the elements that were selected: ``S K``, ``Fe K``."""
    selected = looked_up(signal["original_metadata"], "Footer.Selected elements")
    if not hasattr(selected, "keys"):
        return signal
    elements = list(dict.fromkeys(str(name).split()[0] for name in selected if name))
    return {
        **signal,
        "metadata": {**signal["metadata"], "Sample": {"elements": elements}},
    }


# Maps.


def _map(path: Path) -> list[Mapping[str, Any]]:
    """Return a map, counted into an array that fits memory.

    Read lazily, every X-ray would become a list of Python's first.
    """
    from rsciio.jeol import file_reader

    rebin, factor = _reduction(path)
    signals = file_reader(
        str(path), rebin_energy=rebin, downsample=factor, SI_dtype="uint32"
    )
    return [_whole(one, (factor, factor, rebin)) for one in signals]


def _whole(signal: Mapping[str, Any], factors: tuple[int, ...]) -> Mapping[str, Any]:
    shape = signal["data"].shape
    full = tuple(size * one for size, one in zip(shape, factors, strict=True))
    return {**signal, "full_shape": full, "binned": factors}


def _reduction(path: Path) -> tuple[int, int]:
    """Return how many channels, and how many pixels of a row, to count as one."""
    with path.open("rb") as stream:
        found = SIDES.search(stream.read(HEADER_BYTES))
    width, height = (int(one) for one in found.groups()) if found else (4096, 4096)
    rebin, factor = 1, 1
    while width * height * CHANNELS > MOST_CELLS * rebin * factor**2:
        if rebin < MOST_REBINNED:
            rebin *= 2
        else:
            factor *= 2
    return rebin, factor


# Projects.


def _project(file: DataFile) -> list[Mapping[str, Any]]:
    """Return what the files of a project hold, and the project itself without them."""
    tree = _tree(file.path)
    signals: list[Mapping[str, Any]] = []
    problems = []
    for view in _views(tree):
        try:
            signals += [_viewed(one, view) for one in _named(file.path, view)]
        except ExtractionError as error:
            problems.append(str(error))
    if signals and not problems:
        return signals
    return [*signals, _described(tree, problems)]


def _named(project: Path, view: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the signals of a file that a project names."""
    name = str(view.get("Filename", ""))
    path = _beside(project, name)
    if path is None:
        msg = f"{name} is not beside the project."
        raise ExtractionError(msg)
    with reading(DataFile.at(path), "a JEOL Analysis Station file"):
        return _one(path)


def _viewed(signal: Mapping[str, Any], view: Mapping[str, Any]) -> Mapping[str, Any]:
    original = {**signal["original_metadata"], "asw_viewdata": view}
    return {**signal, "original_metadata": original}


def _tree(path: Path) -> Mapping[str, Any]:
    """Return the tree of an .asw file.

    RosettaSciIO has a reader of trees, but not one of projects without their files.
    """
    from rsciio.jeol._api import _parsejeol

    with path.open("rb") as stream:
        stream.seek(12)
        found: Mapping[str, Any] = _parsejeol(stream)
    if "SampleInfo" not in found:
        msg = f"{path.name}: expected a project with samples, found {sorted(found)}"
        raise ExtractionError(msg)
    return found


def _views(tree: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield what a project says about each of its files."""
    for sample in _groups(tree.get("SampleInfo")):
        for view in _groups(sample.get("ViewInfo")):
            yield from _groups(view.get("ViewData"))


def _groups(tree: Any) -> list[Mapping[str, Any]]:  # noqa: ANN401 - any tree
    values = tree.values() if hasattr(tree, "values") else ()
    return [one for one in values if hasattr(one, "values")]


def _beside(project: Path, name: str) -> Path | None:
    r"""Return the file that a project names as in ``.\Sample\00_View\View_1.img``."""
    parts = PureWindowsPath(name).parts
    if not parts or ".." in parts or PureWindowsPath(name).is_absolute():
        return None
    path = project.parent.joinpath(*parts)
    return path if path.is_file() else None


def _described(tree: Mapping[str, Any], problems: list[str]) -> Mapping[str, Any]:
    return {
        "data": None,
        "metadata": {},
        "original_metadata": {"asw": tree},
        "data_type": "EDS_Project",
        "extensions": {"Number of Files": len(list(_views(tree)))},
        "notes": problems or ["The project names no files."],
    }
