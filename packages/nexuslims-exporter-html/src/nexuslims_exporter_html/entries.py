"""What the catalogue remembers of each session, in one small JSON file each."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Literal

from nexuslims_core.errors import ExportError
from nexuslims_core.exporting.names import digest
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from nexuslims_exporter_html.names import is_safe

if TYPE_CHECKING:
    from nexuslims_exporter_html.tree import Signature as _Signature
    from nexuslims_exporter_html.tree import Tree

FOLDER = "entries"

logger = logging.getLogger(__name__)


class Entry(BaseModel):
    """One session's line in the index."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    layout: Literal[1] = 1
    session: str
    """The session's identifier."""
    name: str
    """Title that the record was exported under: unique per session."""
    stem: str
    """Name of its page and files, without extension."""
    title: str
    start: AwareDatetime
    end: AwareDatetime
    instrument: str
    experimenter: str
    motivation: str = ""
    samples: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    """Further words to be found by: elements, projects, the instrument's identifier."""
    activities: int = 0
    datasets: int = 0
    thumbnail: str | None = None
    """Path in the catalogue."""
    links: dict[str, str] = Field(default_factory=dict)
    """Addresses of the record at other destinations, by their name."""

    def to_json(self) -> bytes:
        """Return the entry as it is stored."""
        return self.model_dump_json(indent=1).encode()


def entry_path(session_identifier: str) -> str:
    """Return where the entry of a session is; there can be only one."""
    return f"{FOLDER}/{digest(session_identifier)}.json"


def read_entry(tree: Tree, path: str) -> Entry | None:
    """Return the entry at `path`; `None` if there is none that can be understood.

    Raises
    ------
    ExportError
        If a later version of this package wrote the catalogue.
    """
    content = tree.read(path)
    if content is None:
        return None
    try:
        entry = Entry.model_validate_json(content)
    except ValidationError as error:
        reason = error.errors()[0]["msg"]
        if _is_newer(content):
            msg = (
                f"{tree.at(path)} was written by a later version of "
                "nexuslims-exporter-html; upgrade this installation"
            )
            raise ExportError(msg, retry=False) from error
        logger.warning(
            "%s is damaged and left out of the index (%s); export its session again",
            tree.at(path),
            reason,
        )
        return None
    return entry if is_safe(entry.stem) else None


class _Layout(BaseModel):
    model_config = ConfigDict(extra="ignore")
    layout: int


def _is_newer(content: bytes) -> bool:
    try:
        return _Layout.model_validate_json(content).layout > 1
    except ValidationError:
        return False


class Listing:
    """All entries; those that are as they were when last read are not read again."""

    def __init__(self) -> None:
        self._read: dict[str, tuple[_Signature, Entry | None]] = {}

    def entries(self, tree: Tree) -> tuple[Entry, ...]:
        """Return the entries of the catalogue in `tree`, newest session first.

        An entry that did not change is the same object every time.

        Raises
        ------
        ExportError
            If a later version of this package wrote the catalogue.
        """
        present = tree.signatures(FOLDER)
        self._read = {
            name: self._entry(tree, name, signature)
            for name, signature in present.items()
            if name.endswith(".json")
        }
        found = (entry for _, entry in self._read.values() if entry is not None)
        by_name = sorted(found, key=lambda entry: entry.name)
        return tuple(sorted(by_name, key=lambda entry: entry.start, reverse=True))

    def _entry(
        self, tree: Tree, name: str, signature: _Signature
    ) -> tuple[_Signature, Entry | None]:
        known = self._read.get(name)
        if known is not None and known[0] == signature:
            return known
        return signature, read_entry(tree, f"{FOLDER}/{name}")
