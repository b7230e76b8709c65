"""What is in a record on disk: the same for every version of NexusLIMS."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote

from lxml import etree

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

NAMESPACE = {"nx": "https://data.nist.gov/od/dm/nexus/experiment/v1.0"}


@dataclass(frozen=True, kw_only=True)
class Contents:
    """Data files of a record with their signals and previews."""

    signals: Counter[str]
    """Number of datasets by location."""
    previews: Counter[str]
    """Number of pictures that exist, by location."""


def contents(
    data_path: Path, placeholders: Collection[bytes] = frozenset()
) -> Contents:
    """Return what the one record below a data folder holds.

    Parameters
    ----------
    placeholders
        Pictures that say that there is no preview.

    Raises
    ------
    RuntimeError
        If there is not exactly one.
    """
    records = sorted((data_path / "records").rglob("*.xml"))
    if len(records) != 1:
        raise RuntimeError(f"expected one record, found {len(records)}")
    datasets = list(_datasets(records[0]))
    return Contents(
        signals=Counter(location for location, _ in datasets),
        previews=Counter(
            location
            for location, preview in datasets
            if preview and _shows_data(data_path / preview, placeholders)
        ),
    )


def missing(ours: Contents, theirs: Contents) -> dict[str, list[str]]:
    """Return the locations where we have less than they, by what is lacking."""
    return {
        "files": sorted(set(theirs.signals) - set(ours.signals)),
        "signals": _less(ours.signals, theirs.signals),
        "previews": _less(ours.previews, theirs.previews),
    }


def _shows_data(preview: Path, placeholders: Collection[bytes]) -> bool:
    return preview.is_file() and preview.read_bytes() not in placeholders


def _less(ours: Counter[str], theirs: Counter[str]) -> list[str]:
    return sorted(place for place in theirs if ours[place] < theirs[place])


def _datasets(record: Path) -> Iterator[tuple[str, str]]:
    for dataset in etree.parse(str(record)).iterfind(".//nx:dataset", NAMESPACE):
        location = dataset.findtext("nx:location", "", NAMESPACE)
        preview = dataset.findtext("nx:preview", "", NAMESPACE)
        yield unquote(location), unquote(preview).lstrip("/")
