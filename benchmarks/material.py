"""Real instrument files, replicated to a session of any size."""

from __future__ import annotations

import hashlib
import os
import shutil
import tarfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

READ_BY_BOTH = frozenset({"dm3", "dm4", "ser", "spc", "msa", "tif", "tiff"})
"""Extensions that this version and its predecessor look for by default."""

COMPANIONS = {"ser": ".emi", "tif": ".hdr"}
"""By extension: what lies beside the file, and is read with it."""

BETWEEN_FILES = timedelta(seconds=20)
BETWEEN_BURSTS = timedelta(minutes=6)
BURST = 25


def shared_folder() -> Path:
    """Return the folder of real files: ``NEXUSLIMS_SHARED``, or one beside the project.

    Raises
    ------
    FileNotFoundError
        If it is not there.
    """
    root = Path(__file__).parents[1]
    folder = (root / os.environ.get("NEXUSLIMS_SHARED", "../shared")).resolve()
    if not (folder / "data" / "nexuslims").is_dir():
        msg = f"no real instrument files at {folder}; set NEXUSLIMS_SHARED"
        raise FileNotFoundError(msg)
    return folder


def unpacked(folder: Path) -> list[Path]:
    """Unpack the real files into `folder` and return those that both versions read.

    They come in an order that mixes formats, so that any number is a fair sample.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for source in sorted((shared_folder() / "data" / "nexuslims").iterdir()):
        if source.name.endswith(".tar.gz"):
            with tarfile.open(source) as archive:
                archive.extractall(folder, filter="data")
        else:
            shutil.copy(source, folder)
    found = [path for path in folder.iterdir() if _extension(path) in READ_BY_BOTH]
    return sorted(found, key=lambda path: hashlib.sha256(path.name.encode()).digest())


def replicate(
    sources: list[Path], folder: Path, count: int, start: datetime
) -> tuple[list[Path], datetime]:
    """Fill `folder` with `count` files modified from `start` on.

    Files come in bursts, as they do when people look for a region, then measure.

    Returns
    -------
    The files, without the companions that lie beside some, and the last one's time.
    """
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    when = start
    for number in range(count):
        source = sources[number % len(sources)]
        prefix = f"{number // len(sources):03d}_"
        for beside in _companions(source):
            _copy(beside, folder / f"{prefix}{beside.name}", when)
        made.append(_copy(source, folder / f"{prefix}{source.name}", when))
        last = when
        when += BETWEEN_BURSTS if number % BURST == BURST - 1 else BETWEEN_FILES
    return made, last if made else start


def yesterday() -> datetime:
    """Return a time at which a session may have begun that is complete by now."""
    now = datetime.now(tz=UTC).replace(microsecond=0)
    return now - timedelta(hours=30)


def _copy(source: Path, target: Path, when: datetime) -> Path:
    if not target.exists():
        shutil.copyfile(source, target)
        os.utime(target, (when.timestamp(), when.timestamp()))
    return target


def _companions(source: Path) -> Iterator[Path]:
    suffix = COMPANIONS.get(_extension(source))
    if suffix is None:
        return
    stem = source.stem
    # One .emi goes with the .ser files NAME_1.ser, NAME_2.ser, …
    stem = stem.rpartition("_")[0] if suffix == ".emi" else stem
    beside = source.with_name(stem + suffix)
    if beside.exists():
        yield beside


def _extension(path: Path) -> str:
    return path.suffix.lstrip(".").lower()
