"""What LabArchives answers: the values that are used, and what its refusals mean."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx
from lxml import etree
from nexuslims_core.errors import ExportError
from nexuslims_core.exporting.calls import AddressError, LostReplyError, RefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "ClockError",
    "Entry",
    "MissingError",
    "NoPageError",
    "Node",
    "UnknownFormError",
    "User",
    "checked",
    "entries_in",
    "nodes_in",
    "text_of",
    "user_in",
    "waits",
]

CLOCK = 4504
INCOMPLETE = 4500
GENERAL = 4999
"""The code of an error that may be gone next time."""

_NEW_UID = "ask for a new one with `nexuslims labarchives-get-uid`"
REMEDIES: Mapping[int, str] = {
    4501: (
        "the account in NX_LABARCHIVES_USER_ID may not use the notebook in "
        "NX_LABARCHIVES_NOTEBOOK_ID; have its owner share it with the account"
    ),
    4502: (
        "the account in NX_LABARCHIVES_USER_ID may not write in the notebook in "
        "NX_LABARCHIVES_NOTEBOOK_ID; have its owner grant that"
    ),
    4504: (
        "the call counts as too old or not yet valid; set this machine's clock "
        "(NX_LABARCHIVES_ACCESS_KEY_ID and its password are not the reason)"
    ),
    4506: (
        "NX_LABARCHIVES_ACCESS_KEY_ID is not a key of this region; correct it, or "
        "NX_LABARCHIVES_URL"
    ),
    4507: (
        "NX_LABARCHIVES_USER_ID was not issued for NX_LABARCHIVES_ACCESS_KEY_ID; "
        f"{_NEW_UID}"
    ),
    4514: (
        "login or password are wrong; for NX_LABARCHIVES_USER_ID ask for a new uid "
        "with `nexuslims labarchives-get-uid` and a fresh password token"
    ),
    4520: (
        "NX_LABARCHIVES_ACCESS_PASSWORD does not belong to "
        "NX_LABARCHIVES_ACCESS_KEY_ID; correct it"
    ),
    4533: f"the session of NX_LABARCHIVES_USER_ID has ended; {_NEW_UID}",
}
"""Codes of errors that mean credentials or rights (API notebook, "Error codes")."""

_ANY_CREDENTIAL = (
    "check NX_LABARCHIVES_ACCESS_KEY_ID, NX_LABARCHIVES_ACCESS_PASSWORD and "
    "NX_LABARCHIVES_USER_ID, and the account's rights in NX_LABARCHIVES_NOTEBOOK_ID"
)
_SECRET = ("password", "sig", "akid", "uid")
_FORM = "application/x-www-form-urlencoded"
_LONGEST_WORDS = 300
_LONGEST_WAIT = 30


class ClockError(RefusedError):
    """The call counts as made at another time than now; it was not processed."""


class NoPageError(AddressError):
    """There is nothing at an address, not even an error of LabArchives."""


class MissingError(ExportError):
    """What was asked for is not there, or there is no such method."""


class UnknownFormError(ExportError):
    """The method does not take a call of this form."""


@dataclass(frozen=True, kw_only=True)
class Node:
    """A folder or a page."""

    tree_id: str
    name: str
    is_page: bool


@dataclass(frozen=True, kw_only=True)
class Entry:
    """An entry as it is stored; of attachments without the content."""

    eid: str
    part_type: str
    data: str = ""
    caption: str = ""
    filename: str = ""
    size: int | None = None
    change: str = ""
    """Description of the last change of an attachment."""

    @property
    def is_attachment(self) -> bool:
        """Whether it holds a file."""
        return self.part_type.casefold() == "attachment"


@dataclass(frozen=True, kw_only=True)
class User:
    """An account, and the notebooks that it sees, as pairs of id and name."""

    uid: str
    name: str = ""
    notebooks: tuple[tuple[str, str], ...] = ()


def checked(response: httpx.Response) -> etree._Element:
    """Return the root of an answer.

    Raises
    ------
    RefusedError, ClockError
        If credentials or rights are missing.
    MissingError
        If what was asked for is not there.
    UnknownFormError
        If the method wants to be called otherwise.
    AddressError, NoPageError
        If nothing of LabArchives seems to answer.
    LostReplyError
        If the server failed.
    ExportError
        For any other refusal.
    """
    if response.has_redirect_location:
        raise AddressError(_not_labarchives(response))
    root = _parsed(response.content)
    if response.is_server_error:
        raise _failed(response, root)
    if root is not None and root.tag == "error":
        raise _refusal(response, root)
    if response.status_code in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}:
        raise RefusedError(f"{_told(response)}; {_ANY_CREDENTIAL}", retry=False)
    if response.status_code == httpx.codes.TOO_MANY_REQUESTS:
        raise ExportError(_told(response))
    if response.is_success and root is not None:
        return root
    if response.status_code == httpx.codes.NOT_FOUND:
        raise NoPageError(_not_labarchives(response))
    if response.is_success:
        raise AddressError(_not_labarchives(response))
    if response.status_code == httpx.codes.METHOD_NOT_ALLOWED:
        raise UnknownFormError(_told(response), retry=False)
    raise ExportError(_told(response), retry=False)


def text_of(root: etree._Element, *paths: str) -> str:
    """Return the text of the first element that is there and has some, or nothing."""
    return next((text.strip() for p in paths if (text := root.findtext(p))), "")


def nodes_in(root: etree._Element) -> list[Node]:
    """Return the folders and pages of a level of the tree, in its order."""
    return [
        Node(
            tree_id=text_of(told, "tree-id"),
            name=text_of(told, "display-text"),
            is_page=text_of(told, "is-page").casefold() == "true",
        )
        for told in root.iter("level-node")
    ]


def entries_in(root: etree._Element) -> list[Entry]:
    """Return the entries of a page, in its order."""
    return [_entry(told) for told in root.iter("entry")]


def user_in(root: etree._Element) -> User:
    """Return the account that an answer describes."""
    return User(
        uid=text_of(root, "id", "user/id"),
        name=text_of(root, "fullname", "full-name", "user/fullname"),
        notebooks=tuple(
            (text_of(told, "id"), text_of(told, "name"))
            for told in root.iter("notebook")
        ),
    )


def _entry(told: etree._Element) -> Entry:
    size = text_of(told, "attach-file-size")
    return Entry(
        eid=text_of(told, "eid"),
        part_type=text_of(told, "part-type"),
        data=told.findtext("entry-data") or "",
        caption=text_of(told, "caption"),
        filename=text_of(told, "attach-file-name"),
        size=int(size) if size.isdecimal() else None,
        change=text_of(told, "change-description"),
    )


def _parsed(content: bytes) -> etree._Element | None:
    # Entries may be long, so the parser's own limits are off; entities stay unexpanded.
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True
    )
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError:
        return None
    # Pages of gateways are often good XML, and would look like an empty notebook.
    return None if etree.QName(root).localname.casefold() == "html" else root


def _refusal(response: httpx.Response, root: etree._Element) -> ExportError:
    code = _code(root)
    told = _told(response, root)
    if code == CLOCK:
        return ClockError(f"{told}; {REMEDIES[CLOCK]}", retry=False)
    if code is not None and code in REMEDIES:
        return RefusedError(f"{told}; {REMEDIES[code]}", retry=False)
    if httpx.codes.NOT_FOUND in {code, response.status_code}:
        return MissingError(told, retry=False)
    if response.status_code in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}:
        return RefusedError(f"{told}; {_ANY_CREDENTIAL}", retry=False)
    if code == INCOMPLETE:
        return UnknownFormError(told, retry=False)
    passing = response.status_code == httpx.codes.TOO_MANY_REQUESTS or code == GENERAL
    return ExportError(told, retry=passing)


def _failed(response: httpx.Response, root: etree._Element | None) -> LostReplyError:
    wait = response.headers.get("retry-after", "").strip()
    return LostReplyError(
        _told(response, root),
        over=response.status_code != httpx.codes.GATEWAY_TIMEOUT,
        wait=float(wait) if wait.isdecimal() else None,
    )


def _code(root: etree._Element) -> int | None:
    code = text_of(root, "error-code", "code")
    return int(code) if code.isdecimal() else None


def _told(response: httpx.Response, root: etree._Element | None = None) -> str:
    """Say what was asked, what came back, and the server's own words.

    Everything after the question mark is left out: it identifies the account.
    """
    asked = f"{response.request.method} {_bare(response.request.url)}"
    status = f"{response.status_code} {response.reason_phrase}".strip()
    if root is None or root.tag != "error":
        return f"{asked}: {status}"
    words = " ".join(text_of(root, "error-description", "msg").split())
    for secret in _secrets_of(response.request):
        words = words.replace(secret, "***")
    code = _code(root)
    said = f"error {code}: {words}" if code is not None else words
    return f"{asked}: {status}: {said[:_LONGEST_WORDS]}"


def _secrets_of(request: httpx.Request) -> list[str]:
    """Return what identifies the account in a call, and any password in it."""
    given = dict(request.url.params)
    if request.headers.get("content-type") == _FORM:
        given |= httpx.QueryParams(request.content.decode())
    return [value for name in _SECRET if (value := given.get(name))]


def _bare(url: httpx.URL) -> str:
    return str(url.copy_with(username="", password="", query=None, fragment=None))


def _not_labarchives(response: httpx.Response) -> str:
    kind = response.headers.get("content-type", "no content type")
    return (
        f"{_told(response)} ({kind}): not the answer of LabArchives' API; check that "
        "NX_LABARCHIVES_URL is its base address, such as "
        "https://api.labarchives.com/api, and that nothing stands in between"
    )


def waits(error: LostReplyError) -> bool | float:
    """Tell whether to ask again, and after how many seconds if the server said."""
    return True if error.wait is None else error.wait <= _LONGEST_WAIT and error.wait
