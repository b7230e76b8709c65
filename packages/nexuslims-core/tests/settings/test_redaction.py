from __future__ import annotations

import json
from typing import ClassVar

import pytest
from nexuslims_core.plugin_settings import PluginSettings
from nexuslims_core.settings import (
    Environment,
    Settings,
    plugin_instances,
    redact_text,
    redacted,
    secrets,
    unknown_names,
)
from pydantic import BaseModel, Field, SecretStr

URL = "postgresql://nexus:p%40ss-word@db/nexus"


class Account(BaseModel):
    key: SecretStr


class Box(PluginSettings):
    env_prefix: ClassVar[str] = "NX_BOX_"

    url: str
    key: SecretStr | None = None
    api_key: str = ""
    keys: tuple[SecretStr, ...] = ()
    account: Account | None = None
    hidden: str = Field(default="", repr=False)
    use_token: bool = True


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (URL, "postgresql://nexus:***@db/nexus"),
        ("https://me:pw@host/path?q=1", "https://me:***@host/path?q=1"),
        ("postgresql://u:p/a@s#s@db/nexus", "postgresql://u:***@db/nexus"),
        ("postgresql+psycopg://:pw@db", "postgresql+psycopg://:***@db"),
        (
            "postgresql://db/x?user=u&password=pw",
            "postgresql://db/x?user=u&password=***",
        ),
        ("https://host/?token=abc#top", "https://host/?token=***#top"),
        ("https://host:8080/path", "https://host:8080/path"),
        ("sqlite:////srv/nexus.db", "sqlite:////srv/nexus.db"),
        ("me@example.org", "me@example.org"),
        ("cannot reach https://u:pw@h now", "cannot reach https://u:***@h now"),
    ],
)
def test_passwords_in_addresses_are_starred(text, expected):
    assert redact_text(text) == expected


def test_given_secrets_are_starred_the_longest_first():
    assert redact_text("abcdef abc", {"abc", "abcdef"}) == "*** ***"


def test_the_dump_has_every_setting_of_core_by_its_variable(load):
    names = {f"NX_{name.upper()}" for name in Settings.model_fields}
    assert set(redacted(load())) == names


def test_the_dump_is_json_and_sorted(load):
    dump = redacted(load(NX_DISABLED_PLUGINS="b,a"))
    assert json.loads(json.dumps(dump)) == dump
    assert list(dump) == sorted(dump)
    assert dump["NX_DISABLED_PLUGINS"] == ["a", "b"]
    assert dump["NX_IGNORE_PATTERNS"] == ["*.mib", "*.db", "*.emi", "*.hdr"]
    assert dump["NX_DB_URL"] is None
    assert dump["NX_CERT_BUNDLE"] == ""


def test_secrets_of_core_are_starred_in_the_dump(load):
    dump = redacted(load(NX_DB_URL=URL, NX_CERT_BUNDLE="-----BEGIN"))
    assert dump["NX_DB_URL"] == "postgresql://nexus:***@db/nexus"
    assert dump["NX_CERT_BUNDLE"] == "***"


@pytest.fixture
def boxes(source):
    return plugin_instances(
        Box,
        source(
            NX_BOX_URL="https://me:first-secret@box",
            NX_BOX_KEY="second-secret",
            NX_BOX_API_KEY="third-secret",
            NX_BOX_KEYS='["fourth-secret"]',
            NX_BOX_ACCOUNT='{"key": "fifth-secret"}',
            NX_BOX_HIDDEN="a long certificate",
            NX_BOX_KEY_2="sixth-secret",
            NX_BOX_USE_TOKEN_2="perhaps",
        ),
    )


def test_secrets_of_plugins_are_starred_in_the_dump(boxes):
    dump = redacted(None, boxes[:1])
    assert dump == {
        "NX_BOX_ACCOUNT": {"key": "**********"},
        "NX_BOX_API_KEY": "***",
        "NX_BOX_HIDDEN": "***",
        "NX_BOX_KEY": "***",
        "NX_BOX_KEYS": "***",
        "NX_BOX_URL": "https://me:***@box",
        "NX_BOX_USE_TOKEN": True,
    }


def test_an_unusable_instance_is_dumped_as_written(boxes):
    assert redacted(None, boxes[1:]) == {
        "NX_BOX_KEY_2": "***",
        "NX_BOX_USE_TOKEN_2": "***",
    }


def test_configured_secrets_are_known_wherever_they_stand(boxes, load):
    found = secrets(load(NX_DB_URL=URL), boxes)
    assert {
        "p%40ss-word",
        "p@ss-word",
        "first-secret",
        "second-secret",
        "third-secret",
        "fourth-secret",
        "fifth-secret",
        "sixth-secret",
    } <= found


def test_settings_that_are_no_secret_are_not_censored(load):
    settings = load()
    assert secrets(settings, (), Environment.read(environ={"NX_WORKERS": "4"})) == set()


def test_secrets_of_plugins_that_are_not_installed_are_known_by_name(source):
    given = source(
        NX_CDCS_TOKEN="cdcs-secret",
        NX_EMAIL_SMTP_PASSWORD="mail secret",
        NX_ELABFTW_API_KEY="elab-secret",
        NX_OTHER_URL="https://u:url-secret@h",
        NX_LABARCHIVES_ACCESS_KEY_ID="visible",
    )
    assert secrets(None, (), given) == {
        "cdcs-secret",
        "mail secret",
        "mail%20secret",
        "elab-secret",
        "url-secret",
    }


def test_a_few_characters_would_censor_everything(source):
    assert secrets(None, (), source(NX_CDCS_TOKEN="abc")) == set()


def test_known_names_are_not_reported(source):
    given = source(NX_WORKERS="1", NX_BOX_URL="u", NX_BOX_URL_12="u")
    assert unknown_names(given, [Box]) == ()


@pytest.mark.parametrize(
    ("variable", "nearest"),
    [
        ("NX_CLUSTER_SENSITIVITY", "NX_CLUSTERING_SENSITIVITY"),
        ("NX_IGNORE_PATTERN", "NX_IGNORE_PATTERNS"),
        ("NX_BOX_ULR", "NX_BOX_URL"),
        ("NX_BOX_APIKEY_2", "NX_BOX_API_KEY_2"),
        ("NX_TEST_MODE", None),
        ("NX_CDCS_URL", None),
    ],
)
def test_an_unknown_name_is_reported_with_the_nearest(variable, nearest, source):
    (unknown,) = unknown_names(source(**{variable: "x"}), [Box])
    assert (unknown.variable, unknown.nearest) == (variable, nearest)
    hint = f"did you mean {nearest}?" if nearest else "plugin that reads it installed"
    assert hint in str(unknown)
    assert "the environment" in str(unknown)
