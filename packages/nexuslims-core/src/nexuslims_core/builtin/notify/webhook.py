"""Telling other programs: one JSON document per piece of news, posted and signed.

Signatures are those of the Standard Webhooks specification, version 1, for which there
are libraries in most languages: https://www.standardwebhooks.com.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx

from nexuslims_core.errors import NexusLIMSError
from nexuslims_core.http import client, describe, request
from nexuslims_core.news import clipped, news_of
from nexuslims_core.settings.redaction import SHORTEST_SECRET, redact_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nexuslims_core.builtin.notify.settings import WebhookSettings
    from nexuslims_core.model.report import Problem, RunReport
    from nexuslims_core.news import News
    from nexuslims_core.types import Site

EVENT = "nexuslims.problems"
LONGEST_TEXT = 10_000


def notify(settings: WebhookSettings, report: RunReport, site: Site) -> None:
    """Post what is news in `report`; repeated where the server is busy.

    Raises
    ------
    NexusLIMSError
        If the receiver did not answer with a status of success.
    """
    now = datetime.now(UTC)
    news = news_of(report, now=now)
    body = json.dumps(document(report, news)).encode()
    headers = {"Content-Type": "application/json"} | signature(
        settings.signing_key, str(news.id), now, body
    )
    url = settings.url.get_secret_value()
    with client(site, base_url=url, headers=headers) as session:
        try:
            # The identifier lets the receiver tell a repetition from news.
            answer = request(session, "POST", url, safe=True, content=body)
        except httpx.HTTPError as error:
            raise NexusLIMSError(_failure(url, error)) from None
    if not answer.is_success:
        raise NexusLIMSError(_failure(url, answer))


def document(report: RunReport, news: News) -> dict[str, Any]:
    """Return what is posted; JSON-able."""
    changes = report.changes
    return {
        "type": EVENT,
        "id": str(news.id),
        "timestamp": news.moment.isoformat(),
        "data": {
            "host": news.host,
            "summary": news.headline,
            "new": _problems(changes.new),
            "continuing": _problems(changes.continuing),
            "resolved": _problems(changes.resolved),
            "run": {
                "sessions": Counter(one.status for one in report.sessions),
                "files": sum(one.files for one in report.sessions),
                "elapsed_s": round(report.elapsed_s, 3),
            },
        },
    }


def signature(
    key: bytes, identifier: str, now: datetime, body: bytes
) -> dict[str, str]:
    """Return the headers that identify, date and, with a key, sign a request."""
    stamp = str(int(now.timestamp()))
    headers = {"webhook-id": identifier, "webhook-timestamp": stamp}
    if key:
        signed = b".".join((identifier.encode(), stamp.encode(), body))
        digest = hmac.digest(key, signed, hashlib.sha256)
        headers["webhook-signature"] = f"v1,{base64.b64encode(digest).decode()}"
    return headers


def _problems(problems: Sequence[Problem]) -> list[dict[str, str | None]]:
    return [
        {
            "key": clipped(one.key, LONGEST_TEXT),
            "subject": clipped(one.subject, LONGEST_TEXT),
            "text": clipped(one.text, LONGEST_TEXT),
            "since": one.since.isoformat() if one.since else None,
        }
        for one in problems
    ]


def _failure(url: str, outcome: httpx.Response | httpx.HTTPError) -> str:
    """Return what went wrong, with nothing of the address but the server's name."""
    parts = urlsplit(url)
    server = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
    if isinstance(outcome, httpx.Response) and outcome.has_redirect_location:
        target = outcome.url.join(outcome.headers["location"])
        return (
            f"webhook at {server}: {outcome.status_code}, it moved to "
            f"{target.scheme}://{target.netloc.decode()}; set NX_WEBHOOK_URL to the "
            "new address"
        )
    _, _, words = describe(outcome).partition(": ")  # of "POST address: words"
    words = redact_text(words, _tokens(url))
    return f"webhook at {server}: {words}; check NX_WEBHOOK_URL and the receiver"


def _tokens(url: str) -> Iterator[str]:
    """Yield what an answer may quote of an address and nobody should see."""
    parts = urlsplit(url)
    for text in (parts.path, *parts.path.split("/"), parts.query):
        if len(text) >= SHORTEST_SECRET:
            yield text
