from __future__ import annotations

from datetime import UTC, datetime

import pytest
from nexuslims_core.types import Instrument, Session, Site, Window
from nexuslims_harvester_nemo.plugin import connect
from nexuslims_harvester_nemo.settings import NemoSettings


@pytest.fixture
def instrument():
    """Return a function that describes an instrument that is tool `number`."""

    def describe(base, number=1, **fields):
        given = {
            "pid": f"Tool-{number}",
            "display_name": f"Tool {number}",
            "location": "Building 1",
            "filestore_path": f"tool_{number}",
            "timezone": "America/Denver",
            "api_url": f"{base}tools/?id={number}",
        }
        return Instrument(**{**given, **fields})

    return describe


@pytest.fixture
def site(tmp_path):
    def describe(*instruments):
        return Site(
            instrument_data_path=tmp_path,
            data_path=tmp_path,
            records_path=tmp_path,
            instruments=instruments,
        )

    return describe


@pytest.fixture
def source(site, instrument):
    """Return a function that connects to a server, by default with two tools."""

    def start(base, token, *instruments, **settings):
        mine = instruments or (instrument(base, 1), instrument(base, 2))
        configured = NemoSettings(address=base, token=token, **settings)
        return connect(configured, site(*mine))

    return start


@pytest.fixture
def harvest(nemo, source):
    """Return a function that harvests `nemo` and returns what it yields."""

    def run(window=None, **settings):
        connected = source(nemo.url, nemo.token, **settings)
        return list(connected.sessions(window or Window()))

    return run


@pytest.fixture
def session(instrument):
    """Return a function that describes a morning's session on a server's tool 1."""

    def describe(base, event=None, **fields):
        given = {
            "identifier": f"{base}usage_events/?id={event}",
            "instrument": instrument(base, 1),
            "start": datetime(2024, 5, 6, 15, tzinfo=UTC),
            "end": datetime(2024, 5, 6, 18, tzinfo=UTC),
            "user": "amaya",
        }
        return Session(**{**given, **fields})

    return describe
