"""Bringing one record into a notebook, or back: look, then add or replace."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nexuslims_core.exporting.summary import session_code

from nexuslims_exporter_labarchives.identity import is_gone, is_live
from nexuslims_exporter_labarchives.shelf import (
    INBOX,
    InboxShelf,
    LooseShelf,
    PageShelf,
    Signs,
    store,
)
from nexuslims_exporter_labarchives.tree import (
    discard,
    find_folder,
    find_page,
    make_page,
)

if TYPE_CHECKING:
    from nexuslims_core.types import ExportContext

    from nexuslims_exporter_labarchives.answers import Entry, Node
    from nexuslims_exporter_labarchives.client import FileToAttach, LabArchivesClient
    from nexuslims_exporter_labarchives.shelf import Kept, Shelf
    from nexuslims_exporter_labarchives.text import Content

__all__ = ["ATTACHMENT", "Delivery", "Withdrawal", "deliver", "withdraw"]

ATTACHMENT = "attachment_id"
"""Key in a result's metadata: with the record's id it tells where the record is."""


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """A record that is in LabArchives now."""

    kept: Kept
    page: str
    """Tree id of its page; `INBOX` for the Inbox, empty if it was moved."""
    warnings: tuple[str, ...] = ()
    """What somebody should look at there."""


@dataclass(frozen=True, kw_only=True)
class Withdrawal:
    """What was done to take a record back."""

    text: str | None
    """Id of the entry, if there was one."""
    remains: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class _Place:
    """Where a session's entries are."""

    shelf: Shelf
    entries: tuple[Entry, ...]
    page: Node | None = None
    others: int = 0


def deliver(
    client: LabArchivesClient, nbid: str, context: ExportContext, content: Content
) -> Delivery:
    """Write the session's page, or bring the one that is there up to date.

    Parameters
    ----------
    nbid
        The notebook; empty for the Inbox.

    Raises
    ------
    ExportError
        If LabArchives did not take it.
    """
    signs = _signs(context)
    if not nbid:
        shelf = InboxShelf(client, signs.ids)
        ours = signs.among(shelf.look())
        return Delivery(kept=store(client, shelf, ours, content), page=INBOX)
    place = _page_place(client, nbid, context)
    ours = signs.among(place.entries)
    kept = store(client, place.shelf, ours, content)
    page = "" if place.page is None else place.page.tree_id
    return Delivery(kept=kept, page=page, warnings=_warnings(place, kept))


def withdraw(
    client: LabArchivesClient,
    nbid: str,
    context: ExportContext,
    notice: tuple[str, FileToAttach],
) -> Withdrawal:
    """Replace what was written by a notice, and put the page away.

    Raises
    ------
    ExportError
        If LabArchives cannot be asked, or refuses.
    """
    place = _written_place(client, nbid, context)
    if place is None:
        return Withdrawal(text=None)
    signs = _signs(context)
    ours = signs.among(place.entries)
    live = [text for text in ours.texts if not is_gone(text, signs.code)]
    html, file = notice
    for text in live:
        client.update_text(text.eid, html)
    files = [each for each in ours.files if each.filename != file.name]
    for attached in files:
        client.update_file(attached.eid, file)
    put_away = place.page is not None and not ours.theirs
    if place.page is not None and put_away:
        discard(client, nbid, place.page, "withdrawn")
    if not (live or files or put_away):
        return Withdrawal(text=None)
    first = next(iter(ours.texts), None)
    return Withdrawal(
        text="" if first is None else first.eid,
        remains=_remains(place, put_away=put_away, theirs=ours.theirs, nbid=nbid),
    )


def _signs(context: ExportContext) -> Signs:
    """Return what the session's entries are known by; ids are of an earlier export."""
    previous = context.previous
    told = previous and (previous.record_id, previous.metadata.get(ATTACHMENT))
    return Signs(
        code=session_code(context.session.identifier),
        filename=context.xml_path.name,
        ids=tuple(each for each in told or () if isinstance(each, str) and each),
    )


def _page_place(client: LabArchivesClient, nbid: str, context: ExportContext) -> _Place:
    """Return the page of the session, made if there is none."""
    folder = find_folder(client, nbid, context.session.instrument.pid)
    place = _found_place(client, nbid, context, folder)
    if place is not None:
        return place
    page = make_page(client, nbid, folder, context.session)
    return _Place(
        shelf=_shelf(client, nbid, page.node, context),
        entries=page.entries,
        page=page.node,
    )


def _written_place(
    client: LabArchivesClient, nbid: str, context: ExportContext
) -> _Place | None:
    """Return where the session's entries are, if anywhere."""
    if not nbid:
        shelf = InboxShelf(client, _signs(context).ids)
        entries = tuple(shelf.look())
        return _Place(shelf=shelf, entries=entries) if entries else None
    folder = find_folder(client, nbid, context.session.instrument.pid)
    return _found_place(client, nbid, context, folder)


def _found_place(
    client: LabArchivesClient,
    nbid: str,
    context: ExportContext,
    folder: Node | None,
) -> _Place | None:
    page = None
    if folder is not None:
        page = find_page(client, nbid, folder, context.session)
    if page is None:
        return _moved_place(client, context)
    return _Place(
        shelf=_shelf(client, nbid, page.node, context),
        entries=page.entries,
        page=page.node,
        others=page.others,
    )


def _moved_place(client: LabArchivesClient, context: ExportContext) -> _Place | None:
    """Return the entries of a page that somebody renamed or moved.

    They count if the record is in them: a page that was put away when its record was
    withdrawn has a notice instead.
    """
    signs = _signs(context)
    shelf = LooseShelf(client, signs.ids)
    entries = tuple(shelf.look())
    if any(is_live(entry, signs.code) for entry in entries):
        return _Place(shelf=shelf, entries=entries)
    return None


def _shelf(
    client: LabArchivesClient, nbid: str, page: Node, context: ExportContext
) -> PageShelf:
    return PageShelf(client, nbid, page.tree_id, _signs(context))


def _warnings(place: _Place, kept: Kept) -> tuple[str, ...]:
    warnings = []
    if place.others:
        warnings.append(
            f"the notebook has {place.others + 1} pages of this session; the first "
            "with a record is kept up to date, the others should be deleted"
        )
    if not kept.file:
        warnings.append(
            "the page was renamed or moved, so the XML record could not be attached; "
            "give it its old title back, and it will be"
        )
    return tuple(warnings)


def _remains(
    place: _Place, *, put_away: bool, theirs: int, nbid: str
) -> tuple[str, ...]:
    history = (
        "LabArchives keeps earlier versions of the entries in their history; whoever "
        "may read them can see those"
    )
    remains = [history]
    if put_away:
        remains.append(
            "the page is in the folder “API Deleted Items”: the API cannot delete it, "
            "a person can"
        )
    elif theirs:
        remains.append("the page stays where it was, for what people wrote on it")
    elif not nbid:
        remains.append("the Inbox shows a notice; a person can delete it")
    elif place.page is None:
        remains.append(
            "the page was renamed or moved, so it stays there with a notice on it"
        )
    return tuple(remains)
