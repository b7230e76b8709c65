"""Recognising the experiment that was made for a session.

Two marks tell it: the session's identifier among the extra fields, and a code in the
text. The title does not count; people change it, and two sessions may share it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nexuslims_core.exporting.summary import session_code

if TYPE_CHECKING:
    from nexuslims_exporter_elabftw.answers import Experiment

__all__ = [
    "MEMORY",
    "SESSION_FIELD",
    "extra_field",
    "is_of_session",
    "memory",
]

SESSION_FIELD = "Session ID"
MEMORY = "nexuslims"
"""Key in the metadata of what only this package reads; eLabFTW leaves it alone."""


def extra_field(experiment: Experiment, name: str) -> str:
    """Return the value of an extra field; empty without one."""
    fields = (experiment.metadata or {}).get("extra_fields")
    field = fields.get(name) if isinstance(fields, dict) else None
    value = field.get("value") if isinstance(field, dict) else None
    return str(value or "")


def memory(experiment: Experiment) -> dict[str, Any]:
    """Return what was remembered with the last complete delivery."""
    remembered = (experiment.metadata or {}).get(MEMORY)
    return remembered if isinstance(remembered, dict) else {}


def is_of_session(experiment: Experiment, identifier: str) -> bool:
    """Tell whether an experiment was made for a session.

    Copies are not: people duplicate experiments, text and extra fields included. An
    extra field with another identifier outweighs the code in the text.
    """
    if memory(experiment).get("experiment", experiment.id) != experiment.id:
        return False
    told = extra_field(experiment, SESSION_FIELD)
    if told:
        return told == identifier
    return session_code(identifier) in (experiment.body or "")
