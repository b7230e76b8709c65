"""The extra fields of an experiment, and what is remembered beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nexuslims_core.exporting.times import local_time

from nexuslims_exporter_elabftw.identity import MEMORY, SESSION_FIELD

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from nexuslims_core.types import ExportContext, Session

__all__ = ["CDCS_FIELD", "fields_of", "merged"]

CDCS_FIELD = "CDCS Record"
GROUPS = {1: "Session Information", 2: "Related Records"}
_SESSION_GROUP, _RELATED_GROUP = GROUPS
_LOCAL_TIME = "%Y-%m-%dT%H:%M"
"""What eLabFTW's field type ``datetime-local`` holds."""


def fields_of(context: ExportContext, cdcs_url: str | None) -> dict[str, Any]:
    """Return the extra fields of a session by name."""
    session = context.session
    start, end = local_time(session.start, session), local_time(session.end, session)
    person = context.user.full_name if context.user else session.user
    rows = [
        (SESSION_FIELD, "text", session.identifier),
        ("Instrument", "text", session.instrument.pid),
        ("Start Time", "datetime-local", start.strftime(_LOCAL_TIME)),
        ("End Time", "datetime-local", end.strftime(_LOCAL_TIME)),
        ("User", "text", person),
        # A field of type datetime-local has no room for it.
        ("Time Zone", "text", _zone_of(start, session)),
    ]
    fields = {
        name: _field(kind, value, position, _SESSION_GROUP)
        for position, (name, kind, value) in enumerate(rows, 1)
        if value
    }
    if cdcs_url:
        fields[CDCS_FIELD] = _field("url", cdcs_url, 10, _RELATED_GROUP)
    return fields


def merged(
    stored: Mapping[str, Any] | None, fields: Mapping[str, Any], memory: object
) -> dict[str, Any]:
    """Return metadata with our fields in them and everything else left as it is.

    Parameters
    ----------
    memory
        What `identity.memory` shall return next time.
    """
    metadata = dict(stored or {})
    theirs = _mapping(metadata.get("extra_fields"))
    theirs.pop(CDCS_FIELD, None)
    metadata["extra_fields"] = {**theirs, **fields}
    metadata["elabftw"] = _display(_mapping(metadata.get("elabftw")))
    metadata[MEMORY] = memory
    return metadata


def _zone_of(start: datetime, session: Session) -> str:
    offset = start.isoformat()[len(start.replace(tzinfo=None).isoformat()) :]
    return f"{session.instrument.timezone} (UTC{offset})"


def _field(kind: str, value: str, position: int, group: int) -> dict[str, Any]:
    return {
        "type": kind,
        "value": value,
        "position": position,
        "group_id": group,
        "readonly": True,
    }


def _display(stored: dict[str, Any]) -> dict[str, Any]:
    groups = stored.get("extra_fields_groups")
    known = list(groups) if isinstance(groups, list) else []
    taken = {each.get("id") for each in known if isinstance(each, dict)}
    missing = [
        {"id": number, "name": name}
        for number, name in GROUPS.items()
        if number not in taken
    ]
    return {
        "display_main_text": True,
        **stored,
        "extra_fields_groups": [*known, *missing],
    }


def _mapping(value: object) -> dict[str, Any]:
    return dict(value) if isinstance(value, dict) else {}
