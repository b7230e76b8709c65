"""News as a page: what a mail program shows of a mail."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from nexuslims_core.news import closing, first_seen, omission

if TYPE_CHECKING:
    from nexuslims_core.news import Chapter, Entry, News

COLOURS = {"New": "#b3261e", "Continuing": "#8a5300", "Resolved": "#1e6b34"}
"""Of chapters; dark enough to be read on white."""

_PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{headline}</title></head>
<body style="font-family: sans-serif; line-height: 1.4; max-width: 48em">
<h1 style="font-size: 1.3em">{headline}</h1>
{chapters}
<p style="color: #555; font-size: 0.9em">{closing}</p>
</body></html>
"""
_CHAPTER = """<h2 style="font-size: 1.1em; color: {colour}">{title}</h2>
{entries}"""
_ENTRY = """<div style="border-left: 3px solid {colour}; padding-left: 0.8em; \
margin-bottom: 1.2em">
<strong>{subjects}</strong>
<div style="white-space: pre-wrap; overflow-wrap: anywhere">{text}</div>
<div style="color: #555; font-size: 0.9em">{seen}</div>{command}
</div>"""


def page(news: News) -> str:
    """Return the news as HTML; whatever stands in it is shown as it is."""
    return _PAGE.format(
        headline=escape(news.headline),
        chapters="\n".join(map(_chapter, news.chapters)),
        closing="<br>\n".join(map(escape, closing(news))),
    )


def _chapter(chapter: Chapter) -> str:
    colour = COLOURS[chapter.title]
    entries = [_entry(entry, colour) for entry in chapter.entries]
    if chapter.omitted:
        entries.append(f"<p>{escape(omission(chapter))}</p>")
    return _CHAPTER.format(
        colour=colour, title=escape(chapter.title), entries="\n".join(entries)
    )


def _entry(entry: Entry, colour: str) -> str:
    command = f"\n<div><code>{escape(entry.command)}</code></div>"
    return _ENTRY.format(
        colour=colour,
        subjects="<br>\n".join(map(escape, entry.subjects)),
        text=escape(entry.text),
        seen=escape(first_seen(entry)),
        command=command if entry.command else "",
    )
