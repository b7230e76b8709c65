"""Lease the sessions that are due, so that no other runner works on them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from nexuslims_core.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable

    from nexuslims_core.pipeline.context import RunContext
    from nexuslims_core.store import ClaimedSession

LEASE = timedelta(hours=1)
"""How long a runner may be silent before others take its sessions over."""


def claim(context: RunContext) -> tuple[ClaimedSession, ...]:
    """Return the sessions to work on, oldest first.

    Those to be built; those whose next delivery is due; failed ones, if the installed
    extractors have changed; and finished ones for which files or answers may still
    arrive, which is until `NX_FILE_DELAY_DAYS` after their end.
    """
    now = context.now()
    return context.store.claim(
        owner=context.owner,
        now=now,
        lease=LEASE,
        recheck_since=now - timedelta(days=context.settings.file_delay_days),
        retry_errors_for=context.extractors_fingerprint,
    )


def renew(context: RunContext) -> None:
    """Keep the lease on everything claimed that is not finished yet."""
    context.store.renew(context.owner, context.now(), LEASE)


def heartbeat(context: RunContext) -> Callable[[], None]:
    """Return a function to call often; now and then it renews the leases."""
    last = context.now()

    def beat() -> None:
        nonlocal last
        if context.now() - last >= LEASE / 4:
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
    history = context.store.show_session(session.identifier, session.instrument.pid)
    holder = history.summary.state.lease_owner
    if holder != claimed.owner:
        msg = (
            f"session {session.identifier}: its lease was taken over by "
            f"{holder or 'somebody who has finished'}, so nothing was delivered here"
        )
        raise StoreError(msg)
