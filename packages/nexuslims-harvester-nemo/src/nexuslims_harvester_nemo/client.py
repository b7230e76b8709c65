"""Asking a NEMO server: one connection, lists of rows, errors that say what to do."""

from __future__ import annotations

import weakref
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

import httpx
from nexuslims_core import http
from nexuslims_core.errors import ConfigurationError, SourceError

if TYPE_CHECKING:
    from nexuslims_core.types import Site

    from nexuslims_harvester_nemo.settings import NemoSettings

Row = Mapping[str, Any]

PERMISSIONS = {
    "tools": "Can view tool",
    "usage_events": "Can view usage event",
    "reservations": "Can view reservation",
    "users": "Can view user",
}
"""What the account of the token needs per table, as NEMO's administration words it."""

_FIRST_WORDS = 80
_NO_PAGE = "Invalid page"
"""What NEMO says, in English only, of a page past the end."""
_UNAUTHORISED, _FORBIDDEN, _NOT_FOUND = 401, 403, 404


class StatusError(SourceError):
    """NEMO answered with a status that is no success.

    Parameters
    ----------
    message
        What NEMO answered, and the remedy.
    status
        HTTP status.
    permission
        The permission whose lack is the reason, where it is.
    """

    def __init__(self, message: str, *, status: int, permission: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.permission = permission


class NemoClient:
    """The REST interface of one server; connects on first use."""

    def __init__(self, settings: NemoSettings, site: Site) -> None:
        self._settings = settings
        self._site = site

    @property
    def base(self) -> str:
        """Address of the interface, as configured, with a slash at its end."""
        return self._settings.address

    @cached_property
    def _http(self) -> httpx.Client:
        token = self._settings.token.get_secret_value()
        headers = {"Authorization": f"Token {token}", "Accept": "application/json"}
        try:
            client = http.client(
                self._site,
                base_url=self.base,
                headers=headers,
                timeout=self._settings.timeout,
            )
        except ConfigurationError as error:
            raise SourceError(f"NEMO {self.base}: {error}") from error
        weakref.finalize(self, client.close)
        return client

    def rows(self, table: str, **filters: object) -> list[Any]:
        """Return all rows of a table that pass the filters, each once.

        Handles both shapes of answers: a bare list, and pages. Rows are as NEMO sent
        them and unchecked.

        Raises
        ------
        SourceError
            If NEMO cannot be reached, refuses, or sends anything but rows.
        """
        found: dict[object, Any] = {}
        page = 1
        while True:
            rows, more = self._page(table, filters, page)
            known = len(found)
            for row in rows:
                found.setdefault(_key(row, position=len(found)), row)
            # A server that ignores `page` would send the same rows for ever.
            if not more or len(found) == known:
                return list(found.values())
            page += 1

    def _page(
        self, table: str, filters: Mapping[str, object], page: int
    ) -> tuple[list[Any], bool]:
        size = self._settings.page_size
        try:
            body = self._json(table, {**filters, "page_size": size, "page": page})
        except StatusError as error:
            if page > 1 and error.status == _NOT_FOUND and _NO_PAGE in str(error):
                return [], False  # rows went away while we turned the pages
            raise
        if isinstance(body, list):
            return body, False
        if isinstance(body, Mapping) and isinstance(body.get("results"), list):
            return body["results"], bool(body.get("next"))
        msg = f"NEMO {self.base}{table}/: expected a list of rows, found {_short(body)}"
        raise SourceError(msg)

    def _json(self, table: str, params: Mapping[str, Any]) -> object:
        try:
            response = http.request(
                self._http, "GET", f"{table}/", safe=True, params=dict(params)
            )
        except httpx.HTTPError as error:
            msg = (
                f"NEMO does not answer: {http.describe(error)}; check that it is up "
                "and that NX_NEMO_ADDRESS is right"
            )
            raise SourceError(msg) from error
        if not response.is_success:
            raise self._refusal(table, response)
        try:
            return response.json()
        except ValueError as error:
            raise SourceError(_not_json(response)) from error

    def _refusal(self, table: str, response: httpx.Response) -> StatusError:
        status = response.status_code
        said = f"NEMO: {http.describe(response)}"
        # Where sessions are checked first, a bad token is answered with 403 as well.
        if status == _FORBIDDEN and "permission" in http.server_words(response):
            wanted = PERMISSIONS.get(table, f"Can view {table}")
            remedy = f"give the account of NX_NEMO_TOKEN the permission {wanted!r}"
            return StatusError(f"{said}; {remedy}", status=status, permission=wanted)
        remedy = self._remedies.get(status, "")
        return StatusError(f"{said}; {remedy}" if remedy else said, status=status)

    @property
    def _remedies(self) -> Mapping[int, str]:
        token = (
            f"NX_NEMO_TOKEN for {self.base} is not accepted: make a new token in "
            "NEMO's administration, and check that its account is active and that "
            "NEMO allows token authentication"
        )
        return {
            _UNAUTHORISED: token,
            _FORBIDDEN: token,
            _NOT_FOUND: "check NX_NEMO_ADDRESS, which should end in /api/",
        }


def _key(row: object, *, position: int) -> object:
    """Return what tells rows apart; rows without identifier are all kept."""
    number = row.get("id") if isinstance(row, Mapping) else None
    return number if isinstance(number, int | str) else ("unidentified", position)


def _not_json(response: httpx.Response) -> str:
    kind = response.headers.get("content-type", "unknown type")
    return (
        f"NEMO: GET {response.url}: expected JSON, found {kind} that begins "
        f"{_short(response.text)}; check that NX_NEMO_ADDRESS ends in /api/ and that "
        "no login page or gateway answers in NEMO's place"
    )


def _short(value: object) -> str:
    shown = repr(value)
    return shown if len(shown) <= _FIRST_WORDS else f"{shown[:_FIRST_WORDS]}…"
