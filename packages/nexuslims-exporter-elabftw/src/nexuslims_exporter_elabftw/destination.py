"""The destination ``elabftw``: one experiment per session, whatever happens."""

from __future__ import annotations

import contextlib
import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from nexuslims_core import http
from nexuslims_core.errors import ConfigurationError, ExportError
from nexuslims_core.exporting.calls import AddressError, RefusedError
from nexuslims_core.exporting.summary import session_code
from nexuslims_core.types import ExportResult

from nexuslims_exporter_elabftw.body import without_part
from nexuslims_exporter_elabftw.client import ElabftwClient
from nexuslims_exporter_elabftw.delivery import deliver
from nexuslims_exporter_elabftw.ownership import account_of, hand_over
from nexuslims_exporter_elabftw.preflight import check
from nexuslims_exporter_elabftw.search import find
from nexuslims_exporter_elabftw.settings import API_PATH

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nexuslims_core.types import ExportContext, Site

    from nexuslims_exporter_elabftw.answers import Experiment
    from nexuslims_exporter_elabftw.delivery import Delivery
    from nexuslims_exporter_elabftw.settings import ElabftwSettings

__all__ = ["ElabftwDestination"]

SYSTEM = "elabftw"
"""The name of the notebook among people's external identifiers."""

_logger = logging.getLogger(__name__)


class ElabftwDestination:
    """An eLabFTW notebook.

    Parameters
    ----------
    settings
        Its address and key, and what to do there.
    site
        The installation, for the certificates it trusts.
    """

    def __init__(self, settings: ElabftwSettings, site: Site) -> None:
        self._settings = settings
        self._site = site

    def validate_config(self) -> None:
        """Check address, key, category and status.

        Raises
        ------
        ConfigurationError
            If a setting is wrong, or the notebook lacks something.
        ExportError
            If the notebook cannot be reached.
        """
        try:
            with self._connected() as client:
                check(client, self._settings)
        except (AddressError, RefusedError) as error:
            raise ConfigurationError(str(error)) from error

    def export(self, context: ExportContext) -> ExportResult:
        """Create the session's experiment, or complete the one that is there.

        Raises
        ------
        ExportError
            If the notebook did not take the record.
        """
        with self._asked() as client:
            delivery = deliver(client, self._settings, context)
            given, trouble = _give(client, delivery.experiment, context)
        return self._result(delivery, trouble, given=given)

    def withdraw(self, context: ExportContext) -> ExportResult:
        """Delete the session's experiments; eLabFTW keeps what is deleted.

        Raises
        ------
        ExportError
            If the notebook could not be asked, or refused.
        """
        with self._asked() as client:
            found = find(client, context)
            for experiment in found:
                client.delete(experiment.id)
        return ExportResult(
            destination="elabftw",
            success=True,
            action="withdrawn" if found else "unchanged",
            record_id=str(found[0].id) if found else None,
            timestamp=datetime.now(UTC),
            metadata={"remains": _remains(found, context)} if found else {},
        )

    @contextlib.contextmanager
    def _connected(self) -> Iterator[ElabftwClient]:
        key = self._settings.api_key.get_secret_value()
        with http.client(
            self._site,
            base_url=f"{self._settings.site}{API_PATH}/",
            headers={"Authorization": key},
            timeout=self._settings.timeout,
        ) as connection:
            yield ElabftwClient(connection)

    @contextlib.contextmanager
    def _asked(self) -> Iterator[ElabftwClient]:
        try:
            with self._connected() as client:
                yield client
        except ConfigurationError as error:
            raise ExportError(str(error)) from error

    def _result(
        self, delivery: Delivery, trouble: list[str], *, given: bool
    ) -> ExportResult:
        experiment = delivery.experiment
        warnings = [*delivery.warnings, *trouble]
        for warning in warnings:
            _logger.warning("%s: %s", experiment.title, warning)
        unchanged = delivery.action == "unchanged"
        address = f"experiments.php?mode=view&id={experiment.id}"
        return ExportResult(
            destination="elabftw",
            success=True,
            action="updated" if given and unchanged else delivery.action,
            record_id=str(experiment.id),
            record_url=f"{self._settings.site}/{address}",
            timestamp=datetime.now(UTC),
            metadata={"warnings": warnings} if warnings else {},
        )


def _give(
    client: ElabftwClient, experiment: Experiment, context: ExportContext
) -> tuple[bool, list[str]]:
    """Give the experiment to the session's user if known; costs the record nothing."""
    name = context.external_ids.get(SYSTEM)
    if not name:
        return False, []
    try:
        account = account_of(client, name)
        return hand_over(client, experiment, account), []
    except ExportError as error:
        return False, [f"the experiment could not be given to {name}: {error}"]


def _remains(found: list[Experiment], context: ExportContext) -> list[str]:
    numbers = ", ".join(str(each.id) for each in found)
    kept = (
        f"eLabFTW keeps the deleted experiment {numbers} with its files and its "
        "history, out of sight; an administrator of the notebook can restore it"
    )
    code = session_code(context.session.identifier)
    if any(without_part(each.body, code) for each in found):
        return [kept, "what people wrote into it was deleted with it"]
    return [kept]
