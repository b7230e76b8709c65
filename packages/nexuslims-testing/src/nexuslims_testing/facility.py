"""A whole installation in a temporary folder, driven through its command line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nexuslims_core.store import Store, database_url, initialise
from nexuslims_core.types import Instrument, Reservation, Session

from nexuslims_testing.servers.environment import cache_folder

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Facility:
    """Folders, settings and the program `nexuslims` itself, as an operator has them.

    Nothing of the test's own environment leaks in: settings named ``NX_…`` are those
    given here.
    """

    folder: Path
    settings: dict[str, str] = field(default_factory=dict)

    @classmethod
    def at(cls, folder: Path, **settings: object) -> Facility:
        """Make the folders of an installation and its database below `folder`."""
        facility = cls(folder=folder)
        facility.instrument_root.mkdir(parents=True)
        facility.settings.update(
            {
                "NX_INSTRUMENT_DATA_PATH": str(facility.instrument_root),
                "NX_DATA_PATH": str(facility.data_path),
                "NX_FILE_SETTLE_SECONDS": "0",
                "NX_WORKERS": "1",
            }
        )
        facility.settings.update({name: str(text) for name, text in settings.items()})
        initialise(facility.database_url)
        return facility

    @property
    def instrument_root(self) -> Path:
        """Root of the instruments' files."""
        return self.folder / "instruments"

    @property
    def data_path(self) -> Path:
        """Root of what NexusLIMS writes."""
        return self.folder / "data"

    @property
    def database_url(self) -> str:
        """URL of the database."""
        if "NX_DB_URL" in self.settings:
            return self.settings["NX_DB_URL"]
        default = str(self.data_path / "nexuslims.db")
        return database_url(Path(self.settings.get("NX_DB_PATH", default)))

    @property
    def environment(self) -> dict[str, str]:
        """Environment of the program.

        It may keep compiled modules, wherever the tests themselves may not: to compile
        everything anew at each call would take most of its time.
        """
        kept = {name: text for name, text in os.environ.items() if name[:3] != "NX_"}
        compiled = {
            "PYTHONDONTWRITEBYTECODE": "",
            "PYTHONPYCACHEPREFIX": str(cache_folder() / "compiled"),
        }
        return {**kept, **compiled, **self.settings}

    def command(self, *arguments: str) -> list[str]:
        """Return the command line that runs the program."""
        return [sys.executable, "-m", "nexuslims_core", *arguments]

    def run(
        self, *arguments: str, expect: Sequence[int] = (0,)
    ) -> subprocess.CompletedProcess[str]:
        """Run the program and return what it said.

        Raises
        ------
        AssertionError
            If its exit code is none of `expect`; with its output.
        """
        done = subprocess.run(  # noqa: S603 - our own program
            self.command(*arguments),
            env=self.environment,
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode not in expect:
            msg = (
                f"nexuslims {' '.join(arguments)} exited with {done.returncode}, "
                f"expected {tuple(expect)}\n{done.stdout}\n{done.stderr}"
            )
            raise AssertionError(msg)
        return done

    def build(self, *arguments: str, expect: Sequence[int] = (0,)) -> dict[str, Any]:
        """Run ``nexuslims run --json`` and return the report."""
        done = self.run("run", "--json", *arguments, expect=expect)
        report: dict[str, Any] = json.loads(done.stdout)
        return report

    def statuses(self) -> dict[str, str]:
        """Return the status of every session, by identifier."""
        listed = self.run("sessions", "list", "--limit", "100000", "--json").stdout
        return {one["session_identifier"]: one["status"] for one in json.loads(listed)}

    def add_instrument(self, pid: str, **fields: str) -> Path:
        """Register an instrument and make its folder; return the folder.

        Parameters
        ----------
        fields
            Of `Instrument`; the rest is filled in.
        """
        given = {
            "display_name": pid.replace("-", " "),
            "location": "Building 1",
            "filestore_path": pid,
            "timezone": "America/Denver",
            "harvester": "database",
            "api_url": f"database:{pid}",
            **fields,
        }
        instrument = Instrument(pid=pid, **given)
        folder = self.instrument_root / instrument.filestore_path.lstrip("/")
        folder.mkdir(parents=True, exist_ok=True)
        with Store.open(self.database_url) as store:
            store.add_instrument(instrument)
        return folder

    def add_session(
        self, pid: str, start: datetime, end: datetime, **options: str
    ) -> None:
        """Log a session by hand; `options` are those of ``nexuslims sessions add``."""
        given = {
            "instrument": pid,
            "user": "amaya",
            "start": start.isoformat(),
            "end": end.isoformat(),
            **options,
        }
        self.run("sessions", "add", *_options(given))

    def log_sessions(
        self, pid: str, spans: Mapping[str, tuple[datetime, datetime]]
    ) -> None:
        """Log many sessions at once, past the program, by identifier.

        Each is titled by its identifier.
        """
        with Store.open(self.database_url) as store:
            known = {one.pid: one for one in store.instruments()}
            for identifier, (start, end) in spans.items():
                details = Reservation(
                    internal_id=identifier, title=identifier, start=start, end=end
                )
                session = Session(
                    identifier=identifier,
                    instrument=known[pid],
                    start=start,
                    end=end,
                    user="amaya",
                    details=details,
                )
                store.record_session(session)


def set_modified(path: Path, when: datetime) -> None:
    """Give a file the modification time `when`."""
    os.utime(path, (when.timestamp(), when.timestamp()))


def _options(given: Mapping[str, str]) -> list[str]:
    return [
        part
        for name, value in given.items()
        for part in (f"--{name.replace('_', '-')}", value)
    ]
