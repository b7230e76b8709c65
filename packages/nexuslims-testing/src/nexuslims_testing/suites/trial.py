"""Trying an extractor on one file after the other, in a process of its own.

A damaged file may make a reader hang, or end its process. `Trials` starts this module
as a program, hands it paths line by line and waits a limited time for each answer.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import queue
import subprocess
import sys
import threading
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import numpy as np
from nexuslims_core.errors import ExtractionError, PreviewError
from nexuslims_core.types import DataFile, Extraction

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from nexuslims_core.types import Extractor, PreviewSource

START_SECONDS = 120.0
"""Patience with the first file, which imports the reader's libraries."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What an extractor did with a file."""

    acceptable: bool
    """True for a result, and for an `ExtractionError`."""
    detail: str = ""
    """What else happened: a traceback, or how the process ended."""


class Trials:
    """A process in which an extractor is tried; started when it is needed.

    Parameters
    ----------
    plugin
        Name of the module with the hook implementation.
    name
        Name of the extractor that it yields.
    seconds
        Time that the extractor may take for one file.
    """

    def __init__(self, plugin: str, name: str, *, seconds: float) -> None:
        self._command = [sys.executable, "-m", __name__, plugin, name]
        self._seconds = seconds
        self._process: subprocess.Popen[str] | None = None
        self._answers: queue.Queue[str] = queue.Queue()
        self._patience = START_SECONDS

    def run(self, path: Path) -> Outcome:
        """Return what the extractor does with the file at `path`."""
        process = self._process or self._start()
        if process.stdin is None:
            raise RuntimeError
        with contextlib.suppress(BrokenPipeError):
            process.stdin.write(json.dumps(str(path)) + "\n")
            process.stdin.flush()
        try:
            answer = self._answers.get(timeout=self._patience)
        except queue.Empty:
            self.close()
            return Outcome(
                acceptable=False, detail=f"no answer within {self._patience:g} seconds"
            )
        if not answer:
            code = process.wait()
            self.close()
            detail = f"its process ended with exit code {code}"
            return Outcome(acceptable=False, detail=detail)
        self._patience = self._seconds
        return Outcome(**json.loads(answer))

    def close(self) -> None:
        """End the process; the next `run` starts another."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()

    def _start(self) -> subprocess.Popen[str]:
        path = os.pathsep.join(filter(None, sys.path))
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
            env={**os.environ, "PYTHONPATH": path, "PYTHONUTF8": "1"},
        )
        self._answers = queue.Queue()
        self._patience = START_SECONDS
        stream = self._process.stdout
        if stream is not None:
            arguments = (stream, self._answers)
            threading.Thread(target=_collect, args=arguments, daemon=True).start()
        return self._process


def _collect(stream: TextIO, answers: queue.Queue[str]) -> None:
    with contextlib.suppress(ValueError):  # the stream was closed while we waited
        for line in stream:
            answers.put(line)
    answers.put("")


def find_extractor(plugin: str, name: str) -> Extractor:
    """Return the contribution `name` of the module `plugin`.

    Raises
    ------
    LookupError
        If the module has no such extractor.
    """
    module = importlib.import_module(plugin)
    contributions: Iterable[Extractor] = module.nexuslims_extractors()
    found = {each.name: each for each in contributions}
    if name not in found:
        msg = f"{plugin} yields no extractor {name!r}; it yields {sorted(found)}"
        raise LookupError(msg)
    return found[name]


def try_file(extractor: Extractor, path: Path) -> Outcome:
    """Let `extractor` look at a file, read it and decode its previews."""
    try:
        file = DataFile.at(path)
        supported = extractor.supports(file)
        if not isinstance(supported, bool):
            return _unexpected(f"supports() returned {supported!r}, not a bool")
        try:
            extraction = extractor.extract(file)
        except ExtractionError:
            return Outcome(acceptable=True)
        if not isinstance(extraction, Extraction) or not extraction.datasets:
            return _unexpected(f"extract() returned {extraction!r:.200}")
        for dataset in extraction.datasets:
            for source in pictures(dataset.preview):
                with contextlib.suppress(PreviewError, ExtractionError):
                    np.asarray(source.read())
    except Exception:  # noqa: BLE001 - finding those is what this is for
        return _unexpected(traceback.format_exc())
    return Outcome(acceptable=True)


def pictures(source: PreviewSource | None) -> Iterator[PreviewSource]:
    """Yield a preview and its panels; nothing where there is none."""
    if source is not None:
        yield source
        for panel in source.panels:
            yield from pictures(panel)


def _unexpected(detail: str) -> Outcome:
    return Outcome(acceptable=False, detail=detail)


def main() -> None:
    """Answer paths on standard input with outcomes on standard output."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    # What a reader prints must not mix with the answers.
    os.dup2(2, 1)
    extractor = find_extractor(sys.argv[1], sys.argv[2])
    for line in sys.stdin:
        outcome = try_file(extractor, Path(json.loads(line)))
        answers.write(json.dumps(vars(outcome)) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
