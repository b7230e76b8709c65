"""Addresses of a NEMO server: which belong to it, and what they name."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

_DEFAULT_PORTS = {"http": 80, "https": 443}
_MOST_DIGITS = 18


def tool_id(api_url: str, base: str) -> int | None:
    """Return the tool that ``{base}tools/?id=3`` names; `None` if not of `base`.

    Addresses are the same however they are spelt: case of scheme and host, a default
    port and slashes at the end make no difference; the path does.
    """
    return _identifier(api_url, base, "tools")


def usage_event_id(session_identifier: str, base: str) -> int | None:
    """Return the event that ``{base}usage_events/?id=3`` names; `None` if of no use.

    Scheme and port are not compared: sessions outlive the move of a server to https.
    """
    place, wanted = _place(session_identifier), _place(base)
    if place is None or wanted is None or place[1] != wanted[1]:
        return None
    own = f"{base.rstrip('/')}/{_rest(place[3], wanted[3])}"
    query = urlsplit(session_identifier).query
    return _identifier(f"{own}?{query}", base, "usage_events")


def usage_event_url(base: str, event: object) -> str:
    """Return the address of a usage event in the REST interface: a session's name."""
    return f"{base}usage_events/?id={event}"


def page_url(base: str, kind: str, event: object) -> str:
    """Return the page for people of a ``usage`` or ``reservation``."""
    return f"{base.removesuffix('api/')}event_details/{kind}/{event}/"


def _identifier(url: str, base: str, table: str) -> int | None:
    place, wanted = _place(url), _place(base)
    if place is None or wanted is None or place[:3] != wanted[:3]:
        return None
    rest = _rest(place[3], wanted[3]).split("/")
    if rest[0] != table or len(rest) > 2:  # noqa: PLR2004 - table and identifier
        return None
    given = rest[1:] or parse_qs(urlsplit(url).query).get("id", [])
    return _number(given[0].strip()) if len(given) == 1 else None


def _number(text: str) -> int | None:
    # Python refuses to convert thousands of digits; no database counts that far.
    valid = text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS
    return int(text) if valid else None


def _rest(path: str, base: str) -> str:
    return path[len(base) :].strip("/") if path.startswith(f"{base}/") else ""


def _place(url: str) -> tuple[str, str, int | None, str] | None:
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        return None
    scheme, host = parts.scheme.lower(), (parts.hostname or "").rstrip(".")
    if scheme not in _DEFAULT_PORTS or not host:
        return None
    return scheme, host, port or _DEFAULT_PORTS[scheme], parts.path.rstrip("/")
