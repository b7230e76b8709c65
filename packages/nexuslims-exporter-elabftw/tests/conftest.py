"""A record, a session and a connected destination to try things with."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest
import stamina
from nexuslims_core.types import ExportResult
from nexuslims_exporter_elabftw.plugin import connect
from nexuslims_exporter_elabftw.settings import ElabftwSettings
from nexuslims_testing.samples.records import (
    example_context,
    example_site,
    rebuilt_context,
)
from nexuslims_testing.servers.faults import FaultProxy


@pytest.fixture
def no_waiting(monkeypatch):
    """Let repeats follow each other at once."""
    for module in ("delivery", "attachments"):
        name = f"nexuslims_exporter_elabftw.{module}.SETTLING_SECONDS"
        monkeypatch.setattr(name, 0.0)
    with stamina.set_testing(True, attempts=2, cap=True):
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
    """Return the context of a run in which CDCS was served before."""

    def make(base=context, **fields):
        values = {
            "destination": "cdcs",
            "success": True,
            "record_url": "https://cdcs.example.org/data?id=7&x=1",
            **fields,
        }
        return replace(base, results={"cdcs": ExportResult(**values)})

    return make


@pytest.fixture
def connected(site):
    """Return a destination for a server or the address of one."""

    def make(server, *, url=None, api_key=None, **settings):
        settings = ElabftwSettings(
            url=url or server.url, api_key=api_key or server.api_key, **settings
        )
        return connect(settings, site)

    return make


@pytest.fixture
def elabftw(connected, elabftw_server):
    """Return a destination that is connected to the server."""
    return connected(elabftw_server)


@pytest.fixture
def proxy(elabftw_server):
    """Put something between destination and server that can go wrong."""
    with FaultProxy(elabftw_server.url) as proxy:
        yield proxy


@pytest.fixture
def shaky(connected, elabftw_server, proxy, no_waiting):
    """Return a destination that reaches the server through `proxy`."""
    return connected(elabftw_server, url=proxy.url)


@pytest.fixture
def files(elabftw_server):
    """Return the names of the visible files of an experiment by comment."""

    def listed(experiment):
        found = elabftw_server.uploads(experiment.id)
        return {
            comment: sorted(u.real_name for u in found if u.comment == comment)
            for comment in {u.comment for u in found}
        }

    return listed


@pytest.fixture
def is_complete(elabftw_server, files):
    """Return a function that checks the only experiment for everything it needs."""

    def check(context):
        (experiment,) = elabftw_server.experiments()
        entries = [e for act in context.record.activities for e in act.datasets]
        by_comment = files(experiment)
        assert by_comment["NexusLIMS XML record"] == [context.xml_path.name]
        names = by_comment["NexusLIMS preview"]
        assert len(names) == len(set(names)) == len(entries)
        uploads = elabftw_server.uploads(experiment.id)
        record = next(u for u in uploads if u.comment == "NexusLIMS XML record")
        assert record.content == context.xml
        shown = [u for u in uploads if u.long_name in experiment.body]
        assert sorted(u.real_name for u in shown) == names
        assert context.record.motivation in experiment.body
        assert experiment.body.count("begins here") == 1
        assert sorted(experiment.tags) == ["NexusLIMS", "TEM-1", "mcurie"]
        assert experiment.metadata["nexuslims"]["experiment"] == experiment.id
        return experiment

    return check
