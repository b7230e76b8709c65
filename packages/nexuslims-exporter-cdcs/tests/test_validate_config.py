from __future__ import annotations

import pytest
from nexuslims_core.errors import ConfigurationError, ExportError
from nexuslims_testing.servers.cdcs import PRIVATE_WORKSPACE, TEMPLATE_TITLE
from nexuslims_testing.servers.faults import Fault, FaultProxy
from nexuslims_testing.servers.process import free_port

pytestmark = pytest.mark.live


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"user_owned_records": True},
        {"workspace_title": PRIVATE_WORKSPACE},
        {"assign_to_public_workspace": False},
    ],
)
def test_a_good_configuration_is_accepted(connected, cdcs_server, settings):
    connected(cdcs_server, **settings).validate_config()
    assert cdcs_server.records() == []


def test_an_address_without_final_slash_is_accepted(connected, cdcs_server):
    connected(cdcs_server, url=cdcs_server.url.rstrip("/")).validate_config()


def test_a_wrong_token_is_named_but_not_shown(connected, cdcs_server):
    token = "0123456789abcdef" * 2
    with pytest.raises(ConfigurationError, match="NX_CDCS_TOKEN") as caught:
        connected(cdcs_server, token=token).validate_config()
    assert "403 Forbidden: Invalid token." in str(caught.value)
    assert token not in str(caught.value)


@pytest.mark.parametrize("token", ["two words", "line\nbreak", "trailing "])
def test_an_impossible_token_is_named_but_not_shown(connected, cdcs_server, token):
    with pytest.raises(ConfigurationError, match="token") as caught:
        connected(cdcs_server, token=token).validate_config()
    assert token not in str(caught.value)


def test_401_is_a_matter_of_credentials_too(connected):
    with FaultProxy(None) as proxy:
        proxy.inject(fault=Fault.answer(401, '{"detail": "Log in first."}'))
        with pytest.raises(ConfigurationError, match="Log in first"):
            connected(proxy, token="t").validate_config()


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("No Such Schema", "there is no template 'No Such Schema'"),
        (f"{TEMPLATE_TITLE} 2019", "is disabled"),
        (TEMPLATE_TITLE.lower(), "there is no template"),
    ],
)
def test_a_missing_template_is_named(connected, cdcs_server, title, words):
    with pytest.raises(ConfigurationError, match="NX_CDCS_TEMPLATE_TITLE") as caught:
        connected(cdcs_server, template_title=title).validate_config()
    assert words in str(caught.value)


def test_a_missing_workspace_is_named_with_those_there_are(connected, cdcs_server):
    destination = connected(cdcs_server, workspace_title="Public")
    with pytest.raises(ConfigurationError, match="NX_CDCS_WORKSPACE_TITLE") as caught:
        destination.validate_config()
    assert "Global Public Workspace" in str(caught.value)


def test_no_public_workspace_is_named(connected, proxy, cdcs_server):
    proxy.inject(
        match=lambda request: "workspace" in request.path,
        fault=Fault.answer(200, "[]", content_type="application/json"),
    )
    destination = connected(cdcs_server, url=proxy.url)
    with pytest.raises(ConfigurationError, match="ASSIGN_TO_PUBLIC_WORKSPACE"):
        destination.validate_config()


def test_changing_owners_needs_a_superuser(connected, cdcs_server):
    token = cdcs_server.token("exporter")
    connected(cdcs_server, token=token).validate_config()
    destination = connected(cdcs_server, token=token, user_owned_records=True)
    with pytest.raises(ConfigurationError, match="NX_CDCS_USER_OWNED_RECORDS"):
        destination.validate_config()


def test_a_server_that_is_down_is_no_configuration_error(connected, no_waiting):
    url = f"http://127.0.0.1:{free_port()}/"
    with pytest.raises(ExportError, match="refused") as caught:
        connected(None, url=url, token="t").validate_config()
    assert caught.value.retry
    assert url in str(caught.value)


def test_an_overloaded_server_is_no_configuration_error(shaky, proxy):
    proxy.inject(fault=Fault.unavailable())
    with pytest.raises(ExportError, match="503") as caught:
        shaky.validate_config()
    assert caught.value.retry


@pytest.mark.parametrize(
    "fault",
    [
        Fault.html(200),
        Fault.html(404, "Not Found"),
        Fault.answer(200, "{}", content_type="application/json"),
        Fault.answer(200, '[{"name": "x"}]', content_type="application/json"),
        Fault.answer(200, ""),
    ],
)
def test_what_is_no_repository_is_a_wrong_address(shaky, proxy, fault):
    proxy.inject(fault=fault)
    with pytest.raises(ConfigurationError, match="NX_CDCS_URL"):
        shaky.validate_config()


def test_a_wrong_path_is_a_wrong_address(connected, cdcs_server):
    with pytest.raises(ConfigurationError, match="NX_CDCS_URL"):
        connected(cdcs_server, url=f"{cdcs_server.url}sub/path").validate_config()


def test_an_address_that_redirects_is_not_good_enough(shaky, proxy):
    fault = Fault.answer(301, headers={"Location": "https://cdcs.example.org/"})
    proxy.inject(match=lambda request: request.method == "POST", fault=fault)
    with pytest.raises(ConfigurationError, match="redirects to https://cdcs"):
        shaky.validate_config()
