from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from nexuslims_core.builtin import plugin as built_in
from nexuslims_core.errors import ConfigurationError, ExportError, SourceError
from nexuslims_core.manager import PluginManager
from nexuslims_core.pipeline.connect import (
    ConnectedDestination,
    ConnectedSource,
    connect_destinations,
    connect_sources,
    executor_for,
)
from nexuslims_core.pipeline.preflight import (
    blocked_instruments,
    check_data_path,
    check_database,
    check_destinations,
    check_executor,
    check_instruments,
    check_sources,
    usable_destinations,
    usable_sources,
)
from nexuslims_core.settings import Environment
from nexuslims_core.store import database_url

CONNECTIONS = """
from nexuslims_core.plugin_settings import PluginSettings

class AcmeSettings(PluginSettings):
    env_prefix = "NX_ACME_"
    folder: str
    mode: str = ""

class Thing:
    def __init__(self, settings):
        self.settings = settings

def connect(settings, site):
    if settings.mode == "raises":
        raise ZeroDivisionError("by the plugin")
    if settings.mode == "exits":
        raise SystemExit(0)
    if settings.mode == "nothing":
        return None
    return Thing(settings)

@hookimpl
def nexuslims_harvesters():
    yield Harvester(name="acme", settings=AcmeSettings, connect=connect)

@hookimpl
def nexuslims_export_destinations():
    yield ExportDestination(name="acme", settings=AcmeSettings, connect=connect)

@hookimpl
def nexuslims_executors():
    yield Executor(name="acme", settings=AcmeSettings, create=connect)
"""


def problems(checks):
    return {one.name: one.message for one in checks if not one.passed}


# Connecting


@pytest.fixture
def connect(lab):
    """Return a function that connects the plugin's repositories for some settings."""
    manager = PluginManager.of(built_in, lab.plugin(CONNECTIONS))

    def connect(**variables):
        environment = Environment.read(environ=variables)
        destinations = manager.export_destinations.values()
        sources = [one for one in manager.harvesters.values() if one.name == "acme"]
        site = lab.context().site
        found = connect_destinations(destinations, environment, site)
        also = connect_sources(sources, environment, site)
        assert [one.problem for one in found] == [one.problem for one in also]
        return found

    return connect


def test_each_configured_instance_is_connected(connect):
    found = connect(NX_ACME_FOLDER="a", NX_ACME_FOLDER_2="b", NX_ACME_MODE_7="c")

    assert [one.name for one in found] == ["acme", "acme_2", "acme_7"]
    assert [one.destination is None for one in found] == [False, False, True]
    assert "NX_ACME_FOLDER_7" in found[2].problem


@pytest.mark.parametrize(
    ("mode", "problem"),
    [
        ("raises", "ZeroDivisionError: by the plugin"),
        ("exits", "it called sys.exit(0)"),
        ("nothing", "its plugin connects to nothing"),
    ],
)
def test_a_connection_that_fails_costs_no_other(connect, mode, problem):
    found = connect(NX_ACME_FOLDER="a", NX_ACME_FOLDER_2="b", NX_ACME_MODE_2=mode)

    assert [one.problem for one in found] == [None, problem]


@pytest.mark.parametrize(
    ("name", "variables", "told"),
    [
        ("cluster", {}, "no plugin offers that; known: acme, inline, process"),
        ("acme", {}, "its settings NX_ACME_… are not set"),
        ("acme", {"NX_ACME_MODE": "x"}, "NX_ACME_FOLDER"),
    ],
)
def test_an_executor_that_cannot_be_used_is_a_failed_check(lab, name, variables, told):
    manager = PluginManager.of(built_in, lab.plugin(CONNECTIONS))
    environment = Environment.read(environ=variables)

    found = check_executor(name, manager.executors, environment)

    assert told in found.message
    assert found.blocks_everything


def test_an_executor_is_found_with_its_settings(lab):
    manager = PluginManager.of(built_in, lab.plugin(CONNECTIONS))
    environment = Environment.read(environ={"NX_ACME_FOLDER": "a"})

    executor, settings = executor_for("acme", manager.executors, environment)

    assert (executor.name, settings.folder) == ("acme", "a")
    assert check_executor("acme", manager.executors, environment).passed


def test_an_executor_that_cannot_start_is_told_without_secrets(lab):
    lab.modules.append(lab.plugin(CONNECTIONS))
    lab.settings |= {
        "NX_EXECUTOR": "acme",
        "NX_ACME_FOLDER": "a",
    }
    lab.secrets = frozenset({"acme_"})
    lab.log()
    lab.write()

    # `create` is called with three arguments, and `connect` takes two.
    with pytest.raises(Exception, match="executor 'acme' cannot be started") as caught:
        lab.run()

    assert "TypeError" in str(caught.value)
    assert "acme_" not in str(caught.value)


# Database and folders


def test_a_good_database_passes_all_its_checks(lab):
    found = list(check_database(database_url(lab.folder / "nexuslims.db")))

    assert {one.name for one in found} == {
        "db_reachable",
        "db_tables",
        "alembic_migration",
    }
    assert problems(found) == {}


def test_a_missing_database_blocks_everything(tmp_path):
    [found] = check_database(database_url(tmp_path / "none.db"))

    assert found.name == "db_reachable"
    assert found.blocks_everything
    assert "`nexuslims db init`" in found.message


def test_missing_folders_are_made_for_a_run_and_not_for_a_look(lab):
    settings = lab.context().settings.model_copy(
        update={"data_path": lab.folder / "new" / "data"}
    )

    assert check_data_path(settings, create=False).passed
    assert not (lab.folder / "new").exists()
    assert check_data_path(settings, create=True).passed
    assert (lab.folder / "new" / "data").is_dir()


@pytest.mark.parametrize("create", [False, True])
def test_a_file_in_the_place_of_a_folder_blocks_everything(lab, create):
    settings = lab.context().settings
    (lab.data / "records").rmdir()
    (lab.data / "records").write_text("no folder")

    found = check_data_path(settings, create=create)

    assert found.blocks_everything
    assert "NX_RECORDS_PATH" in found.message


# Instruments


def test_no_instrument_is_a_warning_that_blocks_nothing(lab):
    [found] = check_instruments((), (), lab.context().site)

    assert (found.name, found.passed, found.severity) == (
        "instruments_exist",
        False,
        "warning",
    )
    assert not found.blocks_everything
    assert "`nexuslims instruments add`" in found.message


@pytest.mark.parametrize(
    ("change", "name", "severity", "told"),
    [
        ({"timezone": "Mars/Olympus"}, "instrument_timezones", "error", "no IANA name"),
        ({"filestore_path": "TEM"}, "instrument_filestore_paths", "warning", "mounted"),
        ({"filestore_path": "../x"}, "instrument_filestore_paths", "warning", "leads"),
        ({"harvester": "ical"}, "instrument_harvesters", "error", "pip install"),
    ],
)
def test_what_is_wrong_with_an_instrument_blocks_that_one(
    lab, change, name, severity, told
):
    context = lab.context()
    bad = replace(lab.instrument, pid="BAD-1", **change)

    checks = list(
        check_instruments((lab.instrument, bad), context.sources, context.site)
    )

    [failed] = [one for one in checks if not one.passed]
    assert (failed.name, failed.severity) == (name, severity)
    assert told in failed.message
    assert list(blocked_instruments(checks)) == ["BAD-1"]
    assert not failed.blocks_everything


@pytest.mark.parametrize(
    ("serving", "told"),
    [
        (False, "no configured 'nemo' server has the address of its api_url"),
        (KeyError("tools"), "paper: KeyError: 'tools'"),
    ],
)
def test_an_instrument_that_no_source_serves_is_blocked(lab, serving, told):
    lab.scheduler.serving = serving
    context = lab.context()

    checks = list(check_instruments((lab.instrument,), context.sources, context.site))

    assert told in problems(checks)["instrument_harvesters"]


def test_an_instrument_whose_source_is_not_connected_says_why(lab):
    lab.sources = (
        ConnectedSource(
            name="paper",
            harvester="nemo",
            source=None,
            problem="NX_NEMO_TOKEN_1 is bad",
        ),
    )
    context = lab.context()

    checks = list(check_instruments((lab.instrument,), context.sources, context.site))

    message = problems(checks)["instrument_harvesters"]
    assert message == "SEM-1: NX_NEMO_TOKEN_1 is bad"


# Schedulers


class Failing:
    def __init__(self, error):
        self.error = error

    def check(self):
        raise self.error

    validate_config = check


class Fine:
    def check(self):
        """Be well."""

    validate_config = check


@pytest.mark.parametrize(
    ("source", "told"),
    [
        (Failing(SourceError("no route to host")), "one: no route to host"),
        (Failing(ZeroDivisionError("oh")), "one: ZeroDivisionError: oh"),
        (Failing(SystemExit(0)), "one: it called sys.exit(0)"),
        (object(), "one: AttributeError: 'object' object has no attribute 'check'"),
    ],
)
def test_a_source_that_fails_its_check_is_marked_and_others_are_not(source, told):
    sources = tuple(
        ConnectedSource(name=name, harvester="nemo", source=each)
        for name, each in (("one", source), ("two", Fine()))
    )

    checks = list(check_sources(sources))

    assert problems(checks) == {"harvester_config": told}
    assert [one.problem for one in usable_sources(sources, checks)] == [told, None]
    assert not any(one.blocks_everything for one in checks)


def test_a_source_that_rests_is_not_asked_how_it_is():
    resting = ConnectedSource(
        name="one",
        harvester="nemo",
        source=Failing(AssertionError("it was asked")),
        problem="failed 3 times",
    )

    [found] = check_sources([resting])
    assert found.message == "one: failed 3 times"


@pytest.fixture
def both_at_once():
    """Return a server whose check waits until another one is checked."""
    barrier = threading.Barrier(2, timeout=60)

    class Slow:
        def check(self):
            barrier.wait()

        validate_config = check

    return Slow()


def test_schedulers_are_asked_at_once(both_at_once):
    sources = [
        ConnectedSource(name=name, harvester="nemo", source=both_at_once)
        for name in ("one", "two")
    ]
    found = list(check_sources(sources))
    assert [(one.subject, one.passed) for one in found] == [
        ("one", True),
        ("two", True),
    ]


def test_repositories_are_asked_at_once(both_at_once):
    destinations = [
        ConnectedDestination(name=name, priority=1, destination=both_at_once)
        for name in ("one", "two")
    ]
    found = list(check_destinations(destinations, "all"))
    assert [(one.subject, one.passed) for one in found] == [
        ("one", True),
        ("two", True),
    ]


# Repositories


@pytest.mark.parametrize(
    ("strategy", "kinds", "severities"),
    [
        ("all", ("bad", "good"), {"one": "error"}),
        ("best_effort", ("bad", "good"), {"one": "warning"}),
        ("first_success", ("good", "bad"), {"two": "warning"}),
        ("best_effort", ("bad", "bad"), {"one": "error", "two": "error"}),
        ("first_success", ("bad",), {"one": "error"}),
        ("all", ("good", "good"), {}),
    ],
)
def test_a_bad_repository_is_an_error_where_it_keeps_sessions_undelivered(
    strategy, kinds, severities
):
    bad = Failing(ConfigurationError("no such template"))
    destinations = tuple(
        ConnectedDestination(
            name=name, priority=1, destination=Fine() if kind == "good" else bad
        )
        for name, kind in zip(("one", "two"), kinds, strict=False)
    )

    checks = list(check_destinations(destinations, strategy))

    failed = {one.subject: one.severity for one in checks if not one.passed}
    assert failed == severities
    assert not any(one.blocks_everything for one in checks)
    usable = usable_destinations(destinations, checks)
    assert {one.name for one in usable if one.destination is None} == set(severities)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (ExportError("no route to host"), "one: no route to host"),
        (KeyError("url"), "one: KeyError: 'url'"),
        (SystemExit(0), "one: it called sys.exit(0)"),
    ],
)
def test_whatever_a_repository_raises_is_its_own_failed_check(error, told):
    connected = ConnectedDestination(name="one", priority=1, destination=Failing(error))

    [found] = check_destinations((connected,), "all")

    assert found.message == told


def test_no_repository_is_a_warning_that_names_one():
    [found] = check_destinations((), "all")

    assert (found.passed, found.severity, found.scope) == (False, "warning", "nothing")
    assert "nexuslims-exporter-html" in found.message
