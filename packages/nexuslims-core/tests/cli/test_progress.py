from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor

import pytest
from nexuslims_core.cli.progress import Lines, Live, shown_progress
from nexuslims_core.pipeline.progress import Silent
from nexuslims_core.types import SessionReport
from rich.console import Console
from rich.progress import Progress


@pytest.fixture
def report():
    return SessionReport(
        session_identifier="[bold]mine[/bold]",
        instrument="SEM-1",
        status="ERROR",
        error="no [/] disk",
        warnings=("a[1].tif: is cut",),
    )


def begin(progress):
    progress.stage("Looking for files of [SEM]")
    progress.sessions(3)
    progress.session("[x] 2026", 2)
    progress.file_done("a")
    progress.file_done("b")


def drive(progress, report):
    begin(progress)
    progress.session_done(report)


def test_on_a_terminal_a_bar_moves_and_brackets_are_no_markup(report):
    written = io.StringIO()
    console = Console(file=written, force_terminal=True, width=120)
    with Progress(console=console) as bar:
        live = Live(bar)
        begin(live)
        under_way = [(one.completed, one.total) for one in bar.tasks]
        live.session_done(report)
        afterwards = [(one.completed, one.total) for one in bar.tasks]

    assert under_way == [(0, 3), (2, 2)]
    assert afterwards == [(1, 3)]
    assert "[bold]mine[/bold]: ERROR (no [/] disk)" in written.getvalue()
    assert "  a[1].tif: is cut" in written.getvalue()
    assert "[x] 2026" in written.getvalue()


def test_each_session_under_way_has_a_bar_of_its_own(report):
    with Progress(console=Console(file=io.StringIO(), force_terminal=True)) as bar:
        live = Live(bar)
        live.sessions(2)
        live.session("one", 5)
        with ThreadPoolExecutor(1) as other:
            other.submit(live.session, "two", 7).result()
            other.submit(live.file_done, "b").result()
            other.submit(live.file_done, "c").result()
        live.file_done("a")
        under_way = [(one.completed, one.total) for one in bar.tasks]

    assert under_way == [(0, 2), (1, 5), (2, 7)]


def test_elsewhere_there_are_plain_lines_on_stderr(report, capsys):
    with shown_progress() as progress:
        assert isinstance(progress, Lines)
        drive(progress, report)

    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.splitlines() == [
        "Looking for files of [SEM] …",
        "[x] 2026: 2 files …",
        "[bold]mine[/bold]: ERROR (no [/] disk)",
        "  a[1].tif: is cut",
    ]


def test_quiet_progress_says_nothing(report, capsys):
    with shown_progress(quiet=True) as progress:
        assert isinstance(progress, Silent)
        drive(progress, report)

    assert capsys.readouterr() == ("", "")
