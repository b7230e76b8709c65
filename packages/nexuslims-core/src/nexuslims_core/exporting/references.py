"""The files that a record refers to, by percent-encoded paths."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

from nexuslims_core.record.paths import PREVIEW_SUFFIX, SIDECAR_SUFFIX

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from nexuslims_core.types import DatasetEntry

__all__ = ["local_path", "side_car_references"]

_SIGNAL = re.compile(r" \((\d+) of \d+\)$")


def local_path(root: Path, reference: str) -> Path | None:
    """Return the file that a percent-encoded path below `root` stands for.

    `None` for anything that is no such path: relative, leading out of `root`, or with
    characters that no file name can have.
    """
    decoded = unquote(reference, errors="surrogateescape")
    if not decoded.startswith("/"):
        return None
    parts = [part for part in decoded.split("/") if part not in {"", "."}]
    if not parts or any(_is_escaping(part) for part in parts):
        return None
    return root.joinpath(*parts)


def _is_escaping(part: str) -> bool:
    # On Windows a backslash separates folders and a colon follows a drive.
    foreign = {"\0", "\\", ":"} if os.name == "nt" else {"\0"}
    return part == ".." or not foreign.isdisjoint(part)


def side_car_references(entry: DatasetEntry) -> Iterator[str]:
    """Yield where the complete metadata of a dataset may be, likeliest first."""
    if entry.preview is not None and entry.preview.endswith(PREVIEW_SUFFIX):
        yield entry.preview.removesuffix(PREVIEW_SUFFIX) + SIDECAR_SUFFIX
    signal = _SIGNAL.search(entry.name)
    if signal is not None:
        yield f"{entry.location}_signal{int(signal[1]) - 1}{SIDECAR_SUFFIX}"
    yield f"{entry.location}{SIDECAR_SUFFIX}"
