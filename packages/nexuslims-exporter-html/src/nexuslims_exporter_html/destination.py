"""The destination ``html``: takes records into the catalogue."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING

from nexuslims_core.errors import ExportError
from nexuslims_core.exporting.names import digest
from nexuslims_core.types import ExportResult

from nexuslims_exporter_html.check import check_folder, own_folder
from nexuslims_exporter_html.entries import Listing
from nexuslims_exporter_html.publish import Catalogue, Outcome, publish, unpublish
from nexuslims_exporter_html.tree import Tree

if TYPE_CHECKING:
    from pathlib import Path

    from nexuslims_core.types import ExportContext, Site

    from nexuslims_exporter_html.settings import HtmlSettings


class HtmlCatalogue:
    """A folder of static pages, one for each record, and an index.

    Parameters
    ----------
    settings
        Where it is and how it is called.
    site
        The installation; says where the catalogue is by default, and where not.
    """

    def __init__(self, settings: HtmlSettings, site: Site) -> None:
        self._settings = settings
        self._site = site
        default = site.data_path / "catalogue"
        self.folder: Path = (settings.path or default).expanduser()
        self._own = own_folder(self.folder)

    def validate_config(self) -> None:
        """Raise `ConfigurationError` unless the folder can be a catalogue."""
        check_folder(self._own, self._site)

    def export(self, context: ExportContext) -> ExportResult:
        """Write the record's page and list it in the index.

        Raises
        ------
        ExportError
            If the folder cannot be written, or another process keeps writing to it.
        """
        try:
            with self._own.alone(self._settings.lock_timeout_s):
                outcome = publish(
                    self._catalogue, context, side_cars=self._settings.side_cars
                )
        except OSError as error:
            msg = (
                f"the catalogue in {self.folder} (NX_HTML_PATH) cannot be written: "
                f"{error}. Check its permissions and the free space"
            )
            raise ExportError(msg) from error
        return self._result(context, outcome)

    def withdraw(self, context: ExportContext) -> ExportResult:
        """Remove the record's page, its files, and its line in the index.

        Raises
        ------
        ExportError
            If the folder cannot be written, or another process keeps writing to it.
        """
        try:
            with self._own.alone(self._settings.lock_timeout_s):
                listed = unpublish(self._catalogue, context.session.identifier)
        except OSError as error:
            msg = (
                f"the record cannot be removed from the catalogue in {self.folder} "
                f"(NX_HTML_PATH): {error}. Check its permissions"
            )
            raise ExportError(msg) from error
        return ExportResult(
            destination="html",
            success=True,
            action="unchanged" if listed is None else "withdrawn",
            record_id=digest(context.session.identifier),
            timestamp=datetime.now(UTC),
        )

    @cached_property
    def _catalogue(self) -> Catalogue:
        # Templates are not needed to check a folder, nor by a run with nothing to do.
        from nexuslims_exporter_html.pages import Pages

        return Catalogue(
            tree=Tree(self.folder),
            pages=Pages(self._settings.title),
            listing=Listing(),
        )

    def _result(self, context: ExportContext, outcome: Outcome) -> ExportResult:
        missing = outcome.view.missing_previews
        return ExportResult(
            destination="html",
            success=True,
            action=outcome.action,
            record_id=digest(context.session.identifier),
            record_url=self._address(outcome.page),
            timestamp=datetime.now(UTC),
            metadata={
                "index": self._address("index.html"),
                **({"missing_previews": missing} if missing else {}),
            },
        )

    def _address(self, page: str) -> str:
        if self._settings.url is None:
            return (self.folder.absolute() / page).as_uri()
        return f"{str(self._settings.url).rstrip('/')}/{page}"
