from __future__ import annotations

from pathlib import Path

import pytest
from nexuslims_core.errors import ConfigurationError
from nexuslims_core.settings import Environment


def test_the_file_of_the_current_folder_is_read(env_file):
    path = env_file("NX_WORKERS=3\n")
    source = Environment.read(environ={})
    assert source.values == {"NX_WORKERS": "3"}
    assert source.origin("NX_WORKERS") == str(path)


def test_without_a_file_the_environment_is_enough():
    source = Environment.read(environ={"NX_WORKERS": "3"})
    assert source.origin("NX_WORKERS") == "the environment"
    assert source.origin("NX_OTHER") == ""


def test_the_process_s_own_environment_is_the_default(monkeypatch):
    monkeypatch.setenv("NX_WORKERS", "5")
    assert Environment.read().values["NX_WORKERS"] == "5"


def test_the_environment_wins_over_the_file(env_file):
    env_file("NX_WORKERS=3\nNX_EXECUTOR=dask\n")
    source = Environment.read(environ={"NX_WORKERS": "4"})
    assert source.values == {"NX_WORKERS": "4", "NX_EXECUTOR": "dask"}
    assert source.origin("NX_WORKERS") == "the environment"


def test_a_given_file_is_read_instead_of_the_default(env_file):
    env_file("NX_WORKERS=3\n")
    other = env_file("NX_WORKERS=9\n", "other.env")
    assert Environment.read(other, {}).values == {"NX_WORKERS": "9"}


def test_a_given_file_must_exist(tmp_path):
    with pytest.raises(
        ConfigurationError, match=r"missing\.env cannot be read: No such"
    ):
        Environment.read(tmp_path / "missing.env", {})


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(ConfigurationError, match="cannot be read"):
        Environment.read(tmp_path, {})


@pytest.mark.parametrize(
    ("content", "value"),
    [
        ("NX_X=plain", "plain"),
        ("NX_X='single quoted'", "single quoted"),
        ('NX_X="double quoted"', "double quoted"),
        ("NX_X='it\\'s'", "it's"),
        ("export NX_X=exported", "exported"),
        ("  NX_X = spaced  ", "spaced"),
        ("NX_X=value # comment", "value"),
        ("NX_X=abc#def", "abc#def"),
        ("NX_X='# no comment'", "# no comment"),
        ("# comment\n\nNX_X=1\n", "1"),
        ("NX_X=first\nNX_X=last", "last"),
        ("NX_X=a=b=c", "a=b=c"),
        ('NX_X=["*.mib","*.db"]', '["*.mib","*.db"]'),
        ("NX_X='[\"*.mib\"]'", '["*.mib"]'),
        ('NX_X="line 1\nline 2"', "line 1\nline 2"),
        ('NX_X="line 1\\nline 2"', "line 1\nline 2"),
        ("NX_X='C:\\new\\table'", "C:\\new\\table"),
        ("NX_X=C:\\new\\table", "C:\\new\\table"),
        ("NX_X=µm", "µm"),
        ("nx_x=lower case name", "lower case name"),
        ("NX_Y=root\nNX_X=${NX_Y}/below", "root/below"),
        ("NX_X=${HOME}/below", "/home/nexus/below"),
        ("NX_X=${NO_SUCH}/below", "/below"),
        ("NX_X=${NO_SUCH:-/srv}/below", "/srv/below"),
        ("HOME=/other\nNX_X=${HOME}", "/other"),
        ("NX_X=pa$$word$1", "pa$$word$1"),
    ],
)
def test_a_file_is_read_as_dotenv_files_are_written(content, value, env_file):
    path = env_file(content)
    source = Environment.read(path, {"HOME": "/home/nexus"})
    assert source.values["NX_X"] == value


@pytest.mark.parametrize(
    "content",
    [
        b"NX_X=\xc2\xb5m\nNX_Z=2\n",
        b"\xef\xbb\xbfNX_X=\xc2\xb5m\nNX_Z=2\n",
        b"\xef\xbb\xbfNX_X=\xc2\xb5m\r\nNX_Z=2\r\n",
        b"NX_X=\xc2\xb5m\rNX_Z=2",
        "NX_X=µm\r\nNX_Z=2\r\n".encode("utf-16"),
        b"\xfe\xff" + "NX_X=µm\nNX_Z=2".encode("utf-16-be"),
    ],
    ids=["utf-8", "mark", "mark and crlf", "cr", "utf-16", "utf-16 big-endian"],
)
def test_a_file_may_come_from_any_editor(content, env_file):
    values = Environment.read(env_file(content), {}).values
    assert values == {"NX_X": "µm", "NX_Z": "2"}


def test_a_file_in_another_encoding_is_refused_with_its_line(env_file):
    path = env_file(b"NX_A=1\nNX_B=2\nNX_X=\xb5m\n")
    with pytest.raises(ConfigurationError, match=r"\.env, line 3: no UTF-8 text"):
        Environment.read(path, {})


@pytest.mark.parametrize(
    "content",
    ["NX_A=1\nNX_X='never ended\n", 'NX_A=1\nNX_X="never ended\n', "NX_A=1\n= 3\n"],
)
def test_a_line_that_is_no_assignment_is_refused(content, env_file):
    path = env_file(content)
    with pytest.raises(ConfigurationError, match=r"\.env, line 2: expected NAME=value"):
        Environment.read(path, {})


def test_a_line_that_cannot_be_read_is_not_quoted(env_file):
    path = env_file("NX_TOKEN='s3cr3t\n")
    with pytest.raises(ConfigurationError) as caught:
        Environment.read(path, {})
    assert "s3cr3t" not in str(caught.value)


@pytest.mark.parametrize("value", ["", "  ", "\t"])
def test_a_variable_without_a_value_is_not_set(value, source):
    assert source(NX_LOG_PATH=value).values == {}


def test_an_empty_variable_of_the_process_undoes_the_file(env_file):
    env_file("NX_LOG_PATH=/var/log/nexus\n")
    assert Environment.read(environ={"NX_LOG_PATH": ""}).values == {}


def test_a_name_alone_is_not_set(env_file):
    assert Environment.read(env_file("NX_LOG_PATH\n"), {}).values == {}


def test_variables_of_other_programs_are_left_out(source):
    assert source(PATH="/bin", AWS_TOKEN="x", NXT="y").values == {}


def test_capitals_win_where_a_name_is_written_in_two_ways(source):
    assert source(nx_workers="1", NX_WORKERS="2").values == {"NX_WORKERS": "2"}


def test_secrets_are_not_shown(source):
    assert "s3cr3t" not in repr(source(NX_CDCS_TOKEN="s3cr3t"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("nemo", {"nemo"}),
        ("nemo, cdcs,", {"nemo", "cdcs"}),
        ('["nemo", "cdcs"]', {"nemo", "cdcs"}),
        ("[nemo", set()),
    ],
)
def test_disabled_plugins_are_known_before_settings_are_checked(text, expected, source):
    assert source(NX_DISABLED_PLUGINS=text).disabled_plugins == expected


def test_local_plugins_are_known_before_settings_are_checked(source):
    assert source().local_plugins is None
    assert source(NX_LOCAL_PROFILES_PATH="mine").local_plugins == Path.cwd() / "mine"
