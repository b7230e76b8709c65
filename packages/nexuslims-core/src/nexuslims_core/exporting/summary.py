"""A session in a few facts: what notebooks say of it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from nexuslims_core.exporting.times import local_time

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nexuslims_core.types import ExportContext, Record

__all__ = ["ListedActivity", "session_code", "session_facts"]


@dataclass(frozen=True, kw_only=True)
class ListedActivity:
    """An activity with the data files that are listed of it."""

    number: int
    start: str
    files: tuple[str, ...]


def session_code(identifier: str) -> str:
    """Return a code for a session: letters and digits, for any search to find."""
    return uuid.uuid5(uuid.NAMESPACE_URL, f"nexuslims:{identifier}").hex


def session_facts(context: ExportContext, listed_files: int) -> dict[str, Any]:
    """Return what a template may say of a session; times on the instrument's clock.

    Parameters
    ----------
    listed_files
        How many data files are listed at most; ``unlisted`` counts the others.
    """
    session, record = context.session, context.record
    activities = list(_listed(context, listed_files))
    listed = sum(len(each.files) for each in activities)
    return {
        "session": session,
        "instrument": _instrument(context),
        "user": context.user.full_name if context.user else session.user,
        "start": local_time(session.start, session).isoformat(),
        "end": local_time(session.end, session).isoformat(),
        "projects": [each.name or each.project_id for each in record.projects],
        "samples": [each.sample.name or each.sample.pid for each in record.samples],
        "motivation": record.motivation,
        "activities": activities,
        "unlisted": len(_files(record)) - listed,
    }


def _instrument(context: ExportContext) -> str:
    name, pid = context.record.instrument_name, context.session.instrument.pid
    return f"{name} ({pid})" if name and name != pid else pid


def _files(record: Record) -> set[str]:
    """Return the data files; those of several signals once."""
    return {entry.location for act in record.activities for entry in act.datasets}


def _listed(context: ExportContext, limit: int) -> Iterator[ListedActivity]:
    seen: set[str] = set()
    for number, activity in enumerate(context.record.activities, 1):
        paths = dict.fromkeys(entry.location for entry in activity.datasets)
        new = [path for path in paths if path not in seen][: limit - len(seen)]
        seen.update(new)
        if new:
            yield ListedActivity(
                number=number,
                start=local_time(activity.start, context.session).isoformat(),
                files=tuple(unquote(path) for path in new),
            )
