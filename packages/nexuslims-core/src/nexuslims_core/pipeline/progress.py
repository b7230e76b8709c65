"""How the pipeline says what it is doing, to whoever shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from nexuslims_core.model.report import SessionReport


class Progress(Protocol):
    """Receives news of a run; the command line draws it."""

    def stage(self, text: str) -> None:
        """Begin a stage of the whole run."""

    def sessions(self, total: int) -> None:
        """Begin building sessions; what follows may come from several threads."""

    def session(self, title: str, files: int) -> None:
        """Begin extracting the files of the session that this thread builds."""

    def file_done(self, name: str) -> None:
        """Count one more file of this thread's session as done."""

    def session_done(self, report: SessionReport) -> None:
        """End this thread's session."""


class Silent:
    """Shows nothing."""

    def stage(self, text: str) -> None:
        """Ignore it."""

    def sessions(self, total: int) -> None:
        """Ignore it."""

    def session(self, title: str, files: int) -> None:
        """Ignore it."""

    def file_done(self, name: str) -> None:
        """Ignore it."""

    def session_done(self, report: SessionReport) -> None:
        """Ignore it."""
