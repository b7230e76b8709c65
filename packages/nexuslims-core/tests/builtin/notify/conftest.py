"""A mail server, a receiver of webhooks, and news to send there."""

from __future__ import annotations

import asyncio
import http.server
import json
import socket
import ssl
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from functools import partial

import pytest
from nexuslims_core.types import (
    Changes,
    HarvestReport,
    Problem,
    RunReport,
    SessionReport,
)
from nexuslims_testing.samples.records import example_site

NOW = datetime(2026, 11, 20, 16, 15, tzinfo=UTC)


@pytest.fixture
def now():
    return NOW


@pytest.fixture
def make_site(tmp_path):
    return partial(example_site, tmp_path)


@pytest.fixture
def problem():
    """Return a session that failed."""

    def make(identifier="42", text="cdcs: 503 Service Unavailable", **fields):
        given = {
            "key": f"session SEM-1 {identifier}",
            "subject": f"SEM-1: {identifier}",
            "text": text,
            "since": NOW,
        }
        return Problem(**{**given, **fields})

    return make


@pytest.fixture
def report(problem):
    """Return what a run did, with news in it."""

    def make(**changes):
        changes = changes or {
            "new": (problem(), problem("43", "no files could be read: Gerät <42>")),
            "resolved": (problem("7", since=NOW - timedelta(days=2)),),
        }
        return RunReport(
            sessions=(
                SessionReport(
                    session_identifier="1", instrument="SEM-1", status="COMPLETED"
                ),
                SessionReport(
                    session_identifier="42",
                    instrument="SEM-1",
                    status="BUILT_NOT_EXPORTED",
                    files=12,
                ),
            ),
            harvest=(HarvestReport(source="nemo", found=3, new=2, changed=1),),
            elapsed_s=12.3,
            changes=Changes(**changes),
        )

    return make


@dataclass
class MailServer:
    """What a mail server was given, and how it behaves."""

    port: int = 0
    authority: str = ""
    """Certificate of who vouches for the server, PEM."""
    envelopes: list = field(default_factory=list)
    refuse: dict = field(default_factory=dict)
    """What is said to RCPT of an address, by address."""
    answer: str = ""
    """What is said to the mail itself, instead of 250."""
    goodbye: str = "221 Bye"

    @property
    def mails(self):
        """The mails, as a mail program reads them."""
        return [
            message_from_bytes(one.content, policy=default) for one in self.envelopes
        ]

    async def handle_RCPT(self, *call):  # noqa: N802 - a name of aiosmtpd
        _server, _session, envelope, address, _options = call
        if address in self.refuse:
            return self.refuse[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802 - as above
        if self.answer:
            return self.answer
        self.envelopes.append(envelope)
        return "250 Taken"

    async def handle_QUIT(self, *_call):  # noqa: N802 - as above
        return self.goodbye


@pytest.fixture(scope="session")
def authority():
    return pytest.importorskip("trustme").CA()


@pytest.fixture
def certificate(authority):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    return context


@pytest.fixture
def mail_server(authority, certificate):
    """Start mail servers; ``starttls`` or ``implicit`` says how they encrypt."""
    controllers = []

    def start(security="starttls", *, accounts=None, **behaviour):
        Controller = pytest.importorskip("aiosmtpd.controller").Controller  # noqa: N806
        pem = authority.cert_pem.bytes().decode()
        box = MailServer(authority=pem, **behaviour)
        options = {
            "auth_required": accounts is not None,
            "authenticator": _authenticator(accounts or {}),
            "auth_require_tls": security == "starttls",
        }
        if security == "starttls":
            options |= {"tls_context": certificate, "require_starttls": True}
        if security == "implicit":
            options |= {"ssl_context": certificate}
        controller = Controller(box, hostname="127.0.0.1", port=_free_port(), **options)
        controller.start()
        controllers.append(controller)
        box.port = controller.port
        return box

    yield start
    for controller in controllers:
        ended = asyncio.run_coroutine_threadsafe(_connections_end(), controller.loop)
        ended.result()
        controller.stop()


async def _connections_end():
    """Let the server notice, step by step, that its clients have hung up."""
    for _ in range(20):
        await asyncio.sleep(0.005)


def _authenticator(accounts):
    from aiosmtpd.smtp import AuthResult

    def authenticate(server, session, envelope, mechanism, data):
        right = accounts.get(data.login.decode()) == data.password.decode()
        # Not handled: the server itself says 535.
        return AuthResult(success=right, handled=False)

    return authenticate


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def scripted_server():
    """Start servers that say given lines, one per line that they hear, and hang up."""
    threads = []

    def start(*lines):
        listener = socket.create_server(("127.0.0.1", 0))

        def serve():
            with listener, listener.accept()[0] as connection:
                heard = connection.makefile("rb")
                for line in lines:
                    connection.sendall(f"{line}\r\n".encode())
                    heard.readline()

        threads.append(threading.Thread(target=serve))
        threads[-1].start()
        return listener.getsockname()[1]

    yield start
    for thread in threads:
        thread.join(10)


@dataclass
class Receiver:
    """What was posted, and what is answered: a status or several, one after another."""

    url: str = ""
    posts: list = field(default_factory=list)
    answers: list = field(default_factory=list)

    @property
    def documents(self):
        return [json.loads(body) for _, _, body in self.posts]


@pytest.fixture
def receiver():
    box = Receiver()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            box.posts.append((self.path, self.headers, body))
            status, headers, text = box.answers.pop(0) if box.answers else (200, {}, "")
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

        do_GET = do_POST  # noqa: N815

        def log_message(self, *_args):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    box.url = f"http://127.0.0.1:{server.server_address[1]}/hooks/t0ken-in-path?k=v4lue"
    yield box
    server.shutdown()
    thread.join()
    server.server_close()
