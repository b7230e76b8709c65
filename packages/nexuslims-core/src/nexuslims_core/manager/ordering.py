"""The order of contributions: priority where the kind has one, then name."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from nexuslims_core.types import (
    Contribution,
    ExportDestination,
    Extractor,
    PreviewGenerator,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

Ranked = Extractor | PreviewGenerator | ExportDestination
"""Contributions that are tried in the order of their priority."""


def in_order(found: Mapping[str, Contribution]) -> dict[str, Contribution]:
    """Return contributions by descending priority, then by name."""
    return {each.name: each for each in sorted(found.values(), key=_rank)}


def ties(ordered: Iterable[Ranked], owner: Callable[[Ranked], object]) -> list[str]:
    """Return a sentence for each pair whose order nothing but the name decides.

    Contributions of one plugin are left out: its author knows what they do.
    """
    return [
        f"{first.name} and {second.name} have priority {first.priority}"
        f"{_shared(first, second)}: {first.name} goes first, by name"
        for first, second in combinations(ordered, 2)
        if first.priority == second.priority
        and owner(first) != owner(second)
        and _compete(first, second)
    ]


def _rank(contribution: Contribution) -> tuple[int, str]:
    priority = contribution.priority if isinstance(contribution, Ranked) else 0
    return (-priority, contribution.name)


def _compete(first: Ranked, second: Ranked) -> bool:
    if not isinstance(first, Extractor) or not isinstance(second, Extractor):
        return True
    if first.extensions is None or second.extensions is None:
        return True
    return not first.extensions.isdisjoint(second.extensions)


def _shared(first: Ranked, second: Ranked) -> str:
    if not isinstance(first, Extractor) or not isinstance(second, Extractor):
        return ""
    shared = (first.extensions or frozenset()) & (second.extensions or frozenset())
    return f" for .{min(shared)}" if shared else ""
