"""The REST interface of CDCS, as far as an exporter needs it."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

import httpx
from nexuslims_core.exporting.calls import lost, send_once, send_repeatedly
from nexuslims_core.http import PASSING

from nexuslims_exporter_cdcs.answers import (
    StoredRecord,
    Template,
    User,
    Workspace,
    checked,
    is_missing,
    parsed,
)

if TYPE_CHECKING:
    from nexuslims_core.types import Person

    from nexuslims_exporter_cdcs.answers import Identifier

__all__ = ["CdcsClient"]

LARGE_RECORD_SECONDS = 60.0
SECONDS_PER_MEGABYTE = 20.0
"""A repository needs about one second per megabyte; a busy one more."""


class CdcsClient:
    """Calls of one repository; every method may raise `ExportError`.

    Parameters
    ----------
    http
        Client with the repository's base address and authorization.
    """

    def __init__(self, http: httpx.Client) -> None:
        self._http = http

    def templates(self, title: str) -> list[Template]:
        """Return the global templates with `title`, disabled ones as well."""
        response = self._safe(
            "GET", "rest/template-version-manager/global/", params={"title": title}
        )
        found = parsed(response, list[Template])
        return [template for template in found if template.title == title]

    def workspaces(self) -> list[Workspace]:
        """Return the workspaces that the token's user may read."""
        return parsed(self._safe("GET", "rest/workspace/read_access/"), list[Workspace])

    def record(self, identifier: str) -> StoredRecord | None:
        """Return a record, or `None` if there is none (any more)."""
        path = f"rest/data/{identifier}/"
        response = self._safe("GET", path, timeout=self._patience(0))
        if is_missing(response):
            return None
        return parsed(response, StoredRecord)

    def records(self, title: str) -> list[StoredRecord]:
        """Return the records with exactly this title, the oldest first."""
        query = {"query": {}, "all": "true", "title": title}
        response = self._safe(
            "POST", "rest/data/query/", json=query, timeout=self._patience(0)
        )
        return sorted(parsed(response, list[StoredRecord]), key=lambda each: each.age)

    def create(
        self, title: str, xml: str, template: Identifier, workspace: Identifier | None
    ) -> StoredRecord:
        """Upload a record and publish it, in one call.

        Raises
        ------
        LostReplyError
            If the record may or may not be there now; look before creating it again.
        """
        body = {
            "title": title,
            "template": template,
            **_content(xml),
            **({} if workspace is None else {"workspace": workspace}),
        }
        response = send_once(
            self._http,
            "POST",
            "rest/data/",
            json=body,
            timeout=self._patience(len(xml)),
        )
        if response.status_code in PASSING:
            raise lost(response)
        return parsed(response, StoredRecord)

    def update(self, record: StoredRecord, xml: str) -> None:
        """Replace the content of a record; it is validated again."""
        checked(
            self._safe(
                "PATCH",
                f"rest/data/{record.id}/",
                json=_content(xml),
                timeout=self._patience(len(xml)),
            )
        )

    def assign(self, record: StoredRecord, workspace: Identifier) -> None:
        """Move a record into a workspace."""
        checked(self._safe("PATCH", f"rest/data/{record.id}/assign/{workspace}"))

    def delete(self, record: StoredRecord) -> None:
        """Delete a record; one that is gone already is no failure."""
        response = self._safe("DELETE", f"rest/data/{record.id}/")
        if not is_missing(response):
            checked(response)

    def users(self) -> list[User]:
        """Return all accounts; only staff may ask."""
        return parsed(self._safe("GET", "rest/user/"), list[User])

    def create_user(self, person: Person) -> User:
        """Create an account that nobody can log in to until its password is reset."""
        body = {
            "username": person.username,
            "email": person.email,
            "first_name": person.first_name,
            "last_name": person.last_name,
            "password": secrets.token_urlsafe(32),
        }
        response = send_once(self._http, "POST", "rest/user/", json=body)
        return parsed(response, User)

    def change_owner(self, record: StoredRecord, user: User) -> None:
        """Give a record to a user; only staff may."""
        checked(self._safe("PATCH", f"rest/data/{record.id}/change-owner/{user.id}"))

    def _safe(
        self,
        method: str,
        path: str,
        **kwargs: Any,  # noqa: ANN401 - passed on
    ) -> httpx.Response:
        """Send what may be processed twice without harm."""
        return send_repeatedly(self._http, method, path, **kwargs)

    def _patience(self, size: int) -> httpx.Timeout:
        seconds = LARGE_RECORD_SECONDS + SECONDS_PER_MEGABYTE * size / 1e6
        usual = self._http.timeout
        return httpx.Timeout(max(usual.read or 0.0, seconds), connect=usual.connect)


def _content(xml: str) -> dict[str, str]:
    # Which of the two keys is required depends on the repository's settings.
    return {"content": xml, "xml_content": xml}
