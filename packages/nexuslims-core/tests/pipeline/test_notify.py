"""Who is told what of a run: news once, what continues once a day."""

from __future__ import annotations

import pytest
from nexuslims_core.errors import ExportError, SourceError

NOTIFIER = """
from nexuslims_core.plugin_settings import PluginSettings

class BellSettings(PluginSettings):
    env_prefix = "NX_BELL_"
    to: str = "ada"

heard = []
broken = []

def ring(settings, report, site):
    if broken:
        raise broken[0]
    heard.append((settings.to, report.changes))

@hookimpl
def nexuslims_notifiers():
    yield Notifier(name="bell", settings=BellSettings, notify=ring)
"""


@pytest.fixture
def bell(lab, plugin):
    """Return what was heard of the runs of a facility with one session."""
    module = plugin(NOTIFIER)
    lab.modules.append(module)
    lab.log()
    lab.write()
    return module


def keys(problems):
    return [one.key for one in problems]


def test_a_run_without_problems_is_not_told_of(lab, bell):
    lab.shelf()
    lab.run()
    assert bell.heard == []


def test_a_new_problem_is_told_once(lab, bell):
    shelf = lab.shelf("d0", ExportError("the server is down"))
    lab.run()
    lab.clock.pass_(minutes=5)
    lab.run()

    [(_, changes)] = bell.heard
    [problem] = changes.new
    assert problem.key == f"session SEM-1 {lab.session().identifier}"
    assert "the server is down" in problem.text
    assert problem.since is not None
    assert len(shelf.contexts) == 2


def test_what_continues_is_told_again_after_a_day_with_its_age(lab, bell):
    lab.shelf("d0", ExportError("the server is down"))
    lab.run()
    began = lab.clock()
    for _ in range(3):
        lab.clock.pass_(hours=9)
        lab.run()

    first, second = bell.heard
    assert keys(second[1].continuing) == keys(first[1].new)
    assert second[1].continuing[0].since == began
    assert not second[1].new


def test_what_is_well_again_is_told(lab, bell):
    shelf = lab.shelf("d0", ExportError("the server is down"))
    lab.run()
    shelf.behaviour = None
    lab.clock.pass_(minutes=5)
    lab.run()
    lab.clock.pass_(days=2)
    lab.run()

    _, (_, changes) = bell.heard
    assert keys(changes.resolved) == keys(bell.heard[0][1].new)
    assert not changes.new + changes.continuing


def test_a_new_problem_beside_an_old_one_is_told_at_once(lab, bell):
    lab.shelf("d0", ExportError("the server is down"))
    lab.run()
    lab.clock.pass_(minutes=5)
    lab.log(2)
    lab.scheduler.answer = SourceError("no answer")
    lab.run()

    _, (_, changes) = bell.heard
    assert len(changes.new) >= 1
    assert len(changes.continuing) == 1


def test_a_session_that_failed_for_good_is_not_said_to_be_well(lab, bell):
    lab.shelf()
    lab.run()
    lab.records()[0].unlink()
    [sidecar] = lab.data.rglob("a.acm.json")
    text = sidecar.read_text().replace('"DatasetType": "Image"', '"DatasetType": "Odd"')
    sidecar.write_text(text)
    lab.run()
    assert lab.status() == "ERROR"
    lab.clock.pass_(minutes=5)

    assert lab.run().sessions == ()

    [(_, changes)] = bell.heard
    assert len(changes.new) == 1


def test_a_notifier_that_fails_is_named_and_told_again(lab, bell):
    lab.shelf("d0", ExportError("the server is down"))
    bell.broken.append(OSError("no mail server"))
    report = lab.run()
    assert any("notifier bell" in one for one in report.problems)

    bell.broken.clear()
    lab.clock.pass_(minutes=5)
    lab.run()
    [(_, changes)] = bell.heard
    assert len(changes.new) == 1


def test_what_could_not_be_told_is_as_old_as_it_is(lab, bell):
    shelf = lab.shelf("d0", ExportError("the server is down"))
    bell.broken.append(OSError("no mail server"))
    lab.run()
    began = lab.clock()
    for _ in range(2):
        lab.clock.pass_(hours=3)
        lab.run()
    bell.broken.clear()
    lab.clock.pass_(hours=3)
    lab.run()
    [(_, changes)] = bell.heard
    assert [one.since for one in changes.new] == [began]

    shelf.behaviour = None
    lab.clock.pass_(hours=9)
    lab.run()
    [_, (_, changes)] = bell.heard
    assert [one.since for one in changes.resolved] == [began]


def test_what_was_over_before_it_could_be_told_is_not_told(lab, bell):
    shelf = lab.shelf("d0", ExportError("the server is down"))
    bell.broken.append(OSError("no mail server"))
    lab.run()
    bell.broken.clear()
    shelf.behaviour = None
    lab.clock.pass_(hours=3)
    lab.run()
    assert bell.heard == []


def test_each_instance_has_a_memory_of_its_own(lab, bell):
    lab.shelf("d0", ExportError("the server is down"))
    lab.run()
    lab.settings["NX_BELL_TO_2"] = "bob"
    lab.clock.pass_(minutes=5)
    lab.run()
    assert [to for to, _ in bell.heard] == ["ada", "bob"]
