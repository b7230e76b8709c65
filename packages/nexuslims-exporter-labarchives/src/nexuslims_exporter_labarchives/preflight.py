"""Checks of the settings before a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nexuslims_core.errors import ConfigurationError, ExportError

from nexuslims_exporter_labarchives.client import ROOT

if TYPE_CHECKING:
    from nexuslims_exporter_labarchives.answers import User
    from nexuslims_exporter_labarchives.client import LabArchivesClient
    from nexuslims_exporter_labarchives.settings import LabArchivesSettings

__all__ = ["check"]


def check(client: LabArchivesClient, settings: LabArchivesSettings) -> None:
    """Check address, access key, account and, if there is one, the notebook.

    Raises
    ------
    ConfigurationError
        If a setting is wrong.
    ExportError
        If LabArchives cannot be asked.
    """
    user = client.user()
    if not settings.notebook_id:
        return
    try:
        client.level(settings.notebook_id, ROOT)
    except ExportError as error:
        if error.retry:
            raise
        msg = (
            f"{error}. NX_LABARCHIVES_NOTEBOOK_ID must be a notebook that the account "
            f"sees; it sees {_notebooks(user)}"
        )
        raise ConfigurationError(msg) from error


def _notebooks(user: User) -> str:
    told = [f"{name or 'a notebook'}: {nbid}" for nbid, name in user.notebooks]
    return "; ".join(told) or "none"
