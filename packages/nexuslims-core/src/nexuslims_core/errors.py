"""Exceptions that NexusLIMS and its plugins raise.

Raise the narrowest one. The message says what was found, what was expected and what
an operator can do about it; it never contains a secret.
"""

from __future__ import annotations


class NexusLIMSError(Exception):
    """Anything that NexusLIMS or one of its plugins reports on purpose."""


class ConfigurationError(NexusLIMSError):
    """A setting is missing or wrong."""


class StoreError(NexusLIMSError):
    """The database cannot be used: missing, unreachable, or of another revision."""


class SourceError(NexusLIMSError):
    """A scheduler cannot be reached, refuses us, or says something unintelligible."""


class NoConsentError(NexusLIMSError):
    """The user refused, or never gave, consent to have a record built."""


class NoReservationError(NexusLIMSError):
    """The scheduler knows nothing that describes the session."""


class ExtractionError(NexusLIMSError):
    """A data file cannot be read: corrupt, truncated, or not of the format at all."""


class PreviewError(NexusLIMSError):
    """No preview can be drawn of a dataset."""


class WorkerError(NexusLIMSError):
    """A worker process ended, or lost its answer, while it was at a task."""


class RecordError(NexusLIMSError):
    """A record is not valid against the Nexus Experiment schema."""


class ExportError(NexusLIMSError):
    """A destination did not take the record.

    Parameters
    ----------
    message
        What the destination answered, as it put it, and the remedy where known.
    retry
        Whether trying again unchanged may succeed: true for an unreachable or
        overloaded server, false for a record or credentials that were refused.
    """

    def __init__(self, message: str, *, retry: bool = True) -> None:
        super().__init__(message)
        self.retry = retry
