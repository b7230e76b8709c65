"""Times as NEMO servers write them, made aware."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from nexuslims_harvester_nemo.settings import ISO_FORMAT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nexuslims_core.types import Instrument


@dataclass(frozen=True, kw_only=True)
class Clock:
    """Reads the times of one server."""

    format: str = ISO_FORMAT
    zone: ZoneInfo | None = None
    replaces_offset: bool = False

    def read(self, text: object, instrument: Instrument) -> datetime:
        """Return an aware time.

        An offset that the server sent is right, unless `replaces_offset` says that it
        is not. A time without offset is in `zone` or, without one, in that of
        `instrument`.

        Raises
        ------
        ValueError
            If it is no time of the server's format.
        """
        moment = self._parsed(text)
        if moment.tzinfo is None:
            return moment.replace(tzinfo=self.zone or _zone(instrument))
        if self.zone and self.replaces_offset:
            return moment.replace(tzinfo=self.zone)
        return moment

    def read_span(
        self, start: object, end: object, instrument: Instrument
    ) -> tuple[datetime, datetime]:
        """Return start and end of an event.

        Raises
        ------
        ValueError
            If either is no time, or the end is before the start.
        """
        first, last = self.read(start, instrument), self.read(end, instrument)
        if instant(last) <= instant(first):
            # In the night when clocks go back, an hour without offsets comes twice.
            last = _later_reading(first, last)
        if instant(last) < instant(first):
            raise ValueError(f"its end {end!r} is before its start {start!r}")
        return first, last

    def disagrees(self, moment: datetime) -> bool:
        """Tell whether the server's offset is not the one that `zone` has then."""
        if self.zone is None or self.replaces_offset:
            return False
        return moment.utcoffset() != moment.astimezone(self.zone).utcoffset()

    def _parsed(self, text: object) -> datetime:
        if not isinstance(text, str):
            raise ValueError(f"expected a time, found {text!r}")  # noqa: TRY004 - data, not a mistake in the program
        for form in self._formats():
            try:
                return datetime.strptime(text.strip(), form)  # noqa: DTZ007 - made aware by the caller
            except ValueError:
                continue
        try:
            return datetime.fromisoformat(text.strip())
        except ValueError:
            msg = (
                f"{text!r} is not of the form {self.format!r}; set "
                "NX_NEMO_STRPTIME_FMT to the DATETIME_FORMAT in NEMO's settings"
            )
            raise ValueError(msg) from None

    def _formats(self) -> Iterator[str]:
        """Yield the site's format, which may or may not have fractions of a second."""
        if self.format == ISO_FORMAT:
            return
        yield self.format
        if ".%f" in self.format:
            yield self.format.replace(".%f", "")
        elif "%S" in self.format:
            yield self.format.replace("%S", "%S.%f")


def instant(moment: datetime) -> datetime:
    """Return the time in UTC: times of one zone compare by the clock on the wall."""
    return moment.astimezone(UTC)


def asked(moment: datetime) -> str:
    """Return a time as every NEMO takes it in a question."""
    return instant(moment).isoformat().replace("+00:00", "Z")


def _later_reading(first: datetime, last: datetime) -> datetime:
    later = last.replace(fold=1)
    return later if instant(later) > instant(first) else last


def _zone(instrument: Instrument) -> ZoneInfo:
    try:
        return instrument.zone
    except (ZoneInfoNotFoundError, ValueError) as error:
        msg = (
            f"it has no offset, and the instrument's time zone {instrument.timezone!r} "
            "is unknown; correct the instrument or set NX_NEMO_TZ"
        )
        raise ValueError(msg) from error
