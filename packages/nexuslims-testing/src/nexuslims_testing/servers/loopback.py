"""What the fakes have in common that are served by a thread of the test itself."""

from __future__ import annotations

import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType

__all__ = ["LoopbackHandler", "LoopbackServer"]


class LoopbackServer:
    """A server on a free port of loopback, for use in a ``with`` block.

    Parameters
    ----------
    handler
        What answers a request.
    """

    def __init__(self, handler: Callable[..., BaseHTTPRequestHandler]) -> None:
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,))

    @property
    def origin(self) -> str:
        """Scheme, host and port of every address, without a slash at the end."""
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()


class LoopbackHandler(BaseHTTPRequestHandler):
    """Reads whole requests and sends whole answers, over connections that stay."""

    protocol_version = "HTTP/1.1"
    # Head and body leave together: apart, each answer waits for an acknowledgement.
    wbufsize = -1
    disable_nagle_algorithm = True

    def log_message(self, *_args: object) -> None:
        """Stay quiet."""

    def received(self) -> tuple[dict[str, str], bytes]:
        """Return headers, their names in lower case, and body of the request."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        return {name.lower(): value for name, value in self.headers.items()}, body

    def answer(
        self, status: int, headers: Mapping[str, str], content_type: str, body: bytes
    ) -> None:
        """Send an answer."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", content_type)
        if status != HTTPStatus.NO_CONTENT:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
