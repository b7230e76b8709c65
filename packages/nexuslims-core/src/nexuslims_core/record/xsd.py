"""Check records against the Nexus Experiment schema."""

from __future__ import annotations

from functools import cache
from importlib import resources
from threading import Lock
from typing import TYPE_CHECKING, Any, cast

from lxml import etree

from nexuslims_core.errors import RecordError
from nexuslims_core.record.parse import parse, read, skim
from nexuslims_core.record.xml import NAMESPACE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from nexuslims_core.model.record import Record

XSD = "nexus-experiment.xsd"
"""File in this package that holds the schema."""

_lock = Lock()
"""Held while the schema is made, and while errors are taken from it."""


def xsd() -> bytes:
    """Return the schema, for repositories that want to be given one."""
    return resources.files("nexuslims_core.record").joinpath(XSD).read_bytes()


def validate(xml: bytes) -> tuple[str, ...]:
    """Return what is wrong with a record, with line numbers; empty if it is valid.

    Beyond the schema, each `sampleID` must be the `id` of a sample of the record.
    """
    schema = _schema()
    try:
        return tuple(_dangling(skim(xml, schema=schema)))
    except RecordError:
        return _problems(xml, schema)


def read_valid(xml: bytes) -> tuple[Record | None, tuple[str, ...]]:
    """Return the record that a document holds, or else what is wrong with it.

    The document is gone through once, if it is valid.

    Raises
    ------
    RecordError
        If it is valid, and yet no record.
    """
    schema = _schema()
    try:
        root, record = read(xml, schema)
    except RecordError:
        if not (problems := _problems(xml, schema)):
            raise
        return None, problems
    problems = tuple(_dangling(root))
    return (None if problems else record), problems


def _problems(xml: bytes, schema: etree.XMLSchema) -> tuple[str, ...]:
    """Return all that is wrong with a record, which takes all of it in memory."""
    try:
        root = parse(xml)
    except RecordError as error:
        return (str(error),)
    # A schema object keeps the errors of its last use.
    with _lock:
        schema.validate(root)
        log = cast("Iterable[Any]", schema.error_log)
        problems = [f"line {one.line}: {_plain(one.message)}" for one in log]
    problems.extend(_dangling(root))
    return tuple(problems)


def _schema() -> etree.XMLSchema:
    # Libxml2 cannot make two schemas at once.
    with _lock:
        return _made()


@cache
def _made() -> etree.XMLSchema:
    return etree.XMLSchema(etree.fromstring(xsd()))


def _plain(message: str) -> str:
    return message.replace(f"{{{NAMESPACE}}}", "")


def _dangling(root: etree._Element) -> Iterator[str]:
    known = {one.get("id") for one in root.iterchildren(f"{{{NAMESPACE}}}sample")}
    path = f"{{{NAMESPACE}}}acquisitionActivity/{{{NAMESPACE}}}sampleID"
    for reference in root.iterfind(path):
        text = (reference.text or "").strip()
        if text not in known:
            yield f"line {reference.sourceline}: sampleID {text!r} is no sample's id"
