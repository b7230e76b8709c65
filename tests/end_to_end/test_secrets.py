"""What a facility keeps secret is neither told nor stored when everything fails."""

from __future__ import annotations

from datetime import timedelta

import pytest

NOWHERE = "http://127.0.0.1:9"
"""Nobody listens at the discard port."""

SECRETS = {
    "NX_CDCS_TOKEN": "planted-cdcs-token",
    "NX_ELABFTW_API_KEY": "7-planted-elabftw-key",
    "NX_LABARCHIVES_ACCESS_PASSWORD": "planted-labarchives-password",
    "NX_NEMO_TOKEN_1": "planted-nemo-token",
    "NX_EMAIL_SMTP_PASSWORD": "planted-mail-password",
    "NX_WEBHOOK_URL": f"{NOWHERE}/hooks/planted-webhook-path",
    "NX_WEBHOOK_SECRET": "planted-webhook-secret",
    "NX_APPRISE_URLS": "json://user:planted-apprise-password@127.0.0.1:9/",
}

OTHERS = {
    "NX_CDCS_URL": f"{NOWHERE}/",
    "NX_ELABFTW_URL": NOWHERE,
    "NX_LABARCHIVES_URL": f"{NOWHERE}/api",
    "NX_LABARCHIVES_ACCESS_KEY_ID": "facility",
    "NX_LABARCHIVES_USER_ID": "1234",
    "NX_NEMO_ADDRESS_1": f"{NOWHERE}/api/",
    "NX_EMAIL_SMTP_HOST": "127.0.0.1",
    "NX_EMAIL_SMTP_PORT": "9",
    "NX_EMAIL_SMTP_USERNAME": "robot",
    "NX_EMAIL_SENDER": "robot@example.org",
    "NX_EMAIL_RECIPIENTS": "ada@example.org",
}


@pytest.fixture
def failing(make_facility, write_image, yesterday):
    """Return an installation whose servers all are down, with one session."""
    facility = make_facility(**OTHERS, **SECRETS)
    folder = facility.add_instrument("SEM-1")
    write_image(folder / "a.tif", yesterday + timedelta(minutes=5))
    facility.add_session("SEM-1", yesterday, yesterday + timedelta(hours=1))
    return facility


def test_no_secret_is_in_anything_that_is_told_or_written(failing):
    told = []
    for command in (
        ("run", "-vv", "--json"),
        ("run", "-vvv", "-q"),
        ("check",),
        ("config", "show", "--json"),
        ("plugins", "list", "--json"),
        ("sessions", "list", "--json"),
    ):
        done = failing.run(*command, expect=(0, 1, 2, 3))
        told.append(done.stdout + done.stderr)
    written = {
        path: path.read_bytes()
        for path in failing.data_path.rglob("*")
        if path.is_file()
    }
    assert any(path.suffix == ".log" for path in written)
    for name, secret in SECRETS.items():
        hidden = secret.rpartition("/")[2] if "hooks" in secret else secret
        hidden = "planted-apprise-password" if "apprise" in secret else hidden
        assert not [text for text in told if hidden in text], name
        assert not [p for p, raw in written.items() if hidden.encode() in raw], name


def test_every_server_that_failed_is_named(failing):
    [session] = failing.build(expect=(1,))["sessions"]
    for destination in ("cdcs", "elabftw", "labarchives"):
        assert destination in session["error"]
