"""What a scan is after: tests of names and times, cheap enough for millions."""

from __future__ import annotations

import fnmatch
import re
from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import accumulate
from pathlib import PurePath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NEVER = -(1 << 80)
_TAILS = 1024
"""Ends of names whose verdict is remembered."""
_TAIL_PATTERN = re.compile(r"\*(\.[^*?\[\].]+)")
"""A pattern such as ``*.mib``, for which the end of a name is enough."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which files a scan is after."""

    name: Callable[[str], bool]
    """Whether files of a name are."""
    between: Callable[[int, int], bool]
    """Whether some time from the first to the second is in a session; nanoseconds."""

    def during(self, time: int) -> bool:
        """Return whether a time is in a session."""
        return self.between(time, time)


def name_test(
    extensions: frozenset[str] | None, ignore: Sequence[str]
) -> Callable[[str], bool]:
    """Return a test for names of files.

    Parameters
    ----------
    extensions
        Lower-case extensions that are wanted, without dot; `None` for all.
    ignore
        Patterns of names that are not, in any case.
    """
    patterns = [pattern.lower() for pattern in ignore]
    tails = [_TAIL_PATTERN.fullmatch(pattern) for pattern in patterns]
    ignored_tails = frozenset(tail[1] for tail in tails if tail)
    other = [one for one, tail in zip(patterns, tails, strict=True) if not tail]
    ignored = re.compile("|".join(map(fnmatch.translate, other)))

    # Names are many, their ends are few.
    @lru_cache(_TAILS)
    def wants_tail(tail: str) -> bool:
        lower = tail.lower()
        if lower in ignored_tails:
            return False
        return extensions is None or PurePath(f"x{lower}").suffix[1:] in extensions

    def wants(name: str) -> bool:
        dot = name.rfind(".")
        if dot > 0:
            return wants_tail(name[dot:])
        if dot == 0 and name.lower() in ignored_tails:
            return False  # hidden: the name is no extension, but the pattern matches
        return extensions is None or "" in extensions

    if not other:
        return wants
    return lambda name: wants(name) and ignored.match(name.lower()) is None


def time_test(windows: Iterable[tuple[int, int]]) -> Callable[[int, int], bool]:
    """Return a test for spans of time that have a moment in common with any window.

    Windows and spans include both their ends.
    """
    # The first is before everything, so that every time has one that begins before it.
    ordered = [(_NEVER, _NEVER), *sorted(windows)]
    starts = [start for start, _ in ordered]
    latest_ends = list(accumulate((end for _, end in ordered), max))

    def between(earliest: int, latest: int) -> bool:
        return earliest <= latest_ends[bisect_right(starts, latest) - 1]

    return between


def nanoseconds(moment: datetime) -> int:
    """Return nanoseconds since the epoch; exact, which `timestamp()` is not."""
    return (moment - _EPOCH) // timedelta(microseconds=1) * 1000
