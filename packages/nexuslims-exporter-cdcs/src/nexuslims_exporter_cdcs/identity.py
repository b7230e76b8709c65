"""Recognising the record that was made for a session."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from nexuslims_exporter_cdcs.document import NAMESPACE, parse

if TYPE_CHECKING:
    from lxml import etree

__all__ = ["describes_same_session", "fitting_title"]

TITLE_CHARACTERS = 200
"""What CDCS accepts."""
TITLE_BYTES = 240
"""CDCS names a file after the title; file systems allow 255 bytes, and it adds some."""
_DIGEST_LENGTH = 12
# No query finds a title with a "$", which CDCS takes for an operator; one that ends in
# a slash leaves no name for its file.
_UNUSABLE = re.compile(r"\$|^/+|/+$")


def fitting_title(title: str) -> str:
    """Return a title that CDCS stores unchanged and finds again.

    What must be changed or cut ends in a digest of the whole: the same title for the
    same session at every export, and different ones for different sessions.
    """
    title = " ".join(title.split())
    good = _UNUSABLE.sub("_", title)
    short = len(good) <= TITLE_CHARACTERS and len(good.encode()) <= TITLE_BYTES
    if short and good == title:
        return title
    digest = hashlib.sha256(title.encode()).hexdigest()[:_DIGEST_LENGTH]
    room = good[: TITLE_CHARACTERS - _DIGEST_LENGTH - 1].encode()
    cut = room[: TITLE_BYTES - _DIGEST_LENGTH - 1].decode(errors="ignore").rstrip()
    return f"{cut}-{digest}"


def describes_same_session(ours: str, stored: str) -> bool:
    """Tell whether two records are of one session.

    They are if they name the same instrument and agree in the identifier, the link to
    the scheduler or the start, whichever both have: any of these may be corrected at
    the scheduler between two builds, but not all.
    """
    mine, other = parse(ours), parse(stored)
    if mine is None or other is None:
        return False
    if not _agree(_instrument(mine), _instrument(other)):
        return False
    pairs = [(_marks(mine)[i], _marks(other)[i]) for i in range(3)]
    comparable = [(a, b) for a, b in pairs if a and b]
    return not comparable or any(a == b for a, b in comparable)


def _agree(first: str, second: str) -> bool:
    return not first or not second or first == second


def _instrument(root: etree._Element) -> str:
    element = root.find("nx:summary/nx:instrument", NAMESPACE)
    return "" if element is None else element.get("pid", "").strip()


def _marks(root: etree._Element) -> tuple[str, str, str]:
    summary = root.find("nx:summary", NAMESPACE)
    return (
        root.findtext("nx:id", "", NAMESPACE).strip(),
        "" if summary is None else summary.get("ref", "").strip(),
        root.findtext("nx:summary/nx:reservationStart", "", NAMESPACE).strip(),
    )
