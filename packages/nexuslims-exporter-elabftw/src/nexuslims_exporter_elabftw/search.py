"""Finding the experiments of a session, whether or not anybody remembers them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nexuslims_core.errors import ExportError
from nexuslims_core.exporting.calls import RefusedError
from nexuslims_core.exporting.summary import session_code

from nexuslims_exporter_elabftw.answers import DELETED
from nexuslims_exporter_elabftw.identity import SESSION_FIELD, is_of_session

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nexuslims_core.types import ExportContext

    from nexuslims_exporter_elabftw.answers import Experiment
    from nexuslims_exporter_elabftw.client import ElabftwClient

__all__ = ["find"]


def find(client: ElabftwClient, context: ExportContext) -> list[Experiment]:
    """Return the session's experiments, the oldest first; deleted ones do not count.

    Asked are: the one that was made last time; those with the session's code in the
    text; those with the session's identifier among the extra fields. Each must be of
    the session by what it says itself.
    """
    identifier = context.session.identifier
    known = _previous(client, context)
    if known is not None:
        return [known]
    found = {
        candidate.id: candidate
        for candidate in _candidates(client, identifier)
        if candidate.state != DELETED and is_of_session(candidate, identifier)
    }
    return [found[number] for number in sorted(found)]


def _previous(client: ElabftwClient, context: ExportContext) -> Experiment | None:
    remembered = context.previous and context.previous.record_id
    if not remembered or not remembered.isdecimal():
        return None
    experiment = client.experiment(int(remembered))
    if experiment is None or experiment.state == DELETED:
        return None
    # Identifiers start again when a notebook is set up anew.
    is_ours = is_of_session(experiment, context.session.identifier)
    return experiment if is_ours else None


def _candidates(client: ElabftwClient, identifier: str) -> Iterator[Experiment]:
    for listed in client.search(q=session_code(identifier)):
        yield _told(client, listed)
    try:
        for listed in client.search(extended=_field_search(identifier)):
            yield _told(client, listed)
    except ExportError as error:
        # Releases that cannot search extra fields refuse the words of the search.
        if error.retry or isinstance(error, RefusedError):
            raise


def _told(client: ElabftwClient, listed: Experiment) -> Experiment:
    """Return the experiment with what tells its session; lists may leave it out."""
    if listed.metadata is None and listed.body is None:
        return client.experiment(listed.id) or listed
    return listed


def _field_search(identifier: str) -> str:
    """Return a search for an extra field; wildcards find more, which is sorted out."""
    quoted = identifier.replace("\\", "_").replace('"', "_")
    return f'extrafield:"{SESSION_FIELD}":"{quoted}"'
