"""The destination ``rocrate``: writes a crate of each record."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from nexuslims_core.errors import ExportError
from nexuslims_core.exporting.folder import OwnFolder
from nexuslims_core.exporting.names import digest
from nexuslims_core.types import ExportResult

from nexuslims_exporter_rocrate.graph import Manner, metadata_document
from nexuslims_exporter_rocrate.inventory import Inventory, Scope, take_inventory
from nexuslims_exporter_rocrate.memory import Memory, links_of, remembered
from nexuslims_exporter_rocrate.shelf import (
    SUFFIXES,
    Shelf,
    Volume,
    graph_of,
    stem_of,
    version_folder,
)

if TYPE_CHECKING:
    from pathlib import Path

    from nexuslims_core.types import Action, ExportContext, Site

    from nexuslims_exporter_rocrate.settings import Format, RoCrateSettings


class RoCrates:
    """A folder of RO-Crates, one for each record and format.

    Parameters
    ----------
    settings
        Where it is and what is in a crate.
    site
        The installation; says where data files are.
    """

    def __init__(self, settings: RoCrateSettings, site: Site) -> None:
        self._settings = settings
        self._site = site
        self.folder: Path = settings.path.expanduser()
        self._shelf = Shelf(self.folder)
        self._own = OwnFolder(
            path=self.folder,
            setting="NX_ROCRATE_PATH",
            name="",
            use="the folder of crates",
            remedy="give the crates a folder of their own",
        )

    def validate_config(self) -> None:
        """Raise `ConfigurationError` unless the folder can hold crates."""
        self._own.check(self._site)

    def export(self, context: ExportContext) -> ExportResult:
        """Write the record's crates, or leave them if they are as they should be.

        Raises
        ------
        ExportError
            If the folder cannot be written, or another process keeps writing to it; or
            if data files are to be copied and cannot be reached, or are gone of which
            the present crate holds a copy.
        """
        self._check_data()
        try:
            # Data files are read before others are kept waiting.
            memory = self._memory(context)
            inventory = take_inventory(context, self._scope(memory))
            self._check_copies(inventory, memory)
            volumes = self._volumes(context, inventory, memory)
            with self._own.alone(self._settings.lock_timeout_s):
                action = self._place(volumes, context.session.identifier)
        except OSError as error:
            msg = (
                f"the crate cannot be written to {self.folder} (NX_ROCRATE_PATH): "
                f"{error}. Check its permissions and the free space"
            )
            raise ExportError(msg) from error
        return self._result(context, action, volumes, inventory.missing)

    def withdraw(self, context: ExportContext) -> ExportResult:
        """Remove the session's crates, in whatever format.

        Raises
        ------
        ExportError
            If the folder cannot be written, or another process keeps writing to it.
        """
        try:
            with self._own.alone(self._settings.lock_timeout_s):
                self._shelf.tidy()
                crates = self._shelf.crates(context.session.identifier)
                for crate in crates:
                    self._shelf.remove(crate)
                self._shelf.tidy()
        except OSError as error:
            msg = (
                f"the crate cannot be removed from {self.folder} (NX_ROCRATE_PATH): "
                f"{error}. Check its permissions"
            )
            raise ExportError(msg) from error
        return self._result(context, "withdrawn" if crates else "unchanged", (), {})

    def _check_data(self) -> None:
        store = self._site.instrument_data_path
        if self._settings.include_data and not store.is_dir():
            msg = (
                f"data files are to be copied (NX_ROCRATE_INCLUDE_DATA), but {store} "
                "(NX_INSTRUMENT_DATA_PATH) cannot be reached; the next run tries again"
            )
            raise ExportError(msg)

    def _check_copies(self, inventory: Inventory, memory: Memory) -> None:
        """Keep a crate that may hold the last copy of a data file."""
        if not self._settings.include_data:
            return
        absent = (data.reference for data in inventory.data if data.part is None)
        lost = sorted(memory.copies.intersection(absent))
        if lost:
            msg = (
                f"data files that the crate holds are no longer on the instruments' "
                f"store ({len(lost)}, such as {lost[0]}), so it is kept as it is. Put "
                "them back, or move the crate elsewhere to have a new one"
            )
            raise ExportError(msg)

    def _memory(self, context: ExportContext) -> Memory:
        crates = self._shelf.crates(context.session.identifier)
        memories = (remembered(graph_of(crate)) for crate in crates)
        return next((one for one in memories if one.links or one.data), Memory())

    def _scope(self, memory: Memory) -> Scope:
        return Scope(
            instrument_data_path=self._site.instrument_data_path,
            checksums=self._settings.checksums,
            include_data=self._settings.include_data,
            known=memory.data,
        )

    def _volumes(
        self, context: ExportContext, inventory: Inventory, memory: Memory
    ) -> tuple[Volume, ...]:
        links = links_of(context, memory)
        formats = dict.fromkeys(self._settings.format)
        return tuple(self._volume(one, context, inventory, links) for one in formats)

    def _volume(
        self,
        form: Format,
        context: ExportContext,
        inventory: Inventory,
        links: dict[str, str],
    ) -> Volume:
        settings = self._settings
        base = version_folder(inventory.version) if form == "folder" else ""
        manner = Manner(
            base=base,
            eln=form == "eln",
            license=str(settings.license) if settings.license else None,
            data_url=str(settings.data_url) if settings.data_url else None,
        )
        return Volume(
            format=form,
            stem=stem_of(context.title, context.session.identifier),
            document=metadata_document(context, inventory, links, manner),
            base=base,
            parts=inventory.parts,
        )

    def _place(self, volumes: tuple[Volume, ...], session_identifier: str) -> Action:
        """Have these crates of the session on the shelf, and no others."""
        shelf = self._shelf
        shelf.tidy()
        before = shelf.crates(session_identifier)
        for volume in volumes:
            suffix = SUFFIXES[volume.format]
            for old in before:
                if _suffix(old) == suffix:
                    # Under one name at any time, so that a kill leaves one crate.
                    shelf.rename(old, volume.name)
        changed = [shelf.put(volume) for volume in volumes]
        wanted = [self.folder / volume.name for volume in volumes]
        present = shelf.crates(session_identifier)
        # Not by name: some file systems do not tell upper from lower case.
        surplus = [p for p in present if not any(p.samefile(one) for one in wanted)]
        for crate in surplus:
            shelf.remove(crate)
        shelf.tidy()
        if not before:
            return "created"
        return "updated" if any(changed) or surplus else "unchanged"

    def _result(
        self,
        context: ExportContext,
        action: Action,
        volumes: tuple[Volume, ...],
        missing: dict[str, int],
    ) -> ExportResult:
        paths = [self.folder.absolute() / volume.name for volume in volumes]
        return ExportResult(
            destination="rocrate",
            success=True,
            action=action,
            record_id=digest(context.session.identifier),
            record_url=paths[0].as_uri() if paths else None,
            timestamp=datetime.now(UTC),
            metadata={
                **({"crates": [str(path) for path in paths]} if paths else {}),
                **missing,
            },
        )


def _suffix(crate: Path) -> str:
    return crate.suffix if crate.suffix in SUFFIXES.values() else ""
