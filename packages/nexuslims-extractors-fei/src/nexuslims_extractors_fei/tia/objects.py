"""What an ``.emi`` says: one ``<ObjectInfo>`` of XML per signal, among binary data.

The rest of an ``.emi`` is a copy of the numbers, and how TIA showed them.
"""

from __future__ import annotations

import mmap
import os
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, BinaryIO

from nexuslims_core.reading.findings import as_text, number
from nexuslims_core.reading.markup import as_groups, salvage

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path
    from xml.etree import ElementTree as ET

OPENING, CLOSING = b"<ObjectInfo>", b"</ObjectInfo>"

MOST_BYTES = 1 << 20
"""Of one ``<ObjectInfo>``; real ones have some thousand."""

DESCRIBED = ("ExperimentalDescription", "ExperimentalConditions", "AcquireInfo")
"""What says something of a signal; other objects are drawings on one."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line of ``<ExperimentalDescription>``."""

    label: str
    value: str
    unit: str


@dataclass(frozen=True, kw_only=True)
class ObjectInfo:
    """What one ``<ObjectInfo>`` says."""

    settings: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Values by group and name; those without a group under ``ObjectInfo``."""
    description: tuple[Entry, ...] = ()
    missing: tuple[str, ...] = ()
    """Parts that every signal should have, and this has not."""
    kind: str = ""
    """Spectrum, image, or empty where it does not say."""
    reference: bool = False
    """Whether it is the image on which the places of a scan were chosen."""
    raw: Mapping[str, Any] = field(default_factory=dict)
    problem: str | None = None
    """What is wrong with its XML."""

    def value(self, group: str, name: str) -> str:
        """Return a setting; empty where there is none."""
        return self.settings.get(group, {}).get(name, "")

    def entry(self, label: str) -> Entry | None:
        """Return the line of a description that has `label`, in any case."""
        wanted = label.lower()
        return next((e for e in self.description if e.label.lower() == wanted), None)


@lru_cache(maxsize=8)
def read_objects(path: Path, size: int, mtime_ns: int) -> tuple[ObjectInfo, ...]:  # noqa: ARG001 - part of the key
    """Return what an ``.emi`` says of its signals, in its order.

    The answers for the last few files are kept, because every ``.ser`` of an
    acquisition asks for the same.

    Parameters
    ----------
    size, mtime_ns
        The file's, so that one that has changed is read again.

    Raises
    ------
    OSError
        If it cannot be read.
    """
    with path.open("rb") as stream:
        found = [_object_info(as_text(text)) for text in _texts(stream)]
    return tuple(one for one in found if one is not None)


def _texts(stream: BinaryIO) -> Iterator[bytes]:
    """Yield every ``<ObjectInfo>``; the last may be cut."""
    if not os.fstat(stream.fileno()).st_size:
        return  # which cannot be mapped
    # Mapped, not read: most of it is numbers, of which nothing is kept.
    with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content:
        start = content.find(OPENING)
        while start >= 0:
            most = start + MOST_BYTES
            end = content.find(CLOSING, start, most)
            if end >= 0:
                yield content[start : end + len(CLOSING)]
            elif most >= len(content):
                yield content[start:]
            start = content.find(OPENING, max(end, start + 1))


def _object_info(text: str) -> ObjectInfo | None:
    """Return what the XML says; `None` where it is of no signal."""
    root, problem = salvage(text)
    if root is None or all(root.find(part) is None for part in DESCRIBED):
        return None
    groups = {one.tag: _values(one) for one in root if len(one)}
    conditions = root.find("ExperimentalConditions/MicroscopeConditions")
    if conditions is not None:
        groups["MicroscopeConditions"] = _values(conditions)
    return ObjectInfo(
        settings={"ObjectInfo": _values(root), **groups},
        description=tuple(_entries(root)),
        missing=tuple(part for part in DESCRIBED[:2] if root.find(part) is None),
        kind=_kind(groups.get("DetectorRange", {})),
        reference=root.find("OriginalImageUuid") is not None,
        raw=_raw(root),
        problem=problem,
    )


def _values(group: ET.Element) -> dict[str, str]:
    return {
        one.tag: (one.text or "").strip()
        for one in group
        if not len(one) and (one.text or "").strip()
    }


def _entries(root: ET.Element) -> Iterator[Entry]:
    for data in root.iterfind("ExperimentalDescription//Data"):
        label, value, unit = (
            (data.findtext(name) or "").strip() for name in ("Label", "Value", "Unit")
        )
        if label:
            yield Entry(label=label, value=value, unit=unit)


def _kind(detector: Mapping[str, str]) -> str:
    if "StartX" in detector:
        return "image"
    return "spectrum" if "Start" in detector else ""


def _raw(root: ET.Element) -> dict[str, Any]:
    """Return everything; of lists, the names with their units, and the numbers."""
    groups = as_groups(root)
    raw: dict[str, Any] = dict(groups) if isinstance(groups, dict) else {}
    if "ExperimentalDescription" in raw:
        raw["ExperimentalDescription"] = {
            f"{e.label}_{e.unit}" if e.unit else e.label: _number_or_text(e.value)
            for e in _entries(root)
        }
    header = root.findtext("TrueImageHeaderInfo") or ""
    listed, _ = salvage(header) if header.strip() else (None, None)
    if listed is not None:
        raw["TrueImageHeaderInfo"] = {
            (one.findtext("Index") or ""): _number_or_text(one.findtext("Value") or "")
            for one in listed.iter("Data")
        }
    return raw


def _number_or_text(text: str) -> int | float | str:
    found = number(text)
    return text if found is None else found


def of_series(
    objects: tuple[ObjectInfo, ...], place: int, kind: str
) -> ObjectInfo | None:
    """Return the object that describes the numbers of one ``.ser``.

    The files of an acquisition are numbered as its objects are; but the image on which
    the places of a scan were chosen is an object, and has no file of its own.

    Parameters
    ----------
    place
        The file's number, from 1; it ends its name.
    kind
        Spectrum or image; empty when not known.
    """
    own = [one for one in objects if not one.reference] or list(objects)
    numbered = own[place - 1] if 0 < place <= len(own) else None
    if numbered is None or not kind or numbered.kind in {kind, ""}:
        return numbered
    return next((one for one in own if one.kind == kind), numbered)


def reference_image(objects: tuple[ObjectInfo, ...]) -> ObjectInfo | None:
    """Return the object of the image on which the places of a scan were chosen."""
    return next((one for one in objects if one.reference), None)
