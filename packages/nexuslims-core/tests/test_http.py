from __future__ import annotations

import http.server
import ssl
import threading
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest
import stamina
from nexuslims_core import __version__
from nexuslims_core import http as nexus_http
from nexuslims_core.errors import ConfigurationError
from nexuslims_core.types import Site
from nexuslims_testing.servers.faults import Fault, FaultProxy
from nexuslims_testing.servers.process import free_port


@pytest.fixture
def server():
    with FaultProxy(None) as proxy:
        yield proxy


@pytest.fixture
def no_waiting():
    """Let repeats follow each other at once; their number stays."""
    with stamina.set_testing(True, attempts=nexus_http.ATTEMPTS, cap=True):
        yield


@pytest.fixture
def make_site(tmp_path):
    def make(**fields):
        return Site(
            instrument_data_path=tmp_path,
            data_path=tmp_path,
            records_path=tmp_path,
            **fields,
        )

    return make


@pytest.fixture
def connect(make_site):
    opened = []

    def make(url, *, timeout=5.0, headers=None, **fields):
        opened.append(
            nexus_http.client(
                make_site(**fields),
                base_url=url,
                headers=headers or {"Authorization": "Token s3cr3t"},
                timeout=timeout,
            )
        )
        return opened[-1]

    yield make
    for each in opened:
        each.close()


@pytest.mark.parametrize(
    ("base", "asked", "path"),
    [
        ("", "rest/data/", "/rest/data/"),
        ("sub/path", "rest/data/", "/sub/path/rest/data/"),
        ("sub/path/", "rest/data/", "/sub/path/rest/data/"),
        ("sub/path/", "/rest/data/", "/sub/path/rest/data/"),
        ("sub//", "rest/data/", "/sub/rest/data/"),
        ("sub?old=1#top", "rest/data/", "/sub/rest/data/"),
        ("a%20b/", "rest/data/", "/a%20b/rest/data/"),
    ],
)
def test_a_path_in_the_base_url_survives(server, connect, base, asked, path):
    nexus_http.request(connect(server.url + base), "GET", asked, safe=True)
    assert server.requests[0].path == path


def test_a_query_in_the_base_url_of_a_request_is_kept(server, connect):
    client = connect(server.url)
    nexus_http.request(client, "GET", "x", safe=True, params={"id": "1"})
    assert server.requests[0].query == {"id": "1"}


@pytest.mark.parametrize(
    "address",
    ["", "cdcs.example.org", "ftp://cdcs.example.org/", "http://", "http://h:p/"],
)
def test_what_is_no_address_is_refused_at_once(connect, address):
    with pytest.raises(ConfigurationError, match="is no address"):
        connect(address)


def test_a_refused_address_keeps_its_password():
    with pytest.raises(ConfigurationError) as caught:
        nexus_http._base("http://me:hunter2@host:port/")
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("token", ["", "abc\ndef", "abc ", "gehe\u00efm"])
def test_a_token_that_cannot_be_sent_is_not_quoted(connect, token):
    headers = {"Authorization": f"Token {token}"}
    with pytest.raises(ConfigurationError, match="Authorization") as caught:
        connect("http://localhost/", headers=headers)
    assert "abc" not in str(caught.value)
    assert "gehe" not in str(caught.value)


def test_the_server_is_told_who_asks(server, connect):
    nexus_http.request(connect(server.url), "GET", "x", safe=True)
    sent = server.requests[0].headers
    assert sent["user-agent"] == f"NexusLIMS/{__version__}"
    assert sent["authorization"] == "Token s3cr3t"


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_redirect_is_followed_when_reading(server, connect, method):
    server.inject(
        match=lambda request: request.path == "/old",
        fault=Fault.answer(301, headers={"Location": "/new"}),
    )
    server.inject(fault=Fault.answer(200))
    answer = nexus_http.request(connect(server.url), method, "old", safe=True)
    assert answer.status_code == 200
    assert [request.path for request in server.requests] == ["/old", "/new"]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE"])
def test_a_redirect_is_not_followed_when_writing(server, connect, status, method):
    server.inject(fault=Fault.answer(status, headers={"Location": "/login?key=1"}))
    answer = nexus_http.request(connect(server.url), method, "data", safe=False)
    assert answer.status_code == status
    assert len(server.requests) == 1
    assert f"redirects to {server.url}login?key=***" in nexus_http.describe(answer)


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_passing_failure_is_tried_again(server, connect, no_waiting, status):
    server.inject(fault=[Fault.answer(status), Fault.answer(status)])
    server.inject(fault=Fault.answer(200))
    answer = nexus_http.request(connect(server.url), "GET", "x", safe=True)
    assert answer.status_code == 200
    assert len(server.requests) == 3


def test_the_last_answer_is_returned_when_patience_ends(server, connect, no_waiting):
    server.inject(fault=Fault.unavailable())
    answer = nexus_http.request(connect(server.url), "GET", "x", safe=True)
    assert answer.status_code == 503
    assert len(server.requests) == nexus_http.ATTEMPTS


@pytest.mark.parametrize("status", [200, 400, 401, 403, 404, 500])
def test_any_other_answer_is_final(server, connect, no_waiting, status):
    server.inject(fault=Fault.answer(status))
    answer = nexus_http.request(connect(server.url), "GET", "x", safe=True)
    assert answer.status_code == status
    assert len(server.requests) == 1


@pytest.mark.parametrize("fault", [Fault.unavailable(), Fault.answer(502)])
def test_an_unsafe_request_is_sent_once_whatever_is_answered(
    server, connect, no_waiting, fault
):
    server.inject(fault=fault)
    nexus_http.request(connect(server.url), "POST", "x", safe=False)
    assert len(server.requests) == 1


@pytest.mark.parametrize("fault", [Fault.refuse(), Fault.cut_after(), Fault.truncate()])
def test_a_lost_connection_is_tried_again_when_safe(server, connect, no_waiting, fault):
    server.inject(fault=fault, times=2)
    server.inject(fault=Fault.answer(200))
    answer = nexus_http.request(connect(server.url), "GET", "x", safe=True)
    assert answer.status_code == 200
    assert len(server.requests) == 3


def test_a_lost_connection_is_reported_when_unsafe(server, connect, no_waiting):
    server.inject(fault=Fault.cut_after())
    with pytest.raises(httpx.TransportError):
        nexus_http.request(connect(server.url), "POST", "x", safe=False)
    assert len(server.requests) == 1


def test_a_late_answer_is_asked_for_again_when_safe(server, connect, no_waiting):
    server.inject(fault=[Fault.answer(200, delay_s=1.0)])
    server.inject(fault=Fault.answer(200))
    client = connect(server.url, timeout=0.3)
    assert nexus_http.request(client, "GET", "x", safe=True).status_code == 200
    assert len(server.requests) == 2


def test_a_server_that_comes_back_receives_what_never_reached_it(server, connect):
    server.inject(fault=Fault.answer(201))
    server.stop()
    threading.Timer(0.3, server.start).start()
    answer = nexus_http.request(connect(server.url), "POST", "x", safe=False)
    assert answer.status_code == 201
    assert len(server.requests) == 1


@pytest.mark.parametrize("as_date", [False, True])
def test_a_server_that_asks_for_patience_gets_it(server, connect, as_date):
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=3), usegmt=True)
    server.inject(fault=[Fault.unavailable(date if as_date else 2)])
    server.inject(fault=Fault.answer(200))
    start = time.monotonic()
    answer = nexus_http.request(connect(server.url), "GET", "x", safe=True)
    assert answer.status_code == 200
    assert time.monotonic() - start > 1.5


@pytest.mark.parametrize("wait", ["3600", "Wed, 01 Jan 2200 00:00:00 GMT"])
def test_a_server_that_asks_for_an_hour_is_left_alone(server, connect, wait):
    server.inject(fault=Fault.unavailable(wait))
    answer = nexus_http.request(connect(server.url), "GET", "x", safe=True)
    assert answer.status_code == 503
    assert len(server.requests) == 1


def test_an_unintelligible_wait_counts_as_none(server, connect, no_waiting):
    server.inject(fault=[Fault.unavailable("soon")])
    server.inject(fault=Fault.answer(200))
    answer = nexus_http.request(connect(server.url), "GET", "x", safe=True)
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("body", "content_type", "words"),
    [
        ('{"detail": "Invalid token."}', "application/json", "Invalid token."),
        ('{"message": "Data not found."}', "application/json", "Data not found."),
        (
            '{"code": 400, "message": "Bad request", "description": "no such tag"}',
            "application/json",
            "Bad request: no such tag",
        ),
        (
            '{"message": {"title": ["May not be blank.", "Too short."]}}',
            "application/json",
            "title: May not be blank. Too short.",
        ),
        ('{"username": ["Taken."]}', "application/json", "username: Taken."),
        ('["one", "two"]', "application/json", "one two"),
        ("null", "application/json", ""),
        (
            "<html><head><title>502 Bad\n Gateway &amp; more</title></head></html>",
            "text/html",
            "(web page) 502 Bad Gateway & more",
        ),
        ("<html><body>Log in</body></html>", "text/html", "(web page)"),
        ("out of order\nat line 3", "text/plain", "out of order"),
        ("", "text/plain", ""),
    ],
)
def test_the_servers_own_words_are_found(server, connect, body, content_type, words):
    server.inject(fault=Fault.answer(400, body, content_type=content_type))
    answer = nexus_http.request(connect(server.url), "GET", "x", safe=True)
    assert nexus_http.server_words(answer) == words
    ending = f": {words}" if words else ""
    expected = f"GET {server.url}x: 400 Bad Request{ending}"
    assert nexus_http.describe(answer) == expected


def test_long_words_are_cut(server, connect):
    server.inject(fault=Fault.answer(500, "x" * 5000))
    answer = nexus_http.request(connect(server.url), "GET", "x", safe=True)
    words = nexus_http.server_words(answer)
    assert len(words) == 300
    assert words.endswith("x…")


def test_a_description_holds_no_secret(server, connect):
    address = server.url.replace("http://", "http://me:hunter2@")
    client = connect(address, headers={"X-Key": "s3cr3t"})
    params = {"id": "7", "access_token": "s3cr3t", "sig": "s3cr3t"}
    answer = nexus_http.request(client, "GET", "x", safe=True, params=params)
    told = nexus_http.describe(answer)
    assert "s3cr3t" not in told
    assert "hunter2" not in told
    assert "x?id=7&access_token=***&sig=***" in told


def test_a_refused_connection_is_described(connect, no_waiting):
    url = f"http://127.0.0.1:{free_port()}/"
    with pytest.raises(httpx.ConnectError) as caught:
        nexus_http.request(connect(url), "GET", "x", safe=True)
    assert f"GET {url}x: " in nexus_http.describe(caught.value)
    assert "refused" in nexus_http.describe(caught.value)


def test_silence_is_described(server, connect):
    server.inject(fault=Fault.answer(200, delay_s=1.0))
    with pytest.raises(httpx.ReadTimeout) as caught:
        nexus_http.request(connect(server.url, timeout=0.2), "POST", "x", safe=False)
    assert nexus_http.describe(caught.value) == f"POST {server.url}x: no answer in time"


def test_an_error_that_quotes_a_header_is_not_passed_on(server, connect):
    client = connect(server.url)
    with pytest.raises(httpx.LocalProtocolError) as caught:
        nexus_http.request(client, "GET", "x", safe=True, headers={"X-Key": "s3cr3t\n"})
    assert "s3cr3t" not in nexus_http.describe(caught.value)


def test_an_error_without_a_request_is_described():
    error = httpx.ConnectError("no route")
    assert nexus_http.describe(error) == "request: no route"


class _Hello(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_args):
        pass


class _QuietServer(http.server.ThreadingHTTPServer):
    def handle_error(self, request, client_address):
        pass


@pytest.fixture
def tls_server():
    trustme = pytest.importorskip("trustme")
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    server = _QuietServer(("127.0.0.1", 0), _Hello)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    url = f"https://localhost:{server.server_address[1]}/"
    yield url, authority.cert_pem.bytes().decode()
    server.shutdown()
    thread.join()
    server.server_close()


def test_an_unknown_authority_is_refused_once_with_the_remedy(tls_server, connect):
    url, _authority = tls_server
    start = time.monotonic()
    with pytest.raises(httpx.ConnectError) as caught:
        nexus_http.request(connect(url), "GET", "x", safe=True)
    assert time.monotonic() - start < 0.5  # not tried again
    assert "certificate is not trusted" in nexus_http.describe(caught.value)
    assert "NX_CERT_BUNDLE_FILE" in nexus_http.describe(caught.value)


def test_an_extra_authority_is_trusted(tls_server, connect):
    url, authority = tls_server
    client = connect(url, ca_bundle=authority)
    assert nexus_http.request(client, "GET", "x", safe=True).status_code == 200


def test_known_authorities_stay_trusted_beside_the_extra_one(tls_server, make_site):
    _url, authority = tls_server
    extended = make_site(ca_bundle=authority)
    alone = nexus_http.tls_context(make_site()).cert_store_stats()["x509_ca"]
    both = nexus_http.tls_context(extended).cert_store_stats()["x509_ca"]
    assert alone > 20
    assert both == alone + 1


def test_certificates_are_not_checked_when_told_so(tls_server, connect):
    url, _authority = tls_server
    client = connect(url, tls_verify=False)
    assert nexus_http.request(client, "GET", "x", safe=True).status_code == 200


def test_a_broken_certificate_bundle_names_the_setting(make_site):
    site = make_site(ca_bundle="-----BEGIN CERTIFICATE-----\nnonsense")
    with pytest.raises(ConfigurationError, match="NX_CERT_BUNDLE"):
        nexus_http.client(site, base_url="https://localhost/", headers={})
