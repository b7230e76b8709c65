"""Digests that stand for something, and names that no file may have."""

from __future__ import annotations

import hashlib
import re

__all__ = ["digest", "digest_of", "is_device_name"]

# Device names of Windows, with or without an extension.
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


def digest(text: str) -> str:
    """Return 32 hexadecimal digits that stand for `text`, whatever is in it."""
    return digest_of(text.encode("utf-8", "surrogatepass"))


def digest_of(content: bytes) -> str:
    """Return 32 hexadecimal digits that stand for `content`."""
    return hashlib.sha256(content).hexdigest()[:32]


def is_device_name(name: str) -> bool:
    """Tell whether Windows takes `name` for a device."""
    return _RESERVED.fullmatch(name) is not None
