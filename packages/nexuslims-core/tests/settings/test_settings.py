from __future__ import annotations

import os
import pickle
import stat
from pathlib import Path

import pytest
from nexuslims_core.errors import ConfigurationError
from nexuslims_core.settings import Settings, SettingsError, load_settings
from pydantic import ValidationError


def test_two_paths_are_all_that_is_needed(load, tmp_path):
    settings = load()
    data = tmp_path / "data"
    assert settings.instrument_data_path == tmp_path / "instruments"
    assert settings.data_path == data
    assert settings.db_path == data / "nexuslims.db"
    assert settings.records_path == data / "records"
    assert settings.log_path == data / "logs"
    assert settings.db_url is None
    assert settings.local_profiles_path is None


@pytest.mark.parametrize(
    ("name", "default"),
    [
        ("file_strategy", "exclusive"),
        ("ignore_patterns", ("*.mib", "*.db", "*.emi", "*.hdr")),
        ("file_delay_days", 2.0),
        ("clustering_sensitivity", 1.0),
        ("export_strategy", "all"),
        ("disable_ssl_verify", False),
        ("file_settle_seconds", 60.0),
        ("file_timeout_seconds", 300.0),
        ("executor", "process"),
        ("harvest_days", 7.0),
        ("checksum", False),
        ("disabled_plugins", frozenset()),
    ],
)
def test_defaults(name, default, load):
    assert getattr(load(), name) == default


def test_there_is_a_worker_for_each_core(load):
    assert 1 <= load().workers <= (os.cpu_count() or 1)


@pytest.mark.parametrize(
    ("variable", "text", "value"),
    [
        ("NX_FILE_STRATEGY", "inclusive", "inclusive"),
        ("NX_IGNORE_PATTERNS", '["*.tmp", "a,b"]', ("*.tmp", "a,b")),
        ("NX_IGNORE_PATTERNS", "*.tmp, *.bak", ("*.tmp", "*.bak")),
        ("NX_IGNORE_PATTERNS", "*.tmp", ("*.tmp",)),
        ("NX_IGNORE_PATTERNS", "[]", ()),
        ("NX_FILE_DELAY_DAYS", "0.5", 0.5),
        ("NX_CLUSTERING_SENSITIVITY", "0", 0.0),
        ("NX_EXPORT_STRATEGY", "first_success", "first_success"),
        ("NX_DISABLE_SSL_VERIFY", "true", True),
        ("NX_DISABLE_SSL_VERIFY", "0", False),
        ("NX_CHECKSUM", "yes", True),
        ("NX_WORKERS", " 4 ", 4),
        ("NX_DISABLED_PLUGINS", "a, b", frozenset({"a", "b"})),
        ("NX_DISABLED_PLUGINS", '["a"]', frozenset({"a"})),
        ("NX_CERT_BUNDLE", "one\\ntwo", "one\ntwo"),
        ("nx_workers", "4", 4),
    ],
)
def test_a_variable_fills_its_setting(variable, text, value, load):
    name = variable.upper().removeprefix("NX_").lower()
    assert getattr(load(**{variable: text}), name) == value


@pytest.mark.parametrize(
    ("variable", "text", "expected"),
    [
        ("NX_FILE_STRATEGY", "some", "expected 'exclusive' or 'inclusive'"),
        ("NX_EXPORT_STRATEGY", "any", "'all', 'first_success' or 'best_effort'"),
        ("NX_FILE_DELAY_DAYS", "0", "expected greater than 0"),
        ("NX_FILE_DELAY_DAYS", "-1", "expected greater than 0"),
        ("NX_FILE_DELAY_DAYS", "nan", "expected a finite number"),
        ("NX_FILE_DELAY_DAYS", "inf", "expected"),
        ("NX_FILE_DELAY_DAYS", "1e9", "expected less than or equal to 36500"),
        ("NX_FILE_DELAY_DAYS", "two", "expected a valid number"),
        ("NX_CLUSTERING_SENSITIVITY", "-0.1", "expected greater than or equal to 0"),
        ("NX_WORKERS", "0", "expected greater than or equal to 1"),
        ("NX_WORKERS", "2.5", "expected a valid integer"),
        ("NX_CHECKSUM", "perhaps", "expected a valid boolean"),
        ("NX_IGNORE_PATTERNS", '["*.tmp"', "expected a JSON list such as"),
        ("NX_IGNORE_PATTERNS", "[1]", "expected a valid string"),
        ("NX_LOCAL_PROFILES_PATH", "nowhere", "an existing folder, found nothing"),
        ("NX_CERT_BUNDLE_FILE", "nowhere", "an existing file, found nothing there"),
        ("NX_CERT_BUNDLE_FILE", ".", "an existing file, found a folder"),
        ("NX_INSTRUMENT_DATA_PATH", "nowhere", "an existing folder, found nothing"),
        ("NX_DATA_PATH", "~nobody-of-this-name/x", "cannot find the home folder"),
        ("NX_DATA_PATH", "instruments", "another folder than NX_INSTRUMENT_DATA_PATH"),
        ("NX_RECORDS_PATH", "instruments", "another folder than"),
        ("NX_LOG_PATH", "instruments/../instruments", "another folder than"),
    ],
)
def test_a_wrong_value_is_named_with_what_was_expected(variable, text, expected, load):
    with pytest.raises(SettingsError) as caught:
        load(**{variable: text})
    (problem,) = caught.value.problems
    assert (problem.variable, problem.value) == (variable, text)
    assert problem.origin == "the environment"
    assert expected in problem.expected
    assert f"{variable} is {text!r} (from the environment): " in str(caught.value)


def test_the_file_that_holds_a_wrong_value_is_named(env_file, required):
    path = env_file("NX_WORKERS=many\n")
    with pytest.raises(
        SettingsError, match=r"NX_WORKERS is 'many' \(from .*other\.env"
    ):
        load_settings(path.rename(path.with_name("other.env")), required)


def test_all_problems_are_reported_at_once(source):
    with pytest.raises(ConfigurationError) as caught:
        load_settings(environ={"NX_WORKERS": "x", "NX_IGNORE_PATTERNS": "["})
    assert {problem.variable for problem in caught.value.problems} == {
        "NX_INSTRUMENT_DATA_PATH",
        "NX_DATA_PATH",
        "NX_WORKERS",
        "NX_IGNORE_PATTERNS",
    }
    assert len(str(caught.value).splitlines()) == 5


def test_what_is_missing_is_named_with_what_it_is_for(source):
    with pytest.raises(SettingsError) as caught:
        load_settings(environ={})
    assert (
        "NX_INSTRUMENT_DATA_PATH is not set: required "
        "(root of the instruments' files; read-only)" in str(caught.value)
    )


def test_a_wrong_secret_is_not_shown(load):
    with pytest.raises(SettingsError) as caught:
        load(NX_DB_URL="postgresql://u:s3cr3t@db/nexus", NX_WORKERS="x")
    assert "s3cr3t" not in str(caught.value)


def test_paths_are_made_absolute(load, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "home"))
    settings = load(NX_DATA_PATH="below/data", NX_RECORDS_PATH="~/records")
    assert settings.data_path == tmp_path / "below/data"
    assert settings.records_path == tmp_path / "home/records"
    assert settings.db_path == tmp_path / "below/data/nexuslims.db"


def test_a_link_to_the_instruments_files_is_no_folder_for_data(load, tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "instruments")
    with pytest.raises(SettingsError, match="another folder"):
        load(NX_DATA_PATH=str(tmp_path / "link"))


def test_a_link_in_a_circle_is_a_problem_of_its_variable(load, tmp_path):
    (tmp_path / "circle").symlink_to(tmp_path / "circle")
    with pytest.raises(SettingsError, match="NX_INSTRUMENT_DATA_PATH is"):
        load(NX_INSTRUMENT_DATA_PATH=str(tmp_path / "circle"))


def test_reading_settings_creates_nothing(load, tmp_path):
    load()
    assert [path.name for path in tmp_path.iterdir()] == ["instruments"]


def test_folders_are_created_when_asked_and_again(load, tmp_path):
    settings = load(NX_DB_PATH=str(tmp_path / "db/nexus.db"))
    settings.create_directories()
    settings.create_directories()
    for name in ("data", "data/records", "data/logs", "db"):
        assert (tmp_path / name).is_dir()
    assert not (tmp_path / "db/nexus.db").exists()


def test_the_folder_of_an_unused_database_file_is_not_created(load, tmp_path):
    load(
        NX_DB_URL="postgresql://db/nexus", NX_DB_PATH=str(tmp_path / "db/nexus.db")
    ).create_directories()
    assert not (tmp_path / "db").exists()


def test_a_folder_that_cannot_be_created_names_its_variable(load, tmp_path):
    (tmp_path / "file").touch()
    settings = load(NX_LOG_PATH=str(tmp_path / "file/logs"))
    with pytest.raises(
        ConfigurationError, match=r"NX_LOG_PATH: the folder .*file/logs"
    ):
        settings.create_directories()


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere"
)
def test_a_folder_that_cannot_be_written_to_names_its_variable(load, tmp_path):
    (tmp_path / "data").mkdir(mode=stat.S_IRUSR | stat.S_IXUSR)
    with pytest.raises(ConfigurationError, match=r"NX_DATA_PATH|NX_RECORDS_PATH"):
        load().create_directories()


def test_certificates_come_from_a_file(load, tmp_path):
    pem = "-----BEGIN CERTIFICATE-----\nMII=\n-----END CERTIFICATE-----\n"
    (tmp_path / "ca.pem").write_text(pem)
    assert load(NX_CERT_BUNDLE_FILE="ca.pem").ca_bundle() == pem


def test_inline_certificates_win_over_the_file(load, tmp_path):
    (tmp_path / "ca.pem").write_text("-----BEGIN CERTIFICATE-----")
    settings = load(
        NX_CERT_BUNDLE="-----BEGIN CERTIFICATE-----\\ninline",
        NX_CERT_BUNDLE_FILE="ca.pem",
    )
    assert settings.ca_bundle() == "-----BEGIN CERTIFICATE-----\ninline"


def test_without_certificates_there_are_none(load):
    assert load().ca_bundle() == ""


@pytest.mark.parametrize("content", [b"no certificate", b"\xff\xfe"])
def test_a_file_without_certificates_is_refused(content, load, tmp_path):
    (tmp_path / "ca.pem").write_bytes(content)
    with pytest.raises(ConfigurationError, match="NX_CERT_BUNDLE_FILE"):
        load(NX_CERT_BUNDLE_FILE="ca.pem").ca_bundle()


def test_certificate_checks_are_on_unless_switched_off(load):
    assert load().tls_verify
    assert not load(NX_DISABLE_SSL_VERIFY="true").tls_verify


def test_settings_cannot_be_changed(load):
    with pytest.raises(ValidationError):
        load().workers = 3


def test_settings_can_be_sent_to_another_process(load):
    settings = load(NX_DB_URL="postgresql://u:s3cr3t@db/nexus")
    assert pickle.loads(pickle.dumps(settings)) == settings


def test_a_representation_holds_no_secret(load):
    settings = load(
        NX_DB_URL="postgresql://u:s3cr3t@db/nexus", NX_CERT_BUNDLE="-----BEGIN"
    )
    assert "s3cr3t" not in repr(settings) + str(settings)
    assert "BEGIN" not in repr(settings)


def test_making_settings_directly_does_not_read_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("NX_WORKERS", "77")
    made = Settings(instrument_data_path=tmp_path, data_path=Path("data"))
    assert made.workers != 77


def test_test_mode_is_not_known(load, tmp_path):
    with pytest.raises(SettingsError, match="NX_INSTRUMENT_DATA_PATH"):
        load(NX_TEST_MODE="true", NX_INSTRUMENT_DATA_PATH=str(tmp_path / "nowhere"))
