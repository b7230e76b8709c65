from __future__ import annotations

import os
import sqlite3
import threading
from contextlib import closing
from datetime import UTC, datetime
from pathlib import PurePosixPath, PureWindowsPath

import pytest
from nexuslims_core.errors import StoreError
from nexuslims_core.store import (
    Store,
    check_database,
    database_url,
    initialise,
    shown_url,
    sqlite_path,
)
from nexuslims_core.store.engine import file_uri, parse_url

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize("name", ["a.db", "with space.db", "odd#%&'ä.db", "a"])
def test_a_path_with_odd_characters_is_opened_as_it_is(tmp_path, name):
    url = database_url(tmp_path / name)
    initialise(url)
    assert sqlite_path(url) == tmp_path / name
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_missing_file_is_an_error_and_is_not_made(tmp_path):
    with pytest.raises(StoreError, match="does not exist; `nexuslims db init`"):
        Store.open(database_url(tmp_path / "nexuslims.db"))
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_vanishes_is_not_made_anew(file):
    with Store.open(file.url) as store:
        file.path.unlink()
        with pytest.raises(StoreError, match="unable to open"):
            store.instruments()
    assert not file.path.exists()


def test_a_file_of_another_kind_is_named(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("no database at all, but longer than a hundred bytes " * 3)
    with (
        Store.open(database_url(path)) as store,
        pytest.raises(StoreError, match=r"notes\.txt: file is not a database"),
    ):
        store.instruments()


def test_missing_tables_are_explained(empty):
    with (
        Store.open(empty.url) as store,
        pytest.raises(StoreError, match="run `nexuslims db upgrade`"),
    ):
        store.instruments()


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("", "no database URL"),
        ("/srv/nexuslims.db", "no database URL"),
        ("mysql://host/name", "'mysql' are not supported"),
        ("sqlite://", "must be a file"),
        ("sqlite:///:memory:", "must be a file"),
    ],
)
def test_a_url_that_makes_no_sense_is_refused(url, expected):
    with pytest.raises(StoreError, match=expected):
        Store.open(url)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_postgresql_is_spelt_in_any_way(scheme):
    assert parse_url(f"{scheme}://host/name").drivername == "postgresql+psycopg"


def test_a_password_is_never_shown():
    url = "postgresql://nexus:s3cret@127.0.0.1:1/nexuslims"
    assert "s3cret" not in shown_url(url)
    problem = check_database(url)["db_reachable"]
    assert problem is not None
    assert "s3cret" not in problem


def test_a_name_of_a_database_never_shows_a_malformed_url():
    with pytest.raises(StoreError) as raised:
        Store.open("postgresql//nexus:s3cret@host")
    assert "s3cret" not in str(raised.value)


def test_a_writer_waits_for_another_one(file):
    with (
        Store.open(file.url) as store,
        closing(sqlite3.connect(file.path, isolation_level=None)) as other,
    ):
        other.execute("BEGIN IMMEDIATE")
        waiting = threading.Thread(target=store.source_succeeded, args=("nemo", NOW))
        waiting.start()
        waiting.join(0.3)
        assert waiting.is_alive()
        other.execute("COMMIT")
        waiting.join(20)
        assert store.source_state("nemo").last_success_at == NOW


def test_a_change_that_fails_leaves_nothing_behind(store):
    with pytest.raises(StoreError, match="aware"):
        store.source_failed("nemo", "no answer", NOW.replace(tzinfo=None))
    assert store.source_state("nemo").failures == 0


@pytest.mark.skipif(
    hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may write anything"
)
def test_a_read_only_file_is_explained(file, instrument):
    file.path.chmod(0o400)
    with (
        Store.open(file.url) as store,
        pytest.raises(StoreError, match="let the user who runs nexuslims write"),
    ):
        store.add_instrument(instrument)


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        (PureWindowsPath("C:/data/a b.db"), "file:///C:/data/a%20b.db"),
        (PureWindowsPath("//server/share/a.db"), "file:////server/share/a.db"),
        (PurePosixPath("/srv/50%?.db"), "file:///srv/50%25%3F.db"),
    ],
)
def test_any_absolute_path_has_a_uri(path, uri):
    assert file_uri(path) == uri
