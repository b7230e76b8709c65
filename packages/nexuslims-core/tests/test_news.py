"""How news reads."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from nexuslims_core.news import news_of, plain
from nexuslims_core.types import Changes, HarvestReport, Problem, RunReport

NOW = datetime(2026, 11, 20, 16, 15, tzinfo=UTC)


@pytest.fixture
def problems():
    def make(count, *, text="cdcs: 503", since=NOW, first=1):
        return tuple(
            Problem(
                key=f"session SEM-1 {number}",
                subject=f"SEM-1: {number}",
                text=text.format(number),
                since=since,
            )
            for number in range(first, first + count)
        )

    return make


@pytest.fixture
def news():
    def make(report=None, **options):
        changes = {name: options.pop(name) for name in list(options) if name in KINDS}
        report = report or RunReport(changes=Changes(**changes))
        return news_of(report, now=NOW, host="lab", **options)

    return make


KINDS = ("new", "continuing", "resolved")


@pytest.mark.parametrize(
    ("counts", "headline"),
    [
        ((1, 0, 0), "1 new problem"),
        ((2, 0, 1), "2 new problems, 1 resolved"),
        ((2, 3, 1), "2 new problems, 1 resolved, 3 continuing"),
        ((0, 0, 1), "1 problem resolved"),
        ((0, 2, 3), "3 problems resolved, 2 continuing"),
        ((0, 1, 0), "1 problem continues"),
        ((0, 4, 0), "4 problems continue"),
    ],
)
def test_headlines(news, problems, counts, headline):
    changes = dict(zip(KINDS, map(problems, counts), strict=True))
    assert news(**changes).headline == headline


def test_many_sessions_with_one_problem_are_one_entry(news, problems):
    [chapter] = news(new=problems(30, text="503; next attempt: 9:{:02}")).chapters
    [entry] = chapter.entries
    assert entry.subjects[:2] == ("SEM-1: 1", "SEM-1: 2")
    assert entry.subjects[-1] == "and 20 more"


def test_more_than_can_be_read_is_counted(news, problems):
    told = news(new=problems(60, text="{} failed"))
    [chapter] = told.chapters
    assert (len(chapter.entries), chapter.omitted) == (50, 10)
    assert "… and 10 more; nexuslims sessions list" in plain(told)


def test_long_texts_are_shortened(news, problems):
    text = plain(news(new=problems(1, text="x" * 5000), longest=100))
    assert "x" * 99 + "…" in text
    assert "x" * 100 not in text


@pytest.mark.parametrize(
    ("span", "age"),
    [
        (timedelta(seconds=59), ""),
        (timedelta(minutes=1), ", 1 minute ago"),
        (timedelta(hours=5, minutes=59), ", 5 hours ago"),
        (timedelta(days=2, hours=3), ", 2 days ago"),
    ],
)
def test_it_says_since_when_and_how_long_ago(news, problems, span, age):
    began = (NOW - span).astimezone()
    text = plain(news(continuing=problems(1, since=NOW - span)))
    assert f"First seen {began:%Y-%m-%d %H:%M %Z}{age}\n" in text


@pytest.mark.parametrize(
    ("key", "subject", "command"),
    [
        ("session A 7", "A: 7", "nexuslims sessions show 7 --instrument A"),
        (
            "session A https://x.org/?id=7",
            "A: https://x.org/?id=7",
            "nexuslims sessions show 'https://x.org/?id=7' --instrument A",
        ),
        (
            "session A it's; rm: x",
            "A: it's; rm: x",
            """nexuslims sessions show 'it'"'"'s; rm: x' --instrument A""",
        ),
        ("source nemo", "nemo", "nexuslims check"),
        ("run x", "NexusLIMS", "nexuslims check"),
    ],
)
def test_it_names_the_command_that_tells_more(news, key, subject, command):
    problem = Problem(key=key, subject=subject, text="no", since=NOW)
    [chapter] = news(new=(problem,)).chapters
    assert chapter.entries[0].command == command
    [chapter] = news(resolved=(problem,)).chapters
    assert chapter.entries[0].command == ""


def test_the_whole_text(news, problems):
    report = RunReport(
        harvest=(HarvestReport(source="nemo", found=1),),
        changes=Changes(
            new=problems(2, text="cdcs: 503\ntry later"),
            resolved=problems(1, first=9, text="no files"),
        ),
    )
    moment = f"{NOW.astimezone():%Y-%m-%d %H:%M %Z}"
    assert (
        plain(news(report))
        == f"""\
NEW

* SEM-1: 1
* SEM-1: 2
  cdcs: 503
  try later
  First seen {moment}
  More: nexuslims sessions show 1 --instrument SEM-1

RESOLVED

* SEM-1: 9
  no files
  First seen {moment}

nemo: 1 session found, 0 new, 0 changed.
No session was handled in this run.
NexusLIMS on lab, {moment}
"""
    )


def test_what_no_mail_may_hold_is_replaced(news, problems):
    text = plain(news(new=problems(1, text="a\x00b\udce4c\x1b[31m")))
    assert "a�b�c�[31m" in text
    text.encode()


def test_a_reminder_of_another_day_is_other_news(problems):
    report = RunReport(changes=Changes(continuing=problems(1)))
    days = [NOW, NOW + timedelta(hours=1), NOW + timedelta(days=1)]
    first, again, next_day = (news_of(report, now=day).id for day in days)
    assert first == again != next_day


def test_problems_without_a_beginning_can_be_told(news):
    problem = Problem(key="run x", subject="NexusLIMS", text="x")
    assert "First seen" in plain(news(new=(problem,)))
