"""Making foreign text fit to be a name."""

from __future__ import annotations

from nexuslims_core.exporting.text import clean


def line(text: str) -> str:
    """Return `text` fit to be a name, without space around it."""
    return clean(text).strip()
