"""Bringing one record into the catalogue, so that a kill at any instant does no harm.

The order is: note what is about to be touched, write the record's own files, then its
entry, then the index; remove what is no longer referred to; cross out the note. Before
the entry is written the index leads to the old state, afterwards to the new one, and
whoever comes after a kill reads the note and tidies up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nexuslims_core.exporting.names import digest, digest_of
from pydantic import BaseModel, ValidationError

from nexuslims_exporter_html.entries import Entry, Listing, entry_path, read_entry
from nexuslims_exporter_html.names import is_safe, safe_name
from nexuslims_exporter_html.tree import STAGING, Tree, Write
from nexuslims_exporter_html.view import RecordView, record_view

if TYPE_CHECKING:
    from nexuslims_core.types import Action, ExportContext

    from nexuslims_exporter_html.pages import Pages

INDEX = "index.html"
NOTE = "entries/unfinished"
_PREVIEW_DEPTH = 2  # previews/<stem>/<file>


class Note(BaseModel):
    """What a running export may leave in any state."""

    stems: tuple[str, ...] = ()
    """Pages that may be without an entry."""
    page: str = ""
    """Path of the page that is being written."""
    page_digest: str = ""
    """Digest of what it will hold."""
    superseded: tuple[str, ...] = ()
    """Files that the page refers to until then, and no longer afterwards."""


@dataclass(frozen=True, kw_only=True)
class Catalogue:
    """The folder, the templates and the entries that a catalogue is made of."""

    tree: Tree
    pages: Pages
    listing: Listing

    def index(self) -> Write:
        """Return the index as it has to be, given the entries that there are."""
        entries = self.listing.entries(self.tree)
        return Write(target=INDEX, content=self.pages.index(entries))


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What an export did."""

    action: Action
    view: RecordView
    page: str
    """Path of the record's page in the catalogue."""


def page_path(stem: str) -> str:
    """Return where the page of a record is."""
    return f"records/{stem}.html"


def publish(
    catalogue: Catalogue, context: ExportContext, *, side_cars: bool
) -> Outcome:
    """Bring the record of `context` into the catalogue.

    Nobody else may write to it meanwhile.

    Raises
    ------
    OSError
        If something cannot be written; the catalogue can be read nevertheless.
    ExportError
        If the catalogue is of a later version.
    """
    tidy(catalogue)
    tree, pages = catalogue.tree, catalogue.pages
    path = entry_path(context.session.identifier)
    known = tree.at(path).exists()
    previous = read_entry(tree, path)
    stem = _stem(catalogue, context, previous)
    view = record_view(context, stem, previous, tree, side_cars=side_cars)
    page = pages.record(view)
    writes = _writes(context, pages, view, page)
    pending = [write for write in writes if tree.differs(write)]
    note = _note(tree, view, page, previous)
    if pending or note.superseded or not tree.at(INDEX).is_file():
        tree.apply(Write(target=NOTE, content=note.model_dump_json().encode()))
        _have_index(catalogue)
        for write in pending:
            tree.apply(write)
        tidy(catalogue)
    return Outcome(
        action=_action(known=known, changed=bool(pending)),
        view=view,
        page=page_path(stem),
    )


def unpublish(catalogue: Catalogue, session_identifier: str) -> Entry | None:
    """Take the record of a session out of the catalogue; return what was listed.

    Nobody else may write to it meanwhile.

    Raises
    ------
    OSError
        If something cannot be removed.
    ExportError
        If the catalogue is of a later version.
    """
    tidy(catalogue)
    path = entry_path(session_identifier)
    previous = read_entry(catalogue.tree, path)
    if previous is None:
        return None
    note = Note(stems=(previous.stem,))
    catalogue.tree.apply(Write(target=NOTE, content=note.model_dump_json().encode()))
    catalogue.tree.remove(path)
    tidy(catalogue)
    return previous


def _action(*, known: bool, changed: bool) -> Action:
    if not known:
        return "created"
    return "updated" if changed else "unchanged"


def _stem(catalogue: Catalogue, context: ExportContext, previous: Entry | None) -> str:
    """Return the page's name: that of the record, unless another session has it."""
    identifier = context.session.identifier
    plain = safe_name(context.title)
    unique = f"{plain}-{digest(identifier)[:8]}"
    # Some file systems do not tell upper from lower case.
    if previous is not None and previous.stem.casefold() in {
        plain.casefold(),
        unique.casefold(),
    }:
        return previous.stem
    entries = catalogue.listing.entries(catalogue.tree)
    taken = {entry.stem.casefold() for entry in entries}
    return unique if plain.casefold() in taken else plain


def _writes(
    context: ExportContext, pages: Pages, view: RecordView, page: bytes
) -> tuple[Write, ...]:
    """Return the files to have, each after those that it refers to."""
    stem = view.entry.stem
    copies = (
        Write(target=file.target, source=file.source)
        for file in view.attachments.values()
        if file.source is not None
    )
    return (
        *pages.assets,
        *copies,
        Write(target=f"records/{stem}.xml", content=context.xml),
        Write(target=page_path(stem), content=page),
        Write(
            target=entry_path(context.session.identifier), content=view.entry.to_json()
        ),
    )


def _note(tree: Tree, view: RecordView, page: bytes, previous: Entry | None) -> Note:
    stem = view.entry.stem
    stems = {stem} if previous is None else {stem, previous.stem}
    present = {f"previews/{stem}/{name}" for name in tree.names(f"previews/{stem}")}
    return Note(
        stems=tuple(sorted(stems)),
        page=page_path(stem),
        page_digest=digest_of(page),
        superseded=tuple(sorted(present - view.attachments.keys())),
    )


def _have_index(catalogue: Catalogue) -> None:
    """See that there is an index for the new page to lead back to."""
    if catalogue.tree.at(INDEX).is_file():
        return
    for write in (*catalogue.pages.assets, catalogue.index()):
        catalogue.tree.apply(write)


def tidy(catalogue: Catalogue) -> None:
    """Finish what the last export left: index, superseded files, its note.

    An export that ran to its end before leaves nothing; this one ends with it.
    """
    tree = catalogue.tree
    content = tree.read(NOTE)
    if content is None:
        return
    for write in (*catalogue.pages.assets, catalogue.index()):
        if tree.differs(write):
            tree.apply(write)
    entries = catalogue.listing.entries(tree)
    note = _read_note(content)
    for stem in set(note.stems) - {entry.stem for entry in entries}:
        remove_files(tree, stem)
    if note.page and digest_of(tree.read(note.page) or b"") == note.page_digest:
        for target in note.superseded:
            tree.remove(target)
    tree.remove_folder(STAGING)
    tree.remove(NOTE)


def _read_note(content: bytes) -> Note:
    """Return the note, as far as it names files that this package made."""
    try:
        note = Note.model_validate_json(content)
    except ValidationError:
        return Note()
    stems = tuple(stem for stem in note.stems if is_safe(stem))
    folders = tuple(f"previews/{stem}/" for stem in stems)
    superseded = tuple(
        target
        for target in note.superseded
        if target.startswith(folders) and target.count("/") == _PREVIEW_DEPTH
    )
    page = note.page if note.page in map(page_path, stems) else ""
    return note.model_copy(
        update={"stems": stems, "superseded": superseded, "page": page}
    )


def remove_files(tree: Tree, stem: str) -> None:
    """Remove the page `stem` and all that belongs to it alone."""
    tree.remove(page_path(stem))
    tree.remove(f"records/{stem}.xml")
    tree.remove_folder(f"previews/{stem}")
