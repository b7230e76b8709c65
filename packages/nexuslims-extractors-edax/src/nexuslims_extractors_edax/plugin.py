"""Contributions of this distribution."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nexuslims_core import hookimpl
from nexuslims_core.types import Extractor

if TYPE_CHECKING:
    from collections.abc import Iterable


@hookimpl
def nexuslims_extractors() -> Iterable[Extractor]:
    """Yield the readers of this distribution."""
    yield from ()
