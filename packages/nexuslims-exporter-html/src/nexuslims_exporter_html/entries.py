"""What the catalogue remembers of each session, in one small JSON file each."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Literal

from nexuslims_core.errors import ExportError
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from nexuslims_exporter_html.names import digest, is_safe

if TYPE_CHECKING:
    from collections.abc import Iterable

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


def read_entries(tree: Tree) -> tuple[Entry, ...]:
    """Return all entries, newest session first."""
    found = (
        read_entry(tree, f"{FOLDER}/{name}")
        for name in tree.names(FOLDER)
        if name.endswith(".json")
    )
    return newest_first(entry for entry in found if entry is not None)


def newest_first(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Return `entries` by their start, newest first; ties by name."""
    by_name = sorted(entries, key=lambda entry: entry.name)
    return tuple(sorted(by_name, key=lambda entry: entry.start, reverse=True))
