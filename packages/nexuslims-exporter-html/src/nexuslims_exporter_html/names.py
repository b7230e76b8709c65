"""Names of the catalogue's files: safe on every system, and the same every time."""

from __future__ import annotations

import re
import unicodedata

from nexuslims_core.exporting.names import digest, is_device_name

LONGEST = 80
"""Characters of a name; paths on Windows may have 260 in all."""

_SAFE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")


def safe_name(text: str, longest: int = LONGEST) -> str:
    """Return a file name for `text`: letters, digits, ``_``, ``-`` and ``.`` alone.

    A name that needs no change is kept; any other gets eight digits that keep texts
    apart which look the same once cleaned.
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    name = re.sub(r"[^A-Za-z0-9_.-]+", "_", plain)[:longest].strip("._- ")
    if name == text and is_safe(name):
        return name
    # A leading letter keeps device names and empty names out.
    stem = name if name and not is_device_name(name) else f"record_{name}"
    return f"{stem.rstrip('_')}-{digest(text)[:8]}"


def is_safe(name: str) -> bool:
    """Tell whether `name` is one that `safe_name` can return."""
    return (
        len(name) <= LONGEST + 20
        and _SAFE.fullmatch(name) is not None
        and not is_device_name(name)
        and not name.endswith(".")
    )
