"""A service that Apprise reaches, and news for it."""

from __future__ import annotations

import http.server
import json
import ssl
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial

import pytest
from nexuslims_core.types import Changes, Problem, RunReport
from nexuslims_notifier_apprise.settings import AppriseSettings
from nexuslims_testing.samples.records import example_site

NOW = datetime(2026, 11, 20, 16, 15, tzinfo=UTC)


@dataclass
class Service:
    """What was posted to it, and what it answers."""

    port: int = 0
    status: int = 200
    posts: list = field(default_factory=list)

    @property
    def url(self):
        return f"json://localhost:{self.port}/s3cr3t-path"


@pytest.fixture
def start():
    running = []

    def start(context=None):
        box = Service()

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                box.posts.append(json.loads(body))
                self.send_response(box.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_args):
                pass

        class Server(http.server.ThreadingHTTPServer):
            def handle_error(self, *_args):
                pass

        server = Server(("127.0.0.1", 0), Handler)
        if context is not None:
            server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        running.append((server, thread))
        box.port = server.server_address[1]
        return box

    yield start
    for server, thread in running:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def service(start):
    return start()


@pytest.fixture
def authority():
    return pytest.importorskip("trustme").CA()


@pytest.fixture
def tls_service(start, authority):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    return start(context)


@pytest.fixture
def make_site(tmp_path):
    return partial(example_site, tmp_path)


@pytest.fixture
def settings():
    return lambda *urls: AppriseSettings(urls=urls)


@pytest.fixture
def problem():
    def make(identifier="42", text="cdcs: 503 <Service> Unavailable, 5 µm"):
        return Problem(
            key=f"session SEM-1 {identifier}",
            subject=f"SEM-1: {identifier}",
            text=text,
            since=NOW,
        )

    return make


@pytest.fixture
def report(problem):
    def make(**changes):
        return RunReport(changes=Changes(**(changes or {"new": (problem(),)})))

    return make
