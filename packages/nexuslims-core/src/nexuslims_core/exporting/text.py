"""Making foreign text and addresses fit to be stored, shown and followed."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

__all__ = ["clean", "web_address", "web_url"]

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

# Control characters except tab and line breaks, surrogates and non-characters have no
# place in a page. Marks that reorder their neighbours could show a reader another file
# name than the real one (Unicode Technical Report 36, section 2.10).
_UNFIT = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff"
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)

_WEB_URL = re.compile(r"https?://[^\s\x00-\x20\x7f<>\"'\\^`{|}]+", re.IGNORECASE)


def clean(text: str) -> str:
    """Return `text` with control and reordering characters made visible.

    What comes back can be encoded as UTF-8 and is shown in the order it is stored in.
    """
    return _UNFIT.sub(REPLACEMENT, text)


def web_url(text: str | None) -> str | None:
    """Return `text` if it is an address that a page may link to, otherwise `None`.

    Only ``http`` and ``https`` are; ``javascript:``, ``data:`` and ``file:`` are not.
    """
    if text is None or _WEB_URL.fullmatch(text) is None or clean(text) != text:
        return None
    try:
        host = urlsplit(text).hostname
    except ValueError:  # such as an unclosed bracket
        return None
    return text if host else None


def web_address(url: str | None) -> str | None:
    """Return an address that may be a link; `None` for anything but http(s).

    For text that is escaped by whoever shows it; `web_url` takes no such care for
    granted.
    """
    try:
        scheme = urlsplit(url).scheme if url else ""
    except ValueError:  # such as an unclosed bracket
        return None
    return url if scheme in {"http", "https"} else None
