"""What eLabFTW answers: the shapes that are used, and what its refusals mean."""

from __future__ import annotations

import json
from typing import Annotated, Any, TypeVar
from urllib.parse import urlsplit

import httpx
from nexuslims_core.errors import ExportError
from nexuslims_core.exporting.calls import AddressError, LostReplyError, RefusedError
from nexuslims_core.http import PASSING, describe
from pydantic import BaseModel, BeforeValidator, Field, TypeAdapter, ValidationError

__all__ = [
    "ARCHIVED",
    "DELETED",
    "NORMAL",
    "ApiKey",
    "Choice",
    "Experiment",
    "Team",
    "Upload",
    "User",
    "checked",
    "created_id",
    "experiment",
    "experiments",
    "is_missing",
    "parsed",
]

NORMAL, ARCHIVED, DELETED = 1, 2, 3
"""States of experiments and of attached files."""
OPENED = frozenset({httpx.codes.CONFLICT, httpx.codes.LOCKED})
"""Somebody has it open; this passes."""

Shape = TypeVar("Shape")


def _decoded(value: object) -> object:
    """Return what JSON text says; releases tell as text what is documented as object.

    See elabftw#5721. Text that is no JSON object stands for nothing.
    """
    if not isinstance(value, str):
        return value
    try:
        content = json.loads(value)
    except ValueError:
        return None
    return content if isinstance(content, dict) else None


JsonObject = Annotated[dict[str, Any] | None, BeforeValidator(_decoded)]


class Upload(BaseModel):
    """An attached file."""

    id: int
    real_name: str = ""
    long_name: str = ""
    comment: str | None = None
    hash: str | None = None
    hash_algorithm: str | None = None
    storage: int | None = None
    state: int = NORMAL
    immutable: int | None = 0


class EditMode(BaseModel):
    """Who has an experiment open for nobody else to change."""

    locked_by_human: str | None = None


class Experiment(BaseModel):
    """An experiment, as far as it is told; lists tell less."""

    id: int
    userid: int | None = None
    team: int | None = None
    title: str = ""
    body: str | None = None
    metadata: JsonObject = None
    metadata_is_text: bool | None = None
    """Whether the server tells metadata as text, and so takes nothing else.

    `None` where it told none.
    """
    canread: JsonObject = None
    canwrite: JsonObject = None
    state: int | None = NORMAL
    locked: int | None = 0
    uploads: list[Upload] | None = None
    exclusive_edit_mode: Annotated[
        EditMode | None, BeforeValidator(lambda value: value or None)
    ] = None

    @classmethod
    def told(cls, content: dict[str, Any]) -> Experiment:
        """Return the experiment that JSON describes."""
        told = content.get("metadata")
        text = None if told is None else isinstance(told, str)
        return cls.model_validate({**content, "metadata_is_text": text})


class Choice(BaseModel):
    """A category or status."""

    id: int
    title: str = ""


class User(BaseModel):
    """An account."""

    userid: int
    email: str | None = None


class ApiKey(BaseModel):
    """An API key of the account; not the key itself."""

    id: int
    can_write: int | None = None
    team: int | None = None


class Team(BaseModel):
    """A team."""

    id: int = Field(gt=0)


def checked(response: httpx.Response) -> httpx.Response:
    """Return the response if it is a success.

    Raises
    ------
    RefusedError
        If the key is not valid, or its account lacks the right.
    AddressError
        If nothing of eLabFTW seems to be there.
    ExportError
        For any other refusal.
    """
    status = response.status_code
    if response.is_success:
        return response
    if status == httpx.codes.UNAUTHORIZED:
        msg = (
            f"{describe(response)}; NX_ELABFTW_API_KEY is not a valid key of this "
            "notebook; make one in the user panel there"
        )
        raise RefusedError(msg, retry=False)
    if status == httpx.codes.FORBIDDEN:
        msg = (
            f"{describe(response)}; the account of NX_ELABFTW_API_KEY lacks the right, "
            "or the key may only read"
        )
        raise RefusedError(msg, retry=False)
    if response.has_redirect_location or _is_no_page(response):
        raise _no_notebook(response)
    passing = status in PASSING or status in OPENED or response.is_server_error
    raise ExportError(describe(response), retry=passing)


def parsed(response: httpx.Response, shape: type[Shape]) -> Shape:
    """Return the body of a success as `shape`.

    Raises
    ------
    ExportError
        As `checked`; `AddressError` for a body that eLabFTW would not send.
    """
    try:
        return TypeAdapter(shape).validate_json(checked(response).content)
    except ValidationError as error:
        raise _no_notebook(response) from error


def experiment(response: httpx.Response) -> Experiment:
    """Return the experiment that a success tells; raises as `parsed`."""
    return _experiment(parsed(response, dict[str, Any]), response)


def experiments(response: httpx.Response) -> list[Experiment]:
    """Return the experiments that a success lists; raises as `parsed`."""
    content = parsed(response, list[dict[str, Any]])
    return [_experiment(each, response) for each in content]


def _experiment(content: dict[str, Any], response: httpx.Response) -> Experiment:
    try:
        return Experiment.told(content)
    except ValidationError as error:
        raise _no_notebook(response) from error


def created_id(response: httpx.Response) -> int:
    """Return the identifier of what was created: the end of its address.

    The address may name a host that only the notebook itself knows.

    Raises
    ------
    LostReplyError
        If the answer has no such address; what was created must be looked for.
    ExportError
        As `checked`; `AddressError` if the answer is to no creation.
    """
    if checked(response).status_code != httpx.codes.CREATED:
        raise _no_notebook(response)
    path = urlsplit(response.headers.get("location", "")).path
    last = path.rstrip("/").rpartition("/")[2]
    if not last.isdecimal():
        msg = f"{describe(response)}: the answer does not tell what was created"
        raise LostReplyError(msg, over=True)
    return int(last)


def is_missing(response: httpx.Response) -> bool:
    """Tell something that is not there, which eLabFTW says in JSON, from no page."""
    missing = response.status_code == httpx.codes.NOT_FOUND
    return missing and not _is_no_page(response)


def _is_no_page(response: httpx.Response) -> bool:
    kind = response.headers.get("content-type", "")
    return response.status_code == httpx.codes.NOT_FOUND and "json" not in kind


def _no_notebook(response: httpx.Response) -> AddressError:
    kind = response.headers.get("content-type", "no content type")
    msg = (
        f"{describe(response)} ({kind}): not the answer of an eLabFTW notebook; check "
        "that NX_ELABFTW_URL is its base address and that nothing stands in between"
    )
    return AddressError(msg)
