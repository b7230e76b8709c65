"""Write a record as XML and make sure that it is valid before anyone sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nexuslims_core.errors import RecordError
from nexuslims_core.record import to_xml, validate_xml

if TYPE_CHECKING:
    from nexuslims_core.model.record import Record

SHOWN = 5
"""How many problems of an invalid record are told."""


def validate(record: Record) -> bytes:
    """Return the record as XML.

    Raises
    ------
    RecordError
        If it is not valid against the Nexus Experiment schema.
    """
    xml = to_xml(record)
    problems = validate_xml(xml)
    if problems:
        msg = f"the record is not valid: {'; '.join(problems[:SHOWN])}"
        raise RecordError(msg)
    return xml
