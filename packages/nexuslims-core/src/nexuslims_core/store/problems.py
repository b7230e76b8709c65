"""Problems that notifiers were told of, so that nobody hears of one in every run."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import Connection, delete, insert, select

from nexuslims_core.model.report import Changes, Problem
from nexuslims_core.store.tables import PROBLEMS

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime


def changes(
    connection: Connection, notifier: str, found: Iterable[Problem], now: datetime
) -> Changes:
    """Return what of `found` is news to a notifier, and what is gone."""
    known = _known(connection, notifier)
    told = {one.key: one for one, told_at in known if told_at is not None}
    began = {one.key: one.since for one, _ in known}
    present = {one.key: replace(one, since=began.get(one.key, now)) for one in found}
    return Changes(
        new=tuple(one for key, one in present.items() if key not in told),
        continuing=tuple(one for key, one in present.items() if key in told),
        resolved=tuple(one for key, one in told.items() if key not in present),
    )


def last_told(connection: Connection, notifier: str) -> datetime | None:
    """Return when a notifier last told of what is still a problem; `None` for never."""
    row = PROBLEMS.c
    found = connection.scalars(select(row.told_at).where(row.notifier == notifier))
    return max(filter(None, found), default=None)


def told(
    connection: Connection, notifier: str, changed: Changes, now: datetime
) -> None:
    """Note that a notifier has told of everything in `changed`."""
    connection.execute(delete(PROBLEMS).where(PROBLEMS.c.notifier == notifier))
    _note(connection, notifier, (*changed.new, *changed.continuing), now, told_at=now)


def untold(
    connection: Connection, notifier: str, changed: Changes, now: datetime
) -> None:
    """Note since when there is news that a notifier could not tell; drop what is over.

    When it is told at last, its age is right, and it is known to be the same news.
    """
    row = PROBLEMS.c
    connection.execute(
        delete(PROBLEMS).where(row.notifier == notifier, row.told_at.is_(None))
    )
    _note(connection, notifier, changed.new, now, told_at=None)


def _note(
    connection: Connection,
    notifier: str,
    problems: Iterable[Problem],
    now: datetime,
    *,
    told_at: datetime | None,
) -> None:
    rows = [
        {
            "notifier": notifier,
            "key": one.key,
            "subject": one.subject,
            "text": one.text,
            "since": one.since or now,
            "told_at": told_at,
        }
        for one in problems
    ]
    if rows:
        connection.execute(insert(PROBLEMS), rows)


def _known(
    connection: Connection, notifier: str
) -> list[tuple[Problem, datetime | None]]:
    """Return the problems that are noted, each with when it was told."""
    row = PROBLEMS.c
    rows = connection.execute(
        select(row.key, row.subject, row.text, row.since, row.told_at)
        .where(row.notifier == notifier)
        .order_by(row.since, row.key)
    )
    return [
        (Problem(key=key, subject=subject, text=text, since=since), told_at)
        for key, subject, text, since, told_at in rows
    ]
