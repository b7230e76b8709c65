"""When an image was acquired, in the clock of its microscope."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nexuslims_core.reading.clock import iso_time, local_time

if TYPE_CHECKING:
    from datetime import datetime

    from nexuslims_core.reading.ini import Sections


def acquired(
    sections: Sections, xml_time: str, modified: datetime
) -> tuple[datetime | None, str | None]:
    """Return the time of acquisition, as its zone-less clock showed it, and a note.

    The ISO time of FEI's XML goes before ``PrivateFei/TimeOfCreation``, which has one
    format everywhere, and that before ``User/Date`` and ``User/Time``, which follow
    the settings of the microscope PC.

    Parameters
    ----------
    xml_time
        The XML's time; empty without one.
    modified
        The file's modification time: what is later was read in the wrong order.
    """
    user = sections.get("User", {})
    texts = (
        sections.get("PrivateFei", {}).get("TimeOfCreation", ""),
        f"{user.get('Date', '')} {user.get('Time', '')}",
    )
    found = iso_time(xml_time) or next(
        filter(None, (local_time(t, modified) for t in texts)), None
    )
    if found or not any(text.strip() for text in (xml_time, *texts)):
        return found, None
    told = next(text.strip() for text in (*reversed(texts), xml_time) if text.strip())
    return None, (
        f"Acquisition time: expected a date and a time, found {told!r}; "
        "the file's modification time is used."
    )
