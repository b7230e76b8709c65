"""Dates and times as people type them."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    _Type = click.ParamType[datetime | None]
else:
    # Older releases of click have no type parameter there.
    _Type = click.ParamType


class When(_Type):
    """An ISO date or time; ``all`` or ``none`` for no limit.

    Parameters
    ----------
    end_of_day
        Whether a bare date means its end, rather than its beginning.
    """

    name = "date"

    def __init__(self, *, end_of_day: bool = False) -> None:
        self._end_of_day = end_of_day

    def convert(
        self,
        value: Any,  # noqa: ANN401 - click's signature
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> datetime | None:
        """Return an aware time; what names no zone is in the system's."""
        if isinstance(value, datetime):
            return value
        if str(value).strip().lower() in {"all", "none"}:
            return None
        try:
            return self._parsed(str(value).strip())
        except ValueError:
            self.fail(
                f"{value!r} is no ISO date or time such as 2026-01-31 or "
                "2026-01-31T08:00, nor 'all'",
                param,
                ctx,
            )

    def _parsed(self, text: str) -> datetime:
        try:
            day = date.fromisoformat(text)
        except ValueError:
            return _aware(datetime.fromisoformat(text))
        clock = time(23, 59, 59, 999999) if self._end_of_day else time()
        return _aware(datetime.combine(day, clock))


def _aware(when: datetime) -> datetime:
    # `astimezone` takes a naive time as the system's, with that day's offset.
    return when if when.tzinfo is not None else when.astimezone()
