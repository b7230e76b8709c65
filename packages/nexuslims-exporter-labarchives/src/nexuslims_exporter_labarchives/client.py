"""The API of LabArchives, as far as an exporter needs it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx
import stamina
from nexuslims_core.errors import ExportError
from nexuslims_core.exporting.calls import LostReplyError, send_once

from nexuslims_exporter_labarchives.answers import (
    ClockError,
    MissingError,
    NoPageError,
    UnknownFormError,
    checked,
    entries_in,
    nodes_in,
    text_of,
    user_in,
    waits,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lxml import etree

    from nexuslims_exporter_labarchives.answers import Entry, Node, User
    from nexuslims_exporter_labarchives.signing import Signing

__all__ = ["ROOT", "FileToAttach", "LabArchivesClient"]

ROOT = "0"
"""Tree id of the top of a notebook."""
ATTEMPTS = 3
FIRST_WAIT_S = 2.0
LONGEST_WAIT_S = 30.0
SECONDS_PER_MEGABYTE = 5.0
TEXT_ENTRY = "text entry"


@dataclass(frozen=True, kw_only=True)
class FileToAttach:
    """A file, and what is said of it."""

    name: str
    caption: str
    change: str
    content: bytes


class LabArchivesClient:
    """Calls on behalf of one account; every method may raise `ExportError`.

    Parameters
    ----------
    http
        Client with the API's base address and `signing`.
    signing
        What signs each attempt.
    uid
        The account; empty for calls that need none.
    """

    def __init__(self, http: httpx.Client, signing: Signing, uid: str) -> None:
        self._http = http
        self._signing = signing
        self._uid = uid

    def user(self) -> User:
        """Return what is known of the account."""
        return user_in(self._read("users/user_info_via_id"))

    def log_in(self, login: str, password: str) -> tuple[User, bool]:
        """Return the account of somebody with this password, and how that was told.

        A form keeps the password out of addresses, and so out of logs on the way; where
        the server wants it in the address, as is documented, it gets it there.

        Returns
        -------
        The account, and whether the password had to be in the address.
        """
        method = "users/user_access_info"
        given = {"login_or_email": login, "password": password}
        try:
            return user_in(self._once("POST", method, data=given)), False
        except (MissingError, NoPageError, UnknownFormError):
            return user_in(self._once("GET", method, params=given)), True

    def level(self, nbid: str, parent: str) -> list[Node]:
        """Return the folders and pages in a folder, in their order."""
        root = self._read("tree_tools/get_tree_level", nbid=nbid, parent_tree_id=parent)
        return nodes_in(root)

    def insert(self, nbid: str, parent: str, name: str, *, is_page: bool) -> str:
        """Make a folder or page and return its id.

        Raises
        ------
        LostReplyError
            If it may or may not be there now; look before making it again.
        """
        root = self._once(
            "GET",
            "tree_tools/insert_node",
            params={
                "nbid": nbid,
                "parent_tree_id": parent,
                "display_text": name,
                "is_folder": "false" if is_page else "true",
            },
        )
        return text_of(root, ".//node/tree-id", ".//tree-id")

    def move(self, nbid: str, tree_id: str, parent: str, name: str) -> None:
        """Put a folder or page into another folder, under another name."""
        self._read(
            "tree_tools/update_node",
            nbid=nbid,
            tree_id=tree_id,
            parent_tree_id=parent,
            display_text=name,
        )

    def entries(self, nbid: str, page: str) -> list[Entry]:
        """Return the entries of a page, with their texts."""
        root = self._read(
            "tree_tools/get_entries_for_page",
            nbid=nbid,
            page_tree_id=page,
            entry_data="true",
        )
        return entries_in(root)

    def entry(self, eid: str) -> Entry | None:
        """Return an entry, or `None` if there is none (any more)."""
        try:
            root = self._read("entries/entry_info", eid=eid, entry_data="true")
        except MissingError:
            return None
        return next(iter(entries_in(root)), None)

    def add_text(self, nbid: str, page: str, html: str) -> str:
        """Add a text entry to a page and return its id.

        Raises
        ------
        LostReplyError
            If it may or may not be there now; look before adding it again.
        """
        form = {
            "nbid": nbid,
            "pid": page,
            "part_type": TEXT_ENTRY,
            "entry_data": html,
        }
        root = self._once(
            "POST", "entries/add_entry", data=form, timeout=self._patience(len(html))
        )
        return text_of(root, ".//entry/eid", ".//eid")

    def update_text(self, eid: str, html: str) -> None:
        """Replace the text of an entry; the earlier version is kept."""
        self._repeated(
            "POST",
            "entries/update_entry",
            params={"eid": eid},
            data={"entry_data": html},
            timeout=self._patience(len(html)),
        )

    def add_file(self, nbid: str, page: str, file: FileToAttach) -> str:
        """Attach a file to a page and return the entry's id.

        Raises
        ------
        LostReplyError
            If it may or may not be there now; look before attaching it again.
        """
        root = self._once(
            "POST",
            "entries/add_attachment",
            params={"nbid": nbid, "pid": page, **_described(file)},
            **self._body(file),
        )
        return text_of(root, ".//entry/eid", ".//eid")

    def update_file(self, eid: str, file: FileToAttach) -> None:
        """Replace an attached file; the earlier version is kept."""
        self._repeated(
            "POST",
            "entries/update_attachment",
            params={"eid": eid, **_described(file)},
            **self._body(file),
        )

    def _read(self, method: str, **params: str) -> etree._Element:
        return self._repeated("GET", method, params=params)

    def _repeated(self, verb: str, method: str, **kwargs: Any) -> etree._Element:  # noqa: ANN401 - passed on
        """Send what may be processed twice; again if the server fails."""

        def again(error: Exception) -> bool | float:
            return isinstance(error, LostReplyError) and waits(error)

        for attempt in stamina.retry_context(
            again,
            attempts=ATTEMPTS,
            wait_initial=FIRST_WAIT_S,
            wait_max=LONGEST_WAIT_S,
            wait_jitter=1.0,
            timeout=None,
        ):
            with attempt:
                return self._once(verb, method, **kwargs)
        raise AssertionError  # pragma: no cover - the last attempt returns or raises

    def _once(
        self,
        verb: str,
        method: str,
        params: Mapping[str, str] | None = None,
        **kwargs: Any,  # noqa: ANN401 - passed on
    ) -> etree._Element:
        """Send a call; one that our clock spoilt was not processed and goes again."""
        query = {**({"uid": self._uid} if self._uid else {}), **(params or {})}
        try:
            return self._sent(verb, method, params=query, **kwargs)
        except ClockError:
            if not self._clock_is_off():
                raise
        return self._sent(verb, method, params=query, **kwargs)

    def _sent(self, verb: str, method: str, **kwargs: Any) -> etree._Element:  # noqa: ANN401 - passed on
        return checked(send_once(self._http, verb, method, **kwargs))

    def _clock_is_off(self) -> bool:
        """Ask for the server's time and go by it; tells whether it differs from ours.

        This one call is not signed.
        """
        try:
            root = self._sent(
                "GET",
                "utilities/epoch_time",
                params={"akid": self._signing.key_id},
                auth=self._signing.pacing,
            )
        except ExportError:
            return False
        told = text_of(root, ".//epoch-time")
        return told.isdecimal() and self._signing.follow(int(told))

    def _body(self, file: FileToAttach) -> dict[str, Any]:
        return {
            "content": file.content,
            "headers": {"Content-Type": "application/octet-stream"},
            "timeout": self._patience(len(file.content)),
        }

    def _patience(self, size: int) -> httpx.Timeout:
        usual = self._http.timeout
        seconds = 2 * (usual.read or 0.0) + SECONDS_PER_MEGABYTE * size / 1e6
        return httpx.Timeout(seconds, connect=usual.connect)


def _described(file: FileToAttach) -> dict[str, str]:
    return {
        "filename": file.name,
        "caption": file.caption,
        "change_description": file.change,
    }
