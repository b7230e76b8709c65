"""When a spectrum was acquired."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nexuslims_core.reading.clock import local_time

if TYPE_CHECKING:
    from datetime import datetime

MONTHS = (
    ("JAN",),
    ("FEB", "FÉV", "FEV"),
    ("MAR", "MÄR", "MRZ"),
    ("APR", "AVR"),
    ("MAY", "MAI"),
    ("JUN", "JUI"),
    ("JUL",),
    ("AUG", "AOÛ", "AOU"),
    ("SEP",),
    ("OCT", "OKT"),
    ("NOV",),
    ("DEC", "DEZ", "DÉC"),
)
"""How months begin; the standard has English ones, some programs ask Windows."""

NAMED = re.compile(r"(\d{1,2})[-./ ]*([^\W\d]{3})[^\W\d]*[-./ ]*(\d{2,4})")


def acquired(date: str, time: str, modified: datetime) -> tuple[datetime | None, str]:
    """Return when the data were acquired, naive, and a note where that is unclear.

    Parameters
    ----------
    date, time
        Values of the keywords; empty where there is none.
    modified
        The file's modification time: dates after it were read in a wrong order.
    """
    if not date and not time:
        return None, ""
    when = local_time(f"{_numeric(date)} {time}", modified)
    if when is not None:
        return when, ""
    return None, (
        "DATE and TIME: expected a date such as 01-OCT-1991 and a time such as 12:00, "
        f"found {date!r:.40} and {time!r:.40}; the file's modification time counts."
    )


def _numeric(date: str) -> str:
    match = NAMED.fullmatch(date.strip())
    if match is None:
        return date.strip()
    day, name, year = match.groups()
    months = (i for i, all_ in enumerate(MONTHS, 1) if name.upper() in all_)
    # The day comes first, which dots say, and the file need not be asked.
    return f"{day}.{next(months, 0)}.{year}"
