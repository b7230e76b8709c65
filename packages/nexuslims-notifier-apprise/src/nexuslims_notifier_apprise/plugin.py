"""Contributions of this distribution."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nexuslims_core import hookimpl
from nexuslims_core.types import Notifier

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nexuslims_core.types import RunReport, Site

    from nexuslims_notifier_apprise.settings import AppriseSettings


def notify(settings: AppriseSettings, report: RunReport, site: Site) -> None:
    """Send what is news in `report` to every address."""
    from nexuslims_notifier_apprise.sending import send

    send(settings, report, site)


@hookimpl
def nexuslims_notifiers() -> Iterator[Notifier]:
    """Yield the notifier ``apprise``."""
    from nexuslims_notifier_apprise.settings import AppriseSettings

    yield Notifier(name="apprise", settings=AppriseSettings, notify=notify)
