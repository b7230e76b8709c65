from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from nexuslims_core.builtin.database import DatabaseSource
from nexuslims_core.types import Instrument, Person, Reservation, Session, Window

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.fixture
def session():
    """Return a function that makes a session of an instrument with the harvester."""
    instrument = Instrument(
        pid="SEM-1",
        display_name="Our SEM",
        location="",
        filestore_path="",
        harvester="database",
    )

    def make(**values):
        return Session(
            identifier="by-hand",
            instrument=instrument,
            start=NOW,
            end=NOW + timedelta(hours=1),
            **values,
        )

    return make


@pytest.mark.parametrize(("harvester", "served"), [("database", True), ("nemo", False)])
def test_it_serves_the_instruments_that_name_it(harvester, served):
    instrument = Instrument(
        pid="X", display_name="X", location="", filestore_path="", harvester=harvester
    )

    assert DatabaseSource().serves(instrument) is served


def test_there_is_nothing_to_harvest_and_nothing_to_fail():
    source = DatabaseSource()
    source.check()

    assert list(source.sessions(Window())) == []


def test_a_session_is_described_by_its_own_details(session):
    details = Reservation(internal_id="by-hand", title="Grains")

    assert DatabaseSource().reservation(session(details=details)) is details


def test_a_session_without_details_is_described_by_its_times_and_user(session):
    found = DatabaseSource().reservation(session(user="ada"))

    assert found == Reservation(
        internal_id="by-hand",
        user=Person(username="ada"),
        start=NOW,
        end=NOW + timedelta(hours=1),
    )


def test_a_session_of_an_unknown_user_has_none(session):
    assert DatabaseSource().reservation(session()).user is None
