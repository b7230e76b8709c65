"""What readers of settings hand over, and the values it is made of."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from nexuslims_core.model.files import Dataset
from nexuslims_core.model.units import number as real_number

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from nexuslims_core.model.files import DataFile, DatasetType, PreviewSource

NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,4})?", re.ASCII)
WHOLE = re.compile(r"[+-]?\d{1,15}", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class Findings:
    """The metadata of one dataset, but for its time and its pixels.

    The fields are those of `nexuslims_core.types.Dataset`.
    """

    dataset_type: DatasetType = "Image"
    data_type: str = "SEM_Imaging"
    fields: Mapping[str, Any] = field(default_factory=dict)
    extensions: Mapping[str, Any] = field(default_factory=dict)
    raw: Mapping[str, Any] = field(default_factory=dict)
    flagged: tuple[tuple[str, ...], ...] = ()
    notes: tuple[str, ...] = ()

    def joined(self, *others: Findings) -> Findings:
        """Return these findings with those of `others`; the later go before.

        Groups are joined level by level. The types stay as they are here.
        """
        everything = (self, *others)
        return replace(
            self,
            fields=merged(*(one.fields for one in everything)),
            extensions=merged(*(one.extensions for one in everything)),
            raw=merged(*(one.raw for one in everything)),
            flagged=tuple(path for one in everything for path in one.flagged),
            notes=tuple(note for one in everything for note in one.notes),
        )

    def dataset(
        self,
        file: DataFile,
        *,
        creation_time: datetime | None = None,
        preview: PreviewSource | None = None,
    ) -> Dataset:
        """Return the dataset that has these findings."""
        return Dataset(
            file=file,
            dataset_type=self.dataset_type,
            data_type=self.data_type,
            creation_time=creation_time,
            fields=self.fields,
            extensions=self.extensions,
            raw=self.raw,
            flagged=self.flagged,
            notes=tuple(dict.fromkeys(self.notes)),
            preview=preview,
        )


def merged(*groups: Mapping[str, Any]) -> dict[str, Any]:
    """Return groups as one, level by level; of two values for a key the later."""
    result: dict[str, Any] = {}
    for group in groups:
        for key, value in group.items():
            earlier = result.get(key)
            if isinstance(earlier, dict) and isinstance(value, dict):
                result[key] = merged(earlier, value)
            else:
                result[key] = value
    return result


def number(value: object) -> int | float | None:
    """Return the finite number that `value` is, or that its text says; or `None`.

    Parameters
    ----------
    value
        Text, or a number of Python or NumPy. Truth values are no numbers.
    """
    if not isinstance(value, str):
        return _measured(value)
    text = value.strip()
    if WHOLE.fullmatch(text):
        return int(text)
    if not NUMBER.fullmatch(text):
        return None
    return _finite(float(text))


def _measured(value: object) -> int | float | None:
    try:
        found = real_number(value)
    except ValueError:
        return None
    dtype = getattr(value, "dtype", None)
    whole = isinstance(value, int) or (dtype is not None and dtype.kind in "iu")
    return int(found) if whole else _finite(found)


def _finite(value: float) -> float | None:
    return value if abs(value) < float("inf") else None


def as_text(content: bytes) -> str:
    """Return text without NULs, whichever encoding the microscope's PC used."""
    plain = content.replace(b"\0", b"")
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return plain.decode(encoding)
        except UnicodeDecodeError:
            continue
    return plain.decode("latin-1")


def decimals(text: str) -> int:
    """Return how many digits after the point the number in `text` is given to."""
    exponent = Decimal(text).as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def scaled(value: float | str, factor: float | str) -> float:
    """Return a number times `factor`, multiplied as people write them.

    0.003 times 1e6 is 3000, not 2999.9999999999995.
    """
    return float(Decimal(str(value)) * Decimal(str(factor)))
