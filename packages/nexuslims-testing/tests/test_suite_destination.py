"""The suite passes for a sound destination and fails for each way to be unsound."""

from __future__ import annotations

import pytest
from nexuslims_testing.suites.destination import (
    CONTROL_TITLES,
    TITLES,
    DestinationSuite,
)

pytest_plugins = ["pytester"]

DESTINATION = """
import hashlib
from dataclasses import dataclass, field

import pytest
from nexuslims_core.errors import ConfigurationError, ExportError
from nexuslims_core.types import ExportResult
from nexuslims_testing.suites.destination import DestinationSuite, HeldRecord


@dataclass
class Memory:
    records: dict = field(default_factory=dict)
    reachable: bool = True
    token: str = "secret"

    def validate_config(self):
        if not self.token:
            raise ConfigurationError("NX_MEMORY_TOKEN is empty; ask for one")

    def key(self, context):
        return hashlib.sha256(context.session.identifier.encode()).hexdigest()

    def fail(self):
        raise ExportError("memory.example.org cannot be reached")

    def title(self, context):
        return context.title

    def action(self, old, new):
        if old is None:
            return "created"
        return "unchanged" if old == new else "updated"

    def export(self, context):
        if not self.reachable:
            self.fail()
        key = self.key(context)
        new = HeldRecord(record_id=key, title=self.title(context),
                         content=context.xml.decode())
        old = self.records.get(key)
        self.records[key] = new
        return self.result(key, self.action(old, new))

    def result(self, key, action):
        return ExportResult(destination="memory", success=True, action=action,
                            record_id=key)


class Suite(DestinationSuite):
    kind = Memory

    @pytest.fixture
    def destination(self):
        return self.kind()

    @pytest.fixture
    def held_records(self, destination):
        return lambda: list(destination.records.values())

    @pytest.fixture
    def broken_destination(self):
        return self.kind(reachable=False)

    @pytest.fixture
    def misconfigured_destination(self):
        return self.kind(token=""), "NX_MEMORY_TOKEN"
"""

SOUND = "class TestSound(Suite):\n    pass\n"


@pytest.fixture
def run(pytester):
    """Return a function that runs the tests in the folder of `pytester`."""
    # Hypothesis would be imported anew for every summary.
    plugins = ("-p", "no:hypothesispytest", "-p", "no:cacheprovider")
    return lambda *options: pytester.runpytest_inprocess(*plugins, *options)


def _flawed(method: str) -> str:
    """Return a test module for a destination with one method replaced."""
    body = "\n".join(f"    {line}" for line in method.splitlines())
    return (
        f"{DESTINATION}\nclass Flawed(Memory):\n{body}\n\n"
        "class TestFlawed(Suite):\n    kind = Flawed\n"
    )


def test_a_sound_destination_passes(pytester, run):
    pytester.makepyfile(DESTINATION + SOUND)
    outcomes = run("-q").parseoutcomes()
    titles = len(TITLES) + len(CONTROL_TITLES)
    others = sum(name.startswith("test_") for name in vars(DestinationSuite)) - 2
    assert outcomes == {"passed": titles + others}


@pytest.mark.parametrize(
    ("method", "failing"),
    [
        pytest.param(
            "def key(self, context):\n"
            "    return str(len(self.records) if not context.previous else 0)",
            "test_the_record_is_found_without_memory_of_it",
            id="makes a duplicate when its answer was lost",
        ),
        pytest.param(
            "def key(self, context):\n    return str(len(self.records))",
            "test_exporting_again_unchanged_creates_nothing",
            id="always makes a new record",
        ),
        pytest.param(
            "def key(self, context):\n    return context.session.instrument.pid",
            "test_two_sessions_make_two_records",
            id="mixes sessions up",
        ),
        pytest.param(
            "def action(self, old, new):\n"
            "    return 'created' if old is None else 'updated'",
            "test_exporting_again_unchanged_creates_nothing",
            id="updates what did not change",
        ),
        pytest.param(
            "def action(self, old, new):\n"
            "    if old is not None and old != new:\n"
            "        self.records[old.record_id] = old\n"
            "        return 'updated'\n"
            "    return 'created' if old is None else 'unchanged'",
            "test_a_changed_record_is_updated_in_place",
            id="keeps the old content",
        ),
        pytest.param(
            "def title(self, context):\n"
            "    import html\n"
            "    return html.escape(context.title)",
            "test_any_title_arrives",
            id="escapes titles twice",
        ),
        pytest.param(
            "def title(self, context):\n"
            "    if len(context.title) > 255:\n"
            "        raise ValueError('too long')\n"
            "    return context.title",
            "test_an_unprintable_or_endless_title_does_no_harm",
            id="stumbles over long titles",
        ),
        pytest.param(
            "def fail(self):\n    raise ConnectionError('refused')",
            "test_a_failure_is_an_export_error",
            id="lets a library's exception through",
        ),
        pytest.param(
            "def fail(self):\n    raise ExportError('')",
            "test_a_failure_is_an_export_error",
            id="fails without a word",
        ),
        pytest.param(
            "def fail(self):\n    pass",
            "test_a_failure_is_an_export_error",
            id="says nothing of a failure",
        ),
        pytest.param(
            "def validate_config(self):\n    pass",
            "test_a_wrong_configuration_is_named",
            id="does not look at its configuration",
        ),
        pytest.param(
            "def validate_config(self):\n"
            "    if not self.token:\n"
            "        raise ConfigurationError('something is wrong')",
            "test_a_wrong_configuration_is_named",
            id="does not name the setting",
        ),
        pytest.param(
            "def validate_config(self):\n"
            "    raise ConfigurationError('NX_MEMORY_TOKEN is never right')",
            "test_a_sound_configuration_is_accepted",
            id="refuses a sound configuration",
        ),
        pytest.param(
            "def result(self, key, action):\n"
            "    return ExportResult(destination='memory', success=True,\n"
            "                        action=action, record_id=7)",
            "test_a_result_is_complete",
            id="gives a number for an identifier",
        ),
        pytest.param(
            "def result(self, key, action):\n"
            "    return ExportResult(destination='memory', success=True,\n"
            "        action=action, record_id=key, record_url='/data/7')",
            "test_a_result_is_complete",
            id="gives half an address",
        ),
        pytest.param(
            "def result(self, key, action):\n"
            "    from datetime import datetime\n"
            "    return ExportResult(destination='memory', success=True,\n"
            "        action=action, record_id=key, timestamp=datetime(2026, 1, 1))",
            "test_a_result_is_complete",
            id="gives a time without zone",
        ),
        pytest.param(
            "def result(self, key, action):\n"
            "    return ExportResult(destination='memory', success=False,\n"
            "        action=action, record_id=key, error='no')",
            "test_a_result_is_complete",
            id="returns a failure instead of raising it",
        ),
    ],
)
def test_an_unsound_destination_fails(method, failing, pytester, run):
    pytester.makepyfile(_flawed(method))
    result = run("-q", "-rfE", "--tb=no", "-k", failing)
    result.stdout.fnmatch_lines([f"FAILED *::{failing}*"])


@pytest.mark.parametrize(
    "override",
    [
        "def test_a_result_is_complete(self): pass",
        "test_a_result_is_complete = None",
        "@skip(reason='later')\n    def test_a_result_is_complete(self): pass",
        "@xfail\n    def test_a_result_is_complete(self): pass",
        "@xfail(reason=' ')\n    def test_a_result_is_complete(self): pass",
    ],
)
def test_an_override_is_refused(override, pytester, run):
    pytester.makepyfile(
        f"{DESTINATION}\nskip, xfail = pytest.mark.skip, pytest.mark.xfail\n"
        f"class TestLenient(Suite):\n    {override}\n"
    )
    result = run("-q")
    assert result.parseoutcomes() == {"errors": 1}
    result.stdout.fnmatch_lines(["*TestLenient.test_a_result_is_complete replaces*"])


def test_an_override_by_a_mixin_is_refused(pytester, run):
    pytester.makepyfile(
        f"{DESTINATION}\nclass Mixin:\n    test_a_result_is_complete = None\n"
        "class TestLenient(Mixin, Suite):\n    pass\n"
    )
    assert run("-q").parseoutcomes() == {"errors": 1}


def test_an_explained_exception_is_reported(pytester, run):
    pytester.makepyfile(
        _flawed(
            "def result(self, key, action):\n"
            "    return ExportResult(destination='memory', success=True,\n"
            "        action=action, record_id=key, record_url='/data/7')"
        )
        + "    @pytest.mark.xfail(reason='has no addresses', strict=True)\n"
        "    def test_a_result_is_complete(self, destination, context):\n"
        "        super().test_a_result_is_complete(destination, context)\n"
    )
    result = run("-q", "-rx")
    outcomes = result.parseoutcomes()
    assert outcomes.keys() == {"passed", "xfailed"}
    assert outcomes["xfailed"] == 1
    result.stdout.fnmatch_lines(["XFAIL *has no addresses*"])


@pytest.mark.parametrize(
    "fixture",
    [
        "destination",
        "held_records",
        "broken_destination",
        "misconfigured_destination",
    ],
)
def test_what_is_not_provided_is_asked_for(fixture, pytester, run):
    pytester.makepyfile(
        f"{DESTINATION}\nclass TestIncomplete(Suite):\n"
        f"    {fixture} = DestinationSuite.{fixture}\n"
    )
    result = run("-q", "--tb=short")
    result.stdout.fnmatch_lines([f"*provide the fixture `{fixture}`*"])
    assert result.ret == pytest.ExitCode.TESTS_FAILED
