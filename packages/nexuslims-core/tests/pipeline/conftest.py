"""A laboratory: real store, real plugin manager, real files; made-up servers."""

from __future__ import annotations

import os
import sys
import textwrap
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest
from nexuslims_core import extraction
from nexuslims_core.builtin import plugin as built_in
from nexuslims_core.errors import ExportError
from nexuslims_core.manager import PluginManager
from nexuslims_core.pipeline.connect import ConnectedDestination, ConnectedSource
from nexuslims_core.pipeline.context import RunContext
from nexuslims_core.pipeline.dry import dry_run
from nexuslims_core.pipeline.progress import Silent
from nexuslims_core.pipeline.run import run
from nexuslims_core.settings import Environment, settings_from
from nexuslims_core.store import Store, database_url, initialise
from nexuslims_core.types import (
    ExportResult,
    Instrument,
    Person,
    Reservation,
    Sample,
    Session,
    Site,
)

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
HEADER = """
from dataclasses import replace
from nexuslims_core import hookimpl
from nexuslims_core.errors import ExtractionError, PreviewError
from nexuslims_core.types import *

calls = []

def dataset(file, **more):
    values = {"dataset_type": "Image", "data_type": "SEM_Imaging", **more}
    return Dataset(file=file, **values)

def one(file, **more):
    calls.append(file.path.name)
    return Extraction(datasets=(dataset(file, **more),))
"""
ACME = """
@hookimpl
def nexuslims_extractors():
    yield Extractor(name="acme", extensions=frozenset({"acm"}), extract=one)
"""


class Clock:
    """The time, which tests move."""

    def __init__(self):
        self.now = NOW

    def __call__(self):
        return self.now

    def pass_(self, **span):
        self.now += timedelta(**span)


@dataclass
class Scheduler:
    """A scheduler whose answers the test sets."""

    known: list = field(default_factory=list)
    """What it yields; an exception is raised at its place."""
    answer: Any = None
    """A reservation, an exception to raise, or `None` for one of its own making."""
    serving: Any = True
    windows: list = field(default_factory=list)

    def serves(self, _instrument):
        return _given(self.serving)

    def check(self):
        """Be well."""

    def sessions(self, window):
        self.windows.append(window)
        for one in self.known:
            yield _given(one)

    def reservation(self, session):
        if self.answer is not None:
            return _given(self.answer)
        return Reservation(
            internal_id=session.identifier.rpartition("=")[2],
            title="Grains",
            user=Person(username="ada"),
            samples=(Sample(name="Bar 7"),),
        )


@dataclass
class Shelf:
    """A repository that does what the test says."""

    name: str
    behaviour: Any = None
    """An exception to raise, a value to return, or `None` for success; ``half-done``
    for taking the record, and failing before it can say so.
    """
    contexts: list = field(default_factory=list)
    records: dict = field(default_factory=dict)
    """What it took, by the record's title."""
    journal: list = field(default_factory=list)

    def validate_config(self):
        """Be well."""

    def export(self, context):
        self.contexts.append(context)
        self.journal.append(self.name)
        if self.behaviour not in (None, "half-done"):
            return _given(self.behaviour)
        known = context.title in self.records or context.previous
        action = "updated" if known else "created"
        self.records[context.title] = context.xml
        if self.behaviour == "half-done":
            msg = "the answer was lost"
            raise ExportError(msg)
        return ExportResult(
            destination=self.name,
            success=True,
            action=action,
            record_id=f"{self.name}-1",
            record_url=f"https://{self.name}.example.org/1",
        )


def _given(value):
    if isinstance(value, BaseException):
        raise value
    return value() if callable(value) else value


@dataclass
class Laboratory:
    """A facility in a temporary folder."""

    folder: Path
    store: Store
    clock: Clock
    scheduler: Scheduler
    instrument: Instrument
    plugin: Any
    shelves: list[Shelf] = field(default_factory=list)
    settings: dict[str, str] = field(default_factory=dict)
    secrets: frozenset[str] = frozenset()
    blocked: dict[str, str] = field(default_factory=dict)
    modules: list[ModuleType] = field(default_factory=list)
    start: datetime = NOW - timedelta(hours=6)
    end: datetime = NOW - timedelta(hours=4)
    owner: str = "runner"
    sources: tuple | None = None

    @property
    def root(self):
        return self.folder / "instruments"

    @property
    def data(self):
        return self.folder / "data"

    def context(self, **overrides):
        environment = Environment.read(
            environ={
                "NX_INSTRUMENT_DATA_PATH": str(self.root),
                "NX_DATA_PATH": str(self.data),
                "NX_EXECUTOR": "inline",
                "NX_FILE_SETTLE_SECONDS": "0",
                **self.settings,
            }
        )
        settings = settings_from(environment)
        settings.create_directories()
        manager = PluginManager.of(built_in, *self.modules)
        source = ConnectedSource(name="paper", harvester="nemo", source=self.scheduler)
        values = {
            "settings": settings,
            "environment": environment,
            "site": Site(
                instrument_data_path=settings.instrument_data_path,
                data_path=settings.data_path,
                records_path=settings.records_path,
                instruments=self.store.instruments(),
            ),
            "manager": manager,
            "store": self.store,
            "sources": (source,) if self.sources is None else self.sources,
            "destinations": tuple(
                ConnectedDestination(
                    name=one.name, priority=100 - index, destination=one
                )
                for index, one in enumerate(self.shelves)
            ),
            "blocked_instruments": self.blocked,
            "progress": Silent(),
            "now": self.clock,
            "owner": self.owner,
            "extractors_fingerprint": manager.fingerprint(),
            "secrets": self.secrets,
            **overrides,
        }
        return RunContext(**values)

    def run(self, *, window=None, **overrides):
        return run(self.context(**overrides), window=window)

    def dry_run(self, **overrides):
        return dry_run(self.context(**overrides))

    def write(self, name="a.acm", content=b"data", *, minutes=10, when=None):
        path = self.root / "SEM" / name
        path.write_bytes(content)
        when = (when or self.start) + timedelta(minutes=minutes)
        os.utime(path, (when.timestamp(), when.timestamp()))
        return path

    def session(self, number=1, **changes):
        values = {
            "identifier": f"https://nemo.example.org/api/usage_events/?id={number}",
            "instrument": self.instrument,
            "start": self.start,
            "end": self.end,
            "user": "ada",
            **changes,
        }
        return Session(**values)

    def log(self, number=1, **changes):
        session = self.session(number, **changes)
        self.store.record_session(session)
        return session

    def shelf(self, name="cdcs", behaviour=None):
        journal = self.shelves[0].journal if self.shelves else []
        self.shelves.append(Shelf(name=name, behaviour=behaviour, journal=journal))
        return self.shelves[-1]

    def status(self, number=1):
        return self.history(number).summary.status

    def state(self, number=1):
        return self.history(number).summary.state

    def history(self, number=1):
        return self.store.show_session(self.session(number).identifier)

    def records(self):
        return sorted((self.data / "records").rglob("*.xml"))


@pytest.fixture
def plugin(monkeypatch, tmp_path):
    """Return a function that makes a plugin module, importable by this process."""
    made = []

    def make(body=ACME, name=None):
        module = ModuleType(name or f"acme_{tmp_path.name}_{len(made)}")
        module.__dict__["__builtins__"] = __builtins__
        code = compile(HEADER + textwrap.dedent(body), module.__name__, "exec")
        exec(code, module.__dict__)
        monkeypatch.setitem(sys.modules, module.__name__, module)
        made.append(module)
        extraction.manager_from.cache_clear()
        return module

    yield make
    extraction.manager_from.cache_clear()


@pytest.fixture
def lab(tmp_path, plugin):
    """Return a facility with one instrument and a reader of ``.acm`` files."""
    url = database_url(tmp_path / "nexuslims.db")
    (tmp_path / "instruments" / "SEM").mkdir(parents=True)
    instrument = Instrument(
        pid="SEM-1",
        display_name="Our SEM",
        location="Room 1",
        filestore_path="SEM",
        timezone="Europe/Berlin",
        api_url="https://nemo.example.org/api/tools/?id=1",
    )
    initialise(url)
    with Store.open(url) as store:
        store.add_instrument(instrument)
        yield Laboratory(
            folder=tmp_path,
            store=store,
            clock=Clock(),
            scheduler=Scheduler(),
            instrument=instrument,
            plugin=plugin,
            modules=[plugin()],
        )


@pytest.fixture
def shelf():
    """Return a function that makes a repository."""

    def make(name, behaviour=None):
        return Shelf(name=name, behaviour=behaviour)

    return make
