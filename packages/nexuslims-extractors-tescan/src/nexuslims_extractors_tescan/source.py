"""Where a Tescan image keeps its metadata: tags of the TIFF, and a file beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from nexuslims_core.reading.findings import as_text, merged
from nexuslims_core.reading.tiff import MAGICS, Directory, directories
from nexuslims_core.reading.tiff_image import further_images

from nexuslims_extractors_tescan import settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from nexuslims_core.reading.ini import Sections
    from nexuslims_core.types import DataFile

SETTINGS_TAG = 50431
MAKE, SOFTWARE = 271, 305

TAGS = {
    MAKE: "Make",
    272: "Model",
    SOFTWARE: "Software Version",
    306: "TIFF DateTime",
    315: "Operator",
}
"""Tags that are read, by the name that they are shown under."""

SIDE_CARS = (".hdr", ".HDR", "-tif.hdr", "-tiff.hdr")
"""What a side-car's name has in place of the image's extension."""

SIDE_CAR_HEAD, SIDE_CAR_MOST = 500, 1_048_576
"""Bytes in which a side-car shows what it is, and that it may have; real ones have
some thousand."""

MOST_BYTES = 2**24
"""That are read of a tag; real ones have some ten thousand, more is damage."""

VENDOR = "TESCAN"


@dataclass(frozen=True, kw_only=True)
class Source:
    """The metadata of one image, not yet understood."""

    sections: Sections
    tags: Mapping[str, str]
    """Text of `TAGS`, by name; only of tags that say something."""
    directory: Directory | None = None
    """Tags of the first image; `None` when the file's structure is damaged."""
    notes: tuple[str, ...] = ()


def is_tescan_tiff(file: DataFile) -> bool:
    """Tell whether `file` is a TIFF of a Tescan microscope; false if unreadable."""
    try:
        if file.head[:4] not in MAGICS:
            return False
        if find_side_car(file.path) is not None:
            return True
        with file.path.open("rb") as stream:
            directory = next(directories(stream, file.size), None)
            return directory is not None and _is_tagged(stream, directory)
    except (OSError, ValueError):
        return False


def find_side_car(image: Path) -> Path | None:
    """Return the file beside `image` that holds its settings."""
    for ending in SIDE_CARS:
        path = image.with_name(image.stem + ending)
        try:
            with path.open("rb") as stream:
                head = as_text(stream.read(SIDE_CAR_HEAD))
        except OSError:
            continue
        if "[MAIN]" in head or f"Device={VENDOR}" in head:
            return path
    return None


def _is_tagged(stream: BinaryIO, directory: Directory) -> bool:
    named = (_text(stream, directory, tag) for tag in (MAKE, SOFTWARE))
    if any(VENDOR in text.upper() for text in named):
        return True
    return bool(settings.from_tag(_content(stream, directory, SETTINGS_TAG)).sections)


def read_source(file: DataFile, stream: BinaryIO) -> Source:
    """Return the metadata of an open file; settings in the file go before a side-car's.

    Raises
    ------
    ValueError
        If there are none, or the file is so damaged that none can be found.
    """
    beside = _side_car(file.path)
    try:
        pages = directories(stream, file.size)
        directory = next(pages, None)
    except ValueError as error:
        if not beside.sections:
            raise
        note = f"The TIFF structure is damaged: {error}. Only the side-car was read."
        return Source(sections=beside.sections, tags={}, notes=(*beside.notes, note))
    if directory is None:
        raise ValueError("expected an image, found no directory")
    inside = _tagged(stream, directory, pages)
    if not inside.sections and not beside.sections and not _is_named(inside.tags):
        msg = (
            f"expected settings in tag {SETTINGS_TAG}, a side-car .hdr or {VENDOR} in "
            f"tags {MAKE} or {SOFTWARE}, found none of these"
        )
        raise ValueError(msg)
    return Source(
        sections=merged(beside.sections, inside.sections),
        tags=inside.tags,
        directory=directory,
        notes=(*beside.notes, *inside.notes),
    )


def _is_named(tags: Mapping[str, str]) -> bool:
    return any(VENDOR in tags.get(TAGS[tag], "").upper() for tag in (MAKE, SOFTWARE))


def _side_car(image: Path) -> Source:
    path = find_side_car(image)
    if path is None:
        return Source(sections={}, tags={})
    try:
        with path.open("rb") as stream:
            found = settings.from_text(as_text(stream.read(SIDE_CAR_MOST)))
    except OSError as error:
        note = f"The side-car {path.name} cannot be read: {error.strerror}."
        return Source(sections={}, tags={}, notes=(note,))
    return Source(
        sections=found.sections, tags={}, notes=_rejected(path.name, found.rejected)
    )


def _tagged(
    stream: BinaryIO, directory: Directory, following: Iterator[Directory]
) -> Source:
    """Return what the tags of the first image say."""
    content = _content(stream, directory, SETTINGS_TAG)
    cut = _cut(directory)
    if cut:
        # The last line may have lost digits that made it another number.
        content = content.rpartition(b"\n")[0]
    found = settings.from_tag(content)
    texts = {name: _text(stream, directory, tag) for tag, name in TAGS.items()}
    return Source(
        sections=found.sections,
        tags={name: text for name, text in texts.items() if text},
        notes=(
            *cut,
            *_rejected(f"tag {SETTINGS_TAG}", found.rejected),
            *further_images(stream, following),
        ),
    )


def _cut(directory: Directory) -> tuple[str, ...]:
    entry = directory.entries.get(SETTINGS_TAG)
    end = entry.offset + entry.size if entry else 0
    if end <= directory.file_size:
        return ()
    note = (
        f"Metadata tag {SETTINGS_TAG} should end at byte {end}, but the file ends at "
    )
    return (f"{note}{directory.file_size}.",)


def _text(stream: BinaryIO, directory: Directory, tag: int) -> str:
    return as_text(_content(stream, directory, tag)).strip()


def _content(stream: BinaryIO, directory: Directory, tag: int) -> bytes:
    entry = directory.entries.get(tag)
    if entry is None:
        return b""
    stream.seek(entry.offset)
    return stream.read(min(entry.size, MOST_BYTES))


def _rejected(where: str, lines: tuple[str, ...]) -> tuple[str, ...]:
    if not lines:
        return ()
    note = f"Lines that are neither section nor key=value in {where}: {len(lines)}; "
    return (f"{note}the first is {lines[0][:80]!r}.",)
