"""Side-cars: the complete metadata of each signal, as JSON beside its preview.

A side-car remembers the file that it was made from and the extractor that made it.
While both are as they were, a record is built from it without opening the data file.
"""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any

from nexuslims_core.record.indented import indented
from nexuslims_core.record.paths import (
    SignalPaths,
    location,
    mirror,
    numbered,
    signal_paths,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from nexuslims_core.model.files import DataFile

__all__ = [
    "ExtractorKey",
    "Signal",
    "SignalPaths",
    "StoredSignal",
    "location",
    "mirror",
    "read_reusable",
    "signal_paths",
    "write",
    "write_file",
]

SOURCE = "nexuslims_source"
"""Group of a side-car that tells what it was made from."""


@dataclass(frozen=True, kw_only=True)
class ExtractorKey:
    """Who makes a side-car; one that another made is not used again."""

    extractor: str
    extractor_version: str
    distribution: str
    distribution_version: str
    profile: str = ""
    """Whatever changes when the instrument's profiles do; empty without any."""


@dataclass(frozen=True, kw_only=True)
class Signal:
    """One signal to store."""

    nx_meta: Mapping[str, Any]
    raw: Mapping[str, Any] = field(default_factory=dict)
    preview: bytes | None = None
    """The preview as PNG, if there is one."""


@dataclass(frozen=True, kw_only=True)
class StoredSignal:
    """One signal as it is stored."""

    nx_meta: Mapping[str, Any]
    sidecar: Path
    preview: Path | None = None
    """The preview, if there is one."""


def write(
    file: DataFile, mirrored: Path, signals: Sequence[Signal], key: ExtractorKey
) -> tuple[StoredSignal, ...]:
    """Store the signals of a data file; return them as stored.

    Each file appears whole or not at all, a side-car after its preview. What an earlier
    extraction left and this one does not replace is removed.

    Parameters
    ----------
    mirrored
        The place that mirrors the data file's; see `mirror`.
    signals
        Strictly JSON-able metadata of each signal, in file order.

    Raises
    ------
    OSError
        If the folder cannot be written to.
    ValueError
        If the metadata are not strictly JSON-able.
    """
    mirrored.parent.mkdir(parents=True, exist_ok=True)
    places = signal_paths(mirrored, len(signals))
    stored = []
    for index, (signal, place) in enumerate(zip(signals, places, strict=True)):
        source = {
            **_file_source(file),
            **vars(key),
            "signal": index,
            "signals": len(signals),
            "preview": signal.preview is not None,
        }
        stored.append(_write_signal(signal, place, source))
    _remove_stale(file, mirrored, len(signals))
    return tuple(stored)


def _write_signal(
    signal: Signal, place: SignalPaths, source: Mapping[str, Any]
) -> StoredSignal:
    content = {"nx_meta": signal.nx_meta, **signal.raw, SOURCE: source}
    text = indented(content)
    if signal.preview is None:
        place.preview.unlink(missing_ok=True)
    else:
        write_file(place.preview, signal.preview)
    write_file(place.sidecar, text.encode())
    preview = None if signal.preview is None else place.preview
    return StoredSignal(nx_meta=signal.nx_meta, sidecar=place.sidecar, preview=preview)


def write_file(path: Path, content: bytes) -> None:
    """Write a file, whole or not at all.

    Raises
    ------
    OSError
        If the folder cannot be written to.
    """
    temporary = path.with_name(f".{uuid.uuid4().hex}.tmp")
    try:
        with temporary.open("xb") as stream:
            stream.write(content)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def read_reusable(
    file: DataFile, mirrored: Path, *keys: ExtractorKey
) -> tuple[StoredSignal, ...] | None:
    """Return the stored signals of a data file, if they can stand for reading it.

    Parameters
    ----------
    keys
        Who may have made them.

    Returns
    -------
    tuple of StoredSignal or None
        `None` if any is missing or damaged, or if the file or its extractor changed.
    """
    source = _file_source(file)
    expected = [{**source, **vars(key)} for key in keys]
    first = _load(signal_paths(mirrored, 1)[0], expected)
    if first is None:
        first = _load(numbered(mirrored, 0), expected)
    if first is None:
        return None
    signal, total, maker = first
    if total == 1:
        return (signal,) if signal.sidecar.name == f"{mirrored.name}.json" else None
    others = [_load(place, [maker]) for place in signal_paths(mirrored, total)]
    if any(other is None or other[1] != total for other in others):
        return None
    return tuple(other[0] for other in others if other is not None)


def _file_source(file: DataFile) -> dict[str, Any]:
    instrument = file.instrument
    return {
        "file": _name(file),
        "size": file.size,
        "mtime_ns": file.mtime_ns,
        "instrument": instrument.pid if instrument else None,
        "timezone": instrument.timezone if instrument else None,
    }


def _name(file: DataFile) -> str:
    """Return the file's name, percent-encoded: not all names are valid text."""
    return location(file.path, file.path.parent)[1:]


def _load(
    place: SignalPaths, expected: Sequence[Mapping[str, Any]]
) -> tuple[StoredSignal, int, Mapping[str, Any]] | None:
    """Return a stored signal, how many there are, and which was expected, or `None`."""
    content = _read(place.sidecar)
    source = content.get(SOURCE)
    nx_meta = content.get("nx_meta")
    if not isinstance(source, dict) or not isinstance(nx_meta, dict):
        return None
    total = source.get("signals")
    found = next((one for one in expected if one.items() <= source.items()), None)
    if found is None:
        return None
    if not isinstance(total, int) or total < 1:
        return None
    preview = place.preview if source.get("preview") else None
    if preview is not None and not preview.is_file():
        return None
    stored = StoredSignal(nx_meta=nx_meta, sidecar=place.sidecar, preview=preview)
    return stored, total, found


def _read(path: Path) -> dict[str, Any]:
    """Return the content of a side-car; empty if there is none, or none intact."""
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def _remove_stale(file: DataFile, mirrored: Path, total: int) -> None:
    """Remove what an earlier extraction stored under names that are now unused."""
    if total != 1:
        _remove(file, signal_paths(mirrored, 1)[0])
    # From the highest down: an interrupted removal leaves no gap to stop the next.
    for place in reversed(list(_numbered_from(mirrored, 0 if total == 1 else total))):
        _remove(file, place)


def _numbered_from(mirrored: Path, first: int) -> Iterator[SignalPaths]:
    for index in count(first):
        place = numbered(mirrored, index)
        if not (place.sidecar.exists() or place.preview.exists()):
            return
        yield place


def _remove(file: DataFile, place: SignalPaths) -> None:
    """Remove a signal's files, unless they belong to a data file of a similar name."""
    source = _read(place.sidecar).get(SOURCE)
    owner = source.get("file") if isinstance(source, dict) else None
    if owner in {None, _name(file)}:
        place.sidecar.unlink(missing_ok=True)
        place.preview.unlink(missing_ok=True)
