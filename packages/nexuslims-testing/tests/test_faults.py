from __future__ import annotations

import http.client
import socket
import time
from dataclasses import replace

import httpx
import pytest
from nexuslims_testing.servers.faults import Answer, Fault, FaultProxy, Request


@pytest.fixture
def upstream():
    """A server that answers every request with a long body."""
    with FaultProxy(None) as server:
        server.inject(
            fault=Fault.answer(
                201, "x" * 1000, headers={"Set-Cookie": "a=1", "X-Kept": "yes"}
            )
        )
        yield server


@pytest.fixture
def proxy(upstream):
    with FaultProxy(f"{upstream.url}api/") as server:
        yield server


@pytest.fixture
def client(proxy):
    with httpx.Client(base_url=proxy.url, timeout=5) as session:
        yield session


def test_a_request_without_fault_passes_unchanged(proxy, upstream, client):
    answer = client.post("things/?q=a%20b&q=c", content=b"\x00body")

    assert answer.status_code == 201
    assert answer.headers["x-kept"] == "yes"
    assert answer.text == "x" * 1000
    (seen,) = upstream.requests
    assert (seen.method, seen.path) == ("POST", "/api/things/?q=a%20b&q=c")
    assert seen.body == b"\x00body"
    assert seen.query == {"q": "c"}
    assert proxy.requests[0].path == seen.path


def test_a_body_sent_in_chunks_arrives_whole(upstream, client):
    client.post("things/", content=iter([b"one ", b"two"]))

    assert upstream.requests[0].body == b"one two"


@pytest.mark.parametrize("fault", [Fault.refuse(), Fault.cut_before()])
def test_a_connection_cut_before_leaves_upstream_ignorant(
    proxy, upstream, client, fault
):
    proxy.inject(fault=fault)

    with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
        client.post("things/")
    assert upstream.requests == ()
    assert len(proxy.requests) == 1


def test_a_connection_cut_after_lets_upstream_do_its_work(proxy, upstream, client):
    proxy.inject(fault=Fault.cut_after())

    with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
        client.post("things/")
    assert len(upstream.requests) == 1


def test_a_truncated_answer_ends_early(proxy, client):
    proxy.inject(fault=Fault.truncate())

    with pytest.raises(httpx.RemoteProtocolError, match="without sending complete"):
        client.get("things/")


def test_an_answer_can_be_rewritten(proxy, client):
    def shorten(answer: Answer) -> Answer:
        return replace(answer, body=answer.body[:10])

    proxy.inject(fault=Fault.rewrite(shorten))

    assert client.get("things/").text == "x" * 10


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (Fault.answer(500, "broken"), 500),
        (Fault.answer(502), 502),
        (Fault.unavailable(retry_after=7), 503),
        (Fault.html(), 200),
    ],
)
def test_a_canned_answer_replaces_the_servers(proxy, upstream, client, fault, status):
    proxy.inject(fault=fault)

    assert client.get("things/").status_code == status
    assert upstream.requests == ()


def test_unavailable_tells_when_to_come_back(proxy, client):
    proxy.inject(fault=Fault.unavailable(retry_after=7))

    assert client.get("things/").headers["retry-after"] == "7"


def test_a_slow_answer_is_late_but_right(proxy, client):
    proxy.inject(fault=Fault.slow(0.2))
    began = time.monotonic()

    assert client.get("things/").status_code == 201
    assert time.monotonic() - began >= 0.2


def test_a_rule_concerns_what_it_matches_as_often_as_said(proxy, client):
    proxy.inject(
        match=lambda request: request.method == "GET", fault=Fault.answer(500), times=2
    )

    statuses = [
        client.request(m, "t/").status_code for m in ("GET", "PUT", "GET", "GET")
    ]

    assert statuses == [500, 201, 500, 201]


def test_a_list_of_faults_is_worked_through(proxy, client):
    proxy.inject(fault=[Fault.answer(503), None, Fault.answer(500)])

    statuses = [client.get("t/").status_code for _ in range(4)]

    assert statuses == [503, 201, 500, 201]


def test_clear_forgets_rules_and_requests(proxy, client):
    proxy.inject(fault=Fault.answer(500))
    client.get("t/")

    proxy.clear()

    assert proxy.requests == ()
    assert client.get("t/").status_code == 201


def test_a_stopped_proxy_refuses_and_comes_back_on_its_port(proxy, client):
    client.get("t/")
    before = proxy.url

    proxy.stop()
    with pytest.raises(httpx.TransportError):
        client.get("t/")
    proxy.start()

    assert proxy.url == before
    assert client.get("t/").status_code == 201


def test_stopping_does_not_wait_for_a_slow_answer(proxy):
    proxy.inject(fault=Fault.slow(60))
    port = int(proxy.url.split(":")[2].split("/")[0])
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    connection.request("GET", "/api/")
    while not proxy.requests:
        time.sleep(0.01)
    began = time.monotonic()

    proxy.stop()

    assert time.monotonic() - began < 10
    connection.close()


def test_a_dead_upstream_is_a_bad_gateway():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with FaultProxy(f"http://127.0.0.1:{port}/") as proxy:
        assert httpx.get(proxy.url).status_code == 502


def test_the_query_of_a_request_keeps_blank_values():
    assert Request(method="GET", path="/a?b=&c=1").query == {"b": "", "c": "1"}
