"""Contributions of this distribution. Declares only; imports nothing heavy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nexuslims_core import hookimpl
from nexuslims_core.types import DataFile, Extraction, Extractor, SampleFile

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


@hookimpl
def nexuslims_extractors() -> Iterable[Extractor]:
    """Yield the reader of Acme micrographs."""
    yield Extractor(
        name="acme_extractor",
        extensions=frozenset({"acm"}),
        # 150 and up: it looks inside before it takes a file.
        priority=150,
        supports=_is_acme,
        extract=_extract,
        # Raise it when the output changes: NexusLIMS then reads known files anew.
        version="1",
    )


@hookimpl
def nexuslims_sample_files() -> Iterable[SampleFile]:
    """Yield a micrograph for `nexuslims demo` and for tests."""
    yield SampleFile(name="acme", filename="grain boundary.acm", write=_write_sample)


def _is_acme(file: DataFile) -> bool:
    from nexuslims_extractors_acme.reader import is_acme

    return is_acme(file)


def _extract(file: DataFile) -> Extraction:
    from nexuslims_extractors_acme.reader import extract

    return extract(file)


def _write_sample(path: Path) -> None:
    from nexuslims_extractors_acme.sample import write_sample

    write_sample(path)
