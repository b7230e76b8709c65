"""Read one data file: choose the extractor, apply profiles, validate, draw previews.

The same code serves a worker of `nexuslims run` and a scientist at a notebook. Nothing
here raises for a bad file: the next extractor that supports it is tried, ending at the
fallback, and the dataset says what failed.
"""

from __future__ import annotations

import functools
import hashlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nexuslims_core.errors import ExtractionError, PreviewError
from nexuslims_core.manager.records import describe
from nexuslims_core.model.files import DataFile, Dataset, Extraction

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from PIL.Image import Image

    from nexuslims_core.manager import PluginManager, PluginRecipe
    from nexuslims_core.model.metadata import Metadata
    from nexuslims_core.types import Extractor, InstrumentProfile, PreviewGenerator

logger = logging.getLogger(__name__)

CHECKSUM = "SHA-256 Checksum"
"""Name under which a file's checksum stands among the extensions."""

ANY_INSTRUMENT = "*"
"""What stands for an instrument's identifier in profiles that are for all files."""

PNG_MODES = frozenset({"1", "L", "LA", "I;16", "P", "RGB", "RGBA"})
"""Pillow's modes that a PNG file can hold."""


@dataclass(frozen=True, kw_only=True)
class Signal:
    """One validated dataset of a file."""

    dataset: Dataset
    metadata: Metadata


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What was read from a file, and by whom."""

    file: DataFile
    extractor: Extractor
    signals: tuple[Signal, ...]
    failures: tuple[str, ...] = ()
    """One sentence per extractor that supported the file and could not read it."""
    incomplete: bool = False
    """Whether another try may give more: an extractor hung or crashed, or the operating
    system refused to hand the file over.
    """


def extract(path: str | Path) -> list[dict[str, Any]]:
    """Return the metadata of a data file, without any configuration.

    Parameters
    ----------
    path
        A file of any format; what the installed extractors do not know yields what the
        file system knows.

    Returns
    -------
    list of dict
        One object per signal, JSON-able, ``nx_meta`` first, then the file's raw groups.

    Raises
    ------
    OSError
        If there is no such file.

    Examples
    --------
    >>> from nexuslims_core import extract
    >>> for signal in extract("image.tif"):  # doctest: +SKIP
    ...     print(signal["nx_meta"]["DatasetType"])
    """
    manager = default_manager()
    reading = read(DataFile.at(Path(path).absolute()), manager)
    return [signal.metadata.as_json() for signal in reading.signals]


@functools.cache
def default_manager() -> PluginManager:
    """Return the manager of all installed plugins, made once per process."""
    from nexuslims_core.manager import PluginManager

    return PluginManager.discover()


@functools.lru_cache(maxsize=4)
def manager_from(recipe: PluginRecipe) -> PluginManager:
    """Return the manager that `recipe` describes, made once per worker process."""
    from nexuslims_core.manager import PluginManager

    return PluginManager.from_recipe(recipe)


def candidates(file: DataFile, manager: PluginManager) -> tuple[Extractor, ...]:
    """Return the extractors that list the file's extension, in the order of asking."""
    extension = file.extension
    return tuple(
        one
        for one in manager.extractors.values()
        if one.extensions is None or extension in one.extensions
    )


def profiles(file: DataFile, manager: PluginManager) -> tuple[InstrumentProfile, ...]:
    """Return the profiles of the file's instrument and of all files, by name."""
    wanted = {ANY_INSTRUMENT}
    if file.instrument is not None:
        wanted.add(file.instrument.pid)
    return tuple(
        one
        for one in manager.instrument_profiles.values()
        if one.instrument_id in wanted
    )


def read(
    file: DataFile,
    manager: PluginManager,
    *,
    skip: Mapping[str, str] | None = None,
    checksum: bool = False,
    raise_memory_errors: bool = False,
) -> Reading:
    """Read `file` with the first extractor that supports it and succeeds.

    Parameters
    ----------
    skip
        Extractors not to use, with the reason: those that hung or crashed on this file.
    checksum
        Whether to add the SHA-256 of the file, which reads all of it once more.
    raise_memory_errors
        Whether to leave it to the caller when memory does not suffice for an extractor,
        rather than to pass that one over.

    Raises
    ------
    ExtractionError
        If not even a fallback can read it.
    MemoryError
        If asked for.
    """
    failures = [f"{name} {why}" for name, why in (skip or {}).items()]
    refused = False
    for extractor in candidates(file, manager):
        if skip and extractor.name in skip:
            continue
        try:
            if not extractor.supports(file):
                continue
            extraction = _checked(extractor.extract(file))
            if checksum:
                extraction = _with_checksum(file, extraction)
            signals = _signals(file, extractor, extraction, manager, failures)
        # An extractor is foreign code: any exception means "could not read".
        except (Exception, SystemExit) as error:
            logger.debug("%s raised on %s", extractor.name, file.path, exc_info=True)
            if raise_memory_errors and _is_memory(error):
                raise MemoryError(str(error)) from error
            failures.append(_failure(extractor, error))
            refused |= _is_refusal(error)
        else:
            return Reading(
                file=file,
                extractor=extractor,
                signals=signals,
                failures=tuple(failures),
                incomplete=bool(skip) or refused or _is_unread(file, extractor),
            )
    known = "".join(f"; {failure}" for failure in failures)
    msg = f"{file.path}: no extractor can read it, not even a fallback{known}"
    raise ExtractionError(msg)


def _failure(extractor: Extractor, error: BaseException) -> str:
    if isinstance(error, ExtractionError):
        return f"{extractor.name} could not read the file: {error}"
    return f"{extractor.name} failed: {describe(error)}"


def _is_refusal(error: BaseException) -> bool:
    """Tell whether the operating system gave no file or no memory."""
    refused = isinstance(error, OSError) or isinstance(error.__cause__, OSError)
    return refused or _is_memory(error)


def _is_memory(error: BaseException | None) -> bool:
    """Tell whether memory did not suffice, whatever was made of that error."""
    while error is not None:
        if isinstance(error, MemoryError):
            return True
        error = error.__cause__ or error.__context__
    return False


def _is_unread(file: DataFile, extractor: Extractor) -> bool:
    """Tell whether a fallback described a file that nobody may open."""
    if extractor.extensions is not None:
        return False
    try:
        _ = file.head
    except OSError:
        return True
    return False


def _with_checksum(file: DataFile, extraction: Extraction) -> Extraction:
    try:
        with file.path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        # Why the file cannot be read is in the dataset's notes already.
        return extraction
    return Extraction(
        datasets=tuple(
            replace(one, extensions={**one.extensions, CHECKSUM: digest})
            for one in extraction.datasets
        )
    )


def _checked(extraction: Extraction) -> Extraction:
    if not isinstance(extraction, Extraction):
        msg = f"returned {type(extraction).__name__}, expected Extraction"
        raise ExtractionError(msg)
    if not extraction.datasets:
        raise ExtractionError("found no dataset in it")
    return Extraction(datasets=tuple(map(_sound, extraction.datasets)))


def _sound(dataset: Dataset) -> Dataset:
    """Return what foreign code made, if it is a dataset that can be worked with."""
    if not isinstance(dataset, Dataset):
        msg = f"returned {type(dataset).__name__}, expected Dataset"
        raise ExtractionError(msg)
    for name in ("fields", "extensions", "raw"):
        value = getattr(dataset, name)
        if not isinstance(value, Mapping):
            msg = f"{name} of a dataset is {type(value).__name__}, expected a mapping"
            raise ExtractionError(msg)
    if isinstance(dataset.notes, str):
        raise ExtractionError("notes of a dataset is text, expected a tuple of such")
    return dataset


def _signals(
    file: DataFile,
    extractor: Extractor,
    extraction: Extraction,
    manager: PluginManager,
    failures: Iterable[str],
) -> tuple[Signal, ...]:
    # Pint takes long to import: not in a program that leaves reading to its workers.
    from nexuslims_core.model.metadata import validate

    owner = manager.owner_of(extractor)
    read_at = datetime.now(tz=UTC).astimezone(file.timezone)
    signals = []
    for dataset in extraction.datasets:
        adjusted = _profiled(dataset, profiles(file, manager))
        noted = replace(adjusted, notes=(*failures, *adjusted.notes))
        metadata = validate(
            noted,
            date=read_at,
            module=f"{owner.distribution}: {extractor.name}",
            version=owner.version,
        )
        signals.append(Signal(dataset=noted, metadata=metadata))
    return tuple(signals)


def _profiled(dataset: Dataset, profiles: Iterable[InstrumentProfile]) -> Dataset:
    for profile in profiles:
        for name, step in _steps(profile):
            try:
                dataset = _sound(step(dataset))
            # A profile is site code: a step that raises is skipped, and said.
            except (Exception, SystemExit) as error:
                logger.debug("Profile %s", profile.name, exc_info=True)
                reason = describe(error)
                note = f"profile {profile.name}, step {name} failed: {reason}"
                dataset = replace(dataset, notes=(*dataset.notes, note))
    return dataset


def _steps(
    profile: InstrumentProfile,
) -> Iterator[tuple[str, Callable[[Dataset], Dataset]]]:
    yield from profile.parsers.items()
    for group, function in profile.transformations.items():
        yield group, functools.partial(_transform, group=group, function=function)
    if profile.extension_fields:
        extra = profile.extension_fields
        yield "extension fields", functools.partial(_extend, extra=extra)


def _transform(
    dataset: Dataset, *, group: str, function: Callable[[Any], Any]
) -> Dataset:
    if group not in dataset.raw:
        return dataset
    return replace(dataset, raw={**dataset.raw, group: function(dataset.raw[group])})


def _extend(dataset: Dataset, *, extra: Mapping[str, Any]) -> Dataset:
    return replace(dataset, extensions={**dataset.extensions, **extra})


def render(
    dataset: Dataset, manager: PluginManager, *, raise_memory_errors: bool = False
) -> tuple[Image | None, str | None]:
    """Draw a dataset's preview.

    Parameters
    ----------
    raise_memory_errors
        Whether to leave it to the caller when memory does not suffice.

    Returns
    -------
    image
        Can be saved as PNG; `None` when no generator supports the dataset or all
        failed.
    problem
        What failed, or `None`.

    Raises
    ------
    MemoryError
        If asked for.
    """
    problem = None
    for generator in manager.preview_generators.values():
        try:
            if generator.supports(dataset):
                return _drawable(generator.render(dataset)), None
        # A generator is foreign code: a failed preview never costs the metadata.
        except (Exception, SystemExit) as error:
            logger.debug("%s raised", generator.name, exc_info=True)
            if raise_memory_errors and _is_memory(error):
                raise MemoryError(str(error)) from error
            problem = _undrawn(generator, error)
    return None, problem


def _undrawn(generator: PreviewGenerator, error: BaseException) -> str:
    if isinstance(error, PreviewError):
        return f"{generator.name} could not draw a preview: {error}"
    return f"{generator.name} failed: {describe(error)}"


def _drawable(image: Image) -> Image:
    """Return an image that can be saved: wholly read, and in a mode that PNG has."""
    from PIL.Image import Image as PillowImage

    if not isinstance(image, PillowImage):
        msg = f"returned {type(image).__name__}, expected an image of Pillow"
        raise PreviewError(msg)
    image.load()
    if image.mode in PNG_MODES:
        return image
    return image.convert({"F": "L", "I": "I;16"}.get(image.mode, "RGB"))
