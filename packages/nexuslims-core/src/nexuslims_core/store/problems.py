"""Problems that notifiers were told of, so that nobody hears of one in every run."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import Connection, delete, insert, select

from nexuslims_core.model.report import Changes, Problem
from nexuslims_core.store.tables import ProblemRow

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime


def changes(
    connection: Connection, notifier: str, found: Iterable[Problem], now: datetime
) -> Changes:
    """Return what of `found` is news to a notifier, and what is gone."""
    known = {one.key: one for one in _told(connection, notifier)}
    present = {one.key: one for one in found}
    return Changes(
        new=tuple(
            replace(one, since=now) for key, one in present.items() if key not in known
        ),
        continuing=tuple(
            replace(one, since=known[key].since)
            for key, one in present.items()
            if key in known
        ),
        resolved=tuple(one for key, one in known.items() if key not in present),
    )


def last_told(connection: Connection, notifier: str) -> datetime | None:
    """Return when a notifier last told of what is still a problem; `None` for never."""
    row = ProblemRow
    found = connection.scalars(select(row.told_at).where(row.notifier == notifier))
    return max(found, default=None)


def told(
    connection: Connection, notifier: str, changed: Changes, now: datetime
) -> None:
    """Note that a notifier has told of everything in `changed`."""
    connection.execute(delete(ProblemRow).where(ProblemRow.notifier == notifier))
    rows = [
        {
            "notifier": notifier,
            "key": one.key,
            "subject": one.subject,
            "text": one.text,
            "since": one.since or now,
            "told_at": now,
        }
        for one in (*changed.new, *changed.continuing)
    ]
    if rows:
        connection.execute(insert(ProblemRow), rows)


def _told(connection: Connection, notifier: str) -> list[Problem]:
    row = ProblemRow
    rows = connection.execute(
        select(row.key, row.subject, row.text, row.since)
        .where(row.notifier == notifier)
        .order_by(row.since, row.key)
    )
    return [
        Problem(key=key, subject=subject, text=text, since=since)
        for key, subject, text, since in rows
    ]
