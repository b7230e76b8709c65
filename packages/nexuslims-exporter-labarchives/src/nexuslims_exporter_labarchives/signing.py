"""Signing calls, each one at the moment it is sent, and not too soon after another."""

from __future__ import annotations

import base64
import hashlib
import hmac
import threading
import time
from typing import TYPE_CHECKING

import httpx

if TYPE_CHECKING:
    from collections.abc import Generator

__all__ = ["Pacing", "Signing", "signature"]

TELLING_SKEW_MS = 30_000
"""Difference of two clocks that explains why a call counts as too old.

LabArchives allows for two minutes; a smaller difference cannot be the reason alone.
"""


def signature(key_id: str, password: str, method: str, expires: int) -> str:
    """Return the signature of a call (API notebook, "Call authentication").

    Parameters
    ----------
    method
        Name of the method without its class.
    expires
        When the call is made, in milliseconds since the epoch.
    """
    message = f"{key_id}{method}{expires}".encode()
    digest = hmac.new(password.encode(), message, hashlib.sha512).digest()
    return base64.b64encode(digest).decode()


class Pacing(httpx.Auth):
    """Keeps a distance between the end of a call and the beginning of the next one.

    Parameters
    ----------
    interval_s
        Seconds between them.
    """

    def __init__(self, interval_s: float) -> None:
        self._interval = interval_s
        self._free_at = 0.0
        self._lock = threading.Lock()

    def auth_flow(
        self, request: httpx.Request
    ) -> Generator[httpx.Request, httpx.Response, None]:
        """Wait for the call's turn; called for every attempt to send it."""
        with self._lock:
            wait = self._free_at - time.monotonic()
            if wait > 0:
                time.sleep(wait)
            try:
                yield request
            finally:
                self._free_at = time.monotonic() + self._interval


class Signing(httpx.Auth):
    """Adds key, time and signature to the address; called for every attempt.

    Parameters
    ----------
    key_id, password
        The institution's access key.
    pacing
        What all calls of the account share.
    """

    def __init__(self, key_id: str, password: str, pacing: Pacing) -> None:
        self.key_id = key_id
        self.pacing = pacing
        self._password = password
        self._ahead_ms = 0

    def auth_flow(
        self, request: httpx.Request
    ) -> Generator[httpx.Request, httpx.Response, None]:
        """Sign the call when its turn has come."""
        flow = self.pacing.auth_flow(request)
        next(flow)
        try:
            self._sign(request)
            yield request
        finally:
            flow.close()

    def follow(self, server_ms: int) -> bool:
        """Go by the server's clock; returns whether that makes a difference."""
        before = self._ahead_ms
        self._ahead_ms = server_ms - round(time.time() * 1000)
        return abs(self._ahead_ms - before) > TELLING_SKEW_MS

    def _sign(self, request: httpx.Request) -> None:
        expires = round(time.time() * 1000) + self._ahead_ms
        method = request.url.path.rpartition("/")[2]
        request.url = request.url.copy_merge_params(
            {
                "akid": self.key_id,
                "expires": str(expires),
                "sig": signature(self.key_id, self._password, method, expires),
            }
        )
