"""What a receiver of webhooks sees, and what is said when it does not like it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import time
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import stamina
from nexuslims_core.builtin.notify.settings import WebhookSettings
from nexuslims_core.builtin.notify.webhook import notify
from nexuslims_core.errors import NexusLIMSError
from nexuslims_core.types import RunReport

TOKENS = ("t0ken-in-path", "v4lue")


@pytest.fixture(autouse=True)
def no_waiting():
    with stamina.set_testing(True, attempts=4, cap=True):
        yield


@pytest.fixture
def post(receiver, make_site):
    def post(report, *, url=None, secret=""):
        settings = WebhookSettings(url=url or receiver.url, secret=secret)
        notify(settings, report, make_site())

    return post


@pytest.fixture
def failure(post, report):
    def fail(**options):
        with pytest.raises(NexusLIMSError) as caught:
            post(report(), **options)
        for token in TOKENS:
            assert token not in str(caught.value)
        return str(caught.value)

    return fail


def test_the_document_says_what_is_new_and_what_the_run_did(receiver, post, report):
    post(report())
    [(path, headers, _body)] = receiver.posts
    [document] = receiver.documents
    assert path == "/hooks/t0ken-in-path?k=v4lue"
    assert headers["Content-Type"] == "application/json"
    assert document["type"] == "nexuslims.problems"
    assert document["id"] == headers["webhook-id"]
    data = document["data"]
    assert data["summary"] == "2 new problems, 1 resolved"
    assert data["host"]
    assert [one["key"] for one in data["new"]] == [
        "session SEM-1 42",
        "session SEM-1 43",
    ]
    assert data["new"][1] == {
        "key": "session SEM-1 43",
        "subject": "SEM-1: 43",
        "text": "no files could be read: Gerät <42>",
        "since": "2026-11-20T16:15:00+00:00",
    }
    assert data["continuing"] == []
    assert [one["subject"] for one in data["resolved"]] == ["SEM-1: 7"]
    assert data["run"] == {
        "sessions": {"COMPLETED": 1, "BUILT_NOT_EXPORTED": 1},
        "files": 12,
        "elapsed_s": 12.3,
    }
    assert datetime.fromisoformat(document["timestamp"]).tzinfo is not None


def test_the_document_in_the_manual_is_like_those_that_are_posted(
    receiver, post, report, problem
):
    post(report(new=(problem(),)))
    [posted] = receiver.documents
    manual = Path(__file__).parents[5] / "docs" / "operations.md"
    [text] = re.findall("```json\n(.*?)```", manual.read_text("utf-8"), re.DOTALL)
    documented = json.loads(text)
    assert documented["type"] == posted["type"]
    assert _shape(documented) == _shape(posted)


def _shape(value):
    """Return names and kinds of values; statuses are names that vary."""
    if isinstance(value, dict):
        return {
            name: "counts" if name == "sessions" else _shape(item)
            for name, item in value.items()
        }
    return list(map(_shape, value)) if isinstance(value, list) else type(value)


@pytest.mark.parametrize(
    ("secret", "key"),
    [
        ("just some text", b"just some text"),
        ("whsec_" + base64.b64encode(b"\x00\xffkey").decode(), b"\x00\xffkey"),
    ],
)
def test_the_signature_is_that_of_identifier_time_and_body(
    receiver, post, report, secret, key
):
    post(report(), secret=secret)
    [(_path, headers, body)] = receiver.posts
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest())
    assert headers["webhook-signature"] == f"v1,{expected.decode()}"
    assert abs(time.time() - int(headers["webhook-timestamp"])) < 60


def test_without_a_secret_nothing_is_signed(receiver, post, report):
    post(report())
    [(_path, headers, _body)] = receiver.posts
    assert "webhook-signature" not in headers


def test_what_failed_is_posted_again_under_the_same_identifier(
    receiver, post, report, failure
):
    receiver.answers += [(500, {}, "out of order")]
    assert "500 Internal Server Error: out of order" in failure()
    post(report())
    first, second = receiver.documents
    assert first["id"] == second["id"]


def test_a_busy_receiver_is_asked_again_at_once(receiver, post, report):
    receiver.answers += [(503, {}, ""), (429, {"Retry-After": "0"}, "")]
    post(report())
    assert len({one["id"] for one in receiver.documents}) == 1
    assert len(receiver.posts) == 3


def test_other_news_has_another_identifier(receiver, post, report, problem, now):
    later = now + timedelta(hours=1)
    for changes in (
        {"new": (problem(),)},
        {"resolved": (problem(),)},
        {"new": (problem(since=later),)},  # it came back
        {"new": (problem("43"),)},
        {"continuing": (problem(),)},
        {"new": (problem(),), "continuing": (problem("43"),)},
    ):
        post(report(**changes))
    assert len({one["id"] for one in receiver.documents}) == 6


def test_the_order_of_problems_changes_no_identifier(receiver, post, report, problem):
    for pair in ((problem("1"), problem("2")), (problem("2"), problem("1"))):
        post(report(new=pair))
    assert len({one["id"] for one in receiver.documents}) == 1


def test_a_redirect_is_not_followed_but_told(receiver, failure):
    moved = {"Location": "https://new.example.org/hooks/t0ken-in-path"}
    receiver.answers += [(308, moved, "")]
    said = failure()
    assert "it moved to https://new.example.org; set NX_WEBHOOK_URL" in said
    assert len(receiver.posts) == 1


def test_an_answer_that_quotes_the_address_is_not_passed_on(receiver, failure):
    receiver.answers += [(404, {}, "Cannot POST /hooks/t0ken-in-path?k=v4lue")]
    assert "404 Not Found: Cannot POST ***" in failure()


def test_a_password_in_the_address_is_used_and_not_shown(receiver, failure, post):
    url = receiver.url.replace("://", "://ada:t0ken-in-path@")
    receiver.answers += [(401, {}, "")]
    assert "401 Unauthorized" in failure(url=url)
    [(_path, headers, _body)] = receiver.posts
    expected = base64.b64encode(b"ada:t0ken-in-path").decode()
    assert headers["Authorization"] == f"Basic {expected}"


def test_a_receiver_that_is_not_there(failure):
    said = failure(url="http://127.0.0.1:1/hooks/t0ken-in-path")
    assert said.startswith("webhook at http://127.0.0.1:1: ")
    assert "NX_WEBHOOK_URL" in said


def test_halves_of_characters_can_be_posted(receiver, post, report, problem):
    post(report(new=(problem(text="file a\udce4.tif\x00"),)))
    [document] = receiver.documents
    assert document["data"]["new"][0]["text"] == "file a�.tif�"


def test_a_run_that_could_not_begin(receiver, post, problem):
    post(RunReport(problems=("the share is not mounted",)))
    [document] = receiver.documents
    assert document["data"]["run"] == {"sessions": {}, "files": 0, "elapsed_s": 0}
