"""Whatever happens on the way: one record per session, and an error that says why."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from nexuslims_core.errors import ExportError
from nexuslims_testing.servers.faults import Fault

pytestmark = pytest.mark.live


def uploads(request):
    return request.method == "POST" and request.path == "/rest/data/"


def updates(request):
    return request.method == "PATCH" and bool(
        re.fullmatch(r"/rest/data/\d+/", request.path)
    )


LOST = [
    Fault.cut_after(),
    Fault.truncate(),
    Fault.rewrite(lambda answer: replace(answer, status=502)),
    Fault.rewrite(lambda answer: replace(answer, status=504, body=b"<html/>")),
]


@pytest.mark.parametrize("fault", LOST)
def test_a_lost_answer_makes_no_second_record(
    shaky, proxy, cdcs_server, context, fault
):
    proxy.inject(match=uploads, fault=fault)
    result = shaky.export(context)
    (record,) = cdcs_server.records()
    assert (result.action, result.record_id) == ("created", str(record.id))


@pytest.mark.parametrize(
    "fault", [Fault.cut_before(), Fault.answer(502), Fault.unavailable()]
)
def test_an_upload_that_never_arrived_is_sent_again(
    shaky, proxy, cdcs_server, context, fault
):
    proxy.inject(match=uploads, fault=fault, times=2)
    assert shaky.export(context).action == "created"
    assert len(cdcs_server.records()) == 1


def test_an_upload_that_never_gets_through_is_an_error(
    shaky, proxy, cdcs_server, context
):
    proxy.inject(match=uploads, fault=Fault.answer(502, "<title>Bad Gateway</title>"))
    with pytest.raises(ExportError, match="502 Bad Gateway") as caught:
        shaky.export(context)
    assert caught.value.retry
    assert cdcs_server.records() == []


def test_after_a_time_out_nothing_is_sent_again_in_the_same_export(
    shaky, proxy, cdcs_server, context
):
    proxy.inject(match=uploads, fault=Fault.answer(504))
    with pytest.raises(ExportError, match="504") as caught:
        shaky.export(context)
    assert caught.value.retry
    assert len([each for each in proxy.requests if uploads(each)]) == 1
    proxy.clear()
    assert shaky.export(context).action == "created"
    assert len(cdcs_server.records()) == 1


def test_a_record_that_is_stored_late_is_waited_for(shaky, proxy, cdcs_server, context):
    empty = Fault.answer(200, "[]", content_type="application/json")
    proxy.inject(match=lambda each: "query" in each.path, fault=[empty, empty])
    proxy.inject(match=uploads, fault=Fault.cut_after())
    assert shaky.export(context).action == "created"
    assert len(cdcs_server.records()) == 1


def test_a_repository_that_goes_down_after_storing_is_asked_next_time(
    shaky, proxy, cdcs_server, context
):
    proxy.inject(match=uploads, fault=Fault.cut_after())
    proxy.inject(
        match=lambda each: "query" in each.path, fault=[None, *[Fault.refuse()] * 4]
    )
    with pytest.raises(ExportError) as caught:
        shaky.export(context)
    assert caught.value.retry
    assert shaky.export(context).action == "unchanged"
    assert len(cdcs_server.records()) == 1


@pytest.mark.parametrize(
    "fault", [Fault.cut_before(), Fault.cut_after(), Fault.answer(502)]
)
def test_an_update_survives_a_lost_answer(shaky, proxy, context, rebuilt, fault):
    first = shaky.export(context)
    proxy.inject(match=updates, fault=fault, times=1)
    changed = rebuilt(previous=first)
    assert shaky.export(changed).action == "updated"
    assert shaky.export(changed).action == "unchanged"


@pytest.mark.parametrize("fault", [Fault.refuse(), Fault.truncate(), Fault.answer(503)])
def test_reading_survives_passing_trouble(shaky, proxy, cdcs_server, context, fault):
    proxy.inject(match=lambda each: not uploads(each), fault=[fault, None] * 5)
    assert shaky.export(context).action == "created"
    assert len(cdcs_server.records()) == 1


def test_a_repository_that_is_down_is_tried_again_later(
    connected, cdcs_server, context, no_waiting
):
    destination = connected(cdcs_server)
    cdcs_server.stop()
    try:
        with pytest.raises(ExportError, match="refused") as caught:
            destination.export(context)
    finally:
        cdcs_server.start()
    assert caught.value.retry
    assert destination.export(context).action == "created"


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Fault.html(200), "NX_CDCS_URL"),
        (Fault.html(500, "Server Error"), "500 Internal Server Error"),
        (Fault.answer(500, '{"message": "database is locked"}'), "database is locked"),
        (Fault.answer(301, headers={"Location": "/login/"}), "redirects to"),
    ],
)
def test_an_unusual_answer_to_an_upload_may_be_better_next_time(
    shaky, proxy, context, fault, words
):
    proxy.inject(match=uploads, fault=fault)
    with pytest.raises(ExportError, match=words) as caught:
        shaky.export(context)
    assert caught.value.retry
    assert len([each for each in proxy.requests if uploads(each)]) == 1


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ('{"detail": "JSON parse error"}', "JSON parse error"),
        ('{"message": "Expected parameters not provided."}', "Expected parameters"),
        ('{"message": {"title": ["May not be blank."]}}', "title: May not be blank."),
        ('{"template": ["Invalid pk."]}', "template: Invalid pk."),
    ],
)
def test_every_kind_of_refusal_is_told_in_the_servers_words(
    shaky, proxy, context, body, words
):
    fault = Fault.answer(400, body, content_type="application/json")
    proxy.inject(match=uploads, fault=fault)
    with pytest.raises(ExportError, match=re.escape(words)) as caught:
        shaky.export(context)
    assert not caught.value.retry


def test_no_message_holds_the_token(shaky, proxy, cdcs_server, context):
    proxy.inject(match=uploads, fault=Fault.cut_before())
    with pytest.raises(ExportError) as caught:
        shaky.export(context)
    chain = [caught.value, caught.value.__cause__, caught.value.__context__]
    assert cdcs_server.admin_token not in repr(chain)


def test_large_records_get_more_time(connected, cdcs_server, proxy, context):
    proxy.inject(match=uploads, fault=Fault.slow(2.0))
    destination = connected(cdcs_server, url=proxy.url, timeout=1.0)
    assert destination.export(context).action == "created"


def test_somebody_elses_account_that_appears_meanwhile_is_used(
    connected, cdcs_server, context, proxy
):
    destination = connected(cdcs_server, url=proxy.url, user_owned_records=True)
    proxy.inject(
        match=lambda each: each.method == "POST" and each.path == "/rest/user/",
        fault=Fault.cut_after(),
    )
    user = replace(context.user, username="grace", email="grace@example.org")
    assert destination.export(replace(context, user=user)).metadata == {}
    assert [record.owner for record in cdcs_server.records()] == ["grace"]
