"""A loopback HTTP proxy that lets a real server misbehave, request by request.

Examples
--------
>>> with FaultProxy("http://127.0.0.1:8000/api/") as proxy:
...     proxy.inject(
...         match=lambda request: request.method == "POST",
...         fault=Fault.cut_after(),
...         times=1,
...     )
...     talk_to(proxy.url)
...     [request.path for request in proxy.requests]
"""

from __future__ import annotations

import http.client
import os
import socket
import struct
import threading
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Literal, Self, cast
from urllib.parse import parse_qsl, urlsplit

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Mapping, Sequence
    from types import TracebackType

    _Connection = socket.socket | tuple[bytes, socket.socket]  # as `socketserver` says

_HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length"}
_UPSTREAM_TIMEOUT_S = 120.0
_LINGER_FORMAT = "hh" if os.name == "nt" else "ii"


@dataclass(frozen=True, kw_only=True)
class Request:
    """A request as it reached the proxy."""

    method: str
    path: str
    """Path with the query, as sent."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """By lower-case name."""
    body: bytes = b""

    @property
    def query(self) -> dict[str, str]:
        """Parameters of the query; of repeated ones the last."""
        return dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True))


@dataclass(frozen=True, kw_only=True)
class Answer:
    """An answer that goes back to the client."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What goes wrong with a request. Use the class methods to make one."""

    kind: Literal["answer", "reset", "cut_after", "truncate", "rewrite", "forward"]
    delay_s: float = 0.0
    """Seconds to wait before anything else happens."""
    reply: Answer | None = None
    edit: Callable[[Answer], Answer] | None = None

    @classmethod
    def refuse(cls) -> Fault:
        """Reset the connection; upstream never hears of the request."""
        return cls(kind="reset")

    @classmethod
    def cut_before(cls) -> Fault:
        """Reset the connection before the request is forwarded; same as `refuse`."""
        return cls(kind="reset")

    @classmethod
    def cut_after(cls) -> Fault:
        """Let upstream do its work, then reset the connection without an answer."""
        return cls(kind="cut_after")

    @classmethod
    def truncate(cls) -> Fault:
        """Promise the whole answer of upstream, send half of it and hang up."""
        return cls(kind="truncate")

    @classmethod
    def slow(cls, seconds: float) -> Fault:
        """Forward the request, but only after `seconds`."""
        return cls(kind="forward", delay_s=seconds)

    @classmethod
    def answer(
        cls,
        status: int,
        body: bytes | str = b"",
        *,
        content_type: str = "text/plain; charset=utf-8",
        headers: Mapping[str, str] | None = None,
        delay_s: float = 0.0,
    ) -> Fault:
        """Answer in the name of upstream, which never hears of the request."""
        data = body.encode() if isinstance(body, str) else body
        lines = (("Content-Type", content_type), *(headers or {}).items())
        reply = Answer(status=status, headers=lines, body=data)
        return cls(kind="answer", reply=reply, delay_s=delay_s)

    @classmethod
    def html(cls, status: int = 200, text: str = "Please log in") -> Fault:
        """Answer with a page for people, as login portals and gateways do."""
        page = f"<!DOCTYPE html><html><body><h1>{text}</h1></body></html>"
        return cls.answer(status, page, content_type="text/html; charset=utf-8")

    @classmethod
    def unavailable(cls, retry_after: float | str | None = None) -> Fault:
        """Answer 503, with a ``Retry-After`` header if asked."""
        headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
        return cls.answer(503, "overloaded", headers=headers)

    @classmethod
    def rewrite(cls, edit: Callable[[Answer], Answer]) -> Fault:
        """Forward the request and change what upstream answers."""
        return cls(kind="rewrite", edit=edit)


@dataclass(kw_only=True)
class _Rule:
    match: Callable[[Request], bool]
    faults: Sequence[Fault | None]
    left: int | None
    """How many more requests it concerns; `None`: all."""
    seen: int = 0

    def take(self, request: Request) -> tuple[bool, Fault | None]:
        if self.left == 0 or not self.match(request):
            return False, None
        fault = self.faults[self.seen % len(self.faults)]
        self.seen += 1
        self.left = None if self.left is None else self.left - 1
        return True, fault


class FaultProxy:
    """Forwards requests to a server, except those that a rule lets fail.

    The ``Host`` header is passed on, so addresses that the server builds lead back to
    the proxy.

    Parameters
    ----------
    upstream_url
        Address of the real server. `None` for no server: what no rule answers is
        then answered with 404.
    port
        Port on loopback; 0 for any free one.
    tls
        Serve HTTPS, with a certificate for 127.0.0.1 in this context.
    """

    def __init__(
        self,
        upstream_url: str | None,
        *,
        port: int = 0,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._upstream = urlsplit(upstream_url) if upstream_url else None
        self._port = port
        self._tls = tls
        self._rules: list[_Rule] = []
        self._requests: list[Request] = []
        self._lock = threading.Lock()
        self._server: _Server | None = None
        self.start()

    @property
    def url(self) -> str:
        """Address to use instead of the server's; same path."""
        path = self._upstream.path if self._upstream else "/"
        scheme = "https" if self._tls else "http"
        return f"{scheme}://127.0.0.1:{self._port}{path}"

    @property
    def requests(self) -> tuple[Request, ...]:
        """Every request so far, also those that failed."""
        with self._lock:
            return tuple(self._requests)

    def inject(
        self,
        *,
        fault: Fault | Sequence[Fault | None],
        match: Callable[[Request], bool] = lambda _request: True,
        times: int | None = None,
    ) -> None:
        """Let matching requests fail; of several rules the first that matches counts.

        Parameters
        ----------
        fault
            What happens. A list is worked through, one entry per matching request;
            `None` in it lets a request pass.
        match
            Tells which requests are concerned; all by default.
        times
            How many requests are concerned. `None`: every one; for a list, as many
            as it is long.
        """
        if isinstance(fault, Fault):
            rule = _Rule(match=match, faults=[fault], left=times)
        else:
            left = len(fault) if times is None else times
            rule = _Rule(match=match, faults=list(fault), left=left)
        with self._lock:
            self._rules.append(rule)

    def clear(self) -> None:
        """Forget all rules and recorded requests."""
        with self._lock:
            self._rules.clear()
            self._requests.clear()

    def start(self) -> None:
        """Listen (again), on the port used before."""
        if self._server is None:
            handler = partial(_Handler, self)
            self._server = _Server(("127.0.0.1", self._port), handler)
            self._port = self._server.server_address[1]
            if self._tls is not None:
                self._server.socket = self._tls.wrap_socket(
                    self._server.socket, server_side=True
                )
            self._server.run()

    def stop(self) -> None:
        """Hang up on everybody and stop listening: connections are then refused."""
        if self._server is not None:
            self._server.end()
            self._server = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def fault_for(self, request: Request) -> Fault | None:
        """Record a request and return what shall go wrong with it, if anything."""
        with self._lock:
            self._requests.append(request)
            for rule in self._rules:
                concerned, fault = rule.take(request)
                if concerned:
                    return fault
            return None

    def forward(self, request: Request) -> Answer:
        """Return what upstream answers; 502 when it does not."""
        if self._upstream is None:
            return Answer(status=404, body=b"no server behind this proxy")
        connection = http.client.HTTPConnection(
            self._upstream.hostname or "",
            self._upstream.port,
            timeout=_UPSTREAM_TIMEOUT_S,
        )
        try:
            return _exchange(connection, request)
        except (OSError, http.client.HTTPException) as error:
            return Answer(status=502, body=f"upstream: {error!r}".encode())
        finally:
            connection.close()


def _exchange(connection: http.client.HTTPConnection, request: Request) -> Answer:
    headers = {k: v for k, v in request.headers.items() if k not in _HOP_BY_HOP}
    if request.body or request.method in {"POST", "PUT", "PATCH"}:
        headers["content-length"] = str(len(request.body))
    connection.request(request.method, request.path, request.body or None, headers)
    reply = connection.getresponse()
    body = reply.read()
    kept = [(k, v) for k, v in reply.getheaders() if k.lower() not in _HOP_BY_HOP]
    return Answer(status=reply.status, headers=tuple(kept), body=body)


class _Server(ThreadingHTTPServer):
    """A server that can hang up on its clients and waits for its threads."""

    daemon_threads = False
    block_on_close = True

    def __init__(
        self, address: tuple[str, int], handler: Callable[..., BaseHTTPRequestHandler]
    ) -> None:
        self.ended = threading.Event()
        self._open: set[socket.socket] = set()
        self._open_lock = threading.Lock()
        super().__init__(address, handler)

    def run(self) -> None:
        self._thread = threading.Thread(target=self.serve_forever, args=(0.02,))
        self._thread.start()

    def end(self) -> None:
        self.ended.set()
        self.shutdown()
        self._thread.join()
        with self._open_lock:
            for connection in self._open:
                hang_up(connection)
        self.server_close()

    def process_request(self, request: _Connection, client_address: object) -> None:
        with self._open_lock:
            self._open.add(cast("socket.socket", request))
        super().process_request(request, client_address)

    def shutdown_request(self, request: _Connection) -> None:
        with self._open_lock:
            self._open.discard(cast("socket.socket", request))
        super().shutdown_request(request)

    def handle_error(self, request: _Connection, client_address: object) -> None:
        """Say nothing: a client that goes away is part of what is tested."""


def hang_up(connection: socket.socket) -> None:
    """Shut a connection down in both directions; closing it stays with its owner."""
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # it was gone already


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Head and body of an answer leave apart; the body must not wait for the client to
    # acknowledge the head, which takes it 40 ms.
    disable_nagle_algorithm = True
    server: _Server

    def __init__(
        self,
        proxy: FaultProxy,
        connection: socket.socket,
        client_address: object,
        server: _Server,
    ) -> None:
        self._proxy = proxy
        super().__init__(connection, client_address, server)

    def log_message(self, *_args: object) -> None:
        """Stay quiet; `FaultProxy.requests` is the log."""

    def _serve(self) -> None:
        request = Request(
            method=self.command,
            path=self.path,
            headers={k.lower(): v for k, v in self.headers.items()},
            body=self._body(),
        )
        fault = self._proxy.fault_for(request)
        if fault is None:
            self._send(self._proxy.forward(request))
        else:
            self.server.ended.wait(fault.delay_s)
            self._misbehave(request, fault)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _serve  # noqa: N815 - names of the standard library

    def _misbehave(self, request: Request, fault: Fault) -> None:
        if fault.kind == "reset":
            self._reset()
        elif fault.reply is not None:
            self._send(fault.reply)
        else:
            self._spoil(self._proxy.forward(request), fault)

    def _spoil(self, answer: Answer, fault: Fault) -> None:
        if fault.kind == "cut_after":
            self._reset()
        elif fault.kind == "truncate":
            self._send(answer, upto=len(answer.body) // 2)
        else:
            self._send(fault.edit(answer) if fault.edit else answer)

    def _send(self, answer: Answer, upto: int | None = None) -> None:
        self.send_response(answer.status)
        for name, value in answer.headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body[:upto])
        if upto is not None:
            self.close_connection = True

    def _reset(self) -> None:
        """Close with RST, so that the client sees a broken connection at once."""
        self.close_connection = True
        linger = struct.pack(_LINGER_FORMAT, 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.rfile.close()
        self.connection.close()

    def _body(self) -> bytes:
        if "chunked" not in self.headers.get("Transfer-Encoding", ""):
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        chunks: list[bytes] = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(chunks)
