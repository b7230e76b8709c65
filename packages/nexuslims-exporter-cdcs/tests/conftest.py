"""A record, a session and a connected destination to try things with."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
import stamina
from nexuslims_core.types import (
    ExportContext,
    Instrument,
    Person,
    Record,
    Session,
)
from nexuslims_exporter_cdcs.plugin import connect
from nexuslims_exporter_cdcs.settings import CdcsSettings
from nexuslims_testing.samples.records import example_site
from nexuslims_testing.servers.faults import FaultProxy

TITLE = "2026-11-20_SEM-1_42"
URI = "https://data.nist.gov/od/dm/nexus/experiment/v1.0"


@pytest.fixture
def no_waiting():
    """Let repeats of the HTTP layer follow each other at once."""
    with stamina.set_testing(True, attempts=4, cap=True):
        yield


@pytest.fixture
def site(tmp_path):
    return example_site(tmp_path)


@pytest.fixture
def record_xml():
    """Return the text of a record with two activities."""

    def make(
        *,
        title="Grain boundary, 5 µm – “first”",
        identifier="42",
        ref="https://nemo.example.org/event_details/usage/42/",
        start="2026-11-20T09:00:00-05:00",
        instrument="SEM-1",
        extra="",
    ):
        return f"""<?xml version="1.0" encoding="UTF-8"?>
<Experiment xmlns="{URI}" xmlns:nx="{URI}" \
xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <title>{title}</title>
  <id>{identifier}</id>
  <summary ref="{ref}">
    <experimenter>Ada Lovelace (ada)</experimenter>
    <instrument pid="{instrument}">Scanning microscope</instrument>
    <reservationStart>{start}</reservationStart>
  </summary>
  <sample id="s-1">
    <name>Bracket</name>
    <elements>
      <Fe/>
    </elements>
  </sample>
  <acquisitionActivity seqno="0">
    <startTime>2026-11-20T09:05:00-05:00</startTime>
    <sampleID>s-1</sampleID>
    <dataset type="Image" role="Experimental">
      <name>one.tif</name>
      <location>/SEM/ada/one.tif</location>
      <preview>/SEM/ada/one.tif.thumb.png</preview>
      <meta name="Data Type">SEM_Imaging</meta>
    </dataset>
  </acquisitionActivity>
  <acquisitionActivity seqno="1">
    <startTime>2026-11-20T10:05:00-05:00</startTime>
    <sampleID>s-1</sampleID>
    <setup>
      <param name="Voltage" unit="kV">15.0</param>
    </setup>
    <dataset type="Image" role="Experimental">
      <name>two.tif</name>
      <location>/SEM/ada/two.tif</location>
      <meta name="Data Type">SEM_Imaging</meta>
    </dataset>
    <dataset type="Image" role="Experimental">
      <name>three.tif</name>
      <location>/SEM/ada/three%20b.tif</location>
    </dataset>{extra}
  </acquisitionActivity>
</Experiment>
"""

    return make


@pytest.fixture
def context(record_xml, tmp_path):
    xml = record_xml().encode()
    path = tmp_path / f"{TITLE}.xml"
    path.write_bytes(xml)
    instrument = Instrument(
        pid="SEM-1", display_name="SEM", location="B1", filestore_path="SEM"
    )
    session = Session(
        identifier="https://nemo.example.org/api/usage_events/?id=42",
        instrument=instrument,
        start=datetime(2026, 11, 20, 14, tzinfo=UTC),
        end=datetime(2026, 11, 20, 16, tzinfo=UTC),
        user="ada",
    )
    record = Record(
        title="Grain boundary",
        id="42",
        experimenter="Ada Lovelace (ada)",
        instrument_pid="SEM-1",
        instrument_name="Scanning microscope",
    )
    return ExportContext(
        session=session,
        title=TITLE,
        xml_path=path,
        xml=xml,
        record=record,
        data_path=tmp_path,
        user=Person(username="ada", first_name="Ada", email="ada@example.org"),
    )


@pytest.fixture
def with_xml(context):
    """Return the context with another text for a record."""
    return lambda text: replace(context, xml=text.encode())


@pytest.fixture
def rebuilt(context, record_xml):
    """Return the context as a later run makes it, with a record that has changed."""

    def make(*, previous=None, **fields):
        xml = record_xml(**(fields or {"title": "Changed"}))
        return replace(context, xml=xml.encode(), previous=previous)

    return make


@pytest.fixture
def connected(site):
    """Return a destination for a server or the address of one."""

    def make(server, *, url=None, token=None, **settings):
        settings = CdcsSettings(
            url=url or server.url, token=token or server.admin_token, **settings
        )
        return connect(settings, site)

    return make


@pytest.fixture
def cdcs(connected, cdcs_server):
    """Return a destination that is connected to a real repository."""
    return connected(cdcs_server)


@pytest.fixture
def proxy(cdcs_server):
    """Put something between destination and repository that can go wrong."""
    with FaultProxy(cdcs_server.url) as proxy:
        yield proxy


@pytest.fixture
def shaky(connected, cdcs_server, proxy, no_waiting):
    """Return a destination that reaches the repository through `proxy`."""
    return connected(cdcs_server, url=proxy.url)
