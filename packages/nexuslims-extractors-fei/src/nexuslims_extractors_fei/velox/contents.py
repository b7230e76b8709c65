"""What is in a Velox file, as plain values: everything but numbers."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import h5py
from nexuslims_core.errors import ExtractionError
from nexuslims_core.reading.findings import number
from nexuslims_core.reading.guard import reading

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from nexuslims_core.types import DataFile

WHAT = "a Velox file"

SIGNATURE = b"\x89HDF\r\n\x1a\n"
"""First bytes of HDF5."""

FORMATS = frozenset({"Velox", "DevelopersKit"})
"""What the file's version calls its format."""

KINDS = ("Image", "Spectrum", "EelsSpectrumImage", "SpectrumImage", "SpectrumStream")
"""Groups of ``/Data`` that hold signals."""

SETTINGS = (
    "AcquisitionSettings",
    "SpectrumImageSettings",
    "Info",
    "AcquisitionMetadata",
)
"""Data sets beside a signal with more JSON on it."""

DISPLAYS = ("Displays/ImageDisplay", "Presentation/Displays/ImageDisplay")
"""Where the titles of images are, since version 11 and before."""

QUANTIFICATIONS = (
    "SharedProperties/EDSSpectrumQuantificationSettings",
    "Operations/ImageQuantificationOperation",
)
"""Where the chosen elements are, since version 11 and before."""

MOST_BYTES = 1 << 22
"""Of one JSON text; Velox reserves 60 000."""

MOST_PARTS = 1000
"""Signals of a file that are looked at."""

_SYMBOLS = """
H He Li Be B C N O F Ne Na Mg Al Si P S Cl Ar K Ca Sc Ti V Cr Mn Fe Co Ni Cu Zn Ga Ge
As Se Br Kr Rb Sr Y Zr Nb Mo Tc Ru Rh Pd Ag Cd In Sn Sb Te I Xe Cs Ba La Ce Pr Nd Pm Sm
Eu Gd Tb Dy Ho Er Tm Yb Lu Hf Ta W Re Os Ir Pt Au Hg Tl Pb Bi Po At Rn Fr Ra Ac Th Pa U
Np Pu Am Cm
"""
SYMBOLS = tuple(_SYMBOLS.split())
"""Elements, by their number."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """One signal of a file."""

    kind: str
    name: str
    """Of its group, which is a long number."""
    shape: tuple[int, ...] = ()
    """Of its numbers on disk; empty where there are none."""
    dtype: Any = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    """What the data sets beside it say."""
    notes: tuple[str, ...] = ()

    @property
    def path(self) -> str:
        """Where its numbers are in the file."""
        return f"Data/{self.kind}/{self.name}/Data"


@dataclass(frozen=True, kw_only=True)
class Contents:
    """What a file holds."""

    application: str = ""
    """Version of Velox."""
    parts: tuple[Part, ...] = ()
    titles: Mapping[str, str] = field(default_factory=dict)
    """What Velox shows above an image, by the name of its part."""
    elements: tuple[str, ...] = ()
    """Those that were chosen for quantification."""
    notes: tuple[str, ...] = ()


def opened(path: Path) -> h5py.File:
    """Return the file, open for reading; no lock is asked for, which shares refuse."""
    return h5py.File(path, "r", locking=False)


def is_velox(file: DataFile) -> bool:
    """Tell whether `file` is Velox's; false for what cannot be read."""
    try:
        if not file.head.startswith(SIGNATURE):
            return False
        with reading(file, WHAT), opened(file.path) as tree:
            return str(_version(tree).get("format")) in FORMATS
    except (ExtractionError, OSError):
        return False


def read_contents(file: DataFile) -> Contents:
    """Return what is in a Velox file; of what is damaged, a note.

    Raises
    ------
    ExtractionError
        If it is no such file, or cannot be opened.
    """
    with reading(file, WHAT), opened(file.path) as tree:
        version = _version(tree)
        if str(version.get("format")) not in FORMATS:
            msg = f"expected the format Velox, found {version.get('format')!r:.40}"
            raise ValueError(msg)
        reader = _Reader(file, [])
        application = reader.attempt("Info", {}, _json_at, tree, "Info")
        return Contents(
            application=str(application.get("applicationVersion", "")),
            titles=reader.attempt("The titles of images", {}, _titles, tree),
            elements=reader.attempt("The chosen elements", (), _elements, tree),
            parts=tuple(_parts(reader, tree)),
            notes=tuple(reader.told),
        )


@dataclass(frozen=True)
class _Reader:
    """Reads what can be read of a damaged file, and says what cannot."""

    file: DataFile
    told: list[str]

    def attempt(
        self,
        what: str,
        default: Any,  # noqa: ANN401 - as `read`
        read: Callable[..., Any],
        *place: object,
    ) -> Any:  # noqa: ANN401 - as `read`
        """Return what `read` finds at `place`; else `default`."""
        try:
            with reading(self.file, WHAT):
                return read(*place)
        except ExtractionError as error:
            reason = str(error).partition(f"{WHAT}: ")[2]
            self.told.append(f"{what} cannot be read: {reason}.")
            return default


def _version(tree: h5py.File) -> dict[str, Any]:
    found = tree.get("Version")
    return _json(found) if isinstance(found, h5py.Dataset) else {}


def _json(node: h5py.Dataset) -> dict[str, Any]:
    """Return the JSON object in a data set: text, or a first column of characters."""
    if node.dtype.kind not in "OSu":
        msg = f"expected text, found {node.dtype}"
        raise ValueError(msg)
    characters = node.dtype.kind == "u"
    content = node[:MOST_BYTES, 0].tobytes() if characters else node[0]
    text = content.decode("utf-8", "replace") if isinstance(content, bytes) else content
    found = json.loads(str(text).rstrip("\0"))
    if not isinstance(found, dict):
        msg = f"expected an object of JSON, found {found!r:.40}"
        raise ValueError(msg)  # noqa: TRY004 - the file is wrong, not a type of ours
    return found


def _json_at(group: h5py.Group, name: str) -> dict[str, Any]:
    return _json(group[name])


def _parts(reader: _Reader, tree: h5py.File) -> Iterator[Part]:
    for kind in KINDS:
        place = f"Data/{kind}"
        names = reader.attempt(place, [], _names, tree, place)
        for name in names[:MOST_PARTS]:
            own = _Reader(reader.file, [])
            part = _part(own, tree, kind, name)
            if part is not None:
                yield part
            else:
                reader.told.extend(own.told)


def _names(tree: h5py.File, place: str) -> list[str]:
    group = tree.get(place)
    return list(group) if isinstance(group, h5py.Group) else []


def _part(reader: _Reader, tree: h5py.File, kind: str, name: str) -> Part | None:
    place = f"Data/{kind}/{name}"
    group = reader.attempt(place, None, tree.get, place)
    if not isinstance(group, h5py.Group):
        return None
    shape, dtype = (), None
    if kind != "SpectrumImage":  # its numbers are in a form that nobody else reads
        shape, dtype = reader.attempt(f"{place}/Data", ((), None), _size, group)
    metadata = reader.attempt(f"{place}/Metadata", {}, _json_at, group, "Metadata")
    if not shape and not metadata:
        return None
    settings: dict[str, Any] = {}
    for one in SETTINGS:
        if reader.attempt(place, False, group.__contains__, one):
            settings |= reader.attempt(f"{place}/{one}", {}, _json_at, group, one)
    return Part(
        kind=kind,
        name=name,
        shape=shape,
        dtype=dtype,
        metadata=metadata,
        settings=settings,
        notes=tuple(reader.told),
    )


def _size(group: h5py.Group) -> tuple[tuple[int, ...], Any]:
    data = group["Data"]
    return tuple(int(size) for size in data.shape), data.dtype


def _titles(tree: h5py.File) -> dict[str, str]:
    """Return the titles of displays, by the name of the part that they show."""
    titles: dict[str, str] = {}
    for place in DISPLAYS:
        for display in _objects(tree, place):
            path = display.get("dataPath") or ""
            if "data" in display:
                target = tree.get(str(display["data"]))
                path = _json(target).get("dataPath", "") if target else ""
            shown = display.get("display")
            label = shown.get("label") if isinstance(shown, dict) else None
            title = display.get("title") or display.get("id") or label
            if path and title:
                titles[str(path).rpartition("/")[2]] = unquote(str(title))
    return titles


def _objects(tree: h5py.File, place: str) -> Iterator[dict[str, Any]]:
    group = tree.get(place)
    if isinstance(group, h5py.Group):
        for one in list(group)[:MOST_PARTS]:
            yield _json(group[one])


def _elements(tree: h5py.File) -> tuple[str, ...]:
    chosen: dict[str, None] = {}
    for place in QUANTIFICATIONS:
        for settings in _objects(tree, place):
            for one in settings.get("elementSelection") or ():
                atomic = number(one)
                if atomic is not None and 0 < atomic <= len(SYMBOLS):
                    chosen[SYMBOLS[int(atomic) - 1]] = None
    return tuple(chosen)
