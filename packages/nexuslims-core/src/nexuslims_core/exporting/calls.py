"""Calling a repository: what may be sent again, and what it means if nobody answers."""

from __future__ import annotations

from typing import Any

import httpx

from nexuslims_core.errors import ExportError
from nexuslims_core.http import describe, request

__all__ = [
    "AddressError",
    "LostReplyError",
    "RefusedError",
    "lost",
    "send_once",
    "send_repeatedly",
]


class RefusedError(ExportError):
    """Credentials or rights are missing."""


class AddressError(ExportError):
    """Something answers, but not the interface of the repository."""


class LostReplyError(ExportError):
    """Whether the request was processed is unknown.

    Parameters
    ----------
    over
        Whether the server has certainly stopped working on it; after a time-out it may
        still be at it.
    wait
        Seconds after which the server wants to be asked again; `None` if it said
        nothing.
    """

    def __init__(self, message: str, *, over: bool, wait: float | None = None) -> None:
        super().__init__(message)
        self.over = over
        self.wait = wait


def send_repeatedly(
    client: httpx.Client,
    method: str,
    url: str,
    **kwargs: Any,  # noqa: ANN401 - passed on
) -> httpx.Response:
    """Send what may be processed twice without harm; any status is an answer.

    Raises
    ------
    ExportError
        If there is no answer.
    """
    try:
        return request(client, method, url, safe=True, **kwargs)
    except httpx.HTTPError as error:
        raise ExportError(describe(error)) from error


def send_once(
    client: httpx.Client,
    method: str,
    url: str,
    **kwargs: Any,  # noqa: ANN401 - passed on
) -> httpx.Response:
    """Send what would be there twice if it were processed twice.

    Any status is an answer; of some, `lost` says what they mean.

    Raises
    ------
    LostReplyError
        If it may have been processed; look before sending it again.
    ExportError
        If it certainly did not arrive.
    """
    try:
        return request(client, method, url, safe=False, **kwargs)
    except (httpx.ConnectError, httpx.ConnectTimeout) as error:
        raise ExportError(describe(error)) from error
    except httpx.HTTPError as error:
        over = not isinstance(error, httpx.TimeoutException)
        raise LostReplyError(describe(error), over=over) from error


def lost(response: httpx.Response) -> LostReplyError:
    """Return what to raise for an answer that does not come from the repository itself.

    A gateway that ran out of patience leaves the repository at work.
    """
    over = response.status_code != httpx.codes.GATEWAY_TIMEOUT
    return LostReplyError(describe(response), over=over)
