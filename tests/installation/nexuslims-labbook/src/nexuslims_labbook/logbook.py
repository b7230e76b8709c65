"""A logbook that is kept as a spreadsheet."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from nexuslims_core.errors import NoConsentError, NoReservationError, SourceError
from nexuslims_core.types import (
    HarvestProblem,
    Instrument,
    Person,
    Reservation,
    Sample,
    Session,
    Window,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass(frozen=True)
class Logbook:
    """Sessions as people write them down."""

    file: Path
    instruments: tuple[Instrument, ...]

    def serves(self, instrument: Instrument) -> bool:
        """Serve every instrument whose harvester this is."""
        return instrument.harvester == "logbook"

    def check(self) -> None:
        """Raise `SourceError` if the file cannot be read."""
        self._rows()

    def sessions(self, window: Window) -> Iterator[Session | HarvestProblem]:
        """Yield the sessions of the logbook that overlap `window`."""
        known = {one.pid: one for one in self.instruments if self.serves(one)}
        for row in self._rows():
            try:
                session = _session(row, known)
            except (KeyError, ValueError) as error:
                yield HarvestProblem(
                    message=f"cannot be used: {error!r}", reference=row.get("id", "")
                )
                continue
            if _overlaps(session, window):
                yield session

    def reservation(self, session: Session) -> Reservation:
        """Return what is written beside a session."""
        for row in self._rows():
            if row["id"] == session.identifier:
                return _reservation(row, session)
        raise NoReservationError(f"{self.file} has no row {session.identifier!r}")

    def _rows(self) -> list[dict[str, str]]:
        try:
            with self.file.open(newline="", encoding="utf-8") as stream:
                return list(csv.DictReader(stream))
        except OSError as error:
            raise SourceError(f"{self.file} cannot be read: {error}") from error


def _session(row: dict[str, str], known: dict[str, Instrument]) -> Session:
    return Session(
        identifier=row["id"],
        instrument=known[row["instrument"]],
        start=datetime.fromisoformat(row["start"]),
        end=datetime.fromisoformat(row["end"]),
        user=row["user"],
    )


def _overlaps(session: Session, window: Window) -> bool:
    if window.start is not None and session.end < window.start:
        return False
    return window.end is None or session.start <= window.end


def _reservation(row: dict[str, str], session: Session) -> Reservation:
    if row["consent"] != "yes":
        raise NoConsentError(f"{row['user']} wrote {row['consent']!r} under consent")
    return Reservation(
        internal_id=row["id"],
        title=row["title"],
        user=Person(username=row["user"]),
        start=session.start,
        end=session.end,
        samples=(Sample(name=row["sample"]),),
    )
