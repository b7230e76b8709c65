"""Telling people by e-mail."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from typing import TYPE_CHECKING

from nexuslims_core.builtin.notify.pages import page
from nexuslims_core.builtin.notify.smtp import send
from nexuslims_core.news import news_of, plain

if TYPE_CHECKING:
    from nexuslims_core.builtin.notify.settings import EmailSettings
    from nexuslims_core.model.report import RunReport
    from nexuslims_core.news import News
    from nexuslims_core.types import Site

_logger = logging.getLogger(__name__)


def notify(settings: EmailSettings, report: RunReport, site: Site) -> None:
    """Send one mail to all recipients on what is news in `report`.

    Recipients whom the server refuses are named in a warning; the others have the mail,
    and would have it again if this were an error.

    Raises
    ------
    NexusLIMSError
        If nobody gets it.
    """
    mail = message(settings, news_of(report, now=datetime.now(UTC)))
    for problem in send(settings, mail, site):
        _logger.warning("E-mail: %s", problem)


def message(settings: EmailSettings, news: News) -> EmailMessage:
    """Return the mail that tells `news`, as text and as a page.

    Mail programs put what is about the same problem together, by ``References``, and
    drop what they already have, by ``Message-ID``.
    """
    domain = parseaddr(settings.sender)[1].rpartition("@")[2]
    mail = EmailMessage()
    mail["Subject"] = f"NexusLIMS: {news.headline} ({news.host})"
    mail["From"] = settings.sender
    mail["To"] = ", ".join(settings.recipients)
    mail["Date"] = format_datetime(news.moment)
    mail["Message-ID"] = f"<{news.id}@{domain}>"
    mail["References"] = f"<{news.thread}@{domain}>"
    # RFC 3834, and what Exchange asks for: no "I am on holiday" comes back.
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    # No server has to know more than ASCII and short lines.
    mail.set_content(plain(news), cte="quoted-printable")
    mail.add_alternative(page(news), subtype="html", cte="quoted-printable")
    return mail
