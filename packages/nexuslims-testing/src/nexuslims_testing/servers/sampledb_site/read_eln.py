"""Reads an ``.eln`` file as SampleDB imports it; runs in SampleDB's own environment.

Usage: ``python read_eln.py FILE``. The answer is JSON: the objects that would be made,
the people, and notes; or ``{"refused": "why"}``.

SampleDB parses what a row of its database holds. That row is stood in for here, so that
no PostgreSQL server is needed; all else is SampleDB's own code.
"""

from __future__ import annotations

import dataclasses
import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import flask  # type: ignore[import-not-found, unused-ignore]
import flask_babel  # type: ignore[import-not-found, unused-ignore]
from sampledb.logic import (  # type: ignore[import-not-found, unused-ignore]
    eln_import,
    errors,
)


def parsed(content: bytes) -> Any:  # noqa: ANN401 - SampleDB's own type
    """Return what SampleDB makes of the content of an ``.eln`` file."""
    row = SimpleNamespace(binary_data=content)
    query = SimpleNamespace(filter_by=lambda **_: SimpleNamespace(first=lambda: row))
    eln_import.eln_imports = SimpleNamespace(ELNImport=SimpleNamespace(query=query))
    application = flask.Flask("reader")
    application.config["ENABLE_NUMERIC_TAGS"] = False
    flask_babel.Babel(application)
    with application.app_context():
        return eln_import.parse_eln_file(eln_import_id=1)


def told(found: Any) -> dict[str, Any]:  # noqa: ANN401 - SampleDB's own type
    """Return the parsed file as plain values."""
    return {
        "objects": [
            {
                "name": one.name,
                "kind": one.type,
                "url": one.url,
                "files": {
                    file.name if hasattr(file, "name") else file.url: file.title
                    for file in one.files
                },
                "data": one.versions[-1].data,
            }
            for one in found.objects
        ],
        "people": [dataclasses.asdict(user) for user in found.users],
        "notes": [note for notes in found.import_notes.values() for note in notes],
    }


def main(path: str) -> dict[str, Any]:
    """Return the answer for the file at `path`."""
    try:
        return told(parsed(Path(path).read_bytes()))
    except errors.InvalidELNFileError as error:
        return {"refused": f"{error} ({error.__cause__!r})"}


if __name__ == "__main__":
    json.dump(main(sys.argv[1]), sys.stdout)
