"""What Apprise says while it works: the reason of a failure, and no secret.

Apprise answers yes or no, and logs why. It and the libraries below it also log whole
addresses, in which the tokens are.
"""

from __future__ import annotations

import contextlib
import logging
import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Iterator

LOGGER = "apprise"
HIDDEN = "***"
SHORTEST_SECRET = 4
"""Fewer characters are no secret, and hiding them would garble every sentence."""

_BETWEEN = re.compile(r"[/?&=@:#,;]+")


@contextlib.contextmanager
def overheard(url: str) -> Iterator[list[str]]:
    """Collect the warnings of Apprise; hide what `url` is made of, in all logs."""
    hiding = _Hiding(url)
    ear = _Ear()
    ear.addFilter(hiding)
    logger = logging.getLogger(LOGGER)
    others = tuple(logging.getLogger().handlers)
    for handler in others:
        handler.addFilter(hiding)
    logger.addHandler(ear)
    try:
        yield ear.heard
    finally:
        logger.removeHandler(ear)
        for handler in others:
            handler.removeFilter(hiding)


def parts(url: str) -> tuple[str, ...]:
    """Return all pieces of an address behind its schema, as written and as meant."""
    rest = url.partition("://")[2]
    pieces = {rest, *_BETWEEN.split(rest)}
    pieces |= {unquote(piece) for piece in pieces}
    long = (piece for piece in pieces if len(piece) >= SHORTEST_SECRET)
    return tuple(sorted(long, key=len, reverse=True))


class _Ear(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.heard: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        message = " ".join(record.getMessage().split())
        if message not in self.heard:
            self.heard.append(message)


class _Hiding(logging.Filter):
    def __init__(self, url: str) -> None:
        super().__init__()
        self._parts = parts(url)

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = self._hidden(record.getMessage())
        record.args = None
        if record.exc_info:
            text = logging.Formatter().formatException(record.exc_info)
            record.exc_text = self._hidden(text)
        return True

    def _hidden(self, text: str) -> str:
        for part in self._parts:
            text = text.replace(part, HIDDEN)
        return text
