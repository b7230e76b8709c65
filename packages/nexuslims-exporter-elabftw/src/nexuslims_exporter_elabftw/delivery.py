"""Bringing one record into a notebook: look, then create, then complete.

An experiment is complete when its metadata remember a digest of everything it should
say and show. Whatever interrupts a delivery, the next one finds the experiment by its
session, sees what is missing and adds just that.
"""

from __future__ import annotations

import hashlib
import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nexuslims_core.errors import ExportError
from nexuslims_core.exporting.calls import LostReplyError
from nexuslims_core.exporting.summary import session_code
from nexuslims_core.exporting.text import web_address

from nexuslims_exporter_elabftw.answers import ARCHIVED, DELETED
from nexuslims_exporter_elabftw.attachments import (
    attach_missing,
    look,
    remove_outdated,
)
from nexuslims_exporter_elabftw.body import render, with_part, without_part
from nexuslims_exporter_elabftw.files import previews, record_file
from nexuslims_exporter_elabftw.identity import extra_field, memory
from nexuslims_exporter_elabftw.metadata import CDCS_FIELD, fields_of, merged
from nexuslims_exporter_elabftw.search import find

if TYPE_CHECKING:
    from nexuslims_core.types import Action, ExportContext

    from nexuslims_exporter_elabftw.answers import Experiment, Upload
    from nexuslims_exporter_elabftw.attachments import Attached
    from nexuslims_exporter_elabftw.client import ElabftwClient
    from nexuslims_exporter_elabftw.settings import ElabftwSettings

__all__ = ["Delivery", "deliver", "title_of"]

CREATE_ATTEMPTS = 3
SETTLING_SECONDS = 1.0
"""How long a notebook may still be storing an experiment whose request was cut off."""
LONGEST_TITLE = 255
HTML = 1
"""The type of text that we write."""


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """An experiment that is in the notebook now, complete."""

    experiment: Experiment
    action: Action
    warnings: tuple[str, ...] = ()
    """What somebody should look at there."""


def deliver(
    client: ElabftwClient, settings: ElabftwSettings, context: ExportContext
) -> Delivery:
    """Create the session's experiment, or complete the one that is there.

    Raises
    ------
    ExportError
        If the notebook did not take it.
    """
    entry = _Entry(client, settings, context)
    found = find(client, context)
    if found:
        return entry.complete(entry.chosen(found), created=False)
    return entry.create()


def title_of(title: str) -> str:
    """Return the title of the experiment, as eLabFTW stores it."""
    line = " ".join(f"NexusLIMS Experiment - {title}".split())
    printable = "".join(one for one in line if one.isprintable())
    if len(printable) <= LONGEST_TITLE:
        return printable
    return f"{printable[: LONGEST_TITLE - 1]}…"


class _Entry:
    """One record on its way to one notebook."""

    def __init__(
        self, client: ElabftwClient, settings: ElabftwSettings, context: ExportContext
    ) -> None:
        self._client = client
        self._settings = settings
        self._context = context
        self._code = session_code(context.session.identifier)
        self._title = title_of(context.title)
        self._files = [
            record_file(context),
            *previews(context, settings.attached_previews),
        ]
        self._warnings: list[str] = []
        # The experiment that was created just now, with its tags.
        self._tagged_in: int | None = None

    def create(self) -> Delivery:
        """Create the experiment; after a lost reply, look before doing it again."""
        fields = self._first_fields()
        for attempt in range(CREATE_ATTEMPTS):
            try:
                number = self._client.create(fields)
            except LostReplyError as error:
                made = self._settled()
                if made:
                    return self.complete(self.chosen(made), created=True)
                if not error.over or attempt == CREATE_ATTEMPTS - 1:
                    raise
            else:
                self._tagged_in = number
                return self._agreed(number)
        raise AssertionError  # pragma: no cover - the last attempt returns or raises

    def chosen(self, found: list[Experiment]) -> Experiment:
        """Return the oldest of the session's experiments and tidy the others up.

        An unfinished one that nobody wrote into is what a runner left that was killed
        before it saw that another had been first.
        """
        for other in found[1:]:
            if memory(other) or without_part(other.body, self._code):
                self._warnings.append(
                    f"the notebook has {len(found)} experiments of this session; "
                    f"{found[0].id} is kept up to date, {other.id} should be deleted"
                )
            else:
                self._client.delete(other.id)
        return found[0]

    def complete(self, known: Experiment, *, created: bool) -> Delivery:
        """Bring files, text, fields and tags of an experiment up to date."""
        whole = self._client.experiment(known.id)
        if whole is None or whole.state == DELETED:
            msg = f"experiment {known.id} was deleted while it was being written"
            raise ExportError(msg)
        attached = self._looked(whole)
        changed = bool(attached.missing)
        if changed:
            _check_open(whole)
            attached = attach_missing(self._client, whole.id, self._files, attached)
        if self._digest(whole, attached) != memory(whole).get("digest"):
            _check_open(whole)
            whole = self._write(whole, attached)
            changed = True
        # What could not be removed before is no reason to complain of a lock now.
        if attached.outdated and _obstacle(whole) is None:
            removed, warnings = remove_outdated(self._client, whole.id, attached)
            changed = changed or removed
            self._warnings.extend(warnings)
        return self._delivered(
            whole, "created" if created else "updated" if changed else "unchanged"
        )

    def _first_fields(self) -> dict[str, Any]:
        """Return what an experiment begins with; it is found again by this alone."""
        settings = self._settings
        choices = {
            "category": settings.experiment_category,
            "status": settings.experiment_status,
        }
        return {
            "title": self._title,
            "body": self._part({}, self._cdcs_url(None)),
            "tags": self._tags(),
            "metadata": merged(None, self._fields(None), {}),
            "content_type": HTML,
            **{name: one for name, one in choices.items() if one is not None},
        }

    def _agreed(self, number: int) -> Delivery:
        """Look again after creating: of two runners, the first one wins."""
        made = self._client.experiment(number)
        if made is None:
            msg = f"experiment {number} is not there although it was just created"
            raise ExportError(msg)
        first = min([made, *find(self._client, self._context)], key=lambda one: one.id)
        if first.id != number:
            self._client.delete(number)
        return self.complete(first, created=first.id == number)

    def _settled(self) -> list[Experiment]:
        """Look for an experiment that may just be being stored."""
        made = find(self._client, self._context)
        if not made:
            time.sleep(SETTLING_SECONDS)
            made = find(self._client, self._context)
        return made

    def _looked(self, whole: Experiment) -> Attached:
        told = whole.uploads
        uploads = self._client.uploads(whole.id) if told is None else told
        return look(self._client, whole.id, self._files, uploads)

    def _write(self, whole: Experiment, attached: Attached) -> Experiment:
        """Write text, fields and tags, and remember that everything is complete."""
        self._tag(whole)
        text = with_part(
            whole.body,
            self._part(attached.current, self._cdcs_url(whole)),
            self._code,
        )
        if text.had_rest:
            self._warnings.append(
                "the lines that mark NexusLIMS's part of the text were edited; an old "
                "copy of it may remain there"
            )
        remembered = {
            "digest": self._digest(whole, attached),
            "experiment": whole.id,
            "tags": self._tags(),
            "title": self._title,
        }
        fields: dict[str, Any] = {"body": text.html}
        # A title that somebody changed stays.
        if whole.title == memory(whole).get("title") != self._title:
            fields["title"] = self._title
        # Last: where fields are stored one by one, it says that all of them are.
        fields["metadata"] = merged(whole.metadata, self._fields(whole), remembered)
        written = self._client.change(whole, fields)
        if memory(written) != remembered:
            msg = (
                f"experiment {whole.id} did not keep its metadata; NexusLIMS needs "
                "them to find it again"
            )
            raise ExportError(msg)
        return written

    def _tag(self, whole: Experiment) -> None:
        """Add what is missing, but not again what somebody took away."""
        before = memory(whole).get("tags")
        if whole.id == self._tagged_in or before == self._tags():
            return
        present = {tag.casefold() for tag in self._client.tags(whole.id)}
        for tag in self._tags():
            if tag.casefold() not in present:
                self._client.add_tag(whole.id, tag)

    def _digest(self, whole: Experiment, attached: Attached) -> str:
        cdcs_url = self._cdcs_url(whole)
        said = [
            self._title,
            self._part(attached.current, cdcs_url),
            fields_of(self._context, cdcs_url),
            self._tags(),
            sorted(file.sha256 for file in self._files),
        ]
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()

    def _part(self, current: dict[str, Upload], cdcs_url: str | None) -> str:
        shown = {
            file.name: current[file.name]
            for file in self._files[1:]
            if file.name in current
        }
        return render(
            self._context,
            shown,
            cdcs_url=cdcs_url,
            listed_files=self._settings.listed_files,
        )

    def _fields(self, whole: Experiment | None) -> dict[str, Any]:
        return fields_of(self._context, self._cdcs_url(whole))

    def _cdcs_url(self, whole: Experiment | None) -> str | None:
        """Return the address of the record in CDCS, by an earlier run if need be."""
        result = self._context.get_result("cdcs")
        if result is not None and result.action == "withdrawn":
            return None
        url = result.record_url if result is not None and result.success else None
        if url is None and whole is not None:
            url = extra_field(whole, CDCS_FIELD)
        return web_address(url)

    def _tags(self) -> list[str]:
        person = self._context.user
        name = person.username if person else self._context.session.user
        tags = ("NexusLIMS", self._context.session.instrument.pid, name)
        cleaned = [" ".join(_untagged(tag).split()) for tag in tags]
        return list(dict.fromkeys(tag for tag in cleaned if tag))

    def _delivered(self, whole: Experiment, action: Action) -> Delivery:
        return Delivery(experiment=whole, action=action, warnings=tuple(self._warnings))


def _untagged(tag: str) -> str:
    # eLabFTW separates tags by "|" and drops backslashes.
    return tag.replace("\\", "").replace("|", " ")


def _check_open(experiment: Experiment) -> None:
    """Refuse to write where eLabFTW would, with the remedy.

    Raises
    ------
    ExportError
        If the experiment is locked, archived, or open for somebody else alone.
    """
    obstacle = _obstacle(experiment)
    if obstacle is not None:
        raise obstacle


def _obstacle(experiment: Experiment) -> ExportError | None:
    name = f"experiment {experiment.id} ({experiment.title!r})"
    if experiment.locked:
        msg = f"{name} is locked in eLabFTW; unlock it there, then retry the session"
        return ExportError(msg, retry=False)
    if experiment.state == ARCHIVED:
        msg = f"{name} is archived in eLabFTW; unarchive it, then retry the session"
        return ExportError(msg, retry=False)
    editing = experiment.exclusive_edit_mode
    if editing is None or not editing.locked_by_human:
        return None
    msg = (
        f"{name} is open for {editing.locked_by_human} alone (exclusive edit mode); it "
        "is written once that ends"
    )
    return ExportError(msg)
