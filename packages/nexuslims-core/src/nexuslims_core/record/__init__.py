"""The experiment record: assembled, named, written, read back, and checked."""

from __future__ import annotations

from nexuslims_core.record.assemble import (
    ActivityInput,
    build_record,
    dataset_entries,
)
from nexuslims_core.record.naming import record_stem
from nexuslims_core.record.parse import from_xml
from nexuslims_core.record.xml import to_xml
from nexuslims_core.record.xsd import read_valid
from nexuslims_core.record.xsd import validate as validate_xml

__all__ = [
    "ActivityInput",
    "build_record",
    "dataset_entries",
    "from_xml",
    "read_valid",
    "record_stem",
    "to_xml",
    "validate_xml",
]
