"""What an earlier crate of the session tells the next one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from nexuslims_core.exporting.text import clean, web_url

from nexuslims_exporter_rocrate.crate import SHA256, SHA256_COMPACT
from nexuslims_exporter_rocrate.entities import PAGE
from nexuslims_exporter_rocrate.facts import Facts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from nexuslims_core.types import ExportContext


@dataclass(frozen=True, kw_only=True)
class Memory:
    """Links and facts of an earlier crate."""

    links: Mapping[str, str] = field(default_factory=dict)
    """Addresses of the record at other destinations, by their name."""
    data: Mapping[str, Facts] = field(default_factory=dict)
    """What is known of data files, by their path below the instruments' store."""
    copies: frozenset[str] = frozenset()
    """Paths of those that the crate holds."""


def remembered(graph: Iterable[Mapping[str, Any]]) -> Memory:
    """Return what the entities of an earlier crate tell."""
    entities = [one for one in graph if isinstance(one.get("identifier"), str)]
    pages = {
        one["identifier"]: web_url(str(one.get("@id")))
        for one in entities
        if one.get("@type") == PAGE
    }
    files = [one for one in entities if one.get("@type") == "File"]
    facts = {one["identifier"]: _facts(one) for one in files}
    return Memory(
        links={name: url for name, url in pages.items() if url is not None},
        data={reference: found for reference, found in facts.items() if found},
        copies=frozenset(one["identifier"] for one in files if _is_inside(one)),
    )


def _is_inside(entity: Mapping[str, Any]) -> bool:
    identifier = str(entity.get("@id"))
    return not identifier.startswith("#") and web_url(identifier) is None


def _facts(entity: Mapping[str, Any]) -> Facts | None:
    size, modified = entity.get("contentSize"), entity.get("dateModified")
    sha256 = entity.get(SHA256, entity.get(SHA256_COMPACT))
    if not (isinstance(size, str) and size.isdecimal() and isinstance(modified, str)):
        return None
    known = sha256 if isinstance(sha256, str) else None
    return Facts(size=int(size), modified=modified, sha256=known)


def links_of(context: ExportContext, memory: Memory) -> dict[str, str]:
    """Return where else the record is: what is known now, and what was known."""
    addresses = {
        clean(name): web_url(result.record_url)
        for name, result in context.results.items()
        if result.success
    }
    now = {name: url for name, url in addresses.items() if url is not None}
    return dict(sorted({**memory.links, **now}.items()))
