from __future__ import annotations

import itertools

import pytest
from nexuslims_core.errors import ConfigurationError, ExportError
from nexuslims_core.pipeline.connect import ConnectedDestination
from nexuslims_core.pipeline.export import Held, export
from nexuslims_core.pipeline.report import failed
from nexuslims_core.types import ExportContext, ExportResult, Record

BEHAVIOURS = {
    "ok": lambda: None,
    "half-done": lambda: "half-done",
    "refuses": lambda: ExportError("422 refused", retry=False),
    "down": lambda: ExportError("503 down", retry=True),
    "raises": lambda: RuntimeError("a mistake"),
    "exits": lambda: SystemExit(0),
    "odd": lambda: "done",
    "fails": lambda: ExportResult(destination="x", success=False),
}
KINDS = ("ok", "refuses", "down", "half-done")


def combinations(most):
    """Return every strategy with every row of up to `most` repositories."""
    return [
        pytest.param(strategy, kinds, id=f"{strategy}-{'-'.join(kinds) or 'none'}")
        for strategy in ("all", "first_success", "best_effort")
        for count in range(most + 1)
        for kinds in itertools.product(KINDS, repeat=count)
    ]


def expected(strategy, kinds):
    """Return the calls to make, and whether the strategy is content."""
    if strategy == "first_success" and "ok" in kinds:
        return kinds.index("ok") + 1, True
    content = (
        bool(kinds) and set(kinds) == {"ok"} if strategy == "all" else "ok" in kinds
    )
    return len(kinds), content


def still_owed(strategy, kinds):
    """Return who is asked by the next run, when all repositories are well again."""
    names = [f"d{number}" for number in range(len(kinds))]
    if not kinds or expected(strategy, kinds)[1]:
        return []
    if strategy == "first_success":
        return names[:1]
    # Those that come after the first one missing could not link to its record.
    return names[min(n for n, kind in enumerate(kinds) if kind != "ok") :]


@pytest.fixture
def given(tmp_path):
    """Return a function that makes the arguments of `export`."""
    record = Record(
        title="Grains", id="1", experimenter="", instrument_pid="", instrument_name=""
    )
    context = ExportContext(
        session=None,
        title="x_1",
        xml_path=tmp_path / "x_1.xml",
        xml=b"",
        record=record,
        data_path=tmp_path,
    )

    def arguments(shelves, strategy, logged, held=()):
        return {
            "context": context,
            "destinations": tuple(
                ConnectedDestination(name=one.name, priority=1, destination=one)
                for one in shelves
            ),
            "strategy": strategy,
            "held": dict(held),
            "log": lambda result, offer: logged.append((result, offer)),
            "told": str,
        }

    return arguments


@pytest.fixture
def deliver(lab):
    """Return a function that builds a session for repositories of given behaviours."""
    lab.log()
    lab.write()

    def run(strategy, kinds):
        lab.settings["NX_EXPORT_STRATEGY"] = strategy
        for number, kind in enumerate(kinds):
            lab.shelf(f"d{number}", BEHAVIOURS[kind]())
        return lab.run()

    return run


@pytest.mark.parametrize(("strategy", "kinds"), combinations(3))
def test_every_row_of_repositories_is_asked_as_the_strategy_says(
    shelf, given, strategy, kinds
):
    calls, content = expected(strategy, kinds)
    shelves = [
        shelf(f"d{number}", BEHAVIOURS[kind]()) for number, kind in enumerate(kinds)
    ]
    logged = []

    first = export(**given(shelves, strategy, logged))

    names = [f"d{number}" for number in range(calls)]
    assert [one.name for one in shelves if one.contexts] == names
    assert [one.destination for one, _ in logged] == names
    assert first.results == tuple(one for one, _ in logged)
    assert first.satisfied is content
    for number, one in enumerate(shelves[:calls]):
        assert list(one.contexts[0].results) == names[:number]


UNFINISHED = [one for one in combinations(3) if not expected(*one.values)[1]]


@pytest.mark.parametrize(("strategy", "kinds"), UNFINISHED)
def test_the_next_time_only_those_are_asked_that_are_still_owed_it(
    shelf, given, strategy, kinds
):
    shelves = [
        shelf(f"d{number}", BEHAVIOURS[kind]()) for number, kind in enumerate(kinds)
    ]
    logged = []
    export(**given(shelves, strategy, logged))
    held = {
        one.destination: Held(result=one, offer=offer)
        for one, offer in logged
        if one.success
    }
    for one in shelves:
        one.behaviour = None
        one.contexts.clear()

    second = export(**given(shelves, strategy, [], held))

    owed = still_owed(strategy, kinds)
    assert [one.name for one in shelves if one.contexts] == owed
    assert second.satisfied is bool(kinds)


@pytest.mark.parametrize(("strategy", "kinds"), combinations(3))
def test_every_combination_of_repositories_ends_as_the_strategy_says(
    lab, deliver, strategy, kinds
):
    calls, content = expected(strategy, kinds)

    report = deliver(strategy, kinds)

    [session] = report.sessions
    names = [f"d{number}" for number in range(calls)]
    assert [one.destination for one in session.exports] == names
    assert (lab.shelves[0].journal if kinds else []) == names
    successes = [kind == "ok" for kind in kinds[:calls]]
    assert [one.success for one in session.exports] == successes
    logged = [(one.destination, one.success) for one in lab.history().uploads]
    assert logged == list(zip(names, successes, strict=True))
    assert session.status == ("COMPLETED" if content else "BUILT_NOT_EXPORTED")
    assert failed(report) is not content

    for shelf in lab.shelves:
        shelf.journal.clear()
        shelf.behaviour = None
    second = lab.run()
    owed = still_owed(strategy, kinds)
    assert (lab.shelves[0].journal if kinds else []) == owed
    assert lab.status() == ("COMPLETED" if kinds else "BUILT_NOT_EXPORTED")
    later = [(one.destination, one.success) for one in lab.history().uploads]
    assert later == logged + [(name, True) for name in owed]
    found_again = [
        f"d{number}"
        for number, kind in enumerate(kinds)
        if kind in ("ok", "half-done") and f"d{number}" in owed
    ]
    again = [one for session in second.sessions for one in session.exports]
    assert [one.destination for one in again if one.action == "updated"] == found_again
    assert all(len(one.records) <= 1 for one in lab.shelves)


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("refuses", "422 refused"),
        ("down", "503 down"),
        ("half-done", "the answer was lost"),
        ("raises", "RuntimeError: a mistake"),
        ("exits", "it called sys.exit(0)"),
        ("odd", "returned str, expected ExportResult"),
        ("fails", "it gave no reason"),
    ],
)
def test_what_went_wrong_is_said_in_report_and_log(lab, deliver, kind, error):
    report = deliver("all", (kind,))

    [session] = report.sessions
    assert session.error == f"d0: {error}"
    assert lab.history().uploads[0].error == error
    assert lab.state().last_error == f"d0: {error}"


def test_later_repositories_see_what_earlier_ones_did(lab, deliver):
    deliver("all", ("ok", "down", "ok"))

    seen = lab.shelves[2].contexts[0]
    assert seen.get_result("d0").record_url == "https://d0.example.org/1"
    assert seen.has_successful_export("d0")
    assert not seen.has_successful_export("d1")
    assert seen.get_result("d1").error == "503 down"
    assert seen.get_result("d2") is None
    assert lab.shelves[0].contexts[0].results == {}


def test_a_resumed_delivery_sees_what_the_run_before_delivered(lab, deliver):
    deliver("all", ("ok", "down"))
    lab.shelves[1].behaviour = None
    lab.run()

    assert lab.shelves[1].contexts[1].has_successful_export("d0")


def test_each_result_is_in_the_log_before_the_next_repository_is_asked(lab, deliver):
    seen = []

    def look():
        seen.append([one.destination for one in lab.history().uploads])
        return ExportResult(destination="d1", success=True)

    lab.shelf("d0")
    lab.shelf("d1", look)
    lab.run()

    assert seen == [["d0"]]


def test_a_crash_after_a_delivery_does_not_deliver_again(lab, deliver):
    lab.shelf("d0")
    lab.shelf("d1", KeyboardInterrupt())

    with pytest.raises(KeyboardInterrupt):
        lab.run()

    lab.shelves[1].behaviour = None
    [session] = lab.run().sessions
    assert session.status == "COMPLETED"
    assert len(lab.shelves[0].contexts) == 1


@pytest.mark.parametrize("strategy", ["first_success", "best_effort", "all"])
def test_a_repository_with_an_outdated_record_is_owed_the_new_one(
    lab, deliver, strategy
):
    deliver("first_success", ("down", "ok"))
    lab.settings["NX_EXPORT_STRATEGY"] = strategy
    lab.shelves[0].behaviour = None
    lab.shelves[1].behaviour = ExportError("503 down")
    lab.write("late.acm", minutes=60)

    first = lab.run()
    lab.shelves[1].behaviour = None
    second = lab.run()

    assert [one.status for one in first.sessions] == ["BUILT_NOT_EXPORTED"]
    assert [one.status for one in second.sessions] == ["COMPLETED"]
    assert [one.action for one in second.sessions[0].exports] == ["updated"]
    assert lab.shelves[0].contexts[-1].xml == lab.shelves[1].contexts[-1].xml


def test_a_record_is_offered_anew_once_an_earlier_repository_has_it(lab, deliver):
    deliver("all", ("down", "ok"))
    lab.shelves[0].behaviour = None

    [session] = lab.run().sessions

    assert [one.action for one in session.exports] == ["created", "updated"]
    link = lab.shelves[1].contexts[-1].get_result("d0").record_url
    assert link == "https://d0.example.org/1"
    assert lab.run().sessions == ()


def test_a_crash_before_the_record_is_offered_anew_does_not_forget_it(lab, deliver):
    deliver("all", ("down", "ok"))
    lab.shelves[0].behaviour = None
    lab.shelves[1].behaviour = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        lab.run()
    lab.shelves[1].behaviour = None

    [session] = lab.run().sessions

    assert [one.destination for one in session.exports] == ["d1"]
    assert lab.shelves[1].contexts[-1].has_successful_export("d0")


def test_a_repository_that_only_says_unchanged_is_still_linked_to(lab, deliver):
    deliver("all", ("ok", "down"))
    lab.write("late.acm", minutes=60)
    lab.shelves[0].behaviour = lambda: ExportResult(
        destination="d0", success=True, action="unchanged"
    )
    lab.run()
    lab.shelves[1].behaviour = None
    lab.clock.pass_(hours=1)
    lab.run()

    seen = lab.shelves[1].contexts[-1]
    assert seen.get_result("d0").record_url == "https://d0.example.org/1"
    assert lab.status() == "COMPLETED"


def test_a_repository_is_told_of_its_own_last_success_alone(lab, deliver):
    deliver("all", ("ok", "down"))
    lab.shelves[1].behaviour = None
    lab.write("late.acm", minutes=60)
    lab.run()

    assert lab.shelves[0].contexts[1].previous.record_id == "d0-1"
    assert lab.shelves[1].contexts[1].previous is None


def test_repositories_get_the_record_its_title_and_its_user(lab, deliver):
    deliver("all", ("ok",))

    [context] = lab.shelves[0].contexts
    assert context.title == context.xml_path.stem == "2026-11-23_SEM-1_1"
    assert context.record.title == "Grains"
    assert context.user.username == "ada"
    assert context.data_path == lab.data


def test_secrets_in_answers_reach_neither_report_nor_log(lab, deliver):
    lab.secrets = frozenset({"hunter22"})
    lab.shelf("d0", ExportError("no user with key hunter22"))

    [session] = lab.run().sessions

    assert session.exports[0].error == "no user with key ***"
    assert lab.history().uploads[0].error == "no user with key ***"


def test_times_that_a_repository_gives_are_stored_with_their_offset(lab, deliver):
    odd = ExportResult(destination="d0", success=True, timestamp="yesterday")
    lab.shelf("d0", odd)

    [session] = lab.run().sessions

    assert session.exports[0].timestamp.utcoffset() is not None


def test_an_error_of_another_kind_of_ours_is_a_failed_delivery(lab, deliver):
    lab.shelf("d0", ConfigurationError("no such notebook"))

    assert lab.run().sessions[0].error == "d0: no such notebook"
