"""Checks of the settings before a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nexuslims_core.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nexuslims_exporter_elabftw.answers import ApiKey, Choice
    from nexuslims_exporter_elabftw.client import ElabftwClient
    from nexuslims_exporter_elabftw.settings import ElabftwSettings

__all__ = ["check"]


def check(client: ElabftwClient, settings: ElabftwSettings) -> None:
    """Check address, key, the key's right to write, category and status.

    Raises
    ------
    ConfigurationError
        If a setting is wrong.
    ExportError
        If the notebook cannot be asked.
    """
    client.check()
    key = _own(client.api_keys(), settings.api_key.get_secret_value())
    if key is not None and key.can_write == 0:
        msg = (
            f"{settings.site}: the key in NX_ELABFTW_API_KEY may only read; make one "
            "with the permission to write in the user panel"
        )
        raise ConfigurationError(msg)
    if settings.experiment_category is None and settings.experiment_status is None:
        return
    team = (key and key.team) or client.current_team()
    if team is None:
        return
    _check_choice(
        settings.site,
        "NX_ELABFTW_EXPERIMENT_CATEGORY",
        settings.experiment_category,
        client.categories(team),
    )
    _check_choice(
        settings.site,
        "NX_ELABFTW_EXPERIMENT_STATUS",
        settings.experiment_status,
        client.statuses(team),
    )


def _own(keys: Sequence[ApiKey], key: str) -> ApiKey | None:
    """Return what is told of a key; keys begin with their number, as ``3-5f0c…``."""
    number = key.partition("-")[0]
    return next((each for each in keys if str(each.id) == number), None)


def _check_choice(
    site: str, setting: str, chosen: int | None, known: Sequence[Choice]
) -> None:
    if chosen is None or any(each.id == chosen for each in known):
        return
    names = ", ".join(f"{each.id} ({each.title})" for each in known) or "none"
    msg = f"{site}: {setting}={chosen} does not exist there; there are: {names}"
    raise ConfigurationError(msg)
