"""Which records go to which destination."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from nexuslims_core.pipeline.connect import ConnectedDestination, connect_destinations
from nexuslims_core.plugin_settings import DestinationSettings, PluginSettings
from nexuslims_core.settings import Environment
from nexuslims_core.store import ExternalUser
from nexuslims_core.types import ExportDestination, Project, Record


class ShelfSettings(DestinationSettings):
    env_prefix = "NX_SHELF_"

    folder: str


class PlainSettings(PluginSettings):
    env_prefix = "NX_PLAIN_"


@pytest.fixture
def connected():
    """Return a function that connects destinations as the variables given say."""

    def connected(settings, **variables):
        contribution = ExportDestination(
            name="shelf", settings=settings, connect=lambda _settings, _site: object()
        )
        environment = Environment.read(environ=variables)
        return connect_destinations([contribution], environment, site=None)

    return connected


@pytest.fixture
def record():
    """Return a function that makes a record of an instrument and projects."""

    def record(pid="SEM-1", *projects):
        return Record(
            title="t",
            id="1",
            experimenter="ada",
            instrument_pid=pid,
            instrument_name="SEM",
            projects=projects,
        )

    return record


def test_instances_are_restricted_each_by_its_own_settings(connected, record):
    first, second = connected(
        ShelfSettings,
        NX_SHELF_FOLDER="a",
        NX_SHELF_INSTRUMENTS="SEM-1, SEM-2",
        NX_SHELF_FOLDER_2="b",
        NX_SHELF_INSTRUMENTS_2="TEM-1",
    )
    assert (first.name, second.name) == ("shelf", "shelf_2")
    takers = {
        pid: [one.name for one in (first, second) if one.takes(record(pid))]
        for pid in ("SEM-1", "SEM-2", "TEM-1", "FIB-1")
    }
    assert takers == {
        "SEM-1": ["shelf"],
        "SEM-2": ["shelf"],
        "TEM-1": ["shelf_2"],
        "FIB-1": [],
    }


@pytest.mark.parametrize(
    ("project", "taken"),
    [
        (Project(project_id="P-7"), True),
        (Project(project_id="p-7 "), True),
        (Project(name="Steel"), True),
        (Project(project_id="P-70"), False),
        (Project(), False),
    ],
)
def test_projects_are_known_by_identifier_or_name(connected, record, project, taken):
    [shelf] = connected(
        ShelfSettings, NX_SHELF_FOLDER="a", NX_SHELF_PROJECTS="P-7,steel"
    )
    assert shelf.takes(record("SEM-1", project)) is taken
    assert not shelf.takes(record("SEM-1"))


def test_both_restrictions_hold_at_once(connected, record):
    [shelf] = connected(
        ShelfSettings,
        NX_SHELF_FOLDER="a",
        NX_SHELF_PROJECTS="P-7",
        NX_SHELF_INSTRUMENTS="SEM-1",
    )
    project = Project(project_id="P-7")
    assert shelf.takes(record("SEM-1", project))
    assert not shelf.takes(record("SEM-2", project))


def test_destinations_without_such_settings_take_everything(connected, record):
    [plain] = connected(PlainSettings)
    assert plain.takes(record())


def test_only_those_that_take_a_record_are_asked_for_it(lab):
    lab.log()
    lab.write()
    ours, others = lab.shelf("ours"), lab.shelf("others")
    context = lab.context()
    restricted = [
        replace(one, instruments=frozenset({"TEM-1"})) if one.name == "others" else one
        for one in context.destinations
    ]

    report = lab.run(destinations=tuple(restricted))

    assert [one.status for one in report.sessions] == ["COMPLETED"]
    assert len(ours.contexts) == 1
    assert not others.contexts


def test_a_record_that_nobody_takes_is_kept_and_named(lab):
    lab.log()
    lab.write()
    restricted = ConnectedDestination(
        name="others", priority=1, destination=None, instruments=frozenset({"TEM-1"})
    )

    [session] = lab.run(destinations=(restricted,)).sessions

    assert session.status == "BUILT_NOT_EXPORTED"
    assert "no export destination takes records of SEM-1" in session.error


def test_destinations_are_told_who_the_user_is_elsewhere(lab):
    lab.log()
    lab.write()
    shelf = lab.shelf()
    now = datetime(2026, 1, 1, tzinfo=UTC)
    user = lab.scheduler.reservation(lab.session()).user.username
    lab.store.set_external_id(
        ExternalUser(username=user, system="elabftw", external_id="42"), now
    )

    lab.run()

    assert shelf.contexts[0].external_ids == {"elabftw": "42"}
