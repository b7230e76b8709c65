"""The destination ``cdcs``: one record per session, whatever happens on the way."""

from __future__ import annotations

import contextlib
import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from nexuslims_core import http
from nexuslims_core.errors import ConfigurationError, ExportError
from nexuslims_core.exporting.calls import AddressError, RefusedError
from nexuslims_core.types import ExportResult, Person

from nexuslims_exporter_cdcs.client import CdcsClient
from nexuslims_exporter_cdcs.delivery import deliver, withdraw
from nexuslims_exporter_cdcs.owner import hand_over
from nexuslims_exporter_cdcs.target import find_target

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nexuslims_core.types import ExportContext, Site

    from nexuslims_exporter_cdcs.delivery import Delivery
    from nexuslims_exporter_cdcs.settings import CdcsSettings
    from nexuslims_exporter_cdcs.target import Target

__all__ = ["CdcsDestination"]

PROBE_TITLE = "NexusLIMS looks whether it may ask"

_logger = logging.getLogger(__name__)


class CdcsDestination:
    """A CDCS repository.

    Parameters
    ----------
    settings
        Its address and token, and what to do there.
    site
        The installation, for the certificates it trusts.
    """

    def __init__(self, settings: CdcsSettings, site: Site) -> None:
        self._settings = settings
        self._site = site
        self._target: Target | None = None

    def validate_config(self) -> None:
        """Check address, token, template, workspace and, where needed, rights.

        Raises
        ------
        ConfigurationError
            If a setting is wrong, or the repository lacks something.
        ExportError
            If the repository cannot be reached.
        """
        try:
            with self._connected() as client:
                self._target = find_target(client, self._settings)
                # Redirects are followed when reading, so that alone proves too little.
                client.records(PROBE_TITLE)
                if self._settings.user_owned_records:
                    self._check_staff(client)
        except (AddressError, RefusedError) as error:
            raise ConfigurationError(str(error)) from error

    def export(self, context: ExportContext) -> ExportResult:
        """Create the session's record, or bring the one that is there up to date.

        Raises
        ------
        ExportError
            If the repository did not take the record.
        """
        try:
            with self._connected() as client:
                delivery = deliver(client, self._found_target(client), context)
                warnings = [
                    *delivery.warnings,
                    *self._hand_over(client, delivery, context),
                ]
        except ConfigurationError as error:
            raise ExportError(str(error)) from error
        return self._result(delivery, warnings)

    def withdraw(self, context: ExportContext) -> ExportResult:
        """Delete the session's record, whoever owns it.

        Raises
        ------
        ExportError
            If the repository cannot be asked, or refuses.
        """
        try:
            with self._connected() as client:
                record = withdraw(client, context)
        except ConfigurationError as error:
            raise ExportError(str(error)) from error
        except RefusedError as error:
            msg = (
                f"{error}. Deleting needs the rights of the record's owner or of a "
                "superuser"
            )
            raise ExportError(msg) from error
        return ExportResult(
            destination="cdcs",
            success=True,
            action="unchanged" if record is None else "withdrawn",
            record_id=None if record is None else str(record.id),
            timestamp=datetime.now(UTC),
        )

    @contextlib.contextmanager
    def _connected(self) -> Iterator[CdcsClient]:
        token = self._settings.token.get_secret_value()
        with http.client(
            self._site,
            base_url=str(self._settings.url),
            headers={"Authorization": f"Token {token}"},
            timeout=self._settings.timeout,
        ) as connection:
            yield CdcsClient(connection)

    def _found_target(self, client: CdcsClient) -> Target:
        """Look template and workspace up once per run."""
        if self._target is None:
            self._target = find_target(client, self._settings)
        return self._target

    def _check_staff(self, client: CdcsClient) -> None:
        try:
            client.users()
        except RefusedError as error:
            msg = (
                f"{error}. NX_CDCS_USER_OWNED_RECORDS=true needs the token of a "
                "superuser; make the account one, or set it to false"
            )
            raise ConfigurationError(msg) from error

    def _hand_over(
        self, client: CdcsClient, delivery: Delivery, context: ExportContext
    ) -> list[str]:
        """Change the owner if wanted; a failure costs the record nothing."""
        person = context.user or Person(username=context.session.user)
        if not self._settings.user_owned_records:
            return []
        if not person.username:
            return ["the owner stays: the session's user is not known"]
        try:
            hand_over(client, delivery.record, person)
        except ExportError as error:
            return [f"the record could not be given to {person.username}: {error}"]
        return []

    def _result(self, delivery: Delivery, warnings: list[str]) -> ExportResult:
        record = delivery.record
        for warning in warnings:
            _logger.warning("%s: %s", record.title, warning)
        base = str(self._settings.url).rstrip("/")
        return ExportResult(
            destination="cdcs",
            success=True,
            action=delivery.action,
            record_id=str(record.id),
            record_url=f"{base}/data?id={record.id}",
            timestamp=datetime.now(UTC),
            metadata={"warnings": warnings} if warnings else {},
        )
