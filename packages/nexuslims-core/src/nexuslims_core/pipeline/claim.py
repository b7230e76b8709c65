"""Lease the sessions that are due, so that no other runner works on them."""

from __future__ import annotations

import contextlib
import logging
import threading
from datetime import timedelta
from typing import TYPE_CHECKING

from nexuslims_core.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from collections.abc import Set as AbstractSet
    from datetime import datetime

    from nexuslims_core.pipeline.context import RunContext
    from nexuslims_core.store import ClaimedSession

logger = logging.getLogger(__name__)

LEASE = timedelta(hours=1)
"""How long a runner may be silent on a database that is not shared."""
RENEWALS = 5
"""How often a lease is renewed before it ends."""


def lease_of(context: RunContext) -> timedelta:
    """Return how long a runner may be silent before others take its sessions over."""
    if context.store.is_shared:
        return timedelta(seconds=context.settings.lease_seconds)
    return LEASE


def claim(
    context: RunContext,
    *,
    skip: AbstractSet[tuple[str, str]] = frozenset(),
    settled_since: datetime | None = None,
) -> tuple[ClaimedSession, ...]:
    """Return sessions to work on, oldest first: all, or a share where others work too.

    Those to be built; those whose next delivery is due; failed ones, if the installed
    extractors have changed; and finished ones for which files or answers may still
    arrive, which is until `NX_FILE_DELAY_DAYS` after their end.

    Parameters
    ----------
    skip
        Sessions to leave alone, by identifier and instrument.
    settled_since
        Leave alone what any runner has settled since.
    """
    now = context.now()
    return context.store.claim(
        owner=context.owner,
        now=now,
        lease=lease_of(context),
        recheck_since=now - timedelta(days=context.settings.file_delay_days),
        retry_errors_for=context.extractors_fingerprint,
        limit=context.settings.claim_limit if context.store.is_shared else None,
        skip=skip,
        settled_since=settled_since,
    )


def renew(context: RunContext) -> None:
    """Keep the lease on everything claimed that is not finished yet."""
    context.store.renew(context.owner, context.now(), lease_of(context))


@contextlib.contextmanager
def renewing(context: RunContext) -> Iterator[None]:
    """Keep the leases for a ``with`` block, whatever its threads wait for."""
    ended = threading.Event()
    pause = lease_of(context).total_seconds() / RENEWALS

    def keep() -> None:
        while not ended.wait(pause):
            try:
                renew(context)
            except StoreError as error:
                # It may be back before the lease ends; if not, nothing is delivered.
                logger.warning("Leases could not be renewed: %s", error)

    thread = threading.Thread(target=keep, name="leases", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def heartbeat(context: RunContext) -> Callable[[], None]:
    """Return a function to call often; now and then it renews the leases."""
    last = context.now()
    pause = lease_of(context) / RENEWALS

    def beat() -> None:
        nonlocal last
        if context.now() - last >= pause:
            renew(context)
            last = context.now()

    return beat


def require_lease(claimed: ClaimedSession, context: RunContext) -> None:
    """Make sure that no other runner works on a session by now.

    Raises
    ------
    StoreError
        If one took it over, because this one was silent for too long.
    """
    session = claimed.session
    holder = context.store.lease_owner(session)
    if holder != claimed.owner:
        msg = (
            f"session {session.identifier}: its lease was taken over by "
            f"{holder or 'somebody who has finished'}, so nothing was delivered here"
        )
        raise StoreError(msg)
