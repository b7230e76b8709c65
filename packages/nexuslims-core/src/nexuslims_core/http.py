"""HTTP for plugins: one client factory, careful repeats, and errors worth reading.

Only here is decided which certificates are trusted, what may be sent twice, and what of
a request may appear in a message.
"""

from __future__ import annotations

import logging
import re
import ssl
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from html import unescape
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import httpx
import stamina

from nexuslims_core import __version__
from nexuslims_core.errors import ConfigurationError

if TYPE_CHECKING:
    from nexuslims_core.types import Site

__all__ = ["client", "describe", "request", "server_words", "tls_context"]

ATTEMPTS = 4
TOTAL_SECONDS = 60.0
"""No attempt starts later than this after the first one."""
LONGEST_WAIT = 30.0
"""A server that asks for more patience is left alone until the next run."""
PASSING = frozenset({429, 502, 503, 504})
"""Statuses that say "not now": overload, or a proxy whose server is restarting."""
LONGEST_WORDS = 300

_SECRET_NAME = re.compile(r"token|key|secret|sig|pass|auth|akid|uid", re.IGNORECASE)
_SAYING = ("detail", "message", "description", "error")
"""Keys of JSON under which servers say what is wrong."""
_TITLE = re.compile(r"<title[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)

_logger = logging.getLogger(__name__)


def client(
    site: Site, *, base_url: str, headers: Mapping[str, str], timeout: float = 30.0
) -> httpx.Client:
    """Return a client for one server; close it, or use it in a ``with`` block.

    Relative URLs are joined below `base_url`, whose own path survives. Redirects are
    followed for GET and HEAD alone: any other method would arrive as a GET. Proxies are
    those of the environment.

    Parameters
    ----------
    headers
        Sent with every request, e.g. the authorization.
    timeout
        Seconds to wait for each step of an exchange.

    Raises
    ------
    ConfigurationError
        If the address, a header or the extra certificates cannot be used.
    """
    return _Client(
        base_url=_base(base_url),
        headers={"User-Agent": f"NexusLIMS/{__version__}", **_checked(headers)},
        timeout=httpx.Timeout(timeout, connect=min(timeout, 10.0)),
        verify=tls_context(site),
    )


def request(
    client: httpx.Client,
    method: str,
    url: str,
    *,
    safe: bool,
    **kwargs: Any,  # noqa: ANN401 - passed on to httpx
) -> httpx.Response:
    """Send a request, repeat it where that is harmless, and return the answer.

    Any status is an answer; whether it is a good one is for the caller to judge.

    Parameters
    ----------
    safe
        True for what may be processed twice: lost connections, time-outs and answers
        that say "not now" are then tried again. False repeats only what certainly never
        reached the server.
    **kwargs
        As for `httpx.Client.request`.

    Raises
    ------
    httpx.HTTPError
        If there is no answer; see `describe`.
    """

    def again(error: Exception) -> bool | float:
        return _again(error, safe=safe)

    try:
        for attempt in stamina.retry_context(
            again,
            attempts=ATTEMPTS,
            timeout=TOTAL_SECONDS,
            wait_initial=0.5,
            wait_max=8.0,
            wait_jitter=0.5,
        ):
            with attempt:
                return _settled(client.request(method, url, **kwargs), safe=safe)
    except _NotNowError as error:
        return error.response
    raise AssertionError  # pragma: no cover - the last attempt returns or raises


def tls_context(site: Site) -> ssl.SSLContext:
    """Return how servers prove who they are, for whatever speaks TLS.

    Authorities are those of the system and the extra ones of `site`. To read them takes
    a tenth of a second, so that is done once for an installation as long as it lives,
    which is a run.

    Raises
    ------
    ConfigurationError
        If the extra certificates cannot be used.
    """
    if site not in _contexts:
        _contexts[site] = _made_context(site)
    return _contexts[site]


_contexts: WeakKeyDictionary[Site, ssl.SSLContext] = WeakKeyDictionary()


def _made_context(site: Site) -> ssl.SSLContext:
    if not site.tls_verify:
        return httpx.create_ssl_context(verify=False)
    context = httpx.create_ssl_context()
    context.load_default_certs()
    if site.ca_bundle:
        try:
            context.load_verify_locations(cadata=site.ca_bundle)
        except (ssl.SSLError, ValueError) as error:
            msg = (
                f"the extra certificates (NX_CERT_BUNDLE or NX_CERT_BUNDLE_FILE) are "
                f"not PEM: {error}"
            )
            raise ConfigurationError(msg) from error
    return context


def describe(outcome: httpx.Response | httpx.HTTPError) -> str:
    """Return a sentence on what went wrong: request, status, the server's own words.

    Credentials in the URL, secret-looking query values and headers are left out.
    """
    if isinstance(outcome, httpx.Response):
        status = f"{outcome.status_code} {outcome.reason_phrase}".strip()
        words = server_words(outcome)
        return f"{_line(outcome)}: {status}{': ' if words else ''}{words}"
    return f"{_line(outcome)}: {_reason(outcome)}"


def server_words(response: httpx.Response) -> str:
    """Return what an error response says, in one line; empty when it says nothing.

    Understands ``{"detail": …}``, ``{"message": …}``, ``{field: [messages]}``, the
    title of an HTML page and plain text.
    """
    if response.has_redirect_location:
        return (
            f"redirects to {_public(response.url.join(response.headers['location']))}"
        )
    try:
        words = _json_words(response.json())
    except ValueError:
        words = _text_words(response.text)
    words = " ".join(words.split())
    return words if len(words) <= LONGEST_WORDS else f"{words[: LONGEST_WORDS - 1]}…"


class _Client(httpx.Client):
    def send(self, request: httpx.Request, **kwargs: Any) -> httpx.Response:  # noqa: ANN401 - passed on
        kwargs["follow_redirects"] = request.method in {"GET", "HEAD"}
        return super().send(request, **kwargs)


class _NotNowError(Exception):
    def __init__(self, response: httpx.Response) -> None:
        super().__init__(f"status {response.status_code}")
        self.response = response


def _base(address: str) -> httpx.URL:
    try:
        url = httpx.URL(address.strip())
    except httpx.InvalidURL:
        url = httpx.URL()
    if url.scheme not in {"http", "https"} or not url.host:
        shown = address.rpartition("@")[2]  # what is before may be a password
        msg = f"{shown!r} is no address; expected http:// or https:// and a host"
        raise ConfigurationError(msg)
    path = url.raw_path.partition(b"?")[0].rstrip(b"/") + b"/"
    return url.copy_with(raw_path=path, fragment=None)


def _checked(headers: Mapping[str, str]) -> Mapping[str, str]:
    # The libraries below quote a value they refuse, which may be a token.
    for name, value in headers.items():
        good = value.isascii() and value.isprintable() and value == value.strip()
        if not good:
            msg = (
                f"the value for the HTTP header {name} cannot be sent; check the token "
                "or key: it is empty, or has blanks, line breaks or non-ASCII letters"
            )
            raise ConfigurationError(msg)
    return headers


def _settled(response: httpx.Response, *, safe: bool) -> httpx.Response:
    if safe and response.status_code in PASSING:
        raise _NotNowError(response)
    return response


def _again(error: Exception, *, safe: bool) -> bool | float:
    if isinstance(error, _NotNowError):
        wait = _retry_after(error.response)
        _logger.info("%s; asked to wait %s s", describe(error.response), wait)
        return True if wait is None else wait <= LONGEST_WAIT and wait
    if _certificate_error(error):
        return False
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
        return True
    lost = httpx.NetworkError | httpx.TimeoutException | httpx.RemoteProtocolError
    return safe and isinstance(error, lost)


def _retry_after(response: httpx.Response) -> float | None:
    text = response.headers.get("retry-after", "").strip()
    if text.isdecimal():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


def _line(outcome: httpx.Response | httpx.HTTPError) -> str:
    try:
        asked = outcome.request
    except RuntimeError:  # raised by httpx when nothing was sent
        return "request"
    return f"{asked.method} {_public(asked.url)}"


def _public(url: httpx.URL) -> str:
    pairs = [
        (name, "***" if _SECRET_NAME.search(name) else value)
        for name, value in url.params.multi_items()
    ]
    bare = url.copy_with(username="", password="", query=None, fragment=None)
    query = "&".join(f"{name}={value}" for name, value in pairs)
    return f"{bare}?{query}" if query else str(bare)


def _reason(error: httpx.HTTPError) -> str:
    if isinstance(error, httpx.LocalProtocolError):
        return "the request cannot be sent as HTTP"  # its text may quote a header
    if refused := _certificate_error(error):
        return (
            f"the server's certificate is not trusted ({refused.verify_message}); add "
            "its authority with NX_CERT_BUNDLE_FILE"
        )
    if isinstance(error, httpx.ConnectTimeout):
        return "could not connect in time"
    if isinstance(error, httpx.TimeoutException):
        return "no answer in time"
    return str(error) or type(error).__name__


def _certificate_error(
    error: BaseException | None,
) -> ssl.SSLCertVerificationError | None:
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return error
        error = error.__cause__ or error.__context__
    return None


def _json_words(body: object) -> str:
    if isinstance(body, Mapping):
        said = [_json_words(body[key]) for key in _SAYING if body.get(key)]
        if said:
            # Some say in one what kind of error it is, and in the other which.
            return ": ".join(dict.fromkeys(said))
        return "; ".join(
            f"{name}: {_json_words(value)}" for name, value in body.items()
        )
    if isinstance(body, list):
        return " ".join(_json_words(item) for item in body)
    return "" if body is None else str(body)


def _text_words(text: str) -> str:
    title = _TITLE.search(text)
    if title:
        return f"(web page) {unescape(title[1])}"
    if text.lstrip().startswith("<"):
        return "(web page)"
    return text.strip().partition("\n")[0]
