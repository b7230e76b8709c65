"""Progress of a run: a live bar on a terminal, plain lines elsewhere; on stderr."""

from __future__ import annotations

import contextlib
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
    """Draws a bar for the files of the current session."""

    def __init__(self, bar: Bar) -> None:
        self._bar = bar
        self._task: TaskID | None = None

    def stage(self, text: str) -> None:
        """Show the stage as a bar of unknown length."""
        self._begin(text, None)

    def session(self, title: str, files: int) -> None:
        """Show a bar as long as the session has files."""
        self._begin(title, files)

    def file_done(self, name: str) -> None:  # noqa: ARG002 - the protocol's
        """Move the bar on by one file."""
        if self._task is not None:
            self._bar.advance(self._task)

    def session_done(self, report: SessionReport) -> None:
        """Print what became of it above the bar."""
        about = f" ({report.error})" if report.error else ""
        self._print(f"{report.session_identifier}: {report.status}{about}")
        for warning in report.warnings:
            self._print(f"  {warning}")

    def _print(self, text: str) -> None:
        self._bar.console.print(text, markup=False, highlight=False)

    def _begin(self, text: str, total: int | None) -> None:
        if self._task is not None:
            self._bar.remove_task(self._task)
        # Square brackets in names are not markup.
        self._task = self._bar.add_task(text.replace("[", r"\["), total=total)


@contextlib.contextmanager
def shown_progress(*, quiet: bool = False) -> Iterator[Progress]:
    """Show progress for a ``with`` block."""
    from nexuslims_core.pipeline.progress import Silent

    if quiet:
        yield Silent()
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
