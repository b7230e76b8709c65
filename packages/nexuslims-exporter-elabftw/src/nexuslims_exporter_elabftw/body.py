"""Our part of an experiment's text, and putting it among what people wrote.

eLabFTW cleans texts: comments, identifiers and data attributes do not survive it. So
two sentences that people can read mark where our part begins and ends.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlencode, urlsplit

from jinja2 import Environment, PackageLoader

from nexuslims_exporter_elabftw.files import preview_name
from nexuslims_exporter_elabftw.identity import session_code
from nexuslims_exporter_elabftw.metadata import local

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from nexuslims_core.types import ExportContext, Record

    from nexuslims_exporter_elabftw.answers import Upload

__all__ = ["Text", "render", "web_address", "with_part"]


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


@dataclass(frozen=True, kw_only=True)
class ListedActivity:
    """An activity with the data files that are listed of it."""

    number: int
    start: str
    files: tuple[str, ...]


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
    activities = list(_listed(context, listed_files))
    listed = sum(len(each.files) for each in activities)
    return environment.get_template("record.html.j2").render(
        begin=_begin(session_code(session.identifier)),
        end_mark=_end(session_code(session.identifier)),
        title=record.title or context.title,
        session=session,
        instrument=_instrument(context),
        user=context.user.full_name if context.user else session.user,
        start=local(session.start, session).isoformat(),
        end=local(session.end, session).isoformat(),
        projects=[each.name or each.project_id for each in record.projects],
        samples=[each.sample.name or each.sample.pid for each in record.samples],
        motivation=record.motivation,
        cdcs_url=web_address(cdcs_url),
        images=[
            Image(name=name, source=_source(shown[name]))
            for name in names
            if name in shown
        ],
        unshown=len(names) - len(shown),
        activities=activities,
        unlisted=len(_files(record)) - listed,
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


def web_address(url: str | None) -> str | None:
    """Return an address that may be a link; `None` for anything but http(s)."""
    scheme = urlsplit(url).scheme if url else ""
    return url if scheme in {"http", "https"} else None


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


def _instrument(context: ExportContext) -> str:
    name, pid = context.record.instrument_name, context.session.instrument.pid
    return f"{name} ({pid})" if name and name != pid else pid


def _preview_names(record: Record) -> list[str]:
    names = (preview_name(entry) for act in record.activities for entry in act.datasets)
    return list(dict.fromkeys(name for name in names if name))


def _files(record: Record) -> list[str]:
    """Return the data files; those of several signals once."""
    paths = [entry.location for act in record.activities for entry in act.datasets]
    return list(dict.fromkeys(paths))


def _listed(context: ExportContext, limit: int) -> Iterator[ListedActivity]:
    seen: set[str] = set()
    for number, activity in enumerate(context.record.activities, 1):
        paths = dict.fromkeys(entry.location for entry in activity.datasets)
        new = [path for path in paths if path not in seen][: limit - len(seen)]
        seen.update(new)
        if new:
            yield ListedActivity(
                number=number,
                start=local(activity.start, context.session).isoformat(),
                files=tuple(unquote(path) for path in new),
            )
