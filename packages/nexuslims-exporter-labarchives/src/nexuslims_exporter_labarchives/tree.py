"""Folders and pages of a notebook: found, or made once."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nexuslims_core.errors import ExportError
from nexuslims_core.exporting.calls import LostReplyError
from nexuslims_core.exporting.summary import session_code

from nexuslims_exporter_labarchives.client import ROOT
from nexuslims_exporter_labarchives.identity import (
    is_of_session,
    is_title_of,
    may_be_title_of,
    page_title,
    squashed,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from nexuslims_core.types import Session

    from nexuslims_exporter_labarchives.answers import Entry, Node
    from nexuslims_exporter_labarchives.client import LabArchivesClient

__all__ = [
    "DELETED",
    "RECORDS",
    "Page",
    "discard",
    "find_folder",
    "find_page",
    "make_page",
]

RECORDS = "NexusLIMS Records"
"""Folder at the top of a notebook."""
DELETED = "API Deleted Items"
"""Where programs put what they would delete: the API cannot."""
ATTEMPTS = 3
SETTLING_SECONDS = 2.0
"""How long a server may still be making what it was asked for in a call cut off."""
MOST_GUESSES = 3


@dataclass(frozen=True, kw_only=True)
class Page:
    """The page of a session, with what is on it."""

    node: Node
    entries: tuple[Entry, ...]
    others: int = 0
    """How many more pages of the session there are."""


def find_folder(client: LabArchivesClient, nbid: str, pid: str) -> Node | None:
    """Return the folder of an instrument, or `None` if there is none yet."""
    records = next(iter(_all(client, _folder(nbid, ROOT, RECORDS))), None)
    if records is None:
        return None
    return next(iter(_all(client, _folder(nbid, records.tree_id, pid))), None)


def find_page(
    client: LabArchivesClient, nbid: str, folder: Node, session: Session
) -> Page | None:
    """Return the page of a session, or `None` if there is none (any more) in a folder.

    A page counts by its title. If the title was cut, what is on the page tells.
    """
    pages = [n for n in client.level(nbid, folder.tree_id) if n.is_page]
    titled = [page for page in pages if is_title_of(page.name, session)]
    found = [_opened(client, nbid, page) for page in titled]
    code = session_code(session.identifier)
    # Of several the one with the record; the first of those, as every runner sees it.
    best = sorted(found, key=lambda page: not _has_record(page, code))
    if best:
        return Page(node=best[0].node, entries=best[0].entries, others=len(found) - 1)
    cut = [page for page in pages if may_be_title_of(page.name, session)]
    guesses = (_opened(client, nbid, page) for page in cut[:MOST_GUESSES])
    return next((page for page in guesses if _has_record(page, code)), None)


def make_page(
    client: LabArchivesClient, nbid: str, folder: Node | None, session: Session
) -> Page:
    """Make the page of a session, with the folders above it where they are missing.

    Parameters
    ----------
    folder
        The instrument's, without a page of the session a moment ago.

    Raises
    ------
    ExportError
        If the notebook did not take it; whatever is there then is used next time.
    """
    place = folder or _instrument_folder(client, nbid, session.instrument.pid)
    page, is_new = _made(
        client,
        Wanted(
            nbid=nbid,
            parent=place.tree_id,
            name=page_title(session),
            matches=lambda node: node.is_page and is_title_of(node.name, session),
            is_page=True,
        ),
        looked=folder is not None,
    )
    return Page(node=page, entries=()) if is_new else _opened(client, nbid, page)


def _instrument_folder(client: LabArchivesClient, nbid: str, pid: str) -> Node:
    records, _ = _made(client, _folder(nbid, ROOT, RECORDS))
    return _made(client, _folder(nbid, records.tree_id, pid))[0]


def discard(client: LabArchivesClient, nbid: str, node: Node, why: str) -> None:
    """Move a folder or page to where programs put what they would delete."""
    deleted, _ = _made(client, _folder(nbid, ROOT, DELETED))
    client.move(nbid, node.tree_id, deleted.tree_id, f"{node.name} — {why}")


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A folder or page that there should be one of."""

    nbid: str
    parent: str
    name: str
    matches: Callable[[Node], bool]
    is_page: bool = False


def _folder(nbid: str, parent: str, name: str) -> Wanted:
    wanted = squashed(name) or "Unknown instrument"
    return Wanted(
        nbid=nbid,
        parent=parent,
        name=wanted,
        matches=lambda node: not node.is_page and squashed(node.name) == wanted,
    )


def _made(
    client: LabArchivesClient, wanted: Wanted, *, looked: bool = False
) -> tuple[Node, bool]:
    """Look, make what is missing, and look again.

    The second look finds what was made though its reply was lost, and tells who came
    first if another runner made the same: the first one there counts, for both.

    Parameters
    ----------
    looked
        Whether it was missing a moment ago.

    Returns
    -------
    The folder or page, and whether it is ours and new.
    """
    lost: LostReplyError | None = None
    for _ in range(ATTEMPTS):
        found = [] if looked else _all(client, wanted)
        if found:
            return found[0], False
        if lost is not None and not lost.over:
            raise lost
        looked = False
        try:
            mine = client.insert(
                wanted.nbid, wanted.parent, wanted.name, is_page=wanted.is_page
            )
        except LostReplyError as error:
            lost = error
            time.sleep(SETTLING_SECONDS)
        else:
            first = _agreed(client, wanted, mine)
            return first, first.tree_id == mine
    found = _all(client, wanted)
    if not found:
        raise lost or ExportError(f"{wanted.name!r} could not be made")
    return found[0], False


def _agreed(client: LabArchivesClient, wanted: Wanted, mine: str) -> Node:
    """Return the first of its kind; ours goes if another runner was faster."""
    found = _all(client, wanted)
    if not found:
        msg = (
            f"LabArchives took {wanted.name!r} but does not show it; the next run "
            "looks again"
        )
        raise ExportError(msg)
    for node in found[1:]:
        if node.tree_id == mine:
            discard(client, wanted.nbid, node, "duplicate, empty")
    return found[0]


def _all(client: LabArchivesClient, wanted: Wanted) -> list[Node]:
    level = client.level(wanted.nbid, wanted.parent)
    return [node for node in level if wanted.matches(node)]


def _opened(client: LabArchivesClient, nbid: str, node: Node) -> Page:
    return Page(node=node, entries=tuple(client.entries(nbid, node.tree_id)))


def _has_record(page: Page, code: str) -> bool:
    return any(is_of_session(entry, code) for entry in page.entries)
