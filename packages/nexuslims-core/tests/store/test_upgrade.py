from __future__ import annotations

import re
import sqlite3
from contextlib import closing

import pytest
from nexuslims_core.errors import StoreError
from nexuslims_core.store import (
    Store,
    current_revision,
    downgrade,
    head_revision,
    plan,
    problem_with,
    upgrade,
)
from nexuslims_core.store import backup as backups
from nexuslims_core.store.schema import REVISIONS

OLD = [revision for revision in REVISIONS if revision != head_revision()]
SHARED = ("instruments", "session_log", "upload_log", "external_user_identifiers")
GONE = {"calendar_name", "computer_name", "computer_ip", "computer_mount"}


def values(database):
    """Return all rows of the shared tables, with the newest names of columns."""
    present = {name for (name,) in database.sql("SELECT name FROM sqlite_master")}
    return {
        name: [newest(row) for row in database.table(name)]
        for name in SHARED
        if name in present
    }


def newest(row):
    renamed = {"schema_name": "display_name"}
    return {
        renamed.get(name, name): value
        for name, value in row.items()
        if name not in GONE
    }


@pytest.fixture
def claimed_from(now, lease):
    """Return a function that tells which sessions of a database are claimed."""

    def claim(database):
        with Store.open(database.url) as store:
            claimed = store.claim(
                owner="me", now=now, lease=lease, recheck_since=now - 100 * lease
            )
            return [one.session for one in claimed]

    return claim


@pytest.mark.parametrize("marked", [True, False], ids=["marked", "unmarked"])
@pytest.mark.parametrize("revision", OLD)
def test_every_row_and_value_survives(old_database, revision, marked):
    database = old_database(revision, marked=marked)
    before = values(database)
    done = upgrade(database.url)
    after = values(database)
    assert done.before == (revision if marked else None)
    assert done.after == head_revision() == current_revision(database.url)
    assert problem_with(database.url) is None
    assert {name: after[name] for name in before} == before


@pytest.mark.parametrize("revision", OLD)
def test_pending_sessions_are_claimed_after_the_upgrade(
    old_database, claimed_from, revision
):
    database = old_database(revision)
    upgrade(database.url)
    (session,) = claimed_from(database)
    assert session.identifier == "https://nemo.example.org/api/usage_events/?id=102"
    assert session.instrument.display_name == "FEI Titan STEM"
    assert session.start.isoformat() == "2026-11-20T09:00:00-05:00"
    assert session.user == "ada"


def test_instruments_without_harvester_and_zone_have_the_usual_ones(old_database):
    database = old_database("v1_4_3")
    upgrade(database.url)
    with Store.open(database.url) as store:
        jeol = store.instruments()[1]
    assert (jeol.harvester, jeol.timezone) == ("nemo", "America/New_York")


@pytest.mark.parametrize("revision", ["v1_4_3", "v2_4_0a"])
def test_checks_are_added_to_an_old_log(old_database, revision):
    database = old_database(revision)
    upgrade(database.url)
    with pytest.raises(sqlite3.IntegrityError, match="check_record_status"):
        database.sql("UPDATE session_log SET record_status = 'DONE'")
    with pytest.raises(sqlite3.IntegrityError, match="check_event_type"):
        database.sql("UPDATE session_log SET event_type = 'PAUSE'")


@pytest.mark.parametrize("revision", ["v2_5_0b", "nx_0001"])
def test_users_may_have_names_in_elabftw_afterwards(old_database, revision):
    database = old_database(revision)
    upgrade(database.url)
    add = (
        "INSERT INTO external_user_identifiers "
        "(nexuslims_username, external_system, external_id, created_at) "
        "VALUES ('bob', ?, '7', '2026-11-01')"
    )
    database.sql(add, "elabftw")
    with pytest.raises(sqlite3.IntegrityError, match="check_external_system"):
        database.sql(add, "facebook")


def test_what_a_facility_added_is_kept(old_database):
    database = old_database("v1_4_3")
    upgrade(database.url)
    assert database.table("instruments")[0]["site_note"] == "serviced in May"
    assert "instruments_by_tag" in database.layout()
    assert len(database.table("recent")) == 8


def test_defaults_for_external_loggers_are_kept(old_database):
    database = old_database("v1_4_3")
    upgrade(database.url)
    database.sql(
        "INSERT INTO session_log (session_identifier, instrument, event_type) "
        "VALUES ('new', 'JEOL-3010', 'START')"
    )
    row = database.table("session_log")[-1]
    assert row["id_session_log"] == 12
    assert row["record_status"] == "WAITING_FOR_END"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}", row["timestamp"])


def test_rows_without_an_instrument_do_not_hinder_an_upgrade(old_database):
    database = old_database("v1_4_3")
    database.sql("UPDATE session_log SET instrument = 'sold' WHERE id_session_log = 1")
    upgrade(database.url)
    assert database.table("session_log")[0]["instrument"] == "sold"


def test_a_backup_is_made_beside_the_file(old_database):
    database = old_database("v2_5_0b")
    database.path.chmod(0o640)
    before = database.sql("SELECT sql FROM sqlite_master"), values(database)
    done = upgrade(database.url)
    assert done.backup.parent == database.path.parent
    assert re.fullmatch(r"nexuslims_backup_\d{8}_\d{6}\.db", done.backup.name)
    assert done.backup.stat().st_mode == database.path.stat().st_mode
    copy = type(database)(done.backup)
    assert (copy.sql("SELECT sql FROM sqlite_master"), values(copy)) == before


def test_a_backup_holds_what_is_only_in_the_write_ahead_log(old_database):
    database = old_database("v2_5_0b")
    with closing(sqlite3.connect(database.path, isolation_level=None)) as user:
        user.execute("PRAGMA journal_mode = WAL")
        user.execute("UPDATE instruments SET location = 'moved'")
        done = upgrade(database.url)
    rows = type(database)(done.backup).table("instruments")
    assert {row["location"] for row in rows} == {"moved"}


def test_a_backup_overwrites_nothing(old_database, now):
    database = old_database("v2_5_0b")
    first = backups.backup(database.path, now)
    second = backups.backup(database.path, now)
    assert first.name == "nexuslims_backup_20261123_120000.db"
    assert second.name == "nexuslims_backup_20261123_120000_2.db"


def test_an_upgrade_that_is_not_needed_makes_no_backup(file):
    done = upgrade(file.url)
    assert (done.backup, done.before) == (None, done.after)
    assert list(file.path.parent.iterdir()) == [file.path]


def test_an_upgrade_to_a_passed_revision_changes_nothing(old_database):
    database = old_database("v2_5_0b")
    assert upgrade(database.url, "v2_5_0b").backup is None
    assert list(database.path.parent.iterdir()) == [database.path]


def test_an_upgrade_goes_as_far_as_told(old_database):
    database = old_database("v1_4_3")
    assert upgrade(database.url, "v2_5_0a").after == "v2_5_0a"
    assert "schema_name" in database.table("instruments")[0]


def test_a_failed_upgrade_changes_nothing_and_names_the_copy(old_database):
    database = old_database("v1_4_3")
    database.sql("UPDATE session_log SET record_status = 'DONE' WHERE id_session_log=3")
    before = database.layout(), values(database)
    with pytest.raises(StoreError) as raised:
        upgrade(database.url)
    message = str(raised.value)
    assert "3 ('DONE'); correct these rows first" in message
    assert "Nothing was changed" in message
    copy = next(database.path.parent.glob("nexuslims_backup_*.db"))
    assert str(copy) in message
    assert (database.layout(), values(database)) == before


def test_a_failure_inside_the_database_changes_nothing(old_database):
    database = old_database("v1_4_3")
    database.run("CREATE TABLE nx_session (something TEXT)")
    before = database.layout(), values(database)
    with pytest.raises(StoreError, match=r"already exists\. Nothing was changed"):
        upgrade(database.url)
    assert (database.layout(), values(database)) == before


def test_an_unknown_revision_is_told_to_update_the_program(old_database):
    database = old_database("v2_5_0b")
    database.run("UPDATE alembic_version SET version_num = 'v9_9_9'")
    with pytest.raises(
        StoreError, match=r"'v9_9_9' is unknown .* update nexuslims-core"
    ):
        upgrade(database.url)
    assert list(database.path.parent.iterdir()) == [database.path]


def test_an_unknown_target_is_refused(old_database):
    with pytest.raises(StoreError, match="v3_0_0"):
        upgrade(old_database("v2_5_0b").url, "v3_0_0")


@pytest.mark.parametrize(
    ("damage", "found"),
    [
        (
            "ALTER TABLE instruments DROP COLUMN harvester",
            "lacks instruments.harvester",
        ),
        ("ALTER TABLE session_log DROP COLUMN user", "lacks session_log.user"),
        ("DROP TABLE session_log", "no table session_log"),
        ("DROP TABLE upload_log", "its tables are external_user_identifiers"),
    ],
)
def test_an_unmarked_database_of_no_known_layout_is_refused(
    old_database, damage, found
):
    database = old_database("v2_5_0b", marked=False)
    database.run(damage)
    before = database.layout()
    with pytest.raises(StoreError, match=found) as raised:
        upgrade(database.url)
    assert "`nexuslims db stamp REVISION`" in str(raised.value)
    assert database.layout() == before


def test_a_missing_database_is_not_upgraded(tmp_path):
    with pytest.raises(StoreError, match="`nexuslims db init` makes it"):
        upgrade(f"sqlite:///{tmp_path}/nexuslims.db")


@pytest.mark.parametrize("revision", OLD)
def test_going_back_and_forth_keeps_the_rows(old_database, revision):
    database = old_database("v2_5_0b")
    before = values(database)
    upgrade(database.url)
    done = downgrade(database.url, revision)
    assert done.after == revision == current_revision(database.url)
    assert done.backup.is_file()
    upgrade(database.url)
    after = values(database)
    kept = {name for name in SHARED if after[name]}
    assert {name: after[name] for name in kept} == {name: before[name] for name in kept}


def test_going_back_one_step_is_the_default(database):
    assert downgrade(database.url).after == "nx_0001"


def test_a_plan_shows_the_statements_and_changes_nothing(old_database):
    database = old_database("v1_4_3", marked=False)
    before = database.layout()
    statements = plan(database.url)
    assert any(line.startswith("CREATE TABLE nx_session") for line in statements)
    assert any("check_record_status" in line for line in statements)
    assert database.layout() == before
    assert list(database.path.parent.iterdir()) == [database.path]


def test_a_plan_back_shows_what_would_be_dropped(file):
    statements = plan(file.url, "-1", back=True)
    assert any(line.startswith("DROP TABLE nx_session") for line in statements)
    assert problem_with(file.url) is None
