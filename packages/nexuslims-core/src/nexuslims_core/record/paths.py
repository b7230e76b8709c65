"""Where a data file's side-cars and previews are, and how records refer to files.

The tree below the data root mirrors that of the instruments' files. Repositories derive
the link to a side-car from the name of its preview, so the names belong together:
``X.thumb.png`` and ``X.json``.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from nexuslims_core.errors import ConfigurationError

PREVIEW_SUFFIX = ".thumb.png"
SIDECAR_SUFFIX = ".json"


@dataclass(frozen=True, kw_only=True)
class SignalPaths:
    """Files that belong to one signal of a data file."""

    sidecar: Path
    preview: Path


def mirror(path: Path, instrument_root: Path, data_root: Path) -> Path:
    """Return the place below `data_root` that mirrors a data file's.

    Raises
    ------
    ConfigurationError
        If the file is not below `instrument_root`.
    """
    return data_root / _below(path, instrument_root)


def location(path: Path, root: Path) -> str:
    """Return the path below `root`, percent-encoded, beginning with ``/``.

    Names that are not valid UTF-8 are encoded byte by byte.

    Raises
    ------
    ConfigurationError
        If the file is not below `root`.
    """
    return "/" + quote(os.fsencode(_below(path, root).as_posix()), safe="/")


def _below(path: Path, root: Path) -> Path:
    try:
        relative = path.relative_to(root)
    except ValueError:
        relative = Path("..")
    if ".." in relative.parts or not relative.name:
        shown, below = (str(one).encode(errors="replace") for one in (path, root))
        msg = f"{shown.decode()} is not below {below.decode()}; check the folders set"
        raise ConfigurationError(msg)
    return relative


def signal_paths(mirrored: Path, count: int) -> tuple[SignalPaths, ...]:
    """Return the files of each of the `count` signals of the file mirrored there.

    One signal alone has ``file.ext.json``; several have ``file.ext_signal0.json`` and
    so on.
    """
    if count == 1:
        return (_paths(mirrored, ""),)
    return tuple(numbered(mirrored, index) for index in range(count))


def numbered(mirrored: Path, index: int) -> SignalPaths:
    """Return the files of one signal, counted from 0, of several."""
    return _paths(mirrored, f"_signal{index}")


def _paths(mirrored: Path, suffix: str) -> SignalPaths:
    stem = mirrored.name + suffix
    return SignalPaths(
        sidecar=mirrored.with_name(stem + SIDECAR_SUFFIX),
        preview=mirrored.with_name(stem + PREVIEW_SUFFIX),
    )
