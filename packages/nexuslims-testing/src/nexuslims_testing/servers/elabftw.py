"""A fake eLabFTW on loopback: remembers, checks, and refuses as the real one does.

It speaks the part of version 2 of the interface that has to do with experiments. Each
request and each answer is held against the published OpenAPI document; what does not
fit is refused and kept in `ElabftwServer.problems`.

Examples
--------
>>> with ElabftwServer(load_document(path)) as server:
...     talk_to(server.url, server.api_key)
...     [each.title for each in server.experiments()]
"""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from nexuslims_testing.servers.elabftw_document import BASE_PATH
from nexuslims_testing.servers.elabftw_routes import Call, Reply, respond
from nexuslims_testing.servers.elabftw_state import (
    ARCHIVED,
    NORMAL,
    Account,
    Experiment,
    RefusalError,
    Upload,
)
from nexuslims_testing.servers.loopback import LoopbackHandler, LoopbackServer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nexuslims_testing.servers.elabftw_document import Document, MetadataForm

SITE_URL = "https://eln.example.org"
"""What the server believes its address to be; not where it is reached."""


@dataclass(kw_only=True)
class Notebook:
    """All that the server remembers."""

    accounts: list[Account]
    experiments: dict[int, Experiment] = field(default_factory=dict)
    uploads: dict[int, Upload] = field(default_factory=dict)
    categories: dict[int, str] = field(default_factory=dict)
    statuses: dict[int, str] = field(default_factory=dict)
    tags: list[str] = field(default_factory=list)
    """Tags of the team, each once."""
    metadata_as: MetadataForm = "object"
    keeps_metadata: bool = True
    """False for releases before 5.2, which ignore metadata in a POST."""
    next_id: int = 1

    def take_id(self) -> int:
        """Return an identifier that was never given before."""
        self.next_id += 1
        return self.next_id - 1


class ElabftwServer(LoopbackServer):
    """One server with an empty notebook, for use in a ``with`` block.

    Parameters
    ----------
    document
        What requests and answers are held against.
    metadata_as
        The form of metadata; the same that `document` was loaded with.
    folder
        Path below which the site is served, such as ``/lab``.
    """

    api_key = "3-key-of-the-robot"
    read_only_key = "4-key-that-may-only-read"

    def __init__(
        self,
        document: Document,
        *,
        metadata_as: MetadataForm = "object",
        folder: str = "",
    ) -> None:
        self._document = document
        self._metadata_as = metadata_as
        self._folder = folder.rstrip("/")
        self._lock = threading.Lock()
        self.problems: list[str] = []
        self.reset()
        super().__init__(partial(_Handler, self))

    @property
    def url(self) -> str:
        """Address of the site, without a slash at its end."""
        return f"{self.origin}{self._folder}"

    def reset(self) -> None:
        """Forget everything but what a server starts with."""
        people = [
            _account(1, "Nexus", "Robot", self.api_key),
            _account(2, "Maria", "Curie", "5-key-of-maria"),
            _account(3, "Reader", "Only", self.read_only_key, can_write=False),
        ]
        self.notebook = Notebook(
            accounts=people,
            categories={3: "Microscopy", 4: "Synthesis"},
            statuses={1: "Running", 2: "Success"},
            metadata_as=self._metadata_as,
        )
        self.problems.clear()

    def experiments(self, *states: int) -> list[Experiment]:
        """Return the experiments in the states, oldest first; not deleted ones."""
        wanted = states or (NORMAL, ARCHIVED)
        found = self.notebook.experiments.values()
        return sorted((e for e in found if e.state in wanted), key=lambda e: e.id)

    def uploads(self, experiment: int, *states: int) -> list[Upload]:
        """Return the attached files in the states; by default the visible ones."""
        wanted = states or (NORMAL,)
        found = self.notebook.uploads.values()
        return [u for u in found if u.item_id == experiment and u.state in wanted]

    def add_experiment(self, *, userid: int = 2, **fields: Any) -> Experiment:  # noqa: ANN401 - as in `Experiment`
        """Put an experiment there, as people do on the web pages."""
        number = self.notebook.take_id()
        made = Experiment(id=number, userid=userid, **{"title": "Untitled", **fields})
        self.notebook.experiments[number] = made
        return made

    def handle(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> Reply:
        """Return the answer to a request."""
        with self._lock:
            try:
                return self._answer(method, target, headers, body)
            except RefusalError as error:
                return Reply.refusal(error.status, str(error))

    def _answer(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> Reply:
        address = urlsplit(target)
        path = address.path.removeprefix(self._folder)
        in_folder = address.path.startswith(f"{self._folder}{BASE_PATH}/")
        if not in_folder:
            return Reply.page(404, "Not found")
        account = self._account(headers.get("authorization", ""))
        query = dict(parse_qsl(address.query, keep_blank_values=True))
        kind = headers.get("content-type", "application/json")
        self._judge_request(method, path, query, headers, body, kind)
        if method != "get" and not account.can_write:
            raise RefusalError(403, "You are using a read-only key.")
        call = Call(
            method=method,
            parts=tuple(path.removeprefix(BASE_PATH).strip("/").split("/")),
            query=query,
            account=account,
            **_payload(body, kind),
        )
        reply = respond(self.notebook, call)
        self._judge_answer(method, path, reply)
        return reply

    def _account(self, key: str) -> Account:
        for account in self.notebook.accounts:
            if account.key == key:
                return account
        raise RefusalError(401, "No corresponding API key found!")

    def _judge_request(  # noqa: PLR0917 - the parts of a request
        self,
        method: str,
        path: str,
        query: Mapping[str, str],
        headers: Mapping[str, str],
        body: bytes,
        content_type: str,
    ) -> None:
        problem = self._document.request_problem(
            method,
            path,
            query=query,
            headers={"Authorization": headers.get("authorization", "")},
            body=body,
            content_type=content_type,
        )
        if problem is not None:
            self.problems.append(f"{method.upper()} {path}: {problem}")
            raise RefusalError(400, f"not as documented: {problem}")

    def _judge_answer(self, method: str, path: str, reply: Reply) -> None:
        problem = self._document.answer_problem(
            method,
            path,
            status=reply.status,
            headers=reply.headers,
            body=reply.body,
            content_type=reply.content_type,
        )
        if problem is not None:
            self.problems.append(f"answer to {method.upper()} {path}: {problem}")
            raise RefusalError(500, f"answer not as documented: {problem}")


def _account(
    userid: int, first: str, last: str, key: str, *, can_write: bool = True
) -> Account:
    return Account(
        userid=userid,
        firstname=first,
        lastname=last,
        email=f"{first[0]}{last}@example.org".lower(),
        key=key,
        can_write=can_write,
    )


def _payload(body: bytes, content_type: str) -> dict[str, Any]:
    """Return what a body says, as fields of `Call`."""
    if not body:
        return {}
    if not content_type.startswith("multipart/form-data"):
        return {"fields": json.loads(body)}
    from werkzeug.formparser import FormDataParser
    from werkzeug.http import parse_options_header

    kind, options = parse_options_header(content_type)
    parser = FormDataParser(stream_factory=_in_memory)
    _, form, files = parser.parse(BytesIO(body), kind, len(body), options)
    file = files["file"]
    # Whatever a client says of folders is dropped.
    name = (file.filename or "").replace("\\", "/").rpartition("/")[2]
    return {"fields": dict(form), "file": (name, file.read())}


def _in_memory(
    total_content_length: int | None,  # noqa: ARG001 - names that werkzeug passes
    content_type: str | None,  # noqa: ARG001
    filename: str | None,  # noqa: ARG001
    content_length: int | None = None,  # noqa: ARG001
) -> BytesIO:
    return BytesIO()


class _Handler(LoopbackHandler):
    def __init__(self, server: ElabftwServer, *arguments: Any) -> None:  # noqa: ANN401 - passed on
        self._server = server
        super().__init__(*arguments)

    def _serve(self) -> None:
        headers, body = self.received()
        reply = self._server.handle(self.command.lower(), self.path, headers, body)
        self.answer(reply.status, reply.headers, reply.content_type, reply.body)

    do_GET = do_POST = do_PATCH = do_DELETE = _serve  # noqa: N815 - names of the standard library
