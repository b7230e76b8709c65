from __future__ import annotations

import subprocess
import sys
from contextlib import closing

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from nexuslims_core.errors import StoreError
from nexuslims_core.store import (
    check_database,
    current_revision,
    head_revision,
    history,
    initialise,
    mark,
    missing_tables,
    problem_with,
    upgrade,
)
from nexuslims_core.store.engine import Database
from nexuslims_core.store.migrate import _config
from nexuslims_core.store.schema import REVISIONS
from nexuslims_core.store.tables import METADATA


def test_a_new_database_is_complete(database):
    assert current_revision(database.url) == head_revision()
    assert missing_tables(database.url) == ()
    assert problem_with(database.url) is None
    assert set(check_database(database.url).values()) == {None}


def test_a_new_database_has_the_layout_that_the_migrations_lead_to(file, tmp_path):
    migrated = type(file)(tmp_path / "migrated.db")
    migrated.path.touch()
    upgrade(migrated.url)
    assert migrated.layout() == file.layout()


def test_the_tables_in_code_are_those_of_the_newest_migration(empty):
    upgrade(empty.url)
    with closing(Database(empty.url)) as opened, opened.read() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, METADATA) == []


def test_the_list_of_revisions_is_the_chain_of_scripts():
    assert ScriptDirectory.from_config(_config()).get_heads() == [head_revision()]
    assert tuple(revision.id for revision in history()) == REVISIONS
    assert [revision.previous for revision in history()] == [None, *REVISIONS[:-1]]


def test_the_shared_tables_have_the_columns_that_others_rely_on(file):
    columns = {
        name: [row[1] for row in file.sql(f"PRAGMA table_info({name})")]
        for name in ("instruments", "session_log", "upload_log")
    }
    assert columns == {
        "instruments": [
            *("instrument_pid", "api_url", "calendar_url", "location"),
            *("display_name", "property_tag", "filestore_path", "harvester"),
            "timezone",
        ],
        "session_log": [
            *("id_session_log", "session_identifier", "instrument", "timestamp"),
            *("event_type", "record_status", "user"),
        ],
        "upload_log": [
            *("id", "session_identifier", "destination_name", "success", "timestamp"),
            *("record_id", "record_url", "error_message", "metadata_json"),
        ],
    }


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("session_log", "CONSTRAINT check_event_type CHECK"),
        ("session_log", "CONSTRAINT check_record_status CHECK"),
        ("session_log", "DEFAULT 'WAITING_FOR_END'"),
        ("session_log", "REFERENCES instruments (instrument_pid)"),
        ("session_log", "session_identifier VARCHAR(36)"),
        ("ix_session_log_session_identifier", "session_log (session_identifier)"),
        ("ix_upload_log_session_identifier", "upload_log (session_identifier)"),
        ("ix_upload_log_destination_name", "upload_log (destination_name)"),
        ("idx_external_lookup", "(external_system, external_id)"),
        ("idx_nexuslims_username", "(nexuslims_username)"),
        ("external_user_identifiers", "nexuslims_username_system_UNIQUE"),
        ("external_user_identifiers", "system_external_id_UNIQUE"),
        ("instruments", "UNIQUE (api_url)"),
    ],
)
def test_constraints_and_indexes_have_their_names(file, name, part):
    assert part in file.layout()[name]


def test_initialising_makes_folders(tmp_path):
    path = tmp_path / "srv" / "nexuslims" / "nexuslims.db"
    initialise(f"sqlite:///{path}")
    assert path.is_file()


def test_initialising_an_empty_file_is_fine(empty):
    initialise(empty.url)
    assert problem_with(empty.url) is None


def test_an_existing_database_is_not_initialised_again(old_database):
    database = old_database("v2_5_0b")
    before = database.path.read_bytes()
    with pytest.raises(StoreError, match=r"exists already .* `nexuslims db upgrade`"):
        initialise(database.url)
    assert database.path.read_bytes() == before


def test_tables_of_others_do_not_matter(empty):
    empty.run("CREATE TABLE squirrels (name TEXT)")
    initialise(empty.url)
    assert problem_with(empty.url) is None


def test_a_failed_initialisation_leaves_no_file(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="cannot be made"):
        initialise(f"sqlite:///{tmp_path}/file/nexuslims.db")


def test_missing_tables_are_named(database):
    database.run("DROP TABLE upload_log")
    assert missing_tables(database.url) == ("upload_log",)
    assert "lacks upload_log" in check_database(database.url)["db_tables"]


def test_an_older_database_is_told_to_upgrade(old_database):
    problem = problem_with(old_database("v2_5_0b").url)
    assert "at revision v2_5_0b, but" in problem
    assert problem.endswith("run `nexuslims db upgrade`")


def test_a_newer_database_is_told_to_update_the_program(database):
    database.run("UPDATE alembic_version SET version_num = 'v9_9_9'")
    assert problem_with(database.url).endswith("update nexuslims-core")


def test_an_unmarked_database_names_no_revision(old_database):
    database = old_database("v2_5_0b", marked=False)
    assert current_revision(database.url) is None
    assert "marked with no revision" in problem_with(database.url)


def test_two_revisions_at_once_are_refused(database):
    database.run("INSERT INTO alembic_version VALUES ('v1_4_3')")
    with pytest.raises(StoreError, match="holds 2 revisions"):
        current_revision(database.url)


def test_a_database_is_marked_by_hand(old_database):
    database = old_database("v2_5_0b", marked=False)
    mark(database.url, "v2_5_0b")
    assert current_revision(database.url) == "v2_5_0b"


def test_a_database_is_not_marked_with_nonsense(old_database):
    database = old_database("v2_5_0b", marked=False)
    with pytest.raises(StoreError, match="'v3' is unknown"):
        mark(database.url, "v3")


def test_opening_a_store_does_not_import_alembic():
    code = "import sys, nexuslims_core.store; sys.exit('alembic' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
