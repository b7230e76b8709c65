"""The REST interface of eLabFTW, as far as an exporter needs it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx
from nexuslims_core.errors import ExportError
from nexuslims_core.exporting.calls import (
    RefusedError,
    lost,
    send_once,
    send_repeatedly,
)
from nexuslims_core.http import PASSING

from nexuslims_exporter_elabftw.answers import (
    DELETED,
    ApiKey,
    Choice,
    Team,
    Upload,
    User,
    checked,
    created_id,
    experiment,
    experiments,
    is_missing,
    parsed,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from nexuslims_exporter_elabftw.answers import Experiment
    from nexuslims_exporter_elabftw.files import AttachedFile

__all__ = ["ElabftwClient"]

PAGE_SIZE = 50
SECONDS_PER_MEGABYTE = 5.0
"""A notebook draws a thumbnail and computes a hash of what it gets."""
_EVERYTHING = 3
"""The scope of a list: whatever may be read."""
_VISIBLE = "1,2"
"""The states of a list: normal and archived."""


class ElabftwClient:
    """Calls of one notebook; every method may raise `ExportError`.

    Parameters
    ----------
    http
        Client with the interface's base address and authorization.
    """

    def __init__(self, http: httpx.Client) -> None:
        self._http = http

    def experiment(self, number: int) -> Experiment | None:
        """Return an experiment, or `None` if there is none; deleted ones are there."""
        response = self._safe("GET", f"experiments/{number}")
        return None if is_missing(response) else experiment(response)

    def search(self, **terms: str) -> Iterator[Experiment]:
        """Yield what is found, archived ones as well, the oldest first; every page."""
        seen: set[int] = set()
        while True:
            query = {
                **terms,
                "scope": _EVERYTHING,
                "state": _VISIBLE,
                "order": "id",
                "sort": "asc",
                "limit": PAGE_SIZE,
                "offset": len(seen),
            }
            page = experiments(self._safe("GET", "experiments", params=query))
            new = [each for each in page if each.id not in seen]
            yield from new
            seen.update(each.id for each in new)
            # A page may be shorter than was asked for; one without news is the last.
            if not new:
                return

    def check(self) -> None:
        """Ask for one experiment: shows that address and key are right."""
        experiments(self._safe("GET", "experiments", params={"limit": 1}))

    def create(self, fields: Mapping[str, Any]) -> int:
        """Create an experiment and return its identifier.

        Raises
        ------
        LostReplyError
            If it may or may not be there now; look before creating it again.
        """
        return created_id(self._unsafe("experiments", json=dict(fields)))

    def change(self, known: Experiment, fields: Mapping[str, Any]) -> Experiment:
        """Replace fields of an experiment; metadata in the form that it speaks."""
        if known.metadata_is_text is False or "metadata" not in fields:
            return self._change(known.id, fields)
        text = json.dumps(fields["metadata"], ensure_ascii=False)
        try:
            return self._change(known.id, {**fields, "metadata": text})
        except ExportError as error:
            # Whoever told none may want them as the document says.
            doubtful = known.metadata_is_text is None
            if error.retry or isinstance(error, RefusedError) or not doubtful:
                raise
            return self._change(known.id, fields)

    def _change(self, number: int, fields: Mapping[str, Any]) -> Experiment:
        path = f"experiments/{number}"
        return experiment(self._safe("PATCH", path, json=dict(fields)))

    def delete(self, number: int) -> None:
        """Delete an experiment; it is no error if it is deleted already."""
        response = self._safe("DELETE", f"experiments/{number}")
        if response.is_success or is_missing(response):
            return
        # The answer to a first attempt may have been lost.
        left = self.experiment(number)
        if left is not None and left.state != DELETED:
            checked(response)

    def tags(self, number: int) -> list[str]:
        """Return the tags of an experiment."""
        response = self._safe("GET", f"experiments/{number}/tags")
        return [
            str(each.get("tag", "")) for each in parsed(response, list[dict[str, Any]])
        ]

    def add_tag(self, number: int, tag: str) -> None:
        """Tag an experiment; a tag that it has stays as it is."""
        path = f"experiments/{number}/tags"
        checked(self._safe("POST", path, json={"tag": tag}))

    def uploads(self, number: int) -> list[Upload]:
        """Return the files attached to an experiment; not archived or deleted ones."""
        whole = self.experiment(number)
        if whole is not None and whole.uploads is not None:
            return whole.uploads
        path = f"experiments/{number}/uploads"
        return parsed(self._safe("GET", path), list[Upload])

    def content(self, number: int, upload: Upload) -> bytes:
        """Return the content of an attached file."""
        path = f"experiments/{number}/uploads/{upload.id}"
        return checked(self._safe("GET", path, params={"format": "binary"})).content

    def attach(self, number: int, file: AttachedFile) -> int:
        """Attach a file and return its identifier.

        Raises
        ------
        LostReplyError
            If it may or may not be there now; look before attaching it again.
        """
        response = self._unsafe(
            f"experiments/{number}/uploads",
            files={"file": (file.name, file.content, file.media_type)},
            data={"comment": file.comment},
            timeout=self._patience(len(file.content)),
        )
        return created_id(response)

    def set_upload_state(self, number: int, upload: Upload, state: int) -> None:
        """Archive an attached file, say."""
        path = f"experiments/{number}/uploads/{upload.id}"
        checked(self._safe("PATCH", path, json={"state": state}))

    def delete_upload(self, number: int, upload: Upload) -> None:
        """Delete an attached file; it is no error if it is gone already."""
        path = f"experiments/{number}/uploads/{upload.id}"
        response = self._safe("DELETE", path)
        if not is_missing(response):
            checked(response)

    def categories(self, team: int) -> list[Choice]:
        """Return the categories that an experiment of a team may have."""
        path = f"teams/{team}/experiments_categories"
        return parsed(self._safe("GET", path), list[Choice])

    def statuses(self, team: int) -> list[Choice]:
        """Return the statuses that an experiment of a team may have."""
        path = f"teams/{team}/experiments_status"
        return parsed(self._safe("GET", path), list[Choice])

    def api_keys(self) -> list[ApiKey]:
        """Return what is told of the account's API keys; none where it is not told."""
        response = self._safe("GET", "apikeys")
        return parsed(response, list[ApiKey]) if response.is_success else []

    def current_team(self) -> int | None:
        """Return the team that the key belongs to, if that is told."""
        response = self._safe("GET", "teams/current")
        return parsed(response, Team).id if response.is_success else None

    def me(self) -> User:
        """Return the account that the key belongs to."""
        return parsed(self._safe("GET", "users/me"), User)

    def users(self) -> list[User]:
        """Return the active accounts."""
        return parsed(self._safe("GET", "users"), list[User])

    def _safe(
        self,
        method: str,
        path: str,
        **kwargs: Any,  # noqa: ANN401 - passed on
    ) -> httpx.Response:
        """Send what may be processed twice without harm."""
        return send_repeatedly(self._http, method, path, **kwargs)

    def _unsafe(self, path: str, **kwargs: Any) -> httpx.Response:  # noqa: ANN401 - passed on
        """Post what would be there twice if it were processed twice."""
        response = send_once(self._http, "POST", path, **kwargs)
        if response.status_code in PASSING - {httpx.codes.TOO_MANY_REQUESTS}:
            raise lost(response)
        return response

    def _patience(self, size: int) -> httpx.Timeout:
        usual = self._http.timeout
        seconds = (usual.read or 0.0) + SECONDS_PER_MEGABYTE * size / 1e6
        return httpx.Timeout(seconds, connect=usual.connect)
