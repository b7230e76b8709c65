"""Recognising the record that was made for a session."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from nexuslims_exporter_cdcs.document import NAMESPACE, parse

if TYPE_CHECKING:
    from lxml import etree

__all__ = ["describes_same_session", "fitting_title"]

TITLE_LENGTH = 200
"""Characters that CDCS accepts."""
_DIGEST_LENGTH = 12


def fitting_title(title: str) -> str:
    """Return a title that CDCS stores unchanged.

    What is too long is cut, and ends in a digest of all of it: the same title for the
    same session at every export, and different ones for different sessions.
    """
    title = " ".join(title.split())
    if len(title) <= TITLE_LENGTH:
        return title
    digest = hashlib.sha256(title.encode()).hexdigest()[:_DIGEST_LENGTH]
    return f"{title[: TITLE_LENGTH - _DIGEST_LENGTH - 1]}-{digest}"


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
