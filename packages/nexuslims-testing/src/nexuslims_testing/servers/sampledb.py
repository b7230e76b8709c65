"""What SampleDB makes of an ``.eln`` file: a consumer that is not ours.

It is installed in an environment of its own on first use, which takes a minute or two.
No server runs: an ``.eln`` file is parsed by SampleDB's code and nothing is stored.
"""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nexuslims_testing.servers.environment import cached_environment

if TYPE_CHECKING:
    from collections.abc import Mapping

VERSION = "0.31.1"
"""Of SampleDB, as on PyPI."""

_READER = Path(__file__).with_name("sampledb_site") / "read_eln.py"

# SampleDB imports it and does not say so.
_UNDECLARED = "py-minisign>=0.12,<0.13"

_FIND = "import importlib.util as u; print(u.find_spec('sampledb').origin)"


@dataclass(frozen=True, kw_only=True)
class ImportedObject:
    """An object that SampleDB would make."""

    name: str
    kind: str | None
    """Such as ``measurement``."""
    url: str | None
    files: Mapping[str, str]
    """Titles of its files, by their names; of links by their addresses."""
    data: Mapping[str, Any]
    """Its values, in SampleDB's notation."""


@dataclass(frozen=True, kw_only=True)
class Imported:
    """What SampleDB would import from a file."""

    objects: tuple[ImportedObject, ...]
    people: tuple[str, ...]
    """Names of the people."""
    notes: tuple[str, ...]
    """What SampleDB remarks on."""


class RefusedError(Exception):
    """SampleDB does not take the file; with its reason."""


def import_eln(path: Path) -> Imported:
    """Return what SampleDB would import from the ``.eln`` file at `path`.

    Raises
    ------
    RefusedError
        If it takes the file for invalid.
    RuntimeError
        If SampleDB cannot be installed or run.
    """
    answer = _read(path)
    if "refused" in answer:
        raise RefusedError(answer["refused"])
    return Imported(
        objects=tuple(ImportedObject(**one) for one in answer["objects"]),
        people=tuple(one["name"] for one in answer["people"]),
        notes=tuple(answer["notes"]),
    )


def _read(path: Path) -> dict[str, Any]:
    python = _environment()
    # In a folder of its own: the reader's must not shadow what it imports.
    command = [str(python), "-P", str(_READER), str(path.resolve())]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own program
    if done.returncode:
        msg = f"SampleDB's reader failed: {done.stderr[-2000:]}"
        raise RuntimeError(msg)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def _environment() -> Path:
    requirements = [f"sampledb=={VERSION}", _UNDECLARED]
    python = cached_environment(f"sampledb-{VERSION}", requirements)
    command = [str(python), "-c", _FIND]
    found = subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603 - our own interpreter
    # The package on PyPI lacks a table of UN/CEFACT's codes of units that it reads when
    # imported. An empty one stands in: crates say units by their symbol.
    table = Path(found.strip()).parent / "logic" / "un_cefact_code_unit_pairs.json"
    if not table.exists():
        table.write_text("[]", encoding="utf-8")
    return python
