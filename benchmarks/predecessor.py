"""NexusLIMS 2.8.0 as it is published, in an environment of its own.

Only its command line, its settings and its database are used.
"""

from __future__ import annotations

import os
import sqlite3
import subprocess
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nexuslims_testing.servers.environment import cached_environment

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

VERSION = "2.8.0"


@dataclass(frozen=True, kw_only=True)
class Predecessor:
    """An installation in a folder."""

    folder: Path
    python: Path
    settings: dict[str, str] = field(default_factory=dict)

    @classmethod
    def at(
        cls,
        folder: Path,
        *,
        instrument_root: Path,
        requirements: Sequence[str] = (),
        **settings: str,
    ) -> Predecessor:
        """Make its folders and database.

        Parameters
        ----------
        requirements
            What its environment has to hold besides, such as ``scikit-learn==1.5.2``.
        """
        one = cls(folder=folder, python=installed(requirements))
        one.data_path.mkdir(parents=True)
        one.settings.update(
            {
                "NX_INSTRUMENT_DATA_PATH": str(instrument_root),
                "NX_DATA_PATH": str(one.data_path),
                "NX_DB_PATH": str(one.database),
                # It does not start without a repository.
                "NX_CDCS_URL": "http://127.0.0.1:9/",
                "NX_CDCS_TOKEN": "none",
                **settings,
            }
        )
        subprocess.run(  # noqa: S603 - its own program
            one.command("db", "init"),
            env=one.environment,
            cwd=folder,
            check=True,
            capture_output=True,
        )
        return one

    @property
    def data_path(self) -> Path:
        """Root of what it writes."""
        return self.folder / "data"

    @property
    def database(self) -> Path:
        """Its SQLite file."""
        return self.folder / "nexuslims.sqlite3"

    @property
    def environment(self) -> dict[str, str]:
        """Environment of the program."""
        kept = {
            name: text
            for name, text in os.environ.items()
            if not name.startswith(("NX_", "PYTHON"))
        }
        return {**kept, **self.settings}

    def command(self, *arguments: str) -> list[str]:
        """Return the command line that runs the program."""
        return [str(self.python.with_name("nexuslims")), *arguments]

    def add_instrument(self, pid: str, *, api_url: str, filestore_path: str) -> None:
        """Register an instrument at a NEMO."""
        row = {
            "instrument_pid": pid,
            "api_url": api_url,
            "calendar_url": api_url,
            "location": "Building 1",
            "display_name": pid,
            "property_tag": "0",
            "filestore_path": filestore_path,
            "harvester": "nemo",
            "timezone": "America/Denver",
        }
        names = ", ".join(row)
        marks = ", ".join(f":{name}" for name in row)
        with closing(sqlite3.connect(self.database)) as database, database:
            database.execute(f"INSERT INTO instruments ({names}) VALUES ({marks})", row)  # noqa: S608 - names are literals


def placeholders(python: Path) -> frozenset[bytes]:
    """Return the picture that stands for a preview that could not be drawn."""
    found = python.parents[1].rglob("extractor_error.png")
    return frozenset(path.read_bytes() for path in found)


def installed(requirements: Sequence[str] = ()) -> Path:
    """Return the Python of its environment; the first call takes minutes."""
    wanted = [f"nexuslims=={VERSION}", *requirements]
    return cached_environment(f"nexuslims-{VERSION}", wanted)
