"""The command ``nexuslims labarchives-get-uid``."""

from __future__ import annotations

import io
import logging

import pytest
from nexuslims_core.cli import cli
from nexuslims_core.cli.exits import guarded
from nexuslims_testing.servers.faults import FaultProxy


@pytest.fixture
def get_uid(labarchives_server, tmp_path, monkeypatch, capsys):
    """Run the command in a folder with nothing but the access key configured."""
    monkeypatch.chdir(tmp_path)
    for name, value in {
        "URL": labarchives_server.url,
        "ACCESS_KEY_ID": labarchives_server.access_key_id,
        "ACCESS_PASSWORD": labarchives_server.access_password,
        "MIN_INTERVAL_S": "0",
    }.items():
        monkeypatch.setenv(f"NX_LABARCHIVES_{name}", value)

    def run(*arguments, password="one hour token"):
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{password}\n"))
        code = guarded(cli, ["labarchives-get-uid", *arguments])
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def test_it_tells_the_uid_and_a_line_for_the_configuration(get_uid, labarchives_server):
    code, out, err = get_uid("--email", "robot@example.org")
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        f"UID: {labarchives_server.uid}",
        f"NX_LABARCHIVES_USER_ID={labarchives_server.uid}",
        f"# NX_LABARCHIVES_NOTEBOOK_ID={labarchives_server.notebook}  Facility",
    ]


def test_the_password_is_in_no_address(get_uid, labarchives_server, monkeypatch):
    with FaultProxy(labarchives_server.url) as proxy:
        monkeypatch.setenv("NX_LABARCHIVES_URL", proxy.url)
        assert get_uid("--email", "robot@example.org")[0] == 0
        (asked,) = proxy.requests
    assert asked.method == "POST"
    assert "token" not in asked.path
    assert "robot" not in asked.path
    assert "uid" not in asked.query


def test_a_server_that_wants_it_in_the_address_gets_it_there(
    get_uid, labarchives_server
):
    labarchives_server.login_by_form = False
    code, out, err = get_uid("--email", "robot@example.org")
    assert (code, out.splitlines()[0]) == (0, f"UID: {labarchives_server.uid}")
    assert "in the address" in err


@pytest.mark.parametrize("by_form", [True, False])
def test_a_wrong_password_is_told_and_not_shown(
    get_uid, labarchives_server, caplog, by_form
):
    labarchives_server.login_by_form = by_form
    caplog.set_level(logging.WARNING)
    code, out, err = get_uid("--email", "robot@example.org", password="wr0ng&secret")
    assert (code, out) == (1, "")
    assert "4514" in err
    assert "login or password are wrong" in err
    assert "wr0ng" not in err + caplog.text


@pytest.mark.parametrize("missing", ["ACCESS_KEY_ID", "ACCESS_PASSWORD"])
def test_a_missing_key_is_named(get_uid, monkeypatch, missing):
    monkeypatch.delenv(f"NX_LABARCHIVES_{missing}")
    code, _, err = get_uid("--email", "robot@example.org")
    assert code == 1
    assert f"NX_LABARCHIVES_{missing}" in err


def test_nothing_configured_at_all_is_told(get_uid, monkeypatch):
    for name in ("URL", "ACCESS_KEY_ID", "ACCESS_PASSWORD", "MIN_INTERVAL_S"):
        monkeypatch.delenv(f"NX_LABARCHIVES_{name}")
    code, _, err = get_uid("--email", "robot@example.org")
    assert code == 1
    assert "are not set" in err


def test_an_empty_standard_input_is_told(get_uid):
    code, _, err = get_uid("--email", "robot@example.org", password="")
    assert code == 1
    assert "standard input is empty" in err


def test_a_second_account_has_its_own_variables(
    get_uid, labarchives_server, monkeypatch
):
    for name in ("URL", "ACCESS_KEY_ID", "ACCESS_PASSWORD"):
        value = {
            "URL": labarchives_server.url,
            "ACCESS_KEY_ID": labarchives_server.access_key_id,
            "ACCESS_PASSWORD": labarchives_server.access_password,
        }[name]
        monkeypatch.setenv(f"NX_LABARCHIVES_{name}_2", value)
    monkeypatch.setenv("NX_LABARCHIVES_ACCESS_KEY_ID", "wrong")
    code, out, _ = get_uid(
        "--email", "mcurie@example.org", "--number", "2", password="another token"
    )
    assert code == 0
    assert f"NX_LABARCHIVES_USER_ID_2={labarchives_server.user_uid}" in out


def test_it_is_listed_with_the_other_commands(get_uid, capsys):
    guarded(cli, ["--help"])
    assert "labarchives-get-uid" in capsys.readouterr().out
