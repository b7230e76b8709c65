"""Reservations as JSON, for sessions that were recorded together with one."""

from __future__ import annotations

import functools

from pydantic import TypeAdapter, ValidationError

from nexuslims_core.errors import StoreError
from nexuslims_core.model.facility import Reservation


def to_json(reservation: Reservation) -> str:
    """Return `reservation` as JSON text; equal values give equal text."""
    return _adapter().dump_json(reservation).decode("utf-8")


def from_json(text: str) -> Reservation:
    """Return the reservation that `to_json` wrote.

    Raises
    ------
    StoreError
        If `text` is none.
    """
    try:
        return _adapter().validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        msg = f"stored details cannot be read: {where}: {first['msg']}"
        raise StoreError(msg) from error


@functools.cache
def _adapter() -> TypeAdapter[Reservation]:
    return TypeAdapter(Reservation)
