"""File names of records."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from nexuslims_core.model.facility import Session

MAX_LENGTH = 64
"""Longest part of a name that is taken as it is."""

_UUID = re.compile(r"([0-9a-f]{8})(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


def record_stem(session: Session) -> str:
    """Return the name, without extension, of the record of `session`.

    It holds the day on which the session began, by the instrument's clock; the
    instrument; and what identifies the session: the number of a scheduler's event, the
    first part of a UUID, or the identifier itself.

    Raises
    ------
    zoneinfo.ZoneInfoNotFoundError
        If the instrument's time zone is no IANA name.
    """
    instrument = session.instrument
    day = session.start.astimezone(instrument.zone).date().isoformat()
    pid = safe_name(instrument.pid, unique=False)
    return f"{day}_{pid}_{_suffix(session.identifier)}"


def _suffix(identifier: str) -> str:
    event = _event_number(identifier)
    if event is not None:
        return safe_name(event, unique=True)
    match = _UUID.fullmatch(identifier)
    return match[1].lower() if match else safe_name(identifier, unique=True)


def _event_number(identifier: str) -> str | None:
    """Return the `id` of an identifier such as ``https://…/usage_events/?id=42``."""
    try:
        parts = urlsplit(identifier)
        found = parse_qs(parts.query).get("id") if parts.scheme else None
    except ValueError:
        return None
    return found[0] if found else None


def safe_name(text: str, *, unique: bool) -> str:
    """Return `text` with only what all file systems allow, hashed where that alters it.

    With `unique`, capital letters count too, since some file systems ignore case.
    """
    safe = _UNSAFE.sub("_", text)[:MAX_LENGTH].strip("._")
    if safe and safe == text and not (unique and text != text.lower()):
        return safe
    digest = hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:8]
    return f"{safe}-{digest}" if safe else digest
