"""Write a record as XML and make sure that it is valid before anyone sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nexuslims_core.errors import RecordError
from nexuslims_core.record import read_valid, to_xml

if TYPE_CHECKING:
    from nexuslims_core.model.record import Record

SHOWN = 5
"""How many problems of an invalid record are told."""


def validate(record: Record) -> tuple[bytes, Record]:
    """Return the record as XML, and what that says: text, for one, may differ.

    Raises
    ------
    RecordError
        If it is not valid against the Nexus Experiment schema.
    """
    xml = to_xml(record)
    written, problems = read_valid(xml)
    if written is None:
        msg = f"the record is not valid: {'; '.join(problems[:SHOWN])}"
        raise RecordError(msg)
    return xml, written
