"""The destination ``labarchives``: one page per session, whatever happens."""

from __future__ import annotations

import contextlib
import logging
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from nexuslims_core import http
from nexuslims_core.errors import ConfigurationError, ExportError
from nexuslims_core.exporting.calls import AddressError, RefusedError
from nexuslims_core.exporting.summary import session_code
from nexuslims_core.exporting.times import local_time
from nexuslims_core.types import ExportResult

from nexuslims_exporter_labarchives.addresses import page_url
from nexuslims_exporter_labarchives.answers import ClockError, MissingError
from nexuslims_exporter_labarchives.client import LabArchivesClient
from nexuslims_exporter_labarchives.delivery import ATTACHMENT, deliver, withdraw
from nexuslims_exporter_labarchives.preflight import check
from nexuslims_exporter_labarchives.signing import Pacing, Signing
from nexuslims_exporter_labarchives.text import content_of, notice

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from typing import TypeVar

    from nexuslims_core.types import ExportContext, Site

    from nexuslims_exporter_labarchives.delivery import Delivery
    from nexuslims_exporter_labarchives.settings import (
        LabArchivesAccess,
        LabArchivesSettings,
    )

    Done = TypeVar("Done")

__all__ = ["LabArchivesDestination", "connected"]

SYSTEM = "labarchives_eln"
"""Name of LabArchives among the systems that people have names in."""

_logger = logging.getLogger(__name__)


class LabArchivesDestination:
    """A notebook in LabArchives, or the Inbox of an account.

    Parameters
    ----------
    settings
        Address, access key, account and notebook.
    site
        The installation, for the certificates it trusts.
    """

    def __init__(self, settings: LabArchivesSettings, site: Site) -> None:
        self._settings = settings
        self._site = site
        # One for all calls of a run: they keep their distance across records.
        self._signing = signing(settings)

    def validate_config(self) -> None:
        """Check address, access key, account and notebook.

        Raises
        ------
        ConfigurationError
            If a setting is wrong.
        ExportError
            If LabArchives cannot be reached.
        """
        try:
            with self._connected(self._settings.user_id) as client:
                check(client, self._settings)
        except (AddressError, MissingError, RefusedError) as error:
            raise ConfigurationError(str(error)) from error

    def export(self, context: ExportContext) -> ExportResult:
        """Write the session's page, or bring the one that is there up to date.

        Raises
        ------
        ExportError
            If LabArchives did not take the record.
        """
        content = content_of(context, self._settings)
        nbid = self._settings.notebook_id
        delivery, warnings = self._as_user(
            context, lambda client: deliver(client, nbid, context, content)
        )
        return self._result(delivery, [*delivery.warnings, *warnings], context)

    def withdraw(self, context: ExportContext) -> ExportResult:
        """Replace the session's record by a notice, and put its page away.

        Raises
        ------
        ExportError
            If LabArchives cannot be asked, or refuses.
        """
        today = local_time(datetime.now(UTC), context.session).date().isoformat()
        told = notice(session_code(context.session.identifier), today)
        nbid = self._settings.notebook_id
        done, _ = self._as_user(
            context, lambda client: withdraw(client, nbid, context, told)
        )
        gone = done.text is not None
        return ExportResult(
            destination="labarchives",
            success=True,
            action="withdrawn" if gone else "unchanged",
            record_id=done.text or None,
            timestamp=datetime.now(UTC),
            metadata={"remains": list(done.remains)} if gone else {},
        )

    def _as_user(
        self, context: ExportContext, work: Callable[[LabArchivesClient], Done]
    ) -> tuple[Done, list[str]]:
        """Work under the user's own account if known, else under the facility's.

        A notebook that the user's account may not use gets the record nevertheless. An
        Inbox is an account's own: nothing is written to another.
        """
        own = context.external_ids.get(SYSTEM)
        if not own or own == self._settings.user_id:
            with self._asked(self._settings.user_id) as client:
                return work(client), []
        try:
            with self._asked(own) as client:
                return work(client), []
        except RefusedError as error:
            told = self._refused(own, context, error)
            if isinstance(error, ClockError) or not self._settings.notebook_id:
                raise ExportError(told, retry=False) from error
        with self._asked(self._settings.user_id) as client:
            return work(client), [f"written under the facility's account: {told}"]

    def _refused(self, own: str, context: ExportContext, error: RefusedError) -> str:
        user = (context.user and context.user.username) or context.session.user
        return (
            f"{error} - here the account is {own}, set for {user} with `nexuslims "
            f"users set {user} {SYSTEM}`"
        )

    def _connected(self, uid: str) -> AbstractContextManager[LabArchivesClient]:
        return connected(self._settings, self._site, self._signing, uid)

    @contextlib.contextmanager
    def _asked(self, uid: str) -> Iterator[LabArchivesClient]:
        try:
            with self._connected(uid) as client:
                yield client
        except ConfigurationError as error:
            raise ExportError(str(error)) from error

    def _result(
        self, delivery: Delivery, warnings: list[str], context: ExportContext
    ) -> ExportResult:
        for warning in warnings:
            _logger.warning("%s: %s", context.title, warning)
        result = ExportResult(
            destination="labarchives",
            success=True,
            action=delivery.kept.action,
            record_id=delivery.kept.text,
            record_url=self._url(delivery, context),
            timestamp=datetime.now(UTC),
            metadata={ATTACHMENT: delivery.kept.file},
        )
        if not warnings:
            return result
        return replace(result, metadata={**result.metadata, "warnings": warnings})

    def _url(self, delivery: Delivery, context: ExportContext) -> str:
        told = context.previous and context.previous.record_url
        if not delivery.page and told:
            return told
        nbid = self._settings.notebook_id
        return page_url(str(self._settings.url), nbid, delivery.page)


def signing(settings: LabArchivesAccess) -> Signing:
    """Return what signs the calls of an access key and keeps them apart."""
    return Signing(
        settings.access_key_id,
        settings.access_password.get_secret_value(),
        Pacing(settings.min_interval_s),
    )


@contextlib.contextmanager
def connected(
    settings: LabArchivesAccess, site: Site, signed: Signing, uid: str
) -> Iterator[LabArchivesClient]:
    """Connect for a ``with`` block.

    Parameters
    ----------
    uid
        The account; empty for none.

    Raises
    ------
    ConfigurationError
        If the address or the extra certificates cannot be used.
    """
    with http.client(
        site, base_url=str(settings.url), headers={}, timeout=settings.timeout
    ) as connection:
        connection.auth = signed
        yield LabArchivesClient(connection, signed, uid)
