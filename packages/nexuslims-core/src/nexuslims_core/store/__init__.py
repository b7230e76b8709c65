"""The database: sessions, instruments, deliveries, and the layout of its tables.

The rest of NexusLIMS imports from here and nowhere below.
"""

from __future__ import annotations

from nexuslims_core.store.checks import check_database, problem_with
from nexuslims_core.store.engine import database_url, shown_url, sqlite_path
from nexuslims_core.store.migrate import downgrade, history, mark, plan, upgrade
from nexuslims_core.store.schema import (
    current_revision,
    head_revision,
    initialise,
    missing_tables,
)
from nexuslims_core.store.store import Store
from nexuslims_core.store.values import (
    ClaimedSession,
    ClaimReason,
    Delivery,
    ExternalUser,
    InstrumentStatistics,
    LogEntry,
    Outcome,
    Recorded,
    RecordStatus,
    Revision,
    SessionFile,
    SessionHistory,
    SessionState,
    SessionSummary,
    SourceState,
    UnusableSession,
    Upgrade,
    UploadEntry,
)

__all__ = [
    "ClaimReason",
    "ClaimedSession",
    "Delivery",
    "ExternalUser",
    "InstrumentStatistics",
    "LogEntry",
    "Outcome",
    "RecordStatus",
    "Recorded",
    "Revision",
    "SessionFile",
    "SessionHistory",
    "SessionState",
    "SessionSummary",
    "SourceState",
    "Store",
    "UnusableSession",
    "Upgrade",
    "UploadEntry",
    "check_database",
    "current_revision",
    "database_url",
    "downgrade",
    "head_revision",
    "history",
    "initialise",
    "mark",
    "missing_tables",
    "plan",
    "problem_with",
    "shown_url",
    "sqlite_path",
    "upgrade",
]
