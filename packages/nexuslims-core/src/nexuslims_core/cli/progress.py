"""Progress of a run: a live bar on a terminal, plain lines elsewhere; on stderr."""

from __future__ import annotations

import contextlib
import sys
from threading import get_ident
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.progress import Progress as Bar
    from rich.progress import TaskID

    from nexuslims_core.model.report import SessionReport
    from nexuslims_core.pipeline.progress import Progress


class Lines:
    """Says what happens, a line each."""

    def stage(self, text: str) -> None:
        """Print the stage."""
        click.echo(f"{text} …", err=True)

    def sessions(self, total: int) -> None:
        """Say nothing: each session has a line of its own."""

    def session(self, title: str, files: int) -> None:
        """Print the session that is being built."""
        click.echo(f"{title}: {files} files …", err=True)

    def file_done(self, name: str) -> None:
        """Say nothing: a line per file would bury the rest."""

    def session_done(self, report: SessionReport) -> None:
        """Print what became of it."""
        about = f" ({report.error})" if report.error else ""
        click.echo(f"{report.session_identifier}: {report.status}{about}", err=True)
        for warning in report.warnings:
            click.echo(f"  {warning}", err=True)


class Live(Lines):
    """Draws a bar for all sessions, and one for the files of each under way."""

    def __init__(self, bar: Bar) -> None:
        self._bar = bar
        self._stage: TaskID | None = None
        self._files: dict[int, TaskID] = {}
        """Bars of the sessions under way, by the thread that builds each."""

    def stage(self, text: str) -> None:
        """Show the stage as a bar of unknown length."""
        self._begin(text, None)

    def sessions(self, total: int) -> None:
        """Show a bar as long as there are sessions."""
        self._begin("Sessions", total)

    def session(self, title: str, files: int) -> None:
        """Show a bar as long as the session has files."""
        self._end()
        self._files[get_ident()] = self._bar.add_task(_plain(title), total=files)

    def file_done(self, name: str) -> None:  # noqa: ARG002 - the protocol's
        """Move the session's bar on by one file."""
        if get_ident() in self._files:
            self._bar.advance(self._files[get_ident()])

    def session_done(self, report: SessionReport) -> None:
        """Print what became of it above the bars."""
        self._end()
        if self._stage is not None:
            self._bar.advance(self._stage)
        about = f" ({report.error})" if report.error else ""
        self._print(f"{report.session_identifier}: {report.status}{about}")
        for warning in report.warnings:
            self._print(f"  {warning}")

    def _print(self, text: str) -> None:
        self._bar.console.print(text, markup=False, highlight=False)

    def _begin(self, text: str, total: int | None) -> None:
        if self._stage is not None:
            self._bar.remove_task(self._stage)
        self._stage = self._bar.add_task(_plain(text), total=total)

    def _end(self) -> None:
        task = self._files.pop(get_ident(), None)
        if task is not None:
            self._bar.remove_task(task)


def _plain(text: str) -> str:
    """Return text in which square brackets are no markup."""
    return text.replace("[", r"\[")


@contextlib.contextmanager
def shown_progress(*, quiet: bool = False) -> Iterator[Progress]:
    """Show progress for a ``with`` block."""
    from nexuslims_core.pipeline.progress import Silent

    if quiet:
        yield Silent()
        return
    # Cron has no terminal, and most of its runs nothing to do: they need no `rich`.
    if not sys.stderr.isatty():
        yield Lines()
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        SpinnerColumn,
        TextColumn,
        TimeElapsedColumn,
    )

    console = Console(stderr=True)
    if not console.is_terminal:
        yield Lines()
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        yield Live(bar)
