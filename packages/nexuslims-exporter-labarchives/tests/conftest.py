"""A record, a session and a connected destination to try things with."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest
import stamina
from nexuslims_core.types import ExportResult
from nexuslims_exporter_labarchives.plugin import connect
from nexuslims_exporter_labarchives.settings import LabArchivesSettings
from nexuslims_testing.samples.records import (
    example_context,
    example_site,
    rebuilt_context,
)
from nexuslims_testing.servers.faults import FaultProxy


@pytest.fixture
def no_waiting(monkeypatch):
    """Let repeats follow each other at once."""
    for module in ("tree", "shelf"):
        name = f"nexuslims_exporter_labarchives.{module}.SETTLING_SECONDS"
        monkeypatch.setattr(name, 0.0)
    with stamina.set_testing(True, attempts=3, cap=True):
        yield


@pytest.fixture
def site(tmp_path):
    return example_site(tmp_path)


@pytest.fixture
def context(tmp_path):
    """Return a record of six datasets, each with a preview."""
    return example_context(tmp_path)


@pytest.fixture
def rebuilt(context, tmp_path):
    """Return the context as a later run makes it, with a record that has changed."""

    return partial(rebuilt_context, tmp_path, context)


@pytest.fixture
def with_cdcs(context):
    """Return the context as it is when CDCS answered with an address."""

    def make(url):
        result = ExportResult(destination="cdcs", success=True, record_url=url)
        return replace(context, results={"cdcs": result})

    return make


@pytest.fixture
def connected(site):
    """Return a destination for a server; without waiting between calls."""

    def make(server, **settings):
        given = {
            "url": server.url,
            "access_key_id": server.access_key_id,
            "access_password": server.access_password,
            "user_id": server.uid,
            "notebook_id": server.notebook,
            "min_interval_s": 0.0,
        }
        return connect(LabArchivesSettings(**{**given, **settings}), site)

    return make


@pytest.fixture
def labarchives(connected, labarchives_server):
    """Return a destination that writes into the facility's notebook."""
    return connected(labarchives_server)


@pytest.fixture
def proxy(labarchives_server):
    """Put something between destination and server that can go wrong."""
    with FaultProxy(labarchives_server.url) as proxy:
        yield proxy


@pytest.fixture
def shaky(connected, labarchives_server, proxy, no_waiting):
    """Return a destination that reaches the server through `proxy`."""
    return connected(labarchives_server, url=proxy.url)


@pytest.fixture
def the_page(labarchives_server):
    """Return the only page of the notebook, when asked."""

    def find():
        (page,) = labarchives_server.pages()
        return page

    return find
