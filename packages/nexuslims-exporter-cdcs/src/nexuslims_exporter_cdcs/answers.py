"""What CDCS answers: the shapes that are used, and what its refusals mean."""

from __future__ import annotations

import re
from typing import TypeVar

import httpx
from nexuslims_core.errors import ExportError
from nexuslims_core.exporting.calls import AddressError, RefusedError
from nexuslims_core.http import PASSING, describe, server_words
from pydantic import BaseModel, TypeAdapter, ValidationError

__all__ = [
    "StoredRecord",
    "Template",
    "User",
    "Workspace",
    "checked",
    "is_missing",
    "parsed",
]

Identifier = int | str
Shape = TypeVar("Shape")

# Validators end their messages so: "…, line 2" or "…, line 1, column 23 (<string>, …".
_INVALID_XML = re.compile(r"\bline \d+")


class Template(BaseModel):
    """A template with its versions; `current` is the id that records refer to."""

    title: str
    current: Identifier
    is_disabled: bool = False


class Workspace(BaseModel):
    """A workspace that the token's user may read."""

    id: Identifier
    title: str
    is_public: bool = False


class User(BaseModel):
    """An account."""

    id: Identifier
    username: str
    email: str | None = None


class StoredRecord(BaseModel):
    """A record as it is stored."""

    id: Identifier
    title: str
    workspace: Identifier | None = None
    user_id: Identifier | None = None
    creation_date: str | None = None
    content: str | None = None
    xml_content: str | None = None

    @property
    def xml(self) -> str:
        """The XML; which key holds it depends on the repository's settings."""
        return self.content or self.xml_content or ""

    @property
    def age(self) -> tuple[str, int, str]:
        """Sorts records by age, the oldest first."""
        identifier = str(self.id)
        return (self.creation_date or "", len(identifier), identifier)


def checked(response: httpx.Response) -> httpx.Response:
    """Return the response if it is a success.

    Raises
    ------
    RefusedError
        If credentials or rights are missing: CDCS says 403 for both.
    AddressError
        If nothing of CDCS seems to be there.
    ExportError
        For any other refusal; with `retry` false for XML that is not valid.
    """
    status = response.status_code
    if response.is_success:
        return response
    if status in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}:
        msg = (
            f"{describe(response)}; NX_CDCS_TOKEN is not a valid token, or its account "
            "lacks the right"
        )
        raise RefusedError(msg, retry=False)
    if is_missing(response):
        raise ExportError(describe(response))
    if response.has_redirect_location or status == httpx.codes.NOT_FOUND:
        raise _no_repository(response)
    if status == httpx.codes.INTERNAL_SERVER_ERROR:
        # The ordinary answer to invalid XML, but also to any trouble of the server.
        invalid = bool(_INVALID_XML.search(server_words(response)))
        raise ExportError(describe(response), retry=not invalid)
    passing = status in PASSING or response.is_server_error
    raise ExportError(describe(response), retry=passing)


def parsed(response: httpx.Response, shape: type[Shape]) -> Shape:
    """Return the body of a success as `shape`.

    Raises
    ------
    ExportError
        As `checked`; `AddressError` for a body that CDCS would not send.
    """
    try:
        return TypeAdapter(shape).validate_json(checked(response).content)
    except ValidationError as error:
        raise _no_repository(response) from error


def is_missing(response: httpx.Response) -> bool:
    """Tell a missing record, which CDCS says in JSON, from a missing page."""
    kind = response.headers.get("content-type", "")
    return response.status_code == httpx.codes.NOT_FOUND and "json" in kind


def _no_repository(response: httpx.Response) -> AddressError:
    kind = response.headers.get("content-type", "no content type")
    msg = (
        f"{describe(response)} ({kind}): not the answer of a CDCS repository; check "
        "that NX_CDCS_URL is its base address and that nothing stands in between"
    )
    return AddressError(msg)
