"""What a worker process does with one file, and what crosses to it and back."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal
from weakref import WeakKeyDictionary

from nexuslims_core import extraction
from nexuslims_core.errors import NexusLIMSError
from nexuslims_core.model.files import DataFile
from nexuslims_core.record import dataset_entries, sidecar
from nexuslims_core.record.sidecar import ExtractorKey, Signal, StoredSignal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from nexuslims_core.extraction import Reading
    from nexuslims_core.manager import PluginManager, PluginRecipe
    from nexuslims_core.model.record import DatasetEntry
    from nexuslims_core.types import Extractor

FileState = Literal["read", "reused", "changed", "vanished", "unreadable"]
"""Read now; taken from its side-car; still growing; gone; or beyond reading."""


class NotStoredError(NexusLIMSError):
    """Side-cars or previews cannot be written: no fault of the data file."""


@dataclass(frozen=True, kw_only=True)
class FileJob:
    """A file to extract, with all that a worker needs to know. Can be pickled."""

    file: DataFile
    recipe: PluginRecipe
    instrument_root: Path
    data_root: Path
    skip: Mapping[str, str] = field(default_factory=dict)
    """Extractors not to use on it, with the reason."""
    previews: bool = True
    last: bool = False
    """Whether this is the last try with these extractors."""
    checksum: bool = False

    @property
    def mirrored(self) -> Path:
        """The place below the data root that mirrors the file's."""
        return sidecar.mirror(self.file.path, self.instrument_root, self.data_root)


@dataclass(frozen=True, kw_only=True)
class FileOutcome:
    """What became of a file."""

    file: DataFile
    state: FileState
    entries: tuple[DatasetEntry, ...] = ()
    """One per signal, ready for the record."""
    warnings: tuple[str, ...] = ()
    """What could not be read, in sentences."""


def warm_up(recipe: PluginRecipe) -> None:
    """Import what most files need, so that the first of them finds it there."""
    extraction.manager_from(recipe)
    from nexuslims_core.model import metadata, units  # noqa: F401 - for the import
    from nexuslims_core.previews import encoding  # noqa: F401 - likewise

    units.registry()


def process_file(job: FileJob) -> FileOutcome:
    """Read a file, draw its previews, store its side-cars.

    Raises
    ------
    NotStoredError
        If the data folder does not take them.
    MemoryError
        If memory did not suffice and there will be another try.
    """
    if not job.file.path.exists():
        return _vanished(job)
    manager = extraction.manager_from(job.recipe)
    reading = extraction.read(
        job.file,
        manager,
        skip=job.skip,
        checksum=job.checksum,
        raise_memory_errors=not job.last,
    )
    drawn = [_draw(signal, manager, job) for signal in reading.signals]
    try:
        after = DataFile.at(job.file.path)
    except FileNotFoundError:
        return _vanished(job)
    if (after.size, after.mtime_ns) != (job.file.size, job.file.mtime_ns):
        return FileOutcome(file=job.file, state="changed")
    stored = _store(job, reading, [png for png, _ in drawn], manager)
    return FileOutcome(
        file=job.file,
        state="read",
        entries=_entries(job, stored),
        warnings=_warnings(reading, [problem for _, problem in drawn]),
    )


def _store(
    job: FileJob,
    reading: Reading,
    previews: Sequence[bytes | None],
    manager: PluginManager,
) -> tuple[StoredSignal, ...]:
    signals = [
        Signal(nx_meta=one.metadata.nx_meta, raw=one.metadata.raw, preview=png)
        for one, png in zip(reading.signals, previews, strict=True)
    ]
    key = _keys(job, manager)[reading.extractor.name]
    if reading.incomplete:
        # No later build finds this key: it reads the file again.
        key = replace(key, profile=f"{key.profile} incomplete")
    try:
        return sidecar.write(job.file, job.mirrored, signals, key)
    except OSError as error:
        msg = f"{job.mirrored}.* cannot be written: {error.strerror or error}"
        raise NotStoredError(msg) from error


def reusable(job: FileJob, manager: PluginManager) -> FileOutcome | None:
    """Return what an earlier run stored about the file, if it can stand for reading it.

    It can while neither the file nor any extractor or profile that concerns it changed;
    not when another try may give more.

    Parameters
    ----------
    manager
        One like that of the job's recipe.
    """
    keys = _keys(job, manager).values()
    stored = sidecar.read_reusable(job.file, job.mirrored, *keys)
    if stored is None:
        return None
    return FileOutcome(
        file=job.file,
        state="reused",
        entries=_entries(job, stored),
        warnings=_stored_warnings(stored),
    )


def _entries(job: FileJob, stored: Sequence[StoredSignal]) -> tuple[DatasetEntry, ...]:
    return dataset_entries(
        job.file.path,
        stored,
        instrument_root=job.instrument_root,
        data_root=job.data_root,
    )


def _vanished(job: FileJob) -> FileOutcome:
    return FileOutcome(
        file=job.file,
        state="vanished",
        warnings=("vanished between scan and read; it is not in the record",),
    )


def _draw(
    signal: extraction.Signal, manager: PluginManager, job: FileJob
) -> tuple[bytes | None, str | None]:
    if not job.previews:
        return None, None
    image, problem = extraction.render(
        signal.dataset, manager, raise_memory_errors=not job.last
    )
    if image is None:
        return None, problem
    from nexuslims_core.previews.encoding import png

    return png(image), problem


def _keys(job: FileJob, manager: PluginManager) -> Mapping[str, ExtractorKey]:
    """Return what marks a side-car of the file, for each extractor that may make it."""
    pid = None if job.file.instrument is None else job.file.instrument.pid
    keys = _known_keys.setdefault(manager, {})
    like = (job.file.extension, pid, job.checksum)
    if like not in keys:
        keys[like] = _made_keys(job, manager)
    return keys[like]


_known_keys: WeakKeyDictionary[
    PluginManager,
    dict[tuple[str, str | None, bool], Mapping[str, ExtractorKey]],
] = WeakKeyDictionary()
"""Of each manager, for files of one extension and instrument: there are millions."""


def _made_keys(job: FileJob, manager: PluginManager) -> Mapping[str, ExtractorKey]:
    surroundings = _surroundings(job, manager)
    return {
        one.name: _key(one, manager, surroundings)
        for one in extraction.candidates(job.file, manager)
    }


def _key(
    extractor: Extractor, manager: PluginManager, surroundings: str
) -> ExtractorKey:
    owner = manager.owner_of(extractor)
    return ExtractorKey(
        extractor=extractor.name,
        extractor_version=extractor.version,
        distribution=owner.distribution,
        distribution_version=owner.version,
        profile=surroundings,
    )


def _surroundings(job: FileJob, manager: PluginManager) -> str:
    """Return a hash over all else that decides how the file is read.

    An extractor that is newly installed may be the better one for it, so those that
    were not used count too.
    """
    others = [
        (one.name, one.version, manager.owner_of(one).version)
        for one in extraction.candidates(job.file, manager)
    ]
    profiles = [one.name for one in extraction.profiles(job.file, manager)]
    if profiles:
        profiles.append(manager.fingerprint("instrument_profiles"))
    text = json.dumps([others, profiles, job.checksum])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _warnings(reading: Reading, problems: Sequence[str | None]) -> tuple[str, ...]:
    notes = [note for one in reading.signals for note in one.metadata.notes]
    drawing = [problem for problem in problems if problem]
    return tuple(dict.fromkeys([*reading.failures, *notes, *drawing]))


def _stored_warnings(stored: Sequence[StoredSignal]) -> tuple[str, ...]:
    found = []
    for one in stored:
        details = one.nx_meta.get("NexusLIMS Extraction", {})
        warnings = details.get("Extractor Warnings", [])
        found += [warnings] if isinstance(warnings, str) else list(warnings)
    return tuple(dict.fromkeys(map(str, found)))
