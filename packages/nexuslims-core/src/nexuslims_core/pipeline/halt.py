"""Ending a run before its work is done."""

from __future__ import annotations

import threading

from nexuslims_core.errors import NexusLIMSError


class AbandonedError(NexusLIMSError):
    """The work under way was called off, and leaves no trace."""


class Halt:
    """Tells the threads of a run to end; any of them, or a signal, may ask for it."""

    def __init__(self) -> None:
        self._requested = threading.Event()
        self._abandoned = threading.Event()

    @property
    def requested(self) -> bool:
        """Whether no further session is to be begun; those begun are finished."""
        return self._requested.is_set()

    @property
    def abandoned(self) -> bool:
        """Whether sessions under way are to be left as they are."""
        return self._abandoned.is_set()

    def request(self) -> None:
        """Let the sessions under way be finished, and no other be begun."""
        self._requested.set()

    def abandon(self) -> None:
        """Let the sessions under way be left as they are, for the next run."""
        self._requested.set()
        self._abandoned.set()

    def check(self) -> None:
        """Raise `AbandonedError` if sessions under way are to be left."""
        if self.abandoned:
            msg = "the run was called off"
            raise AbandonedError(msg)

    def wait(self, seconds: float) -> bool:
        """Wait until the end is asked for, at most `seconds`; tell whether it was."""
        return self._requested.wait(seconds)
