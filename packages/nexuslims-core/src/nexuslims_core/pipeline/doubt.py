"""A repository that failed its check before the run, and may be well during it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nexuslims_core.errors import ExportError

if TYPE_CHECKING:
    from collections.abc import Callable

PAUSE_SECONDS = 30.0
"""Between two checks, so that many sessions do not wait for one dead server."""


@dataclass(kw_only=True)
class Doubt:
    """Whether a repository can be used by now.

    Parameters
    ----------
    problem
        Why it could not be when it was last asked; `None` if it can.
    check
        Returns the same, now.
    """

    problem: str | None
    check: Callable[[], str | None]
    clock: Callable[[], float] = time.monotonic
    checked_at: float = field(init=False)

    def __post_init__(self) -> None:
        """Begin the first pause."""
        self.checked_at = self.clock()

    def settle(self) -> None:
        """Check again, if it is time to.

        Raises
        ------
        ExportError
            If it cannot be used yet.
        """
        if self.problem is None:
            return
        if self.clock() - self.checked_at >= PAUSE_SECONDS:
            self.problem = self.check()
            self.checked_at = self.clock()
        if self.problem is not None:
            raise ExportError(self.problem)
