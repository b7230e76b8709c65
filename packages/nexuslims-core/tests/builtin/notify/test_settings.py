"""What variables mean, those of NexusLIMS 2 among them."""

from __future__ import annotations

import base64

import pytest
from nexuslims_core.builtin.notify.settings import EmailSettings, WebhookSettings
from nexuslims_core.settings import (
    Environment,
    plugin_instances,
    redacted,
    secrets,
    unknown_names,
)

BEFORE = {
    "NX_EMAIL_SMTP_HOST": "mail.example.org",
    "NX_EMAIL_SMTP_PORT": "25",
    "NX_EMAIL_SMTP_USERNAME": "nexus",
    "NX_EMAIL_SMTP_PASSWORD": "gr8 secret",
    "NX_EMAIL_USE_TLS": "true",
    "NX_EMAIL_SENDER": "nexuslims@example.org",
    "NX_EMAIL_RECIPIENTS": "ada@example.org, bob@example.org",
}
"""All variables of NexusLIMS 2 on e-mail."""
LEAST = {
    name: BEFORE[name]
    for name in BEFORE
    if name[9:] not in {"SMTP_PORT", "SMTP_USERNAME", "SMTP_PASSWORD", "USE_TLS"}
}


@pytest.fixture
def instance():
    def make(model, **variables):
        environment = Environment.read(None, variables)
        assert not unknown_names(environment, [model])
        [instance] = plugin_instances(model, environment)
        return instance

    return make


@pytest.fixture
def email(instance):
    def make(**variables):
        return instance(EmailSettings, **{**LEAST, **variables})

    return make


def test_the_variables_of_nexuslims_2_mean_what_they_did(instance):
    settings = instance(EmailSettings, **BEFORE).settings
    assert settings.smtp_host == "mail.example.org"
    assert settings.smtp_port == 25
    assert settings.smtp_username == "nexus"
    assert settings.smtp_password.get_secret_value() == "gr8 secret"
    assert settings.sender == "nexuslims@example.org"
    assert settings.recipients == ("ada@example.org", "bob@example.org")
    assert settings.security == "starttls"


def test_the_least_that_must_be_said(email):
    settings = email().settings
    assert (settings.smtp_port, settings.security) == (587, "starttls")


@pytest.mark.parametrize("missing", sorted(LEAST))
def test_host_sender_and_recipients_go_together(email, missing):
    found = email(**{missing: ""})
    assert found.settings is None
    [problem] = found.problems
    assert str(problem).startswith(f"{missing} is not set: required")


def test_without_any_variable_there_is_no_mail():
    environment = Environment.read(None, {"NX_DATA_PATH": "/data"})
    assert plugin_instances(EmailSettings, environment) == ()
    assert plugin_instances(WebhookSettings, environment) == ()


@pytest.mark.parametrize(
    ("variables", "security"),
    [
        ({"NX_EMAIL_SMTP_PORT": "465"}, "implicit"),
        ({"NX_EMAIL_USE_TLS": "false"}, "none"),
        ({"NX_EMAIL_USE_TLS": "false", "NX_EMAIL_SMTP_PORT": "465"}, "none"),
        ({"NX_EMAIL_TLS": "implicit"}, "implicit"),
        ({"NX_EMAIL_TLS": "starttls", "NX_EMAIL_SMTP_PORT": "465"}, "starttls"),
        ({"NX_EMAIL_TLS": "none", "NX_EMAIL_USE_TLS": "true"}, "none"),
        ({"NX_EMAIL_TLS": "starttls", "NX_EMAIL_USE_TLS": "false"}, "starttls"),
    ],
)
def test_how_connections_are_encrypted(email, variables, security):
    assert email(**variables).settings.security == security


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        ("NX_EMAIL_SENDER", "nexuslims"),
        ("NX_EMAIL_SENDER", "nexuslims@"),
        ("NX_EMAIL_SENDER", "@example.org"),
        ("NX_EMAIL_SENDER", "a@example.org, b@example.org"),
        ("NX_EMAIL_SENDER", "a@example.org\nBcc: eve@example.org"),
        ("NX_EMAIL_SENDER", "<"),
        ("NX_EMAIL_SENDER", '"'),
        ("NX_EMAIL_SENDER", "zoë@example.org"),
        ("NX_EMAIL_RECIPIENTS", "ada@example.org, bob"),
        ("NX_EMAIL_RECIPIENTS", ","),
        ("NX_EMAIL_SMTP_PORT", "0"),
        ("NX_EMAIL_TLS", "ssl"),
    ],
)
def test_what_cannot_be_is_one_problem_that_names_the_variable(email, variable, text):
    found = email(**{variable: text})
    assert found.settings is None
    [problem] = found.problems
    assert problem.variable == variable


@pytest.mark.parametrize(
    "text",
    ["hooks.example.org/x", "ftp://example.org/t0ken", "https:///t0ken", "http://x:y"],
)
def test_a_webhook_needs_a_web_address(instance, text):
    [problem] = instance(WebhookSettings, NX_WEBHOOK_URL=text).problems
    assert "https://" in str(problem)
    assert "t0ken" not in str(problem)


def test_a_second_webhook(instance):
    found = instance(WebhookSettings, NX_WEBHOOK_URL_2="https://example.org/x")
    assert found.suffix == "_2"
    assert found.settings.signing_key == b""


def test_signing_keys_are_text_or_base64(instance):
    url = "https://example.org/x"
    key = bytes(range(250, 256)) * 4
    encoded = f"whsec_{base64.b64encode(key).decode()}"
    for text, expected in ((encoded, key), ("Schlüssel", "Schlüssel".encode())):
        found = instance(WebhookSettings, NX_WEBHOOK_URL=url, NX_WEBHOOK_SECRET=text)
        assert found.settings.signing_key == expected


def test_a_broken_signing_key_is_a_problem_that_does_not_show_it(instance):
    found = instance(
        WebhookSettings, NX_WEBHOOK_URL="https://x.org", NX_WEBHOOK_SECRET="whsec_k%y"
    )
    [problem] = found.problems
    assert "expected base64" in str(problem)
    assert "k%y" not in str(problem)


def test_secrets_are_known_as_such(email, instance):
    mail = email(NX_EMAIL_SMTP_PASSWORD="gr8 secret")
    hook = instance(
        WebhookSettings,
        NX_WEBHOOK_URL="https://example.org/t0ken",
        NX_WEBHOOK_SECRET="s1gned",
    )
    shown = str(redacted(None, [mail, hook]))
    for secret in ("gr8 secret", "https://example.org/t0ken", "s1gned"):
        assert secret not in shown
        assert secret in secrets(None, [mail, hook])
