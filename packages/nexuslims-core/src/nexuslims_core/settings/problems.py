"""What is wrong with a configuration, one value per variable."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nexuslims_core.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One variable that is missing or wrong."""

    variable: str
    """Its name, or several joined by commas where they do not fit together."""
    expected: str
    """What would have been right."""
    value: str | None = None
    """What it is, ``***`` for a secret; `None` when not set, or several variables."""
    origin: str = ""
    """Where it was set; empty when it was not."""

    def __str__(self) -> str:
        if not self.origin:
            return f"{self.variable} is not set: {self.expected}"
        value = "" if self.value is None else f" is {self.value!r}"
        return f"{self.variable}{value} (from {self.origin}): {self.expected}"


class SettingsError(ConfigurationError):
    """The configuration cannot be used.

    Parameters
    ----------
    problems
        All that is wrong with it.
    """

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(tuple(problems))
        self.problems = tuple(problems)

    def __str__(self) -> str:
        lines = [f"  {problem}" for problem in self.problems]
        return "\n".join(["the configuration cannot be used:", *lines])
