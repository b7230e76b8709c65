"""What the readers of settings hand over, and the values it is made of."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nexuslims_core.types import DatasetType

NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,4})?", re.ASCII)
WHOLE = re.compile(r"[+-]?\d{1,15}", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class Findings:
    """The metadata of one image, but for its time and its pixels."""

    dataset_type: DatasetType = "Image"
    data_type: str = "SEM_Imaging"
    fields: Mapping[str, Any] = field(default_factory=dict)
    extensions: Mapping[str, Any] = field(default_factory=dict)
    raw: Mapping[str, Any] = field(default_factory=dict)
    flagged: tuple[tuple[str, ...], ...] = ()
    notes: tuple[str, ...] = ()


def number(text: str) -> int | float | None:
    """Return the finite number that `text` is, or `None`."""
    if WHOLE.fullmatch(text):
        return int(text)
    if not NUMBER.fullmatch(text):
        return None
    value = float(text)
    return value if abs(value) < float("inf") else None


def decimals(text: str) -> int:
    """Return how many digits after the point the number in `text` is given to."""
    exponent = Decimal(text).as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def scaled(text: str, factor: int) -> float:
    """Return the number in `text` times `factor`, without binary rounding."""
    return float(Decimal(text) * factor)
