"""Whatever happens on the way: one experiment, complete, and an error that says why."""

from __future__ import annotations

import json
import re
import threading
import time
from dataclasses import replace

import pytest
from nexuslims_core.errors import ExportError
from nexuslims_testing.servers.faults import Fault

pytestmark = pytest.mark.slow

EXPERIMENTS = "/api/v2/experiments"


def creates(request):
    return request.method == "POST" and request.path == EXPERIMENTS


def attaches(request):
    return request.method == "POST" and request.path.endswith("/uploads")


def changes(request):
    return request.method == "PATCH" and bool(
        re.fullmatch(rf"{EXPERIMENTS}/\d+", request.path)
    )


LOST = [
    Fault.cut_after(),
    Fault.rewrite(lambda answer: replace(answer, status=502)),
    Fault.rewrite(lambda answer: replace(answer, status=504, body=b"<html/>")),
    Fault.rewrite(lambda answer: replace(answer, headers=())),
]
NEVER = [Fault.cut_before(), Fault.answer(502), Fault.unavailable()]


def truncated(answer):
    return replace(answer, body=answer.body[: len(answer.body) // 2])


@pytest.mark.parametrize("match", [creates, attaches])
@pytest.mark.parametrize("fault", LOST)
def test_a_lost_answer_makes_nothing_twice(
    shaky, proxy, context, is_complete, match, fault
):
    proxy.inject(match=match, fault=fault, times=2)
    assert shaky.export(context).action == "created"
    is_complete(context)


@pytest.mark.parametrize("match", [creates, attaches])
@pytest.mark.parametrize("fault", NEVER)
def test_what_never_arrived_is_sent_again(
    shaky, proxy, context, is_complete, match, fault
):
    proxy.inject(match=match, fault=fault, times=2)
    assert shaky.export(context).action == "created"
    is_complete(context)


@pytest.mark.parametrize("match", [creates, attaches, changes])
@pytest.mark.parametrize("fault", [*NEVER, LOST[0]])
def test_what_never_gets_through_is_an_error_and_completed_later(
    shaky, proxy, context, is_complete, match, fault
):
    proxy.inject(match=match, fault=fault)
    # What arrived is found for want of an answer, but a change is only ever answered.
    found = fault.kind == "cut_after" and match is not changes
    assert interrupted(shaky, context) is (None if found else True)
    proxy.clear()
    shaky.export(context)
    is_complete(context)


@pytest.mark.parametrize("fault", [*LOST[:3], Fault.truncate(), *NEVER])
def test_a_change_is_repeated_at_once(shaky, proxy, context, is_complete, fault):
    proxy.inject(match=changes, fault=fault, times=1)
    assert shaky.export(context).action == "created"
    is_complete(context)


def test_after_a_time_out_nothing_is_sent_again_in_the_same_export(
    shaky, proxy, context, is_complete
):
    proxy.inject(match=creates, fault=Fault.answer(504))
    with pytest.raises(ExportError, match="504") as caught:
        shaky.export(context)
    assert caught.value.retry
    assert len([each for each in proxy.requests if creates(each)]) == 1
    proxy.clear()
    assert shaky.export(context).action == "created"
    is_complete(context)


def test_a_slow_notebook_is_not_asked_twice(
    connected, elabftw_server, proxy, context, is_complete, no_waiting
):
    destination = connected(elabftw_server, url=proxy.url, timeout=1.0)
    proxy.inject(match=creates, fault=Fault.slow(2.0), times=1)
    with pytest.raises(ExportError, match="no answer in time"):
        destination.export(context)
    assert len([each for each in proxy.requests if creates(each)]) == 1
    # As long as the request is under way, no search could find what it makes.
    deadline = time.monotonic() + 30
    while not elabftw_server.experiments() and time.monotonic() < deadline:
        time.sleep(0.05)
    connected(elabftw_server).export(context)
    is_complete(context)


def test_an_experiment_that_is_stored_late_is_waited_for(
    shaky, proxy, context, is_complete
):
    empty = Fault.answer(200, "[]", content_type="application/json")
    searches = {"match": lambda each: f"{EXPERIMENTS}?" in each.path}
    proxy.inject(**searches, fault=[empty] * 4)
    proxy.inject(match=creates, fault=Fault.cut_after(), times=1)
    assert shaky.export(context).action == "created"
    is_complete(context)


@pytest.mark.parametrize(
    ("fault", "retry"),
    [
        (Fault.html(200), True),
        (Fault.answer(500, '{"message": "Unexpected error"}'), True),
        (Fault.unavailable(retry_after=3600), True),
        (Fault.answer(429, headers={"Retry-After": "3600"}), True),
        (Fault.answer(301, headers={"Location": "/login.php"}), True),
        (
            Fault.answer(400, '{"message": "no"}', content_type="application/json"),
            False,
        ),
        (
            Fault.answer(403, '{"message": "no"}', content_type="application/json"),
            False,
        ),
        (
            Fault.answer(401, '{"message": "no"}', content_type="application/json"),
            False,
        ),
    ],
)
@pytest.mark.parametrize("match", [creates, attaches, changes])
def test_a_refusal_says_who_said_what(shaky, proxy, context, match, fault, retry):
    proxy.inject(match=match, fault=fault)
    with pytest.raises(ExportError, match=re.escape(EXPERIMENTS)) as caught:
        shaky.export(context)
    assert caught.value.retry is retry
    assert str(fault.reply.status) in str(caught.value)


@pytest.mark.parametrize(
    "fault",
    [
        Fault.rewrite(truncated),
        Fault.html(200),
        Fault.answer(200, "null", content_type="application/json"),
        Fault.answer(200, '{"id": "x"}', content_type="application/json"),
    ],
)
def test_answers_that_make_no_sense_are_told(shaky, proxy, context, fault):
    shaky.export(context)
    proxy.clear()
    proxy.inject(match=lambda each: each.method == "GET", fault=fault)
    with pytest.raises(ExportError, match="NX_ELABFTW_URL"):
        shaky.export(context)


def test_a_notebook_that_does_not_keep_metadata_is_told(shaky, proxy, context):
    def forgetful(answer):
        content = json.loads(answer.body)
        body = json.dumps({**content, "metadata": None}).encode()
        return replace(answer, body=body)

    proxy.inject(match=changes, fault=Fault.rewrite(forgetful))
    with pytest.raises(ExportError, match="did not keep its metadata"):
        shaky.export(context)


def test_a_notebook_that_cannot_search_fields_is_no_obstacle(
    shaky, proxy, context, is_complete
):
    proxy.inject(match=lambda each: "extended=" in each.path, fault=Fault.answer(400))
    assert shaky.export(context).action == "created"
    assert shaky.export(context).action == "unchanged"
    is_complete(context)


def test_lists_that_tell_little_are_completed(shaky, proxy, context):
    def brief(answer):
        content = [
            {"id": each["id"], "title": each["title"]}
            for each in json.loads(answer.body)
        ]
        return replace(answer, body=json.dumps(content).encode())

    first = shaky.export(context)
    listing = {"match": lambda each: f"{EXPERIMENTS}?" in each.path}
    proxy.inject(**listing, fault=Fault.rewrite(brief))
    again = shaky.export(context)
    assert (again.action, again.record_id) == ("unchanged", first.record_id)


def test_no_message_holds_the_key(shaky, proxy, elabftw_server, context):
    proxy.inject(match=creates, fault=Fault.cut_before())
    with pytest.raises(ExportError) as caught:
        shaky.export(context)
    chain = [caught.value, caught.value.__cause__, caught.value.__context__]
    assert elabftw_server.api_key not in repr(chain)


# A runner that is killed.


class Killer:
    """Lets `count` requests pass and fails all others."""

    def __init__(self, count, *, arrives):
        self.left = count
        self.arrives = arrives
        self.struck = False

    def strikes(self, _request):
        self.left -= 1
        return self.left < 0

    def fault(self):
        # The first request that fails may still have reached the server.
        return [Fault.cut_after() if self.arrives else Fault.cut_before()]


def killed_at(proxy, count, *, arrives):
    killer = Killer(count, arrives=arrives)
    proxy.clear()
    proxy.inject(match=killer.strikes, fault=killer.fault())
    proxy.inject(match=lambda _request: killer.left < 0, fault=Fault.refuse())
    return killer


def interrupted(destination, context):
    """Return whether the error of an export says to retry; `None` without one."""
    try:
        destination.export(context)
    except ExportError as error:
        return error.retry
    return None


@pytest.mark.slow
@pytest.mark.parametrize("arrives", [True, False])
def test_a_first_export_killed_at_any_request_is_completed(
    shaky, proxy, elabftw_server, tmp_path, context, is_complete, arrives
):
    small = replace(
        context,
        record=replace(context.record, activities=context.record.activities[:1]),
    )
    for count in range(100):
        elabftw_server.reset()
        killer = killed_at(proxy, count, arrives=arrives)
        assert interrupted(shaky, small) in {None, True}
        proxy.clear()
        shaky.export(small)
        is_complete(small)
        assert elabftw_server.uploads(1, 2, 3) == []
        assert elabftw_server.notebook.tags == ["NexusLIMS", "TEM-1", "mcurie"]
        if killer.left >= 0:
            break
    assert 10 < count < 99


@pytest.mark.slow
@pytest.mark.parametrize("arrives", [True, False])
def test_an_update_killed_at_any_request_is_completed(
    shaky, proxy, elabftw_server, context, rebuilt, is_complete, arrives
):
    for count in range(100):
        elabftw_server.reset()
        proxy.clear()
        before = rebuilt(datasets=1, motivation="First.")
        shaky.export(before)
        (experiment,) = elabftw_server.experiments()
        experiment.body += "<p>note</p>"
        preview = min(before.data_path.rglob("*.thumb.png"))
        content = preview.read_bytes()
        preview.write_bytes(content + b"changed")
        after = rebuilt(datasets=1, motivation="Second.")
        preview.write_bytes(content + b"changed")
        killer = killed_at(proxy, count, arrives=arrives)
        assert interrupted(shaky, after) in {None, True}
        proxy.clear()
        shaky.export(after)
        is_complete(after)
        assert experiment.body.endswith("<p>note</p>")
        (old,) = elabftw_server.uploads(experiment.id, 2)
        assert old.content == before.xml
        assert len(elabftw_server.uploads(experiment.id, 3)) == 1
        if killer.left >= 0:
            break
    assert 5 < count < 99


# Two runners at once.


@pytest.mark.parametrize("delay", [0, 1, 2, 3, 4, 6, 8, 10])
def test_two_runners_at_once_leave_one_experiment(
    connected, elabftw_server, proxy, context, is_complete, no_waiting, delay
):
    """Hold the first runner at its `delay`-th request until the other is done."""
    slow = connected(elabftw_server, url=proxy.url)
    fast = connected(elabftw_server)
    passed = threading.Event()
    done = threading.Event()
    seen = []

    def holds(request):
        seen.append(request)
        if len(seen) == delay + 1:
            passed.set()
            done.wait(30)
        return False

    proxy.inject(match=holds, fault=Fault.refuse())
    results = []
    runner = threading.Thread(target=lambda: results.append(slow.export(context)))
    # The proxy holds its lock while a rule is asked; only this runner uses it.
    runner.start()
    passed.wait(30)
    results.append(fast.export(context))
    done.set()
    runner.join()
    is_complete(context)
    assert len({result.record_id for result in results}) == 1


def test_a_duplicate_of_a_runner_that_was_killed_is_removed(
    elabftw, elabftw_server, context, is_complete, rebuilt
):
    elabftw.export(context)
    (experiment,) = elabftw_server.experiments()
    left = elabftw_server.add_experiment(userid=1, body=experiment.body)
    left.metadata = {**experiment.metadata, "nexuslims": {}}
    elabftw.export(rebuilt())
    is_complete(rebuilt())
    assert left.state == 3


# Whose it is.


def test_newer_releases_are_asked_by_an_action(shaky, proxy, elabftw_server, context):
    def moves(request):
        return changes(request) and b'"userid"' in request.body

    def moved(request):
        return moves(request) and b'"action"' in request.body

    words = '{"message": "Use the \'action:updateowner\' to transfer ownership."}'
    shown = {"id": 1, "userid": 2, "metadata": {}}
    kind = {"content_type": "application/json"}
    proxy.inject(match=moved, fault=Fault.answer(200, json.dumps(shown), **kind))
    proxy.inject(match=moves, fault=Fault.answer(400, words, **kind))
    result = shaky.export(replace(context, external_ids={"elabftw": "2"}))
    assert result.metadata == {}
    sent = [json.loads(each.body) for each in proxy.requests if moves(each)]
    assert sent == [
        {"userid": 2},
        {"action": "updateowner", "userid": 2, "team": 1},
    ]


def test_a_notebook_that_does_not_give_it_away_lets_the_user_write(
    shaky, proxy, elabftw_server, context
):
    def moves(request):
        return changes(request) and b'"userid"' in request.body

    proxy.inject(match=moves, fault=Fault.answer(403, "not allowed"))
    result = shaky.export(replace(context, external_ids={"elabftw": "2"}))
    assert (result.success, result.action) == (True, "created")
    assert "could not be given to 2" in result.metadata["warnings"][0]
    (experiment,) = elabftw_server.experiments()
    assert experiment.userid == 1
    assert 2 in experiment.canwrite["users"]
    assert 2 in experiment.canread["users"]


@pytest.mark.parametrize("fault", [Fault.cut_before(), Fault.cut_after()])
def test_a_withdrawal_survives_a_lost_answer(
    shaky, proxy, elabftw_server, context, fault
):
    shaky.export(context)
    deletes = {"match": lambda each: each.method == "DELETE"}
    proxy.inject(**deletes, fault=fault, times=1)
    assert shaky.withdraw(context).action == "withdrawn"
    assert elabftw_server.experiments() == []
