"""Where the entries of one session are kept, and bringing them into line."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from nexuslims_core.errors import ExportError
from nexuslims_core.exporting.calls import LostReplyError

from nexuslims_exporter_labarchives.identity import (
    CAPTION,
    is_emptied,
    is_live,
    is_of_session,
    version_of,
)
from nexuslims_exporter_labarchives.text import duplicate

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from nexuslims_core.types import Action

    from nexuslims_exporter_labarchives.answers import Entry
    from nexuslims_exporter_labarchives.client import LabArchivesClient
    from nexuslims_exporter_labarchives.text import Content

__all__ = [
    "INBOX",
    "InboxShelf",
    "Kept",
    "LooseShelf",
    "Ours",
    "PageShelf",
    "Shelf",
    "Signs",
    "store",
]

INBOX = "0"
"""Id of the Inbox, as a notebook and as a page."""

ATTEMPTS = 3
SETTLING_SECONDS = 2.0
"""How long a server may still be storing what was sent in a call cut off."""


class Shelf(Protocol):
    """A place for entries."""

    def look(self) -> list[Entry]:
        """Return the entries there, people's as well."""

    def add_text(self, html: str) -> str:
        """Add a text, once, and return its id; empty if only a look tells it."""

    def add_file(self, content: Content) -> str | None:
        """Attach the record, once, and return its id; empty as above.

        `None` if it cannot be attached there.
        """

    def settled(self, made: Kept) -> Kept:
        """Return what counts after something was added, if others added the same."""


@dataclass(frozen=True, kw_only=True)
class Ours:
    """The entries of a place that belong to a session's record."""

    texts: tuple[Entry, ...]
    files: tuple[Entry, ...]
    theirs: int
    """How many others there are."""


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A record that is in LabArchives now."""

    text: str
    """Id of the entry."""
    file: str
    """Id of the attachment; empty if there is none."""
    action: Action


@dataclass(frozen=True, kw_only=True)
class Signs:
    """What the entries of a session's record are known by."""

    code: str
    """In the text."""
    filename: str
    """Of the attachment; its caption tells it too."""
    ids: tuple[str, ...] = ()
    """Entries that were made for the session, though they may not say so: earlier
    releases left no mark.
    """

    def among(self, entries: Sequence[Entry]) -> Ours:
        """Return which entries belong to the record."""
        texts = [each for each in entries if self._is_text(each)]
        files = [each for each in entries if self._is_file(each)]
        # The record goes before the notice that it is gone.
        texts.sort(key=lambda each: not is_live(each, self.code))
        emptied = sum(map(is_emptied, entries))
        return Ours(
            texts=tuple(texts),
            files=tuple(files),
            theirs=len(entries) - len(texts) - len(files) - emptied,
        )

    def _is_text(self, entry: Entry) -> bool:
        known = entry.eid in self.ids and not entry.is_attachment
        return known or is_of_session(entry, self.code)

    def _is_file(self, entry: Entry) -> bool:
        told = (entry.caption, entry.data)
        captioned = any(each.startswith(CAPTION) for each in told)
        named = self.filename in {entry.filename, entry.data}
        return entry.is_attachment and (captioned or named or entry.eid in self.ids)


def store(
    client: LabArchivesClient, shelf: Shelf, ours: Ours, content: Content
) -> Kept:
    """Add what is missing and replace what is outdated; people's entries stay.

    The text comes last where something is replaced: the version that it tells vouches
    for the attachment too.
    """
    text = next(iter(ours.texts), None)
    file = next(iter(ours.files), None)
    current = text is not None and version_of(text, content.code) == content.version
    text_id = shelf.add_text(content.html) if text is None else text.eid
    file_id = shelf.add_file(content) if file is None else file.eid
    outdated = file is not None and not (current and _is_current(file, content))
    if file is not None and outdated:
        client.update_file(file.eid, content.file)
    if text is not None and not current:
        client.update_text(text.eid, content.html)
    added = text is None or (file is None and file_id is not None)
    kept = Kept(
        text=text_id,
        file=file_id or "",
        action=_action(text, done=added or outdated or not current),
    )
    return shelf.settled(kept) if added else kept


def _action(text: Entry | None, *, done: bool) -> Action:
    if text is None:
        return "created"
    return "updated" if done else "unchanged"


def _is_current(file: Entry, content: Content) -> bool:
    """Tell whether an attachment is the record, as far as a list of entries tells."""
    sizes = {file.size, len(content.file.content)} - {None}
    changes = {file.change, content.file.change} - {""}
    names = {file.filename, content.file.name} - {""}
    return len(sizes) == len(changes) == len(names) == 1


class PageShelf:
    """A page: what was sent can be looked for.

    Parameters
    ----------
    nbid, page
        Where it is.
    signs
        What the record's entries are known by.
    """

    def __init__(
        self, client: LabArchivesClient, nbid: str, page: str, signs: Signs
    ) -> None:
        self._client = client
        self._nbid = nbid
        self._page = page
        self._signs = signs

    def look(self) -> list[Entry]:
        """Return the entries on the page."""
        return self._client.entries(self._nbid, self._page)

    def add_text(self, html: str) -> str:
        """Add a text; after a lost reply, look before doing it again."""
        return _added(
            lambda: self._client.add_text(self._nbid, self._page, html),
            lambda: bool(self._signs.among(self.look()).texts),
        )

    def add_file(self, content: Content) -> str:
        """Attach the record; after a lost reply, look before doing it again."""
        return _added(
            lambda: self._client.add_file(self._nbid, self._page, content.file),
            lambda: bool(self._signs.among(self.look()).files),
        )

    def settled(self, made: Kept) -> Kept:
        """Look once more: the first of its kind counts, and ours is emptied if later.

        Nothing can be deleted.
        """
        after = self._signs.among(self.look())
        html, file = duplicate()
        for text in after.texts[1:]:
            if text.eid == made.text:
                self._client.update_text(text.eid, html)
        for attached in after.files[1:]:
            if attached.eid == made.file:
                self._client.update_file(attached.eid, file)
        return replace(
            made,
            text=next((each.eid for each in after.texts), made.text),
            file=next((each.eid for each in after.files), made.file),
        )


class LooseShelf:
    """Entries on a page that nobody can find, known by their ids alone.

    Parameters
    ----------
    ids
        Entries that were made for the session.
    """

    def __init__(self, client: LabArchivesClient, ids: Sequence[str]) -> None:
        self._client = client
        self._ids = list(dict.fromkeys(filter(None, ids)))

    def look(self) -> list[Entry]:
        """Return those of the entries that are still there."""
        found = (self._client.entry(eid) for eid in self._ids)
        return [entry for entry in found if entry is not None]

    def add_text(self, html: str) -> str:
        """Refuse: there is no telling where the page is."""
        del html
        raise ExportError("the entry of the record vanished while it was updated")

    def add_file(self, content: Content) -> str | None:
        """Do nothing, for the same reason."""
        del content
        return None

    def settled(self, made: Kept) -> Kept:
        """Return what was made."""
        return made


class InboxShelf(LooseShelf):
    """The Inbox of an account: what is there can only be asked for by its id."""

    def add_text(self, html: str) -> str:
        """Add a text; a lost reply leaves nothing to look for."""
        return self._once(lambda: self._client.add_text(INBOX, INBOX, html))

    def add_file(self, content: Content) -> str | None:
        """Attach the record; a lost reply leaves nothing to look for."""
        return self._once(lambda: self._client.add_file(INBOX, INBOX, content.file))

    def _once(self, add: Callable[[], str]) -> str:
        try:
            eid = add()
        except LostReplyError as error:
            raise ExportError(self._doubt(error), retry=False) from error
        except ExportError as error:
            if not self._ids:
                raise
            raise ExportError(f"{error}{self._half()}", retry=False) from error
        self._ids.append(eid)
        return eid

    def _doubt(self, error: ExportError) -> str:
        doubt = "" if self._ids else "; whether the entry is in the Inbox is not known"
        return f"{error}{doubt}{self._half()}"

    def _half(self) -> str:
        made = " and ".join(self._ids)
        told = f"; entry {made} is in the Inbox, maybe without the XML" if made else ""
        return (
            f"{told}. Delete what is there and have it sent again with `nexuslims "
            "sessions retry`; with a notebook in NX_LABARCHIVES_NOTEBOOK_ID half-made "
            "records are completed without you"
        )


def _added(add: Callable[[], str], is_there: Callable[[], bool]) -> str:
    """Add something once; returns its id, or nothing if only a look found it."""
    for attempt in range(ATTEMPTS):
        try:
            return add()
        except LostReplyError as error:
            time.sleep(SETTLING_SECONDS)
            if is_there():
                return ""
            if not error.over or attempt == ATTEMPTS - 1:
                raise
    raise AssertionError  # pragma: no cover - the last attempt returns or raises
