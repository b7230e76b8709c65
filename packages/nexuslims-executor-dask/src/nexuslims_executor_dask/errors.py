"""What goes wrong with a cluster, and is no fault of the file."""

from __future__ import annotations

from nexuslims_core.errors import NexusLIMSError


class UnfitWorkerError(NexusLIMSError):
    """A worker would extract otherwise than this installation does."""


class LostWorkersError(NexusLIMSError):
    """Every worker that was given the file died."""
