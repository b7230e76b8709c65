"""A look at the cluster now and then, so that nothing waits for ever."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from nexuslims_core.manager.records import describe

if TYPE_CHECKING:
    from collections.abc import Callable, Sized

LONGEST_PAUSE = 5.0
"""Seconds between two looks."""


class Watch:
    """Notices when there has been no worker for too long.

    Parameters
    ----------
    workers
        Returns the workers that there are; raises if nobody can tell.
    is_needed
        Tells whether anything waits for a worker.
    patience
        Seconds without a worker that are bearable.
    give_up
        Called with the reason, again and again while it lasts.
    """

    def __init__(
        self,
        *,
        workers: Callable[[], Sized],
        is_needed: Callable[[], bool],
        patience: float,
        give_up: Callable[[str], None],
    ) -> None:
        self._workers = workers
        self._is_needed = is_needed
        self._patience = patience
        self._give_up = give_up
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Look no more."""
        self._end.set()

    def _look(self) -> None:
        good_at = time.monotonic()
        while not self._end.wait(min(self._patience / 4, LONGEST_PAUSE)):
            problem = self._problem() if self._is_needed() else ""
            if not problem:
                good_at = time.monotonic()
            elif time.monotonic() - good_at > self._patience:
                self._give_up(
                    f"{problem}, for more than {self._patience:g} s "
                    "(NX_DASK_WORKER_TIMEOUT)"
                )

    def _problem(self) -> str:
        try:
            found = self._workers()
        # A lost connection has many names.
        except Exception as error:  # noqa: BLE001
            return f"does not answer: {describe(error)}"
        return "" if len(found) else "has no worker for our files"
