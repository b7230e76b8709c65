from __future__ import annotations

import pytest
from nexuslims_core.errors import ConfigurationError, ExportError
from nexuslims_testing.servers.faults import Fault


def test_a_category_and_a_status_that_exist_are_accepted(connected, elabftw_server):
    connected(
        elabftw_server, experiment_category=3, experiment_status=2
    ).validate_config()


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (
            {"experiment_category": 7},
            r"NX_ELABFTW_EXPERIMENT_CATEGORY=7 .* 3 \(Microscopy\), 4 \(Synthesis\)",
        ),
        (
            {"experiment_status": 9},
            r"NX_ELABFTW_EXPERIMENT_STATUS=9 .* 1 \(Running\), 2 \(Success\)",
        ),
    ],
)
def test_what_does_not_exist_is_told_with_what_does(
    connected, elabftw_server, settings, words
):
    with pytest.raises(ConfigurationError, match=words):
        connected(elabftw_server, **settings).validate_config()


def test_a_key_that_may_only_read_is_refused(connected, elabftw_server):
    destination = connected(elabftw_server, api_key=elabftw_server.read_only_key)
    with pytest.raises(ConfigurationError, match="NX_ELABFTW_API_KEY may only read"):
        destination.validate_config()


def test_a_notebook_that_tells_nothing_of_keys_is_asked_for_its_team(
    connected, elabftw_server, proxy, no_waiting
):
    proxy.inject(match=lambda each: "apikeys" in each.path, fault=Fault.answer(403))
    destination = connected(elabftw_server, url=proxy.url, experiment_category=7)
    with pytest.raises(ConfigurationError, match="EXPERIMENT_CATEGORY=7"):
        destination.validate_config()


@pytest.mark.parametrize(
    "fault",
    [
        Fault.html(200),
        Fault.html(404),
        Fault.answer(302, headers={"Location": "/login.php"}),
        Fault.answer(200, "{}", content_type="application/json"),
    ],
)
def test_something_else_at_the_address_is_told(shaky, proxy, fault):
    proxy.inject(match=lambda each: "login" not in each.path, fault=fault)
    proxy.inject(fault=Fault.html(200, "Log in"))
    with pytest.raises(ConfigurationError, match="NX_ELABFTW_URL"):
        shaky.validate_config()


def test_a_notebook_that_is_down_may_be_up_later(shaky, proxy):
    proxy.inject(fault=Fault.unavailable())
    with pytest.raises(ExportError, match="503") as caught:
        shaky.validate_config()
    assert caught.value.retry


def test_a_key_that_no_header_can_hold_is_a_configuration_error(
    connected, elabftw_server, context
):
    destination = connected(elabftw_server, api_key="3-kéy")
    with pytest.raises(ConfigurationError, match="cannot be sent"):
        destination.validate_config()
    with pytest.raises(ExportError, match="cannot be sent"):
        destination.export(context)
