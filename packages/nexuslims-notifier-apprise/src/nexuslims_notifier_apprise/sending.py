"""Sending news to every address, and what is said of those that fail."""

from __future__ import annotations

import contextlib
import logging
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import certifi
from apprise import Apprise, NotifyBase, NotifyFormat, NotifyType, OverflowMode
from nexuslims_core.errors import NexusLIMSError
from nexuslims_core.news import news_of, plain

from nexuslims_notifier_apprise.overhearing import overheard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nexuslims_core.types import Changes, RunReport, Site

    from nexuslims_notifier_apprise.settings import AppriseSettings

MOST_ENTRIES = 10
LONGEST_TEXT = 300
"""Of one error: people read this on a phone."""

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Message:
    """What is sent to every address."""

    title: str
    body: str
    kind: NotifyType


def send(settings: AppriseSettings, report: RunReport, site: Site) -> None:
    """Send what is news in `report` to every address.

    Addresses that fail beside others are named in a warning: as an error, those that
    had the message would get it again.

    Raises
    ------
    NexusLIMSError
        If none took it: names the service of each, and why.
    """
    message = _message(report)
    with _trusted(site) as verify:
        answers = [
            _answer(
                url.get_secret_value(),
                f"number {number} of NX_APPRISE_URLS",
                message,
                verify,
            )
            for number, url in enumerate(settings.urls, start=1)
        ]
    problems = [answer for answer in answers if answer is not None]
    if len(problems) == len(answers):
        raise NexusLIMSError("; ".join(problems))
    for problem in problems:
        _logger.warning("Apprise: %s", problem)


def _message(report: RunReport) -> Message:
    now = datetime.now(UTC)
    news = news_of(report, now=now, most=MOST_ENTRIES, longest=LONGEST_TEXT)
    return Message(
        title=f"NexusLIMS: {news.headline} ({news.host})",
        body=plain(news),
        kind=_kind(report.changes),
    )


def _kind(changes: Changes) -> NotifyType:
    if changes.new:
        return NotifyType.FAILURE
    return NotifyType.WARNING if changes.continuing else NotifyType.SUCCESS


@contextlib.contextmanager
def _trusted(site: Site) -> Iterator[bool | str]:
    """Yield what `requests` takes for ``verify``: a file of authorities, or whether."""
    if not site.tls_verify or not site.ca_bundle:
        yield site.tls_verify
        return
    with tempfile.TemporaryDirectory(prefix="nexuslims-") as folder:
        bundle = Path(folder) / "authorities.pem"
        known = Path(certifi.where()).read_text(encoding="utf-8")
        bundle.write_text(f"{known}\n{site.ca_bundle}\n", encoding="utf-8")
        yield str(bundle)


def _answer(url: str, which: str, message: Message, verify: bool | str) -> str | None:  # noqa: FBT001 - or a path
    """Send to one address; return what went wrong, if anything did."""
    shown = f"{url.partition('://')[0].lower()}://… ({which})"
    with overheard(url) as heard:
        service = Apprise.instantiate(url)
        if service is not None and _is_taken(_prepared(service, url, verify), message):
            return None
    reason = "; ".join(heard) or "the service did not take it"
    if service is None:
        return f"{shown} cannot be used: {reason}; correct the address"
    return f"{shown} failed: {reason}; check the address and the service"


def _prepared(service: NotifyBase, url: str, verify: bool | str) -> NotifyBase:  # noqa: FBT001 - or a path
    """Apply our choices, except where the address itself says otherwise."""
    if service.verify_certificate:
        service.verify_certificate = verify  # type: ignore[assignment] # or a path
    if "overflow=" not in url:
        service.overflow_mode = OverflowMode.TRUNCATE
    return service


def _is_taken(service: NotifyBase, message: Message) -> bool:
    speaker = Apprise()
    speaker.add(service)
    taken = speaker.notify(
        title=message.title,
        body=message.body,
        notify_type=message.kind,
        body_format=NotifyFormat.TEXT,
    )
    return bool(taken)
