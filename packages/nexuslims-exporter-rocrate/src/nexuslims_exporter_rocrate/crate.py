"""A crate in memory: a graph of entities, each of them there once."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TypeAlias

from rocrate.model import ContextEntity, Dataset, File  # type: ignore[import-untyped]
from rocrate.rocrate import ROCrate  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from collections.abc import Iterable

METADATA = "ro-crate-metadata.json"
VERSION = "1.1"
"""Of RO-Crate: the one that importers of ``.eln`` files accept."""

SHA256 = "sha256"
SHA256_IRI = "http://schema.org/sha256"
SHA256_COMPACT = "schema:sha256"
"""The same without a term for it, which the context of RO-Crate 1.1 does not have."""

Entity: TypeAlias = dict[str, Any]
Reference: TypeAlias = dict[str, str]


def known(fields: Entity) -> Entity:
    """Return `fields` without those that say nothing."""
    return {
        name: value
        for name, value in fields.items()
        if value is not None and value not in ("", [])
    }


class Crate:
    """Collects entities; of two with the same identifier the first one stays.

    Parameters
    ----------
    plain
        Whether the context is RO-Crate's and nothing else, as importers of ``.eln``
        files demand.
    """

    def __init__(self, *, plain: bool) -> None:
        self._crate = ROCrate(version=VERSION)
        self._plain = plain
        if not plain:
            self._crate.metadata.extra_terms[SHA256] = SHA256_IRI

    def add(self, entity: Entity) -> Reference:
        """Add a contextual entity; return what refers to it."""
        identifier = entity["@id"]
        if identifier not in self._crate:
            fields = self._fields(entity)
            self._crate.add(ContextEntity(self._crate, identifier, properties=fields))
        return {"@id": identifier}

    def add_dataset(self, path: str, fields: Entity) -> Reference:
        """Add a folder of the crate; `path` ends with a slash."""
        entity = Dataset(self._crate, dest_path=path, properties=self._fields(fields))
        self._crate.add(entity)
        return {"@id": entity.id}

    def add_file(self, path: str, fields: Entity) -> Reference:
        """Add a file that is in the crate."""
        entity = File(self._crate, dest_path=path, properties=self._fields(fields))
        self._crate.add(entity)
        return {"@id": entity.id}

    def document(
        self, root: Entity, parts: Iterable[Reference], publisher: Reference
    ) -> bytes:
        """Return the metadata document; the same for the same entities.

        Parameters
        ----------
        root
            What is said of the crate as a whole.
        parts
            Its immediate parts: Datasets, since importers of ``.eln`` files make an
            entry of each and expect no others.
        publisher
            Who made the crate; to be added before.
        """
        crate = self._crate
        for name, value in self._fields(root).items():
            crate.root_dataset[name] = value
        # The library put every file in here, too.
        crate.root_dataset["hasPart"] = list(parts)
        crate.metadata["sdPublisher"] = publisher
        crate.metadata["version"] = VERSION
        text = json.dumps(
            crate.metadata.generate(), ensure_ascii=False, indent=1, sort_keys=True
        )
        return text.encode()

    def _fields(self, entity: Entity) -> Entity:
        fields = known(entity)
        if self._plain and SHA256 in fields:
            fields[SHA256_COMPACT] = fields.pop(SHA256)
        return fields
