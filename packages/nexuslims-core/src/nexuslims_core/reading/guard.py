"""Calling readers: our own, and libraries that raise anything on a damaged file."""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO

from nexuslims_core.errors import ExtractionError, PreviewError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nexuslims_core.model.files import DataFile

_MOST_CHARACTERS = 300
"""Of a foreign message; some quote the whole file."""


@contextmanager
def reading(file: DataFile, what: str) -> Iterator[None]:
    """Turn whatever a foreign reader raises on a file into an `ExtractionError`.

    Use it around the call of the library, and around nothing else: an error of ours
    must stay visible as such. Warnings of the library are dropped.

    Parameters
    ----------
    what
        What the file should be, as in ``"a DigitalMicrograph file"``.

    Raises
    ------
    ExtractionError
        If the block raises any exception.
    """
    try:
        with warnings.catch_warnings():
            # Meant for whoever calls the library, not for the operator of a facility.
            warnings.simplefilter("ignore")
            yield
    except (ExtractionError, PreviewError):
        raise
    # Readers of binary formats document no exceptions: on damage they fail in any way.
    except Exception as error:
        name = file.path.name
        raise ExtractionError(
            f"{name}: not read as {what}: {_reason(error)}"
        ) from error


@contextmanager
def opened(file: DataFile, what: str) -> Iterator[BinaryIO]:
    """Open a file for a reader of our own, which raises `ValueError` on damage.

    Parameters
    ----------
    what
        What the file should be, as in ``"a Tescan TIFF"``.

    Raises
    ------
    ExtractionError
        If it cannot be read, or the block raises `OSError` or `ValueError`.
    """
    try:
        with file.path.open("rb") as stream:
            yield stream
    except (OSError, ValueError) as error:
        msg = f"{file.path.name}: cannot be read as {what}: {error}"
        raise ExtractionError(msg) from error


@contextmanager
def drawing(file: DataFile) -> Iterator[None]:
    """Turn whatever a foreign reader raises while pixels are read into `PreviewError`.

    Raises
    ------
    PreviewError
        If the block raises any exception.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except PreviewError:
        raise
    # As above: what lazily read data raise is documented nowhere.
    except Exception as error:
        msg = f"{file.path.name}: cannot be decoded: {_reason(error)}"
        raise PreviewError(msg) from error


def _reason(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    text = " ".join(str(error).split())
    name = type(error).__name__
    return f"{name}: {text:.{_MOST_CHARACTERS}}" if text else name
