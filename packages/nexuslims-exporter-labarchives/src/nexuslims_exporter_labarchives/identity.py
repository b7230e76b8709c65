"""Recognising what was made for a session: a page by its title, entries by a code.

LabArchives keeps neither attributes nor comments of HTML for sure, so a sentence that
people can read marks our text. It ends the entry, and tells three things: whose record
it is, which version, and that the entry is not the place for notes.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from nexuslims_core.exporting.times import local_time

if TYPE_CHECKING:
    from nexuslims_core.types import Session

    from nexuslims_exporter_labarchives.answers import Entry

__all__ = [
    "CAPTION",
    "DUPLICATE",
    "is_emptied",
    "is_gone",
    "is_live",
    "is_of_session",
    "is_title_of",
    "mark",
    "may_be_title_of",
    "page_title",
    "squashed",
    "version_of",
    "withdrawal",
]

CAPTION = "NexusLIMS XML record"
"""Caption of the attached record; also the beginning of what replaces it."""
DUPLICATE = "Emptied by NexusLIMS: two of its runs wrote at the same time."
"""What replaces an entry that was made twice; nothing can be deleted."""
LONGEST_TITLE = 200
"""Longer titles are cut by us, always in the same way, before anybody else does."""
SHORTEST_CUT = 40
"""A title that was cut elsewhere has at least this many characters."""
_DIGEST_LENGTH = 12
_BLANK = r"(?:\s|&nbsp;)+"


def page_title(session: Session) -> str:
    """Return the title that the page of a session gets."""
    day = local_time(session.start, session).date().isoformat()
    title = f"{day} — {squashed(session.identifier)}"
    if len(title) <= LONGEST_TITLE:
        return title
    digest = hashlib.sha256(title.encode()).hexdigest()[:_DIGEST_LENGTH]
    return f"{title[: LONGEST_TITLE - _DIGEST_LENGTH - 1].rstrip()}-{digest}"


def is_title_of(title: str, session: Session) -> bool:
    """Tell whether a page's title is that of a session; the day may have changed."""
    full = page_title(session)
    day, dash, rest = squashed(title).partition(" — ")
    same = bool(dash) and rest == full.partition(" — ")[2]
    return same and re.fullmatch(r"\d{4}-\d\d-\d\d", day) is not None


def may_be_title_of(title: str, session: Session) -> bool:
    """Tell whether a title may be a session's, cut by somebody; look at the page."""
    cut = squashed(title).rstrip("….")
    return len(cut) >= SHORTEST_CUT and page_title(session).startswith(cut)


def mark(code: str, version: str) -> str:
    """Return the sentence that ends our text."""
    return (
        f"NexusLIMS record {code}, version {version}. NexusLIMS keeps this entry up to "
        "date; please write into entries of your own."
    )


def withdrawal(code: str, day: str) -> str:
    """Return the sentence that replaces our text when the record is taken back."""
    return f"NexusLIMS record {code} was withdrawn on {day}."


def is_emptied(entry: Entry) -> bool:
    """Tell whether an entry is what is left of a duplicate of ours."""
    return DUPLICATE in f"{entry.data} {entry.caption}"


def is_of_session(entry: Entry, code: str) -> bool:
    """Tell whether a text is the record of a session, or the notice that it is gone."""
    return is_live(entry, code) or is_gone(entry, code)


def is_gone(entry: Entry, code: str) -> bool:
    """Tell whether a text is the notice that a session's record was taken back."""
    told = _sentence(f"{code} was withdrawn", entry) is not None
    return told and not entry.is_attachment


def is_live(entry: Entry, code: str) -> bool:
    """Tell whether a text is the record of a session, not withdrawn."""
    return version_of(entry, code) is not None


def version_of(entry: Entry, code: str) -> str | None:
    """Return the version that a text of ours tells, or `None`."""
    found = _sentence(f"{code}, version", entry)
    return found[1] if found and not entry.is_attachment else None


def _sentence(words: str, entry: Entry) -> re.Match[str] | None:
    """Find a sentence of ours, and the word after it; editors change blanks."""
    pattern = _BLANK.join(re.escape(w) for w in f"NexusLIMS record {words}".split())
    return re.search(rf"{pattern}{_BLANK}([0-9a-z]+)", entry.data)


def squashed(text: str) -> str:
    """Return text on one line, without what XML cannot hold."""
    kept = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(kept.split())
