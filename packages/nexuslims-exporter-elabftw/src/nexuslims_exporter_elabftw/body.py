"""Our part of an experiment's text, and putting it among what people wrote.

eLabFTW cleans texts: comments, identifiers and data attributes do not survive it. So
two sentences that people can read mark where our part begins and ends.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from jinja2 import Environment, PackageLoader
from nexuslims_core.exporting.summary import session_code, session_facts
from nexuslims_core.exporting.text import web_address

from nexuslims_exporter_elabftw.files import preview_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nexuslims_core.types import ExportContext, Record

    from nexuslims_exporter_elabftw.answers import Upload

__all__ = ["Text", "render", "with_part"]


@dataclass(frozen=True, kw_only=True)
class Text:
    """A text with our part in it."""

    html: str
    had_part: bool
    """Whether the text before had our part, complete."""
    had_rest: bool
    """Whether only one of the two marks was there: an old copy may remain."""


@dataclass(frozen=True, kw_only=True)
class Image:
    """A preview that the text shows."""

    name: str
    source: str


def render(
    context: ExportContext,
    shown: Mapping[str, Upload],
    *,
    cdcs_url: str | None,
    listed_files: int,
) -> str:
    """Return our part as HTML; the same arguments give the same text.

    Parameters
    ----------
    shown
        Attached previews by name.
    listed_files
        How many data files are listed at most.
    """
    environment = Environment(
        loader=PackageLoader("nexuslims_exporter_elabftw"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    session, record = context.session, context.record
    names = _preview_names(record)
    return environment.get_template("record.html.j2").render(
        begin=_begin(session_code(session.identifier)),
        end_mark=_end(session_code(session.identifier)),
        **session_facts(context, listed_files),
        title=record.title or context.title,
        cdcs_url=web_address(cdcs_url),
        images=[
            Image(name=name, source=_source(shown[name]))
            for name in names
            if name in shown
        ],
        unshown=len(names) - len(shown),
    )


def with_part(stored: str | None, part: str, code: str) -> Text:
    """Return a stored text with our part replaced, or put in front if it is not there.

    What is before and after our part stays. Where one of the two marks is gone, nobody
    can tell what is ours: the other mark is removed and the text around it stays.
    """
    text = stored or ""
    begin, end = _mark(_begin(code)), _mark(_end(code))
    first = begin.search(text)
    last = end.search(text, first.end()) if first else None
    if first and last:
        html = text[: first.start()] + part + text[last.end() :]
        return Text(html=html, had_part=True, had_rest=False)
    rest = end.sub("", begin.sub("", text))
    separator = "\n" if rest.strip() else ""
    return Text(html=part + separator + rest, had_part=False, had_rest=rest != text)


def without_part(stored: str | None, code: str) -> str:
    """Return what people wrote around our part; empty if nothing but blanks."""
    text = with_part(stored, "", code).html
    return text.strip() if re.sub(r"<[^>]*>|&nbsp;|\s", "", text) else ""


def _begin(code: str) -> str:
    return (
        f"NexusLIMS record {code} begins here. NexusLIMS keeps it up to date down to "
        "the line that says where it ends; please write above or below."
    )


def _end(code: str) -> str:
    return f"NexusLIMS record {code} ends here."


def _mark(sentence: str) -> re.Pattern[str]:
    # Editors change markup around the sentence and blanks in it; the start is enough.
    words = [re.escape(word) for word in sentence.split(".", maxsplit=1)[0].split()]
    blank = r"(?:\s|&nbsp;)+"
    inside = r"(?:(?!</p>).)*?"
    return re.compile(rf"<p[^>]*>{inside}{blank.join(words)}{inside}</p>", re.DOTALL)


def _source(upload: Upload) -> str:
    query = {
        "name": upload.real_name,
        "f": upload.long_name,
        **({} if upload.storage is None else {"storage": upload.storage}),
    }
    return f"app/download.php?{urlencode(query, safe='/')}"


def _preview_names(record: Record) -> list[str]:
    names = (preview_name(entry) for act in record.activities for entry in act.datasets)
    return list(dict.fromkeys(name for name in names if name))
