"""The log of a run: a file per run, and messages on stderr; secrets in neither."""

from __future__ import annotations

import contextlib
import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

FORMAT = "%(asctime)s %(name)s %(levelname)s: %(message)s"


class Redacting(logging.Formatter):
    """Writes ``***`` for secrets, in tracebacks too."""

    def __init__(self, pattern: str, secrets: frozenset[str]) -> None:
        super().__init__(pattern)
        self._secrets = secrets

    def format(self, record: logging.LogRecord) -> str:
        """Return the line without any secret."""
        from nexuslims_core.settings import redact_text

        return redact_text(super().format(record), self._secrets)


def log_file(folder: Path, now: datetime, *, dry_run: bool) -> Path:
    """Return the path of a run's log below `folder`: ``2026/01/31/20260131-…log``."""
    suffix = "_dryrun" if dry_run else ""
    return folder / f"{now:%Y/%m/%d}" / f"{now:%Y%m%d-%H%M%S}{suffix}.log"


@contextlib.contextmanager
def logging_to(
    path: Path, *, verbosity: int, secrets: frozenset[str]
) -> Iterator[None]:
    """Log to `path`, and to stderr as `verbosity` says, for a ``with`` block.

    Parameters
    ----------
    verbosity
        0: warnings, 1: also information, 2 and more: everything.
    """
    level = (logging.WARNING, logging.INFO, logging.DEBUG)[min(verbosity, 2)]
    path.parent.mkdir(parents=True, exist_ok=True)
    to_file = logging.FileHandler(path, encoding="utf-8", errors="backslashreplace")
    to_file.setFormatter(Redacting(FORMAT, secrets))
    to_file.setLevel(min(level, logging.INFO))
    to_stderr = logging.StreamHandler()
    to_stderr.setFormatter(Redacting("%(levelname)s: %(message)s", secrets))
    to_stderr.setLevel(level)
    ours = logging.getLogger("nexuslims_core")
    root = logging.getLogger()
    before = root.level, ours.level
    handlers = (to_file, to_stderr)
    for handler in handlers:
        root.addHandler(handler)
    root.setLevel(logging.WARNING if verbosity < 3 else level)  # noqa: PLR2004 - -vvv
    ours.setLevel(min(level, logging.INFO))
    try:
        yield
    finally:
        for handler in handlers:
            root.removeHandler(handler)
            handler.close()
        root.setLevel(before[0])
        ours.setLevel(before[1])
