"""A fake LabArchives on loopback: remembers, checks, and refuses as the real one does.

It verifies the signature of every call and that it was made now, answers in XML with
the published codes of errors, keeps every version of every entry, and refuses calls
that follow each other too closely.

Examples
--------
>>> with LabArchivesServer() as server:
...     talk_to(server.url, server.access_key_id, server.access_password)
...     [server.path(page) for page in server.pages()]
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import threading
import time
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from nexuslims_testing.servers.labarchives_calls import (
    CALLS,
    TEXT_ENTRY,
    Call,
    Reply,
    epoch_time,
    error_xml,
)
from nexuslims_testing.servers.labarchives_state import (
    INBOX,
    Account,
    Entry,
    Node,
    RefusalError,
    State,
)
from nexuslims_testing.servers.loopback import LoopbackHandler, LoopbackServer

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["LabArchivesServer"]

ALLOWANCE_MS = 120_000
"""How far from now a call may say it was made (API notebook, Call authentication)."""
TIMER_SLACK_S = 0.005
"""What clocks of client and server may differ by in measuring an interval."""
_FORM = "application/x-www-form-urlencoded"


class LabArchivesServer(LoopbackServer):
    """One site with two notebooks and three accounts, for use in a ``with`` block.

    Parameters
    ----------
    min_interval_s
        Calls that arrive sooner after the one before are refused and counted.
    login_by_form
        Whether an account's password may come in a form; otherwise in the address only,
        as documented.
    """

    access_key_id = "akid-of-the-facility"
    access_password = "s3cr3t/of+the=facility"  # noqa: S105 - of a fake
    uid = "104/robot+uid="
    """The facility's account; may write in `notebook`."""
    user_uid = "205/maria"
    """A user's own account; may write in `notebook` too."""
    reader_uid = "306/reader"
    """An account that may only read `notebook`."""
    notebook = "MTMuMnwyNy8xMC9Ob3RlYm9vay8x"
    """The facility's notebook."""
    other_notebook = "MTQuMnwyNy8xMS9Ob3RlYm9vay8y"
    """A notebook that none of these accounts may see."""

    def __init__(
        self, *, min_interval_s: float = 0.0, login_by_form: bool = True
    ) -> None:
        self.min_interval_s = min_interval_s
        self.login_by_form = login_by_form
        self.clock_offset_s = 0.0
        """How much the server's clock is ahead."""
        self._lock = threading.Lock()
        self.reset()
        super().__init__(partial(_Handler, self))

    @property
    def url(self) -> str:
        """Base address of the API."""
        return f"{self.origin}/api"

    def reset(self) -> None:
        """Forget everything but the accounts and empty notebooks of every start."""
        rights: dict[str, Any] = {self.notebook: "write"}
        people = [
            Account(
                uid=self.uid,
                email="robot@example.org",
                name="NexusLIMS",
                token="one hour token",  # noqa: S106 - of a fake
                notebooks=dict(rights),
            ),
            Account(
                uid=self.user_uid,
                email="mcurie@example.org",
                name="Maria Curie",
                token="another token",  # noqa: S106 - of a fake
                notebooks=dict(rights),
            ),
            Account(
                uid=self.reader_uid,
                email="reader@example.org",
                name="Reader Only",
                token="third token",  # noqa: S106 - of a fake
                notebooks={self.notebook: "read"},
            ),
        ]
        names = {self.notebook: "Facility", self.other_notebook: "Private"}
        self.state = State(people, names)
        self.calls: list[str] = []
        """Every call that was understood and signed, as ``class/method``."""
        self.signatures: list[str] = []
        self.too_fast = 0
        """How many calls came sooner than allowed."""
        self._last_arrival: float | None = None

    # What is there.

    def folders(self) -> list[Node]:
        """Return the folders of all notebooks."""
        return [node for node in self.state.nodes.values() if not node.is_page]

    def pages(self) -> list[Node]:
        """Return the pages of all notebooks."""
        return [node for node in self.state.nodes.values() if node.is_page]

    def path(self, node: Node) -> str:
        """Return the names down to a folder or page, joined by slashes."""
        return self.state.path(node)

    def texts(self, page: Node) -> list[Entry]:
        """Return the text entries of a page."""
        return [e for e in self.entries(page) if e.part_type == TEXT_ENTRY]

    def attachments(self, page: Node) -> list[Entry]:
        """Return the attachments of a page."""
        return [e for e in self.entries(page) if e.part_type != TEXT_ENTRY]

    def entries(self, page: Node) -> list[Entry]:
        """Return all entries of a page."""
        return self.state.entries_of(page.nbid, page.tree_id)

    def inbox(self, uid: str | None = None) -> list[Entry]:
        """Return the entries in an account's Inbox; the facility's by default."""
        found = self.state.entries_of(INBOX, INBOX)
        return [each for each in found if each.author == (uid or self.uid)]

    def write_note(self, page: Node, text: str) -> Entry:
        """Put an entry on a page as people do in the browser."""
        note = Entry(
            eid="",
            nbid=page.nbid,
            page=page.tree_id,
            author=self.user_uid,
            part_type=TEXT_ENTRY,
            data=text,
        )
        return self.state.add(note)

    # Answering.

    def handle(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, Reply]:
        """Return status and answer to a request."""
        with self._lock:
            try:
                return 200, self._answer(method, target, headers, body)
            except RefusalError as error:
                return error.status, Reply(body=error_xml(error.code, str(error)))

    def _answer(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> Reply:
        self._check_rate()
        address = urlsplit(target)
        name = address.path.removeprefix("/api/")
        query = dict(parse_qsl(address.query, keep_blank_values=True))
        if name == "utilities/epoch_time":
            self._check_key(query)
            return epoch_time(self._now())
        verbs, answer = CALLS.get(name, (frozenset(), None))
        if answer is None or method not in verbs:
            raise RefusalError(404, 404, "There is no such method")
        self._check_signature(name, query)
        self.calls.append(name)
        is_form = headers.get("content-type", "").startswith(_FORM)
        form = dict(parse_qsl(body.decode(), keep_blank_values=True)) if is_form else {}
        if name == "users/user_access_info" and form and not self.login_by_form:
            form = {}
        call = Call(
            method=method, values={**query, **form}, body=b"" if is_form else body
        )
        return answer(self.state, call)

    def _check_rate(self) -> None:
        now, last = time.monotonic(), self._last_arrival
        self._last_arrival = now
        if last is not None and now - last < self.min_interval_s - TIMER_SLACK_S:
            self.too_fast += 1
            raise RefusalError(503, 4999, "Too many calls; wait between them")

    def _check_key(self, query: Mapping[str, str]) -> None:
        if query.get("akid") != self.access_key_id:
            raise RefusalError(401, 4506, "The access key id (akid) is not valid")

    def _check_signature(self, name: str, query: Mapping[str, str]) -> None:
        if not {"akid", "expires", "sig"} <= set(query):
            raise RefusalError(401, 4500, "mandatory parameters were not included")
        self._check_key(query)
        if not query["expires"].isdecimal():
            raise RefusalError(401, 4529, "A parameter contains an invalid value")
        if abs(self._now() * 1000 - int(query["expires"])) > ALLOWANCE_MS:
            raise RefusalError(401, 4504, "The expires parameter is no longer valid")
        signed = query["akid"] + name.rpartition("/")[2] + query["expires"]
        digest = hmac.digest(
            self.access_password.encode(), signed.encode(), hashlib.sha512
        )
        if not hmac.compare_digest(base64.b64encode(digest).decode(), query["sig"]):
            raise RefusalError(401, 4520, "The supplied signature parameter is invalid")
        self.signatures.append(query["sig"])

    def _now(self) -> float:
        return time.time() + self.clock_offset_s


class _Handler(LoopbackHandler):
    def __init__(self, server: LabArchivesServer, *arguments: Any) -> None:  # noqa: ANN401 - passed on
        self._server = server
        super().__init__(*arguments)

    def _serve(self) -> None:
        headers, body = self.received()
        status, reply = self._server.handle(self.command, self.path, headers, body)
        self.answer(status, reply.headers, reply.content_type, reply.body)

    do_GET = do_POST = _serve  # noqa: N815 - names of the standard library
