from __future__ import annotations

import pytest
from nexuslims_core.settings.environment import Environment
from nexuslims_core.settings.instances import plugin_instances
from nexuslims_harvester_nemo.settings import NemoSettings
from pydantic import ValidationError

ADDRESS = "https://nemo.example.org/api/"


def test_two_settings_are_enough():
    settings = NemoSettings(address=ADDRESS, token="abc")

    assert settings.zone is None
    assert settings.refusal_falls_through is False
    assert settings.refusal_words == {"disagree", "no", "false", "negative"}


def test_an_address_is_completed_by_its_slash():
    settings = NemoSettings(address=" https://nemo.example.org/api ", token="abc")

    assert settings.address == ADDRESS


@pytest.mark.parametrize(
    "address",
    ["nemo.example.org/api/", "ftp://nemo.example.org/", "https://", f"{ADDRESS}?a=1"],
)
def test_what_is_no_address_is_refused(address):
    with pytest.raises(ValidationError, match="expected an address"):
        NemoSettings(address=address, token="abc")


@pytest.mark.parametrize("token", ["", "  ", "pässword-secret", "two\nlines-secret"])
def test_a_token_that_cannot_be_sent_is_refused_without_being_shown(token):
    with pytest.raises(ValidationError, match="expected a token") as caught:
        NemoSettings(address=ADDRESS, token=token)

    assert "secret" not in str(caught.value)


def test_the_token_is_not_in_the_representation():
    settings = NemoSettings(address=ADDRESS, token="abc-secret")

    assert "secret" not in repr(settings)


@pytest.mark.parametrize("zone", ["Denver", "../../etc/passwd", "America/"])
def test_an_unknown_time_zone_is_refused(zone):
    with pytest.raises(ValidationError, match="no IANA time zone"):
        NemoSettings(address=ADDRESS, token="abc", tz=zone)


def test_an_empty_time_zone_is_none():
    assert NemoSettings(address=ADDRESS, token="abc", tz="").zone is None


def test_a_facility_can_name_other_refusals():
    settings = NemoSettings(address=ADDRESS, token="abc", refusals="Nein, no ,")

    assert settings.refusal_words == {"nein", "no"}


def test_servers_are_told_apart_by_number():
    variables = {
        "NX_NEMO_ADDRESS_1": ADDRESS,
        "NX_NEMO_TOKEN_1": "one",
        "NX_NEMO_ADDRESS_7": "https://nemo.example.com/api",
        "NX_NEMO_TOKEN_7": "seven",
        "NX_NEMO_TZ_7": "Europe/Vienna",
        "NX_NEMO_STRFTIME_FMT_7": "%Y-%m-%dT%H:%M:%S%z",
        "NX_NEMO_STRPTIME_FMT_7": "%Y-%m-%dT%H:%M:%S.%f%z",
        "NX_NEMO_REFUSAL_FALLS_THROUGH_7": "true",
    }

    first, second = plugin_instances(NemoSettings, Environment.read(environ=variables))

    assert first.settings.address == ADDRESS
    assert first.settings.tz is None
    assert second.settings.token.get_secret_value() == "seven"
    assert second.settings.zone.key == "Europe/Vienna"
    assert second.settings.refusal_falls_through is True
