"""The folder of crates: which are there, and how one is replaced in a single step.

A crate is named by its title and by digits that stand for its session, so that it is
found whatever its title is now. An archive is written beside the others and then takes
its place. A folder cannot be replaced in one step, so its files lie in a subfolder that
is named by what they hold: the new one is put beside the old one, then the metadata
document, which says which of them counts, takes the place of the old.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from nexuslims_core.exporting.names import digest

from nexuslims_exporter_rocrate.copying import write_archive, write_bytes, write_part
from nexuslims_exporter_rocrate.crate import METADATA
from nexuslims_exporter_rocrate.names import safe_name

if TYPE_CHECKING:
    from pathlib import Path

    from nexuslims_exporter_rocrate.inventory import Part
    from nexuslims_exporter_rocrate.settings import Format

STAGING = ".staging"
NOTE = ".unfinished"
"""Names the folder that is being changed; there only while that is so."""

SUFFIXES: dict[Format, str] = {"folder": "", "zip": ".zip", "eln": ".eln"}

_DAMAGED = (
    EOFError,
    RuntimeError,  # such as for an archive that says that it is encrypted
    ValueError,  # such as for one without the document
    zipfile.BadZipFile,
    zlib.error,
)
"""What reading an archive may raise, besides `OSError`, when its bytes are wrong."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*-(?P<key>[0-9a-f]{16})(\.zip|\.eln)?")
_VERSION = re.compile(r"files-[0-9a-f]{12}")


def version_folder(version: str) -> str:
    """Return where the files of a crate that is a folder lie."""
    return f"files-{version}/"


def key_of(session_identifier: str) -> str:
    """Return the digits that stand for a session in the names of its crates."""
    return digest(session_identifier)[:16]


@dataclass(frozen=True, kw_only=True)
class Volume:
    """A crate as it is to be."""

    format: Format
    stem: str
    """Its name without suffix."""
    document: bytes
    """Its metadata."""
    base: str
    """Folder in the crate that `parts` go to; empty for its top."""
    parts: tuple[Part, ...]

    @property
    def name(self) -> str:
        """Name of the folder or archive."""
        return self.stem + SUFFIXES[self.format]

    @property
    def root(self) -> str:
        """What paths in an archive begin with."""
        return f"{self.stem}/" if self.format == "eln" else ""

    @property
    def sizes(self) -> dict[str, int]:
        """Size of every file in the crate, by its path there."""
        files = {self.base + part.path: part.facts.size for part in self.parts}
        return {METADATA: len(self.document), **files}


def stem_of(title: str, session_identifier: str) -> str:
    """Return the name of a crate, without suffix."""
    return f"{safe_name(title)}-{key_of(session_identifier)}"


@dataclass(frozen=True)
class Shelf:
    """Crates below `root`, changed by one process at a time."""

    root: Path

    def crates(self, session_identifier: str) -> tuple[Path, ...]:
        """Return the crates of a session; one for each format, if all is well."""
        key = key_of(session_identifier)
        try:
            names = sorted(os.listdir(self.root))  # noqa: PTH208 - names only
        except FileNotFoundError:
            return ()
        matches = ((name, _NAME.fullmatch(name)) for name in names)
        return tuple(
            self.root / n for n, found in matches if found and found["key"] == key
        )

    def put(self, volume: Volume) -> bool:
        """Have a crate on the shelf; tell whether that changed anything.

        What it leaves behind `tidy` removes.

        Raises
        ------
        OSError
            If something cannot be read or written; the old crate is whole then.
        ExportError
            If a file changed while it was copied.
        """
        target = self.root / volume.name
        if is_same(target, volume):
            return False
        if volume.format == "folder":
            self._put_folder(target, volume)
        else:
            self._put_archive(target, volume)
        return True

    def rename(self, old: Path, new_name: str) -> None:
        """Give a crate another name, unless that is taken."""
        new = self.root / new_name
        if not new.exists():
            old.rename(new)

    def remove(self, crate: Path) -> None:
        """Take a crate from the shelf, as one step; `tidy` does the rest."""
        if not crate.is_dir():
            crate.unlink(missing_ok=True)
            return
        self._staging.mkdir(parents=True, exist_ok=True)
        crate.rename(self._staging / crate.name)

    def tidy(self) -> None:
        """Remove what an export that was killed left behind."""
        note = self.root / NOTE
        if note.is_file():
            name = note.read_text("utf-8", errors="replace")
            if _NAME.fullmatch(name):
                _remove_superseded(self.root / name)
            note.unlink()
        if self._staging.is_dir():
            shutil.rmtree(self._staging)

    @property
    def _staging(self) -> Path:
        return self.root / STAGING

    def _put_archive(self, target: Path, volume: Volume) -> None:
        staged = self._staging / volume.name
        write_archive(staged, volume.root, (METADATA, volume.document), volume.parts)
        staged.replace(target)

    def _put_folder(self, target: Path, volume: Volume) -> None:
        if not (target / METADATA).is_file():
            staged = self._staging / volume.name
            _write_parts(staged / volume.base, volume.parts)
            write_bytes(volume.document, staged / METADATA)
            staged.replace(target)
        else:
            self._move_in(volume.name.encode(), self.root / NOTE)
            if not _has_parts(target / volume.base, volume.parts):
                self._move_parts_in(target / volume.base, volume.parts)
            self._move_in(volume.document, target / METADATA)

    def _move_in(self, content: bytes, target: Path) -> None:
        staged = self._staging / target.name
        write_bytes(content, staged)
        staged.replace(target)

    def _move_parts_in(self, folder: Path, parts: tuple[Part, ...]) -> None:
        staged = self._staging / folder.name
        _write_parts(staged, parts)
        if folder.exists():  # Of this name and not whole: changed by hand.
            shutil.rmtree(folder)
        staged.replace(folder)


def _write_parts(folder: Path, parts: tuple[Part, ...]) -> None:
    for part in parts:
        write_part(part, folder / part.path)


def _has_parts(folder: Path, parts: tuple[Part, ...]) -> bool:
    files = ((folder / part.path, part.facts.size) for part in parts)
    return all(path.is_file() and path.stat().st_size == size for path, size in files)


def _remove_superseded(crate: Path) -> None:
    """Remove the folders of files that the crate's metadata do not name."""
    document = document_of(crate) or b""
    for folder in crate.glob("files-*"):
        if _VERSION.fullmatch(folder.name) and folder.name.encode() not in document:
            shutil.rmtree(folder)


def is_same(target: Path, volume: Volume) -> bool:
    """Tell whether `target` is the crate `volume`, with all its files.

    The document holds the checksums of all files but unread data files, of which it
    holds size and time; so it need not be asked what is in them.
    """
    if document_of(target) != volume.document:
        return False
    return _sizes(target, volume.root) == volume.sizes


def _sizes(crate: Path, root: str) -> dict[str, int]:
    if crate.is_dir():
        files = (path for path in crate.rglob("*") if path.is_file())
        return {
            path.relative_to(crate).as_posix(): path.stat().st_size for path in files
        }
    with zipfile.ZipFile(crate) as archive:
        members = [member for member in archive.infolist() if not member.is_dir()]
        return {one.filename.removeprefix(root): one.file_size for one in members}


def document_of(crate: Path) -> bytes | None:
    """Return the metadata document of a crate; `None` if it has none that is whole."""
    try:
        if crate.is_dir():
            return (crate / METADATA).read_bytes()
        with zipfile.ZipFile(crate) as archive:
            names = (n for n in archive.namelist() if PurePosixPath(n).name == METADATA)
            return archive.read(min(names, key=len))
    except (OSError, *_DAMAGED):
        return None


def graph_of(crate: Path) -> tuple[dict[str, Any], ...]:
    """Return the entities that a crate holds; none if it cannot be understood."""
    try:
        graph = json.loads(document_of(crate) or b"")["@graph"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return ()
    return tuple(one for one in graph if isinstance(one, dict))
