"""The database of NexusLIMS 2.8.0 is refused, upgraded in place, and complete."""

from __future__ import annotations

import json
import sqlite3

import pytest
from nexuslims_core.store import head_revision


@pytest.fixture
def backups(found):
    """Return a function that gives the databases beside the one in use."""
    path = found.database.path

    def list_them():
        return sorted(path.parent.glob(f"{path.stem}_backup_*{path.suffix}"))

    return list_them


def test_a_check_of_the_old_database_fails_with_the_remedy(found):
    told = found.facility.run("db", "check", expect=(1,)).stderr
    assert "revision v2_5_0b" in told
    assert str(found.database.path) in told
    assert "run `nexuslims db upgrade`" in told


@pytest.mark.parametrize("command", ["run", "build-records", "check"])
def test_nothing_is_done_with_the_old_database(found, command):
    before = found.database.path.read_bytes()
    done = found.facility.run(command, expect=(3,))
    assert "run `nexuslims db upgrade`" in done.stdout + done.stderr
    assert found.database.path.read_bytes() == before
    assert not list(found.facility.data_path.rglob("*.thumb.png"))


def test_every_row_and_value_is_still_there_after_the_upgrade(found):
    before = found.database.content()
    assert all(before.values())

    told = found.facility.run("db", "upgrade").stdout

    assert f"v2_5_0b to {head_revision()}" in told
    assert found.database.content() == before
    assert found.facility.run("db", "current").stdout.strip() == head_revision()
    found.facility.run("db", "check")


def test_the_upgrade_makes_a_copy_beside_the_database(found, backups):
    before = found.database.content()

    told = found.facility.run("db", "upgrade").stdout

    [backup] = backups()
    assert str(backup) in told
    copy = type(found.database)(backup)
    assert copy.content() == before
    assert copy.rows("alembic_version") == [{"version_num": "v2_5_0b"}]
    assert copy.execute("PRAGMA integrity_check") == [("ok",)]


def test_a_second_upgrade_changes_nothing_and_makes_no_copy(taken_over, backups):
    before = taken_over.database.path.read_bytes()
    told = taken_over.facility.run("db", "upgrade").stdout
    assert f"Already at {head_revision()}" in told
    assert len(backups()) == 1
    assert taken_over.database.path.read_bytes() == before


def test_the_copy_can_be_put_back_and_upgraded_again(taken_over, backups):
    after = taken_over.database.content()
    [backup] = backups()
    backup.replace(taken_over.database.path)
    taken_over.upgrade()
    assert taken_over.database.content() == after


def test_the_log_still_refuses_words_that_are_no_status(taken_over):
    with pytest.raises(sqlite3.IntegrityError, match="check_record_status"):
        taken_over.database.execute("UPDATE session_log SET record_status = 'DONE'")


def test_all_sessions_are_listed_with_their_status(taken_over):
    wanted = {name: status for status, name in taken_over.finished.items()}
    wanted[taken_over.pending] = "TO_BE_BUILT"
    assert taken_over.facility.statuses() == wanted


def test_instruments_are_listed_with_their_use(taken_over):
    listed = taken_over.facility.run("instruments", "list", "--json").stdout
    [instrument] = json.loads(listed)
    assert instrument["instrument_pid"] == "FEI-Titan-TEM-635816"
    assert instrument["sessions_total"] == 1 + len(taken_over.finished)
