"""Bringing one record into a repository: look, then create or update."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nexuslims_core.exporting.calls import LostReplyError

from nexuslims_exporter_cdcs.identity import describes_same_session, fitting_title
from nexuslims_exporter_cdcs.merge import keep_annotations

if TYPE_CHECKING:
    from nexuslims_core.types import Action, ExportContext

    from nexuslims_exporter_cdcs.answers import StoredRecord
    from nexuslims_exporter_cdcs.client import CdcsClient
    from nexuslims_exporter_cdcs.target import Target

__all__ = ["Delivery", "deliver", "withdraw"]

CREATE_ATTEMPTS = 3
SETTLING_SECONDS = 1.0
SETTLING_SECONDS_PER_MEGABYTE = 2.0
"""How long a repository may still be storing a record whose upload was cut off."""


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """A record that is in the repository now."""

    record: StoredRecord
    action: Action
    warnings: tuple[str, ...] = ()
    """What somebody should look at there."""


def deliver(client: CdcsClient, target: Target, context: ExportContext) -> Delivery:
    """Create the session's record, or bring the one that is there up to date.

    Raises
    ------
    ExportError
        If the repository did not take it.
    """
    upload = _Upload(client, context)
    known = upload.known()
    if known is not None:
        return upload.update(known, target)
    return upload.create(target)


def withdraw(client: CdcsClient, context: ExportContext) -> StoredRecord | None:
    """Delete every record of the session; return the first, or `None` if none is there.

    Raises
    ------
    ExportError
        If the repository cannot be asked, or refuses.
    """
    upload = _Upload(client, context)
    first = upload.known()
    found = first
    while found is not None:
        client.delete(found)
        found = upload.titled()
    return first


class _Upload:
    """One record on its way to one repository, or back."""

    def __init__(self, client: CdcsClient, context: ExportContext) -> None:
        self._client = client
        self._title = fitting_title(context.title)
        self._xml = context.xml.decode("utf-8-sig")
        self._previous = context.previous and context.previous.record_id
        self._warnings: list[str] = []

    def known(self) -> StoredRecord | None:
        """Return the record that an earlier export made, whether or not it knew."""
        # CDCS answers 500 to anything else, such as the identifiers of old releases.
        if self._previous and self._previous.isdecimal():
            record = self._client.record(self._previous)
            # Identifiers start again when a repository is set up anew.
            if record is not None and describes_same_session(self._xml, record.xml):
                return record
        return self.titled()

    def create(self, target: Target) -> Delivery:
        """Upload the record; after a lost reply, look before doing it again."""
        for attempt in range(CREATE_ATTEMPTS):
            try:
                record = self._client.create(
                    self._title,
                    self._xml,
                    target.template,
                    target.workspace,
                )
                return self._delivered(record, "created")
            except LostReplyError as error:
                made = self._settled()
                if made is not None:
                    updated = self.update(made, target)
                    unchanged = updated.action == "unchanged"
                    return self._delivered(made, "created") if unchanged else updated
                if not error.over or attempt == CREATE_ATTEMPTS - 1:
                    raise
        raise AssertionError  # pragma: no cover - the last attempt returns or raises

    def update(self, record: StoredRecord, target: Target) -> Delivery:
        """Replace the content if it differs, and publish what is in no workspace."""
        xml, lost = keep_annotations(self._xml, record.xml)
        if lost:
            self._warnings.append(
                f"the annotations of {lost} dataset(s) are gone: the datasets are not "
                "in the record any more"
            )
        changed = xml != record.xml
        if changed:
            self._client.update(record, xml)
        # A record that somebody moved to another workspace stays there.
        workspace = target.workspace
        assigned = workspace is not None and record.workspace is None
        if workspace is not None and assigned:
            self._client.assign(record, workspace)
        return self._delivered(
            record, "updated" if changed or assigned else "unchanged"
        )

    def titled(self) -> StoredRecord | None:
        """Return the record of the session with the title that we give it, if any."""
        found = [
            record
            for record in self._client.records(self._title)
            if describes_same_session(self._xml, record.xml)
        ]
        if len(found) > 1:
            others = ", ".join(str(record.id) for record in found[1:])
            self._warnings.append(
                f"the repository has {len(found)} records of this session; "
                f"{found[0].id} is kept up to date, {others} should be deleted"
            )
        return found[0] if found else None

    def _settled(self) -> StoredRecord | None:
        """Look for a record that may just be being stored."""
        made = self.titled()
        if made is None:
            megabytes = len(self._xml) / 1e6
            time.sleep(SETTLING_SECONDS + SETTLING_SECONDS_PER_MEGABYTE * megabytes)
            made = self.titled()
        return made

    def _delivered(self, record: StoredRecord, action: Action) -> Delivery:
        return Delivery(record=record, action=action, warnings=tuple(self._warnings))
