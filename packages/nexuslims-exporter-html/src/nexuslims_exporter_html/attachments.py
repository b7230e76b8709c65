"""Previews and side-cars: which there are, and the names they get in the catalogue."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from nexuslims_core.exporting.names import digest
from nexuslims_core.exporting.references import local_path, side_car_references

from nexuslims_exporter_html.names import safe_name

if TYPE_CHECKING:
    from nexuslims_core.types import DatasetEntry

    from nexuslims_exporter_html.tree import Tree

# Raster images only: an SVG or HTML file could hold scripts.
_IMAGE_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".gif", ".webp"})


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """A file that a page shows or links to."""

    target: str
    """Path in the catalogue."""
    source: Path | None
    """File to copy; `None` when it cannot be read now, but an earlier copy is there."""


def preview_of(
    entry: DatasetEntry, data_path: Path, folder: str, tree: Tree
) -> Attachment | None:
    """Return the preview of a dataset, or `None` if it has none that can be shown."""
    if entry.preview is None:
        return None
    suffix = Path(entry.preview).suffix.lower()
    if suffix not in _IMAGE_SUFFIXES:
        return None
    return _attachment(entry.preview, suffix, data_path, folder, tree)


def side_car_of(
    entry: DatasetEntry, data_path: Path, folder: str, tree: Tree
) -> Attachment | None:
    """Return the JSON file with a dataset's complete metadata, or `None`."""
    candidates = (
        _attachment(reference, ".json", data_path, folder, tree)
        for reference in side_car_references(entry)
    )
    return next((found for found in candidates if found is not None), None)


def _attachment(
    reference: str, suffix: str, data_path: Path, folder: str, tree: Tree
) -> Attachment | None:
    source = local_path(data_path, reference)
    if source is None:
        return None
    name = safe_name(source.name.partition(".")[0], longest=40)
    target = f"{folder}/{name}-{digest(reference)[:12]}{suffix}"
    if _is_readable(source):
        return Attachment(target=target, source=source)
    # What was copied before is kept while the original is out of reach.
    return Attachment(target=target, source=None) if tree.at(target).is_file() else None


def _is_readable(path: Path) -> bool:
    try:
        if not path.is_file():  # opening a pipe would wait for its other end
            return False
        with path.open("rb"):
            return True
    except (OSError, ValueError):  # ValueError: a name that cannot be encoded
        return False
