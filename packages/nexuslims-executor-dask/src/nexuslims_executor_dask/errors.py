"""What goes wrong on a worker, and is no fault of the file."""

from __future__ import annotations

from nexuslims_core.errors import NexusLIMSError


class UnfitWorkerError(NexusLIMSError):
    """A worker would extract otherwise than this installation does."""
