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
LIBRARIES = 3
"""How often ``-v`` must be given to hear of what libraries do."""


class Redacting(logging.Formatter):
    """Writes ``***`` for secrets, in tracebacks too."""

    def __init__(self, pattern: str, secrets: frozenset[str]) -> None:
        super().__init__(pattern)
        self._secrets = secrets

    def format(self, record: logging.LogRecord) -> str:
        """Return the line without any secret."""
        from nexuslims_core.settings import redact_text

        return redact_text(super().format(record), self._secrets)


def log_file(folder: Path, now: datetime) -> Path:
    """Return the path of a run's log below `folder`: ``2026/01/31/20260131-…log``."""
    return folder / f"{now:%Y/%m/%d}" / f"{now:%Y%m%d-%H%M%S}.log"


@contextlib.contextmanager
def logging_to(
    path: Path | None, *, verbosity: int, secrets: frozenset[str]
) -> Iterator[None]:
    """Log to `path`, and to stderr as `verbosity` says, for a ``with`` block.

    Parameters
    ----------
    path
        `None`: only to stderr.
    verbosity
        0: warnings, 1: also information, 2: everything of NexusLIMS and its plugins,
        3 and more: everything of the libraries too.
    """
    level = (logging.WARNING, logging.INFO, logging.DEBUG)[min(verbosity, 2)]
    to_stderr = logging.StreamHandler()
    to_stderr.setFormatter(Redacting("%(levelname)s: %(message)s", secrets))
    to_stderr.setLevel(level)
    handlers: list[logging.Handler] = [to_stderr]
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        to_file = logging.FileHandler(path, encoding="utf-8", errors="backslashreplace")
        to_file.setFormatter(Redacting(FORMAT, secrets))
        to_file.setLevel(min(level, logging.INFO))
        handlers.append(to_file)
    root = logging.getLogger()
    before = root.level
    for handler in handlers:
        if verbosity < LIBRARIES:
            handler.addFilter(_concerns_us)
        root.addHandler(handler)
    root.setLevel(min(level, logging.INFO))
    try:
        yield
    finally:
        for handler in handlers:
            root.removeHandler(handler)
            handler.close()
        root.setLevel(before)


def _concerns_us(record: logging.LogRecord) -> bool:
    """Tell whether a record is of NexusLIMS, a plugin of that name, or a warning."""
    # It warns of every repeated request; what comes of them in the end is told anyway.
    if record.name.startswith("stamina"):
        return False
    return record.levelno >= logging.WARNING or record.name.startswith("nexuslims")
