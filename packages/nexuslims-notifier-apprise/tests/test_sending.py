"""Messages that a real service got through Apprise."""

from __future__ import annotations

import logging

import pytest
from nexuslims_core.errors import NexusLIMSError
from nexuslims_notifier_apprise.overhearing import overheard, parts
from nexuslims_notifier_apprise.plugin import notify

# Apprise imports all it knows when it is first used.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated")

NOWHERE = "json://localhost:1/t0ken-of-nobody"
SECRETS = ("s3cr3t-path", "t0ken-of-nobody")


@pytest.fixture
def failure(settings, report, make_site):
    def fail(*urls, **site):
        with pytest.raises(NexusLIMSError) as caught:
            notify(settings(*urls), report(), make_site(**site))
        assert not any(secret in str(caught.value) for secret in SECRETS)
        return str(caught.value)

    return fail


def test_a_message_says_what_failed_and_what_to_do(
    service, settings, report, make_site
):
    notify(settings(service.url), report(), make_site())
    [post] = service.posts
    assert post["title"].startswith("NexusLIMS: 1 new problem (")
    assert "SEM-1: 42\n  cdcs: 503 <Service> Unavailable, 5 µm" in post["message"]
    assert "nexuslims sessions show 42 --instrument SEM-1" in post["message"]


@pytest.mark.parametrize(
    ("names", "kind"),
    [
        (("new", "resolved"), "failure"),
        (("continuing",), "warning"),
        (("continuing", "resolved"), "warning"),
        (("resolved",), "success"),
    ],
)
def test_the_kind_of_a_message_is_that_of_its_news(
    service, settings, report, problem, make_site, names, kind
):
    changes = {name: (problem(name),) for name in names}
    notify(settings(service.url), report(**changes), make_site())
    assert service.posts[0]["type"] == kind


def test_a_message_is_short_enough_for_a_phone(
    service, settings, report, problem, make_site
):
    many = tuple(problem(str(n), f"{n} {'very ' * 500}long") for n in range(100))
    notify(settings(service.url), report(new=many), make_site())
    assert len(service.posts[0]["message"]) < 5000
    assert "… and 90 more" in service.posts[0]["message"]


def test_all_addresses_are_told(start, settings, report, make_site):
    services = [start(), start()]
    notify(settings(*(one.url for one in services)), report(), make_site())
    assert [len(one.posts) for one in services] == [1, 1]


def test_a_failure_names_the_service_and_the_reason_alone(service, failure):
    service.status = 500
    said = failure(service.url)
    assert said.startswith("json://… (number 1 of NX_APPRISE_URLS) failed: ")
    assert "error=500" in said
    assert "localhost" not in said


def test_one_failure_beside_others_is_a_warning_and_nobody_is_told_twice(
    service, settings, report, make_site, caplog
):
    with caplog.at_level(logging.WARNING, "nexuslims_notifier_apprise"):
        notify(settings(NOWHERE, service.url), report(), make_site())
    assert len(service.posts) == 1
    ours = [one for one in caplog.records if one.name.startswith("nexuslims")]
    assert len(ours) == 1
    assert "json://… (number 1 of NX_APPRISE_URLS) failed" in ours[0].getMessage()


def test_all_failures_are_named_when_there_are_only_failures(failure):
    said = failure(NOWHERE, NOWHERE)
    assert "number 1 of" in said
    assert "number 2 of" in said


@pytest.mark.parametrize(
    "url", ["nothing://t0ken-of-nobody", "slack://t0ken-of-nobody"]
)
def test_an_address_that_apprise_does_not_know(failure, url):
    said = failure(url)
    assert f"{url.partition(':')[0]}://… (number 1 of NX_APPRISE_URLS) cannot" in said
    assert "correct the address" in said


def test_no_log_holds_any_part_of_an_address(
    service, settings, report, make_site, caplog
):
    with caplog.at_level(logging.DEBUG):
        notify(settings(service.url), report(), make_site())
    assert any("JSON POST URL" in message for message in caplog.messages)
    assert "s3cr3t-path" not in caplog.text


def test_logs_are_as_before_afterwards(caplog):
    logger = logging.getLogger("apprise")
    before = list(logger.handlers)
    with overheard("json://h/some-word"):
        pass
    logger.warning("some-word")
    assert caplog.messages == ["some-word"]
    assert logger.handlers == before


def test_tracebacks_hold_no_part_of_an_address(caplog):
    with overheard("json://h/some-word"):
        try:
            int("some-word")
        except ValueError:
            logging.getLogger("apprise").exception("for %s", "some-word")
    assert "some-word" not in caplog.text.replace("json://h/some-word", "")
    assert "ValueError" in caplog.text


def test_all_parts_of_an_address_are_hidden_as_written_and_as_meant():
    found = parts("slack://bot@T0KEN/B0KEN/c%2Fd%2Fe?x=yes&to=ab12")
    assert {"T0KEN", "B0KEN", "c%2Fd%2Fe", "c/d/e", "ab12"} <= set(found)
    assert not {"slack", "bot", "yes"} & set(found)


def test_an_unknown_authority_is_not_trusted(tls_service, failure):
    assert "json" in failure(tls_service.url.replace("json", "jsons"))
    assert tls_service.posts == []


@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
@pytest.mark.parametrize("how", ["extra authority", "no checks"])
def test_certificates_are_checked_as_for_everything_else(
    tls_service, authority, settings, report, make_site, how
):
    pem = authority.cert_pem.bytes().decode()
    site = {"ca_bundle": pem} if how == "extra authority" else {"tls_verify": False}
    url = tls_service.url.replace("json", "jsons")
    notify(settings(url), report(), make_site(**site))
    assert len(tls_service.posts) == 1
