"""A folder that takes records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nexuslims_core.errors import ConfigurationError, ExportError
from nexuslims_core.types import Action, ExportResult

if TYPE_CHECKING:
    from pathlib import Path

    from nexuslims_core.types import ExportContext


@dataclass(frozen=True)
class Share:
    """Keeps one file per session, under the record's title."""

    folder: Path

    def validate_config(self) -> None:
        """Raise `ConfigurationError` if there is no such folder."""
        if not self.folder.is_dir():
            raise ConfigurationError(f"NX_SHARE_FOLDER: there is no {self.folder}")

    def export(self, context: ExportContext) -> ExportResult:
        """Write the record, unless it is there already."""
        path = self.folder / f"{context.title}.xml"
        draft = path.with_suffix(".draft")
        try:
            action = self._action(path, context.xml)
            draft.write_bytes(context.xml)
            draft.replace(path)
        except OSError as error:
            raise ExportError(f"{path} cannot be written: {error}") from error
        return ExportResult(
            destination="share",
            success=True,
            action=action,
            record_id=path.name,
            record_url=path.as_uri(),
        )

    @staticmethod
    def _action(path: Path, xml: bytes) -> Action:
        if not path.exists():
            return "created"
        return "unchanged" if path.read_bytes() == xml else "updated"
