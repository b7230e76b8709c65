"""When to try again after a failure: soon at first, then in growing pauses."""

from __future__ import annotations

from datetime import datetime, timedelta

FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(days=1)


def next_attempt(failures: int, now: datetime) -> datetime:
    """Return when to try again after `failures` failures in a row.

    The first failure is tried again by the very next run: most are a passing fault.
    From the second on the pause doubles from one minute up to a day.
    """
    if failures <= 1:
        return now
    doublings: int = min(failures - 2, 20)
    pause: timedelta = FIRST_PAUSE * 2**doublings
    return now + min(pause, LONGEST_PAUSE)
