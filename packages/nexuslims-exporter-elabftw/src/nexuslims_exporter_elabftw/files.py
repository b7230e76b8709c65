"""The files that are attached to an experiment: the record and its previews."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from nexuslims_core.exporting.references import local_path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nexuslims_core.types import DatasetEntry, ExportContext

__all__ = [
    "OUR_COMMENTS",
    "PREVIEW_COMMENT",
    "XML_COMMENT",
    "AttachedFile",
    "preview_name",
    "previews",
    "record_file",
]

XML_COMMENT = "NexusLIMS XML record"
PREVIEW_COMMENT = "NexusLIMS preview"
OUR_COMMENTS = frozenset({XML_COMMENT, PREVIEW_COMMENT})
"""Comments by which attached files are known to be ours."""

# Raster images only: an SVG or HTML file could hold scripts.
_MEDIA_TYPES = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
}
_LONGEST_STEM = 60
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True, kw_only=True)
class AttachedFile:
    """A file to attach."""

    name: str
    comment: str
    content: bytes
    media_type: str

    @property
    def sha256(self) -> str:
        """Hash of the content, as eLabFTW tells it."""
        return hashlib.sha256(self.content).hexdigest()


def record_file(context: ExportContext) -> AttachedFile:
    """Return the record as XML."""
    return AttachedFile(
        name=context.xml_path.name,
        comment=XML_COMMENT,
        content=context.xml,
        media_type="application/xml",
    )


def previews(context: ExportContext, limit: int) -> list[AttachedFile]:
    """Return the first `limit` previews that can be read, in the record's order."""
    found: dict[str, AttachedFile] = {}
    for entry in _entries(context):
        name = preview_name(entry)
        if len(found) >= limit:
            break
        if name is None or name in found:
            continue
        content = _content(context.data_path, entry.preview or "")
        if content is not None:
            suffix = Path(name).suffix
            found[name] = AttachedFile(
                name=name,
                comment=PREVIEW_COMMENT,
                content=content,
                media_type=_MEDIA_TYPES[suffix],
            )
    return list(found.values())


def preview_name(entry: DatasetEntry) -> str | None:
    """Return the name under which a dataset's preview is attached; `None` without one.

    It ends in a digest of the preview's path: files in different folders often have
    the same name.
    """
    if entry.preview is None:
        return None
    path = Path(unquote(entry.preview))
    suffix = path.suffix.lower()
    if suffix not in _MEDIA_TYPES:
        return None
    stem = _UNSAFE.sub("_", path.name.removesuffix(path.suffix).removesuffix(".thumb"))
    digest = hashlib.sha256(entry.preview.encode()).hexdigest()[:8]
    return f"{stem[:_LONGEST_STEM].strip('._') or 'preview'}-{digest}{suffix}"


def _entries(context: ExportContext) -> Iterator[DatasetEntry]:
    for activity in context.record.activities:
        yield from activity.datasets


def _content(root: Path, reference: str) -> bytes | None:
    # The slash that begins a reference may be missing.
    path = local_path(root, f"/{reference}")
    try:
        # Opening a pipe would wait for its other end.
        return path.read_bytes() if path and path.is_file() else None
    except (OSError, ValueError):  # ValueError: a name that cannot be encoded
        return None
