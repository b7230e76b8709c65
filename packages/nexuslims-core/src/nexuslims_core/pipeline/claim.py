"""Lease the sessions that are due, so that no other runner works on them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
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
