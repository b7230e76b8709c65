from __future__ import annotations

import json
from dataclasses import replace

import pytest
import stamina
from nexuslims_core.errors import SourceError
from nexuslims_core.types import Person, Window
from nexuslims_testing.servers.faults import Answer, Fault, FaultProxy
from nexuslims_testing.servers.nemo_data import answers

pytestmark = pytest.mark.live

MORNING = {"start": "2024-05-06T15:00:00Z", "end": "2024-05-06T18:00:00Z"}


@pytest.fixture(autouse=True)
def _impatient():
    """Retry at once: that it is retried is what matters here."""
    with stamina.set_testing(True, attempts=4, cap=True):
        yield


@pytest.fixture
def connected(nemo, nemo_proxy, source):
    nemo.seed(usage_events=[{"tool": 1, **MORNING}])
    return source(nemo_proxy.url, nemo.token, timeout=2)


def asks_for(table):
    return lambda request: request.path.startswith(f"/api/{table}/")


@pytest.mark.parametrize(
    "fault",
    [
        Fault.refuse(),
        Fault.cut_after(),
        Fault.truncate(),
        Fault.answer(502),
        Fault.answer(504),
        Fault.answer(429, headers={"Retry-After": "0"}),
        Fault.unavailable(),
        Fault.unavailable(retry_after=1),
        Fault.slow(4),
    ],
    ids=lambda fault: fault.kind if not fault.reply else str(fault.reply.status),
)
def test_a_passing_fault_is_overcome(nemo_proxy, connected, fault):
    nemo_proxy.inject(fault=fault, times=1)

    assert len(list(connected.sessions(Window()))) == 1


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Fault.answer(500, "disk full"), "500 Internal Server Error: disk full"),
        (Fault.answer(502, "bad gateway"), "502"),
        (Fault.unavailable(), "503 Service Unavailable"),
        (Fault.html(), "expected JSON, found text/html"),
        (Fault.html(404), "NX_NEMO_ADDRESS"),
        (Fault.answer(200, '[{"id": 1, "na'), "expected JSON"),
        (Fault.answer(200, '{"detail": "hello"}'), "expected a list of rows"),
        (Fault.answer(400, '{"tool_id": ["Select a valid choice."]}'), "valid choice"),
        (Fault.refuse(), "NX_NEMO_ADDRESS"),
        (Fault.truncate(), "does not answer"),
    ],
)
@pytest.mark.parametrize("table", ["tools", "usage_events"])
def test_a_lasting_fault_names_the_server_and_what_it_said(
    *, nemo, nemo_proxy, connected, fault, words, table
):
    nemo_proxy.inject(match=asks_for(table), fault=fault)

    with pytest.raises(SourceError) as caught:
        list(connected.sessions(Window()))

    assert words in str(caught.value)
    assert f"{nemo_proxy.url}{table}/" in str(caught.value)
    assert nemo.token not in str(caught.value)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 500])
def test_a_plain_refusal_is_not_asked_again(nemo_proxy, connected, status):
    nemo_proxy.inject(fault=Fault.answer(status))

    with pytest.raises(SourceError):
        list(connected.sessions(Window()))

    assert len(nemo_proxy.requests) == 1


def test_a_bad_token_answered_by_403_is_still_a_bad_token(nemo_proxy, connected):
    nemo_proxy.inject(fault=Fault.answer(403, '{"detail": "Invalid token."}'))

    with pytest.raises(SourceError, match="is not accepted"):
        connected.check()


def test_a_server_that_is_down_is_an_error_and_may_come_back(nemo_proxy, connected):
    nemo_proxy.stop()
    with pytest.raises(SourceError, match="does not answer"):
        connected.check()

    nemo_proxy.start()

    connected.check()
    assert len(list(connected.sessions(Window()))) == 1


def test_a_reservation_is_an_error_and_not_missing_when_nemo_fails(
    nemo, nemo_proxy, connected, session
):
    nemo_proxy.inject(match=asks_for("reservations"), fault=Fault.answer(500))

    with pytest.raises(SourceError, match="500"):
        connected.reservation(session(nemo_proxy.url, 1))


def collapsed(answer):
    """Return an answer as a server gives it that knows no expansion."""
    rows = json.loads(answer.body)
    rows = rows["results"] if isinstance(rows, dict) else rows
    plain = [
        {k: v["id"] if isinstance(v, dict) and "id" in v else v for k, v in row.items()}
        for row in rows
    ]
    return replace(answer, body=json.dumps(plain).encode())


def test_a_server_that_expands_nothing_is_asked_once_for_all_users(
    nemo, nemo_proxy, source
):
    later = {"start": "2024-05-07T15:00:00Z", "end": "2024-05-07T18:00:00Z"}
    nemo.seed(
        usage_events=[
            {"tool": 1, **MORNING},
            {"tool": 2, **MORNING, "user": "bram"},
            {"tool": 2, **later, "user": "bram"},
        ]
    )
    nemo_proxy.inject(match=asks_for("usage_events"), fault=Fault.rewrite(collapsed))

    found = list(source(nemo_proxy.url, nemo.token).sessions(Window()))

    assert [each.user for each in found] == ["amaya", "bram", "bram"]
    asked = [r for r in nemo_proxy.requests if asks_for("users")(r)]
    assert len(asked) == 1
    assert "," in asked[0].query["id__in"]


def test_people_are_found_on_a_server_that_expands_nothing(
    nemo, nemo_proxy, source, session
):
    run_data = answers(data_consent="Agree")
    row = {"tool": 1, **MORNING, "run_data": run_data, "operator": "staff"}
    (event,) = nemo.seed(usage_events=[row])["usage_events"]
    nemo_proxy.inject(match=asks_for("usage_events"), fault=Fault.rewrite(collapsed))

    described = source(nemo_proxy.url, nemo.token).reservation(
        session(nemo_proxy.url, event)
    )

    assert isinstance(described.user, Person)
    assert (described.user.username, described.creator.username) == ("amaya", "staff")


@pytest.mark.parametrize(
    "row",
    [
        {"id": 5, "tool": 1, "start": "yesterday", "end": "2024-05-06T18:00:00Z"},
        {"id": 5, "tool": 1, "start": "2024-05-06T15:00:00Z"},
        {"tool": 1, "start": "2024-05-06T15:00:00Z", "end": "2024-05-06T18:00:00Z"},
        {"id": 5, "tool": 1, "start": None, "end": 7},
    ],
)
def test_a_malformed_row_costs_only_itself(nemo_proxy, connected, row):
    def spoilt(answer):
        rows = json.loads(answer.body)["results"]
        return replace(answer, body=json.dumps([row, *rows]).encode())

    nemo_proxy.inject(match=asks_for("usage_events"), fault=Fault.rewrite(spoilt))

    problem, session = connected.sessions(Window())

    assert "Tool-1" in problem.message
    assert session.user == "amaya"


@pytest.mark.parametrize("row", [5, None, "text", [], {"id": 5}, {"id": 5, "tool": 77}])
def test_rows_that_were_not_asked_for_are_ignored(nemo_proxy, connected, row):
    def spoilt(answer):
        rows = json.loads(answer.body)["results"]
        return replace(answer, body=json.dumps([row, *rows]).encode())

    nemo_proxy.inject(match=asks_for("usage_events"), fault=Fault.rewrite(spoilt))

    assert len(list(connected.sessions(Window()))) == 1


def test_pages_that_repeat_themselves_come_to_an_end(nemo_proxy, connected):
    def endless(answer):
        body = {**json.loads(answer.body), "next": "https://nemo.test/?page=2"}
        return replace(answer, body=json.dumps(body).encode())

    nemo_proxy.inject(fault=Fault.rewrite(endless))

    assert len(list(connected.sessions(Window()))) == 1


@pytest.fixture
def second_page_missing(nemo, nemo_proxy, source):
    """Return a function that connects to a server whose second page is answered so."""
    nemo.seed(usage_events=[{"tool": tool, **MORNING} for tool in (1, 2)])

    def start(detail):
        nemo_proxy.inject(
            match=lambda request: (
                asks_for("usage_events")(request) and request.query["page"] == "2"
            ),
            fault=Fault.answer(404, json.dumps({"detail": detail})),
        )
        return source(nemo_proxy.url, nemo.token, page_size=1)

    return start


def test_a_page_that_went_away_is_the_end(second_page_missing):
    found = second_page_missing("Invalid page.").sessions(Window())

    assert len(list(found)) == 1


def test_a_page_that_was_lost_is_not_the_end(second_page_missing):
    with pytest.raises(SourceError, match="404"):
        list(second_page_missing("Not found.").sessions(Window()))


def test_the_token_does_not_follow_a_redirect_to_another_server(nemo, source):
    moved = Answer(status=301, headers=(("Location", f"{nemo.url}tools/"),))
    with FaultProxy(None) as old:
        old.inject(fault=Fault.rewrite(lambda _answer: moved))

        with pytest.raises(SourceError, match="NX_NEMO_TOKEN"):
            source(old.url, nemo.token).check()


def test_a_redirect_on_the_same_server_is_followed(nemo_proxy, connected):
    query = "Location", "/api/tools/?id=0"
    moved = Answer(status=301, headers=(query,))
    nemo_proxy.inject(fault=Fault.rewrite(lambda _answer: moved), times=1)

    connected.check()
