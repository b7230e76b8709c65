from __future__ import annotations

import pytest
from nexuslims_core.errors import ConfigurationError, ExportError
from nexuslims_testing.servers.faults import Fault

WORDS = "words of the server"
LONG_NAMES = (
    "<error><error-code type='integer'>{}</error-code>"
    f"<error-description>{WORDS}</error-description></error>"
)
SHORT_NAMES = f"<error><code>{{}}</code><msg>{WORDS}</msg></error>"


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"access_key_id": "wrong"}, "error 4506.*NX_LABARCHIVES_ACCESS_KEY_ID"),
        ({"access_password": "no"}, "error 4520.*NX_LABARCHIVES_ACCESS_PASSWORD"),
        ({"user_id": "wrong"}, "error 4507.*NX_LABARCHIVES_USER_ID"),
        ({"notebook_id": "wrong"}, "NX_LABARCHIVES_NOTEBOOK_ID.*Facility: MTMuMn"),
    ],
)
def test_a_wrong_setting_is_named(connected, labarchives_server, wrong, told):
    with pytest.raises(ConfigurationError, match=told):
        connected(labarchives_server, **wrong).validate_config()


def test_a_notebook_that_the_account_may_not_see_is_named(
    connected, labarchives_server
):
    hidden = connected(
        labarchives_server, notebook_id=labarchives_server.other_notebook
    )
    with pytest.raises(ConfigurationError, match="error 4501") as caught:
        hidden.validate_config()
    assert "NX_LABARCHIVES_NOTEBOOK_ID" in str(caught.value)


def test_without_a_notebook_only_the_account_is_checked(connected, labarchives_server):
    connected(labarchives_server, notebook_id="").validate_config()
    assert labarchives_server.calls == ["users/user_info_via_id"]


@pytest.mark.parametrize(
    ("code", "setting"),
    [
        (4501, "NX_LABARCHIVES_NOTEBOOK_ID"),
        (4502, "NX_LABARCHIVES_NOTEBOOK_ID"),
        (4504, "clock"),
        (4506, "NX_LABARCHIVES_ACCESS_KEY_ID"),
        (4507, "NX_LABARCHIVES_USER_ID"),
        (4514, "labarchives-get-uid"),
        (4520, "NX_LABARCHIVES_ACCESS_PASSWORD"),
        (4533, "labarchives-get-uid"),
    ],
)
@pytest.mark.parametrize("status", [200, 401, 403])
@pytest.mark.parametrize("form", [LONG_NAMES, SHORT_NAMES])
def test_every_code_has_a_remedy_whatever_the_status(
    shaky, proxy, code, setting, status, form
):
    answer = Fault.answer(status, form.format(code), content_type="application/xml")
    proxy.inject(fault=answer)
    with pytest.raises(ConfigurationError, match=setting) as caught:
        shaky.validate_config()
    assert f"error {code}: {WORDS}" in str(caught.value)


@pytest.mark.parametrize(
    "fault",
    [
        Fault.html(200),
        Fault.html(404),
        Fault.answer(200, "not XML"),
        Fault.answer(302, headers={"Location": "/login"}),
    ],
)
def test_another_server_is_recognised(shaky, proxy, fault):
    proxy.inject(match=lambda each: "login" not in each.path, fault=fault)
    proxy.inject(fault=Fault.html(200))
    with pytest.raises(ConfigurationError, match="NX_LABARCHIVES_URL"):
        shaky.validate_config()


def test_a_server_that_fails_is_no_wrong_setting(shaky, proxy):
    proxy.inject(fault=Fault.answer(503))
    with pytest.raises(ExportError, match="503") as caught:
        shaky.validate_config()
    assert caught.value.retry


def test_entities_in_an_answer_are_not_expanded(shaky, proxy, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("hidden words")
    evil = (
        f'<!DOCTYPE error [<!ENTITY x SYSTEM "{secret.as_uri()}">]>'
        "<error><error-code>4507</error-code>"
        "<error-description>told: &x;</error-description></error>"
    )
    proxy.inject(fault=Fault.answer(200, evil, content_type="application/xml"))
    with pytest.raises(ConfigurationError) as caught:
        shaky.validate_config()
    assert "hidden words" not in str(caught.value)
