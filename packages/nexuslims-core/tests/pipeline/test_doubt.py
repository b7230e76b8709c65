"""A repository that is away when a run begins is used once it is back."""

from __future__ import annotations

import pytest
from nexuslims_core.errors import ConfigurationError, ExportError
from nexuslims_core.pipeline import preflight
from nexuslims_core.pipeline.connect import ConnectedDestination
from nexuslims_core.pipeline.doubt import PAUSE_SECONDS, Doubt


class Shop:
    """A repository that is closed for a number of checks."""

    def __init__(self, *errors):
        self.errors, self.checks = list(errors), 0

    def validate_config(self):
        self.checks += 1
        if self.errors:
            raise self.errors.pop(0)


@pytest.fixture
def checked():
    """Return a function that checks a repository as a run does before it begins."""

    def check(shop, strategy="all"):
        connected = (ConnectedDestination(name="d", priority=1, destination=shop),)
        results = tuple(preflight.check_destinations(connected, strategy))
        [usable] = preflight.usable_destinations(connected, results)
        return results[0], usable

    return check


def caused(cause):
    error = ConfigurationError("not a repository")
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    "error", [ExportError("503"), caused(ExportError("a web page"))], ids=repr
)
def test_what_may_pass_is_checked_again_when_it_is_needed(checked, error):
    shop = Shop(error)
    result, usable = checked(shop)
    assert not result.passed
    assert usable.destination is shop
    with pytest.raises(ExportError):
        usable.doubt.settle()
    assert shop.checks == 1

    usable.doubt.checked_at -= PAUSE_SECONDS
    usable.doubt.settle()
    usable.doubt.settle()

    assert shop.checks == 2


@pytest.mark.parametrize(
    "error",
    [
        ConfigurationError("wrong token"),
        caused(ExportError("401", retry=False)),
        RuntimeError("a mistake"),
    ],
    ids=repr,
)
def test_what_will_not_pass_is_not_asked_again(checked, error):
    _, usable = checked(Shop(error))

    assert usable.destination is None
    assert usable.doubt is None


def test_it_is_asked_once_in_a_while_and_told_with_what_it_said_last():
    now = [0.0]
    answers = ["still away", "gone for good"]
    one = Doubt(problem="away", check=lambda: answers.pop(0), clock=lambda: now[0])
    told = []
    for moment in (1.0, PAUSE_SECONDS, PAUSE_SECONDS + 1, 2 * PAUSE_SECONDS):
        now[0] = moment
        with pytest.raises(ExportError) as caught:
            one.settle()
        told.append(str(caught.value))

    assert told == ["away", "still away", "still away", "gone for good"]


def test_a_run_delivers_to_it_from_the_moment_it_is_back(lab):
    lab.log()
    lab.write()
    shelf = lab.shelf()
    problems = ["still away", None]
    away = Doubt(problem="away", check=lambda: problems.pop(0))
    [connected] = lab.context().destinations
    doubted = ConnectedDestination(
        name="cdcs", priority=1, destination=connected.destination, doubt=away
    )

    first = lab.run(destinations=(doubted,))
    away.checked_at -= 2 * PAUSE_SECONDS
    second = lab.run(destinations=(doubted,))
    away.checked_at -= 2 * PAUSE_SECONDS
    lab.clock.pass_(hours=1)
    third = lab.run(destinations=(doubted,))

    assert [one.sessions[0].error for one in (first, second)] == [
        "cdcs: away",
        "cdcs: still away",
    ]
    assert third.sessions[0].status == "COMPLETED"
    assert len(shelf.contexts) == 1
