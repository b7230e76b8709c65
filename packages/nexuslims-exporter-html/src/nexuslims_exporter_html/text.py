"""Making foreign text and addresses fit to be shown."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import urlsplit

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

# Characters that reorder or hide their neighbours: a reader could be shown another file
# name than the real one (Unicode Technical Report 36, section 2.10).
_BIDI_CONTROLS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e")
_BIDI_ISOLATES = frozenset("\u2066\u2067\u2068\u2069")
_LINE_BREAKS = frozenset("\t\n\r")
# Control, surrogate and unassigned code points have no place in a page.
_FORBIDDEN_CATEGORIES = frozenset({"Cc", "Cs", "Cn"})

_WEB_URL = re.compile(r"https?://[^\s\x00-\x20\x7f<>\"'\\^`{|}]+", re.IGNORECASE)


def clean(text: str) -> str:
    """Return `text` with control and reordering characters made visible.

    What comes back can be encoded as UTF-8 and is shown in the order it is stored in.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(REPLACEMENT if _is_unfit(char) else char for char in text)


def _is_unfit(char: str) -> bool:
    if char in _LINE_BREAKS:
        return False
    if char in _BIDI_CONTROLS or char in _BIDI_ISOLATES:
        return True
    return unicodedata.category(char) in _FORBIDDEN_CATEGORIES


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
