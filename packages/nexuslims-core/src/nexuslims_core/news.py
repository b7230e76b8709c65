"""What to say of a run: the same words, whichever way a notifier sends them."""

from __future__ import annotations

import json
import platform
import re
import shlex
import uuid
from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nexuslims_core.model.report import Changes, Problem, RunReport

__all__ = [
    "Chapter",
    "Entry",
    "News",
    "clipped",
    "closing",
    "first_seen",
    "news_of",
    "omission",
    "plain",
]

NAMESPACE = uuid.UUID("3f4ad0cf-5b4b-4fb0-8f0c-6d4c8a5f7c41")
"""Of identifiers of news; a random one."""
LONGEST_TEXT = 2000
"""Characters of one error; what is beyond is in the log."""
MOST_ENTRIES = 50
MOST_SUBJECTS = 10

_UNREADABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
"""Control characters and halves of characters: no mail, page or JSON may hold them."""
_TIME_OF_RETRY = re.compile(r"; next attempt: [^;]*$")
"""Ends what a run says of a session that waits; each has a time of its own."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One thing to tell, of everything that it happened to."""

    subjects: tuple[str, ...]
    """Sessions, schedulers or settings; many at once when all have the same problem."""
    text: str
    since: datetime
    """When the first of them was seen, in the zone of this machine."""
    age: str
    """How long ago that was, such as ``2 days``; empty for less than a minute."""
    command: str = ""
    """What to type to learn more."""


@dataclass(frozen=True, kw_only=True)
class Chapter:
    """Entries of one kind."""

    title: str
    entries: tuple[Entry, ...]
    omitted: int = 0
    """How many more there are."""


@dataclass(frozen=True, kw_only=True)
class News:
    """What is to be told after one run."""

    id: uuid.UUID
    """The same when the same news has to be told again, and for no other news."""
    thread: uuid.UUID
    """The same for all news of the problem that is oldest in it."""
    host: str
    """Name of the machine."""
    moment: datetime
    """When it is told, in the zone of this machine."""
    headline: str
    """How many problems of which kind, such as ``2 new problems, 1 resolved``."""
    chapters: tuple[Chapter, ...]
    counts: tuple[str, ...]
    """Sentences on what else the run did."""


def news_of(
    report: RunReport,
    *,
    now: datetime,
    host: str = "",
    most: int = MOST_ENTRIES,
    longest: int = LONGEST_TEXT,
) -> News:
    """Return what is to be told of `report`.

    Parameters
    ----------
    now
        The time (aware).
    host
        Name of the machine; found out when left out.
    most
        Entries of one chapter at most; the others are counted.
    longest
        Characters of one error at most.
    """
    changes, moment = report.changes, now.astimezone()
    return News(
        id=_identity(changes, now),
        thread=_thread(changes, now),
        host=host or platform.node() or "localhost",
        moment=moment,
        headline=_headline(changes),
        chapters=tuple(
            _shortened(one, most, longest) for one in _chapters(changes, moment)
        ),
        counts=tuple(_counts(report)),
    )


def plain(news: News) -> str:
    """Return the news as text for people, lines unbroken."""
    parts = [_plain_chapter(chapter) for chapter in news.chapters]
    return "\n\n".join([*parts, "\n".join(closing(news))]) + "\n"


def clipped(text: str, longest: int) -> str:
    """Return `text` with nothing unreadable in it, shortened to `longest`."""
    text = _UNREADABLE.sub("\N{REPLACEMENT CHARACTER}", text.strip())
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def _identity(changes: Changes, now: datetime) -> uuid.UUID:
    states = {
        "new": changes.new,
        "continuing": changes.continuing,
        "resolved": changes.resolved,
    }
    about: list[object] = [
        sorted([state, *_known_by(one)] for one in problems)
        for state, problems in states.items()
    ]
    # What merely continues is news once a day.
    day = "" if changes.matter else now.astimezone(UTC).date().isoformat()
    return uuid.uuid5(NAMESPACE, json.dumps([about, day]))


def _thread(changes: Changes, now: datetime) -> uuid.UUID:
    problems = (*changes.new, *changes.continuing, *changes.resolved)
    oldest = min(problems, key=lambda one: (one.since or now, one.key), default=None)
    about = [] if oldest is None else _known_by(oldest)
    return uuid.uuid5(NAMESPACE, json.dumps(["thread", *about]))


def _known_by(problem: Problem) -> list[str]:
    since = problem.since
    return [problem.key, since.astimezone(UTC).isoformat() if since else ""]


def _headline(changes: Changes) -> str:
    new, old = len(changes.new), len(changes.continuing)
    gone = len(changes.resolved)
    if not changes.matter:
        return f"{_count(old, 'problem')} {'continues' if old == 1 else 'continue'}"
    parts = [
        f"{_count(new, 'new problem')}" if new else "",
        f"{gone} resolved" if new else f"{_count(gone, 'problem')} resolved",
        f"{old} continuing",
    ]
    present = zip(parts, (new, gone, old), strict=True)
    return ", ".join(part for part, number in present if number)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _chapters(changes: Changes, now: datetime) -> Iterator[Chapter]:
    for title, problems, advise in (
        ("New", changes.new, True),
        ("Continuing", changes.continuing, True),
        ("Resolved", changes.resolved, False),
    ):
        entries = [
            _entry(group, now, advise=advise) for group in _alike(problems).values()
        ]
        if entries:
            yield Chapter(title=title, entries=tuple(entries))


def _shortened(chapter: Chapter, most: int, longest: int) -> Chapter:
    return replace(
        chapter,
        entries=tuple(
            replace(one, text=clipped(one.text, longest))
            for one in chapter.entries[:most]
        ),
        omitted=len(chapter.entries[most:]),
    )


def _alike(problems: Sequence[Problem]) -> dict[str, list[Problem]]:
    """Return problems by text: a server that is down fails many sessions alike."""
    found: dict[str, list[Problem]] = {}
    for problem in problems:
        found.setdefault(_TIME_OF_RETRY.sub("", problem.text), []).append(problem)
    return found


def _entry(problems: Sequence[Problem], now: datetime, *, advise: bool) -> Entry:
    since = min(one.since or now for one in problems).astimezone(now.tzinfo)
    subjects = [clipped(one.subject, 200) for one in problems[:MOST_SUBJECTS]]
    if more := len(problems[MOST_SUBJECTS:]):
        subjects.append(f"and {more} more")
    return Entry(
        subjects=tuple(subjects),
        text=problems[0].text,
        since=since,
        age=_age(now - since),
        command=_command(problems[0]) if advise else "",
    )


def _age(span: timedelta) -> str:
    for unit, size in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if number := int(span.total_seconds()) // size:
            return _count(number, unit)
    return ""


def _command(problem: Problem) -> str:
    """Return the command that tells more of a problem."""
    pid, _, identifier = problem.subject.partition(": ")
    if problem.key != f"session {pid} {identifier}":
        return "nexuslims check"
    name = clipped(identifier, LONGEST_TEXT)
    return shlex.join(["nexuslims", "sessions", "show", name, "--instrument", pid])


def _counts(report: RunReport) -> Iterator[str]:
    for one in report.harvest:
        if one.error is None:
            yield (
                f"{clipped(one.source, 200)}: {_count(one.found, 'session')} found, "
                f"{one.new} new, {one.changed} changed."
            )
    if not report.sessions:
        yield "No session was handled in this run."
        return
    statuses = Counter(one.status for one in report.sessions)
    told = ", ".join(f"{number} {name}" for name, number in statuses.most_common())
    files = _count(sum(one.files for one in report.sessions), "file")
    sessions = _count(len(report.sessions), "session")
    yield f"This run: {sessions} ({told}) with {files}, in {report.elapsed_s:.0f} s."


def _plain_chapter(chapter: Chapter) -> str:
    entries = [_plain_entry(entry) for entry in chapter.entries]
    if chapter.omitted:
        entries.append(omission(chapter))
    return "\n\n".join([chapter.title.upper(), *entries])


def omission(chapter: Chapter) -> str:
    """Return a sentence on the entries that a chapter leaves out."""
    return f"… and {chapter.omitted} more; nexuslims sessions list shows all."


def _plain_entry(entry: Entry) -> str:
    lines = [*entry.text.splitlines(), first_seen(entry)]
    if entry.command:
        lines.append(f"More: {entry.command}")
    subjects = [f"* {subject}" for subject in entry.subjects]
    return "\n".join([*subjects, *(f"  {line}" for line in lines)])


def first_seen(entry: Entry) -> str:
    """Return a phrase on when something began, and how long ago that was."""
    began = f"First seen {entry.since:%Y-%m-%d %H:%M %Z}"
    return f"{began}, {entry.age} ago" if entry.age else began


def closing(news: News) -> Iterator[str]:
    """Yield the sentences that stand below all chapters."""
    yield from news.counts
    yield f"NexusLIMS on {news.host}, {news.moment:%Y-%m-%d %H:%M %Z}"
