"""The program, run in this process as an operator runs it in a folder of their own."""

from __future__ import annotations

import importlib.metadata
import json
import os
import sys
import textwrap
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from nexuslims_core.cli import cli
from nexuslims_core.cli.exits import guarded

if TYPE_CHECKING:
    from pathlib import Path

SHELF = """
import logging

from nexuslims_core import hookimpl
from nexuslims_core.plugin_settings import PluginSettings
from nexuslims_core.errors import *
from nexuslims_core.types import *
from pydantic import SecretStr

class ShelfSettings(PluginSettings):
    env_prefix = "NX_SHELF_"
    token: SecretStr
    mode: str = "good"

class Shelf:
    def __init__(self, settings):
        self.mode = settings.mode
        self.token = settings.token.get_secret_value()

    def validate_config(self):
        if self.mode == "invalid":
            raise ConfigurationError(f"the token {self.token} is refused")

    def export(self, context):
        print("printed by the plugin")
        logging.getLogger("nexuslims_shelf").debug("asking with %s", self.token)
        logging.getLogger("elsewhere").info("asking with %s", self.token)
        if self.mode == "raises":
            raise RuntimeError(f"no entry with {self.token}")
        if self.mode == "refuses":
            raise ExportError(f"{self.token} may not write", retry=False)
        return ExportResult(destination="shelf", success=True, action="created")

def connect(settings, site):
    return Shelf(settings)

@hookimpl
def nexuslims_export_destinations():
    yield ExportDestination(name="shelf", settings=ShelfSettings, connect=connect)
"""
CALENDAR = """
from datetime import datetime, timedelta, timezone

from nexuslims_core import hookimpl
from nexuslims_core.plugin_settings import PluginSettings
from nexuslims_core.errors import *
from nexuslims_core.types import *
from pydantic import SecretStr

class CalendarSettings(PluginSettings):
    env_prefix = "NX_CALENDAR_"
    token: SecretStr
    mode: str = "good"
    sessions: int = 1

class Calendar:
    def __init__(self, settings, site):
        self.settings = settings
        self.instruments = {one.pid: one for one in site.instruments}

    def serves(self, instrument):
        return True

    def check(self):
        if self.settings.mode == "unreachable":
            raise SourceError(f"no {self.settings.token.get_secret_value()} there")

    def sessions(self, window):
        print("printed by the plugin", window.start, window.end)
        if self.settings.mode == "raises":
            raise RuntimeError(self.settings.token.get_secret_value())
        now = datetime.now(timezone.utc)
        for number in range(self.settings.sessions):
            yield Session(
                identifier=f"event-{number}",
                instrument=self.instruments["SEM-1"],
                start=now - timedelta(hours=30),
                end=now - timedelta(hours=28),
                user="ada",
            )

    def reservation(self, session):
        if self.settings.mode == "refused":
            raise NoConsentError("ada refused")
        return Reservation(internal_id=session.identifier, title="From the calendar")

@hookimpl
def nexuslims_harvesters():
    yield Harvester(name="calendar", settings=CalendarSettings, connect=Calendar)
"""
TOKEN = "sesame-open-17"


@dataclass(frozen=True, kw_only=True)
class Said:
    """What one command did."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        return json.loads(self.out)


@dataclass
class Operator:
    """Someone at a shell, in a folder of their own."""

    folder: Path
    capture: Any
    monkeypatch: Any
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def data(self):
        return self.folder / "data"

    @property
    def instruments(self):
        return self.folder / "instruments"

    def __call__(self, *arguments, expect=0):
        for name in [one for one in os.environ if one.startswith("NX_")]:
            self.monkeypatch.delenv(name)
        for name, value in self.settings.items():
            self.monkeypatch.setenv(name, value)
        self.capture.readouterr()
        code = guarded(cli, [str(one) for one in arguments])
        said = self.capture.readouterr()
        assert code == expect, f"exit code {code}\n{said.out}\n{said.err}"
        return Said(code=code, out=said.out, err=said.err)

    def plugin(self, body, name="acme"):
        profiles = self.folder / "profiles"
        profiles.mkdir(exist_ok=True)
        (profiles / f"{name}.py").write_text(textwrap.dedent(body))
        self.settings["NX_LOCAL_PROFILES_PATH"] = str(profiles)

    def add_instrument(self, pid="SEM-1", harvester="database", **options):
        given = {
            "pid": pid,
            "name": f"Our {pid}",
            "location": "Room 1",
            "filestore": pid,
            "timezone": "Europe/Berlin",
            "harvester": harvester,
            **options,
        }
        words = [part for key, text in given.items() for part in (f"--{key}", text)]
        (self.instruments / pid).mkdir(exist_ok=True)
        return self("instruments", "add", *words)

    def add_session(self, identifier="mine", *, hours=30, **options):
        start = datetime.now(tz=UTC) - timedelta(hours=hours)
        given = {
            "instrument": "SEM-1",
            "user": "ada",
            "start": start.isoformat(),
            "end": (start + timedelta(hours=2)).isoformat(),
            "id": identifier,
            **options,
        }
        words = [part for key, text in given.items() for part in (f"--{key}", text)]
        return self("sessions", "add", *words)

    def write(self, name="notes.txt", *, hours=29, pid="SEM-1", content=b"beam on"):
        path = self.instruments / pid / name
        path.write_bytes(content)
        when = (datetime.now(tz=UTC) - timedelta(hours=hours)).timestamp()
        os.utime(path, (when, when))
        return path

    def shelf(self, mode="good"):
        self.plugin(SHELF, "shelf")
        self.settings |= {"NX_SHELF_TOKEN": TOKEN, "NX_SHELF_MODE": mode}

    def calendar(self, mode="good", sessions=1):
        self.plugin(CALENDAR, "calendar")
        self.settings |= {
            "NX_CALENDAR_TOKEN": TOKEN,
            "NX_CALENDAR_MODE": mode,
            "NX_CALENDAR_SESSIONS": str(sessions),
        }

    def logs(self):
        return sorted((self.data / "logs").rglob("*.log"))


@pytest.fixture
def nexuslims(tmp_path, monkeypatch, capsys):
    """Return the program, with settings and folders and nothing else yet."""
    home = tmp_path / "home"
    (home / "instruments").mkdir(parents=True)
    monkeypatch.chdir(home)
    monkeypatch.setenv("COLUMNS", "200")
    found = importlib.metadata.entry_points(group="nexuslims")
    others = sorted({one.dist.name for one in found} - {"nexuslims-core"})
    settings = {
        "NX_INSTRUMENT_DATA_PATH": str(home / "instruments"),
        "NX_DATA_PATH": str(home / "data"),
        "NX_FILE_STRATEGY": "inclusive",
        "NX_EXECUTOR": "inline",
        "NX_DISABLED_PLUGINS": ",".join(others),
    }
    yield Operator(
        folder=home, capture=capsys, monkeypatch=monkeypatch, settings=settings
    )
    for name in [one for one in sys.modules if one.startswith("nexuslims_local_")]:
        del sys.modules[name]


@pytest.fixture
def installed(nexuslims):
    """Return the program with a database and one instrument."""
    nexuslims("db", "init")
    nexuslims.add_instrument()
    return nexuslims


@pytest.fixture
def ready(installed):
    """Return the program with a session, a file and a repository."""
    installed.shelf()
    installed.add_session()
    installed.write()
    return installed


@pytest.fixture
def snapshot():
    """Return a function that describes every file of a tree, times included."""

    def describe(root):
        found = {}
        for path in sorted(root.rglob("*")):
            stat = path.lstat()
            content = path.read_bytes() if path.is_file() else b""
            found[str(path)] = (content, stat.st_mtime_ns, stat.st_mode, stat.st_ino)
        return found

    return describe
