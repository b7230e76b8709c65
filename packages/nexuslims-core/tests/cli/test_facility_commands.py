"""Instruments, sessions, records, settings, database, plugins and checks."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3

import pytest
from nexuslims_core.store import head_revision

# Instruments


def test_the_first_instrument_makes_the_database(nexuslims):
    said = nexuslims.add_instrument()

    assert said.out == "Added SEM-1.\n"
    assert (nexuslims.data / "nexuslims.db").is_file()


def test_instruments_are_listed_with_their_sessions(ready):
    [found] = ready("instruments", "list", "--json").json()

    assert found["instrument_pid"] == "SEM-1"
    assert found["display_name"] == "Our SEM-1"
    assert found["sessions_total"] == 1
    assert found["last_session"].endswith(("+01:00", "+02:00"))
    assert ready("instruments", "list", "-f", "json").json() == [found]
    assert "Our SEM-1" in ready("instruments", "list").out


def test_no_instrument_is_said_with_the_remedy(nexuslims):
    nexuslims("db", "init")

    assert "`nexuslims instruments add`" in nexuslims("instruments", "list").out
    assert nexuslims("instruments", "list", "--json").json() == []


def test_listing_without_a_database_says_what_to_do(nexuslims):
    said = nexuslims("instruments", "list", "--json", expect=1)

    assert "`nexuslims db init`" in said.err
    assert said.out == ""


@pytest.mark.parametrize(
    ("options", "code", "told"),
    [
        ({"timezone": "Berlin"}, 2, "'Berlin' is no IANA time zone"),
        ({"harvester": "nemo"}, 2, "--api-url"),
        ({"filestore": "../../etc"}, 2, "leads out of"),
        ({"pid": ""}, 1, "needs a pid"),
        ({"pid": "SEM-1"}, 1, "there is an instrument SEM-1 already"),
        ({"api-url": "database:SEM-1"}, 1, "belongs to instrument SEM-1 already"),
    ],
)
def test_an_instrument_that_makes_no_sense_is_not_added(installed, options, code, told):
    given = {"pid": "SEM-2", **options}

    words = [part for key, text in given.items() for part in (f"--{key}", text)]
    said = installed(
        *("instruments", "add", "--name", "x", "--location", "x"),
        *("--filestore", "x", "--timezone", "Europe/Berlin"),
        *("--harvester", "database", *words),
        expect=code,
    )

    assert told in said.err
    assert len(installed("instruments", "list", "--json").json()) == 1


def test_an_instrument_whose_folder_or_harvester_is_missing_is_noted(installed):
    said = installed.add_instrument("TEM-1", "calender", filestore="not there")

    assert "there is no folder" in said.err
    assert "no plugin has the harvester 'calender'; installed are: database" in said.err


def test_an_instrument_is_removed_with_its_sessions_only_if_that_is_meant(ready):
    said = ready("instruments", "remove", "SEM-1", expect=1)
    assert "1 sessions" in said.err

    assert ready("instruments", "remove", "SEM-1", "--force").out == "Removed SEM-1.\n"
    assert ready("sessions", "list", "--json").json() == []
    assert (
        "no instrument 'SEM-1'" in ready("instruments", "remove", "SEM-1", expect=1).err
    )


# Sessions


def test_a_session_is_added_with_all_that_is_known_about_it(installed):
    said = installed(
        *("sessions", "add", "--instrument", "SEM-1", "--user", "ada"),
        *("--start", "2026-11-20T09:00", "--end", "2026-11-20T12:00+00:00"),
        *("--title", "Twins", "--purpose", "Count them", "--project", "STEEL-12"),
        *("--sample", "Bar 7", "--sample", "Bar 8"),
    )

    identifier = said.out.removeprefix("Added session ").removesuffix(".\n")
    found = installed("sessions", "show", identifier, "--json").json()
    assert found["summary"]["start"] == "2026-11-20T09:00:00+01:00"
    assert found["summary"]["end"] == "2026-11-20T12:00:00+00:00"
    assert found["details"]["title"] == "Twins"
    assert found["details"]["purpose"] == "Count them"
    assert [one["name"] for one in found["details"]["samples"]] == ["Bar 7", "Bar 8"]
    assert found["details"]["projects"][0]["project_id"] == "STEEL-12"
    assert [one["event_type"] for one in found["log"]] == ["START", "END"]


def test_a_session_that_is_added_again_is_changed(installed):
    assert installed.add_session(hours=30).out == "Added session mine.\n"
    assert installed.add_session(hours=40).out == "Changed session mine.\n"
    same = ("--start", "2026-11-20T09:00", "--end", "2026-11-20T12:00")
    words = ("sessions", "add", "--instrument", "SEM-1", "--user", "ada", *same)
    installed(*words)
    assert installed(*words).out.startswith("Already there: session ")


@pytest.mark.parametrize(
    ("options", "code", "told"),
    [
        ({"instrument": "TEM-9"}, 1, "no instrument 'TEM-9'; known: SEM-1"),
        ({"start": "yesterday"}, 2, "'yesterday' is no ISO time"),
        ({"end": "2020-01-01"}, 2, "is not after the start"),
    ],
)
def test_a_session_that_makes_no_sense_is_not_added(installed, options, code, told):
    given = {
        "instrument": "SEM-1",
        "user": "ada",
        "start": "2026-11-20T09:00",
        "end": "2026-11-20T12:00",
        **options,
    }
    words = [part for key, text in given.items() for part in (f"--{key}", text)]

    assert told in installed("sessions", "add", *words, expect=code).err
    assert installed("sessions", "list", "--json").json() == []


def test_sessions_are_listed_the_latest_first_and_by_status(ready):
    ready.add_session("older", hours=300)
    ready("run")

    listed = ready("sessions", "list", "--json").json()
    assert [one["session_identifier"] for one in listed] == ["mine", "older"]
    assert [one["status"] for one in listed] == ["COMPLETED", "NO_FILES_FOUND"]
    [first] = ready("sessions", "list", "--limit", "1", "--json").json()
    assert first["session_identifier"] == "mine"
    [older] = ready("sessions", "list", "--status", "NO_FILES_FOUND", "--json").json()
    assert older["session_identifier"] == "older"
    assert ready("sessions", "list", "--instrument", "X", "--json").json() == []
    assert "COMPLETED" in ready("sessions", "list").out


@pytest.mark.parametrize("status", ["DONE", "completed"])
def test_an_unknown_status_ends_with_2_and_the_known_ones(installed, status):
    said = installed("sessions", "list", "--status", status, expect=2)

    assert "COMPLETED" in said.err


def test_a_session_is_shown_with_its_files_and_deliveries(ready):
    ready("run")

    shown = ready("sessions", "show", "mine").out

    assert "notes.txt" in shown
    assert "RECORD_GENERATION" in shown
    assert "shelf" in shown


def test_a_session_of_two_instruments_is_shown_of_the_one_that_is_named(installed):
    installed.add_instrument("TEM-1")
    installed.add_session()
    installed.add_session(instrument="TEM-1")

    said = installed("sessions", "show", "mine", expect=1)
    assert "SEM-1, TEM-1" in said.err
    shown = installed("sessions", "show", "mine", "--instrument", "TEM-1", "--json")
    assert shown.json()["summary"]["instrument"] == "TEM-1"


def test_an_unknown_session_ends_with_1_and_where_to_look(installed):
    said = installed("sessions", "show", "none", "--json", expect=1)

    assert "`nexuslims sessions list`" in said.err
    assert said.out == ""


@pytest.mark.parametrize("words", [("mine",), ("--status", "COMPLETED")])
def test_sessions_are_built_again_on_request(ready, words):
    ready("run")

    assert ready("sessions", "retry", *words).out.startswith("1 sessions will be built")
    [session] = ready("run", "--json").json()["sessions"]
    assert session["status"] == "COMPLETED"


@pytest.mark.parametrize("words", [(), ("mine", "--status", "ERROR")])
def test_what_to_retry_must_be_said_in_one_way(ready, words):
    said = ready("sessions", "retry", *words, expect=2)

    assert "give either identifiers or --status" in said.err


def test_retrying_an_unknown_session_retries_none(ready):
    ready("run")

    ready("sessions", "retry", "mine", "none", expect=1)

    assert ready("sessions", "list", "--json").json()[0]["status"] == "COMPLETED"


# Records


@pytest.fixture
def record(ready):
    ready("run")
    [path] = ready.data.rglob("*.xml")
    return path


def test_records_are_validated_without_configuration(ready, record):
    ready.settings.clear()
    bad = record.with_name("bad.xml")
    bad.write_text("<Experiment/>")

    assert ready("records", "validate", record).out == f"{record}: valid\n"
    said = ready("records", "validate", record, bad, expect=1)
    assert f"{bad}: not valid" in said.out
    found = ready("records", "validate", record, bad, "--json", expect=1).json()
    assert found[str(record)] == []
    assert found[str(bad)]


def test_a_record_that_is_not_there_ends_with_2(nexuslims):
    assert "none.xml" in nexuslims("records", "validate", "none.xml", expect=2).err


# Settings


def test_settings_are_shown_with_where_they_are_from(nexuslims):
    (nexuslims.folder / ".env").write_text("NX_WORKERS=3\nNX_HARVEST_DAYS=5\n")
    nexuslims.settings["NX_HARVEST_DAYS"] = "6"

    shown = {
        words[0]: words[1:]
        for line in nexuslims("config", "show").out.splitlines()
        if (words := line.split())
    }

    assert shown["NX_WORKERS"] == ["3", str(nexuslims.folder / ".env")]
    assert shown["NX_HARVEST_DAYS"] == ["6.0", "the", "environment"]
    assert shown["NX_CHECKSUM"] == ["False", "default"]
    assert nexuslims("config", "show", "--json").json()["NX_WORKERS"] == 3


def test_what_hooks_print_is_not_among_the_settings(nexuslims):
    nexuslims.plugin(
        """
        from nexuslims_core import hookimpl

        @hookimpl
        def nexuslims_notifiers():
            print("hello from the hook")
            return ()
        """
    )

    said = nexuslims("config", "show", "--json")

    assert said.json()["NX_EXECUTOR"] == "inline"
    assert "hello from the hook" in said.err


def test_good_settings_are_said_to_be_good(nexuslims):
    assert nexuslims("config", "check").out == "The configuration is good.\n"


def test_all_bad_settings_are_told_at_once_and_none_as_json(nexuslims):
    nexuslims.calendar()
    nexuslims.settings |= {"NX_WORKERS": "many", "NX_CALENDAR_SESSIONS": "few"}

    said = nexuslims("config", "check", expect=2)

    assert "NX_WORKERS is 'many'" in said.err
    assert "NX_CALENDAR_SESSIONS is 'few'" in said.err
    assert "good" not in said.out
    assert nexuslims("config", "show", "--json", expect=2).out == ""


def test_a_setting_that_nothing_reads_is_a_warning(nexuslims):
    nexuslims.settings["NX_WORKER"] = "3"

    said = nexuslims("config", "check")

    assert "Warning: NX_WORKER (from the environment) is not used" in said.err
    assert "did you mean NX_WORKERS?" in said.err


def test_certificates_that_are_none_end_with_2(nexuslims):
    nexuslims.settings["NX_CERT_BUNDLE"] = "none"

    assert "NX_CERT_BUNDLE" in nexuslims("config", "check", expect=2).err


@pytest.mark.parametrize("command", ["plugins list", "extract x", "run"])
def test_a_folder_of_local_plugins_that_makes_no_sense_ends_with_2(nexuslims, command):
    (nexuslims.folder / "x").touch()
    nexuslims.settings["NX_LOCAL_PROFILES_PATH"] = "~nobody-of-that-name/profiles"

    said = nexuslims(*command.split(), expect=2)

    assert "NX_LOCAL_PROFILES_PATH" in said.err


# Database


def test_a_database_is_made_checked_and_not_made_twice(nexuslims):
    assert "does not exist" in nexuslims("db", "check", expect=1).err
    assert "does not exist" in nexuslims("db", "current", expect=1).err

    said = nexuslims("db", "init")

    assert said.out.endswith(f"at revision {head_revision()}.\n")
    assert nexuslims("db", "current").out == f"{head_revision()}\n"
    assert nexuslims("db", "check").out == f"Up to date ({head_revision()}).\n"
    assert nexuslims("db", "upgrade").out == f"Already at {head_revision()}.\n"
    content = (nexuslims.data / "nexuslims.db").read_bytes()
    nexuslims("db", "init", expect=1)
    assert (nexuslims.data / "nexuslims.db").read_bytes() == content


def test_a_database_goes_back_and_forth_after_backups(nexuslims):
    nexuslims("db", "init")

    back = nexuslims("db", "downgrade").out.splitlines()

    assert back[0].startswith("Backup: ")
    assert back[1] == f"From {head_revision()} to nx_0001."
    assert "run `nexuslims db upgrade`" in nexuslims("db", "check", expect=1).err
    assert "run `nexuslims db upgrade`" in nexuslims("run", expect=3).err
    assert "`nexuslims db upgrade`" in nexuslims("sessions", "list", expect=1).err
    said = nexuslims("db", "upgrade").out.splitlines()
    assert said[1] == f"From nx_0001 to {head_revision()}."
    assert said[0] != back[0]
    nexuslims("db", "check")


@pytest.mark.parametrize("words", [("upgrade",), ("downgrade",)])
def test_statements_are_printed_and_not_run(nexuslims, words):
    nexuslims("db", "init")
    if words == ("upgrade",):
        nexuslims("db", "downgrade")
    content = (nexuslims.data / "nexuslims.db").read_bytes()

    said = nexuslims("db", *words, "--sql")

    assert said.out.rstrip().endswith(";")
    assert (nexuslims.data / "nexuslims.db").read_bytes() == content


@pytest.mark.parametrize("command", ["upgrade", "downgrade", "stamp"])
def test_an_unknown_revision_ends_with_2_and_those_that_are_known(nexuslims, command):
    nexuslims("db", "init")

    said = nexuslims("db", command, "v9", expect=2)

    assert "no revision 'v9'; known: head, v1_4_3, " in said.err
    assert nexuslims("db", "current").out == f"{head_revision()}\n"


def test_revisions_are_listed_and_the_databases_is_marked(nexuslims):
    nexuslims("db", "init")

    lines = nexuslims("db", "history").out.splitlines()

    assert [line.split()[0] for line in lines if line.startswith("*")] == ["*"]
    assert lines[-1].startswith(f"* {head_revision()}  ")
    assert lines[0].startswith("  v1_4_3  ")


def test_a_database_is_marked_on_request(nexuslims):
    nexuslims("db", "init")

    assert nexuslims("db", "stamp", "v2_5_0b").out == "Marked as v2_5_0b.\n"
    assert nexuslims("db", "current").out == "v2_5_0b\n"


def test_a_password_in_the_address_of_the_database_is_not_told(nexuslims):
    nexuslims.settings["NX_DB_URL"] = "postgresql://ada:sesame17@127.0.0.1:1/nexuslims"

    said = [
        nexuslims("db", "check", expect=1),
        nexuslims("run", expect=3),
        nexuslims("config", "show"),
    ]

    assert not any("sesame17" in one.out + one.err for one in said)


# Plugins


def test_plugins_are_listed_with_what_they_give(nexuslims):
    nexuslims.shelf()

    listed = nexuslims("plugins", "list", "--json").json()

    by_name = {one["name"]: one for one in listed}
    assert by_name["shelf"]["status"] == "ok"
    assert by_name["shelf"]["distribution"] == "local: shelf.py"
    assert by_name["shelf"]["contributions"][0]["name"] == "shelf"
    assert by_name["core"]["status"] == "ok"
    assert "export_destinations: shelf" in nexuslims("plugins", "list").out
    assert nexuslims("plugins", "check").out.endswith("plugins, no failure.\n")


def test_a_broken_plugin_is_told_and_ends_the_check_with_1(nexuslims):
    nexuslims.plugin("print('hello from the plugin')\nraise RuntimeError('no')")

    said = nexuslims("plugins", "check", expect=1)

    assert "acme (local: acme.py), load: RuntimeError: no" in said.err
    listed = nexuslims("plugins", "list", "--json")
    assert {one["status"] for one in listed.json()} >= {"ok", "failed"}
    assert "hello" not in listed.out


def test_without_plugins_the_built_in_one_is_left(nexuslims):
    nexuslims.shelf()

    listed = nexuslims("--no-plugins", "plugins", "list", "--json").json()

    assert [one["name"] for one in listed if one["status"] != "disabled"] == ["core"]


# Checks


def failed_checks(said):
    return {one["name"] for one in said.json() if not one["passed"]}


def test_a_sound_installation_passes_its_checks(ready):
    said = ready("check", "--json")

    assert failed_checks(said) == set()
    assert {one["name"] for one in said.json()} == {
        "alembic_migration",
        "data_path_writable",
        "db_reachable",
        "db_tables",
        "executor",
        "export_destinations",
        "harvester_config",
        "instrument_filestore_paths",
        "instrument_harvesters",
        "instrument_timezones",
        "instruments_exist",
    }
    assert "export_destinations" in ready("check").out


def test_a_mail_server_that_is_not_there_is_a_warning(ready):
    ready.settings["NX_EMAIL_SMTP_HOST"] = "127.0.0.1"
    ready.settings["NX_EMAIL_SMTP_PORT"] = "1"
    ready.settings["NX_EMAIL_SENDER"] = "nexuslims@example.org"
    ready.settings["NX_EMAIL_RECIPIENTS"] = "ada@example.org"

    said = ready("check", "--json")

    [found] = [one for one in said.json() if one["name"] == "notifiers"]
    assert (found["passed"], found["severity"]) == (False, "warning")
    assert found["message"].startswith("email: mail server 127.0.0.1:1: ")
    assert "NX_EMAIL_SMTP_HOST" in found["message"]


def test_a_notifier_with_missing_settings_is_a_warning(ready):
    ready.settings["NX_EMAIL_SMTP_HOST"] = "127.0.0.1"

    [found] = [
        one for one in ready("check", "--json").json() if one["name"] == "notifiers"
    ]

    assert found["severity"] == "warning"
    assert "NX_EMAIL_RECIPIENTS" in found["message"]


def test_checking_changes_nothing(ready, snapshot):
    before = snapshot(ready.folder)
    ready("check")
    assert snapshot(ready.folder) == before


def test_checking_makes_no_folder(nexuslims):
    nexuslims("check", expect=3)

    assert not nexuslims.data.exists()


def without_database(facility):
    (facility.data / "nexuslims.db").unlink()


def without_repository(facility):
    del facility.settings["NX_SHELF_TOKEN"]
    del facility.settings["NX_SHELF_MODE"]


def without_folder(facility):
    shutil.rmtree(facility.instruments / "SEM-1")


def with_a_refused_token(facility):
    facility.shelf("invalid")


def with_an_unreachable_scheduler(facility):
    facility.calendar("unreachable")


def with_an_unknown_executor(facility):
    facility.settings["NX_EXECUTOR"] = "cluster"


def with_a_broken_plugin(facility):
    facility.plugin("raise RuntimeError('no')", "broken")


def with_a_broken_hook(facility):
    facility.plugin(
        """
        from nexuslims_core import hookimpl

        @hookimpl
        def nexuslims_preview_generators():
            raise RuntimeError("no")
        """,
        "broken",
    )


def with_a_setting_that_nothing_reads(facility):
    facility.settings["NX_WORKER"] = "3"


@pytest.mark.parametrize(
    ("trouble", "name", "code"),
    [
        (without_database, "db_reachable", 3),
        (with_an_unknown_executor, "executor", 3),
        (with_a_refused_token, "export_destinations", 3),
        (with_an_unreachable_scheduler, "harvester_config", 3),
        (without_repository, "export_destinations", 0),
        (without_folder, "instrument_filestore_paths", 0),
        (with_a_broken_plugin, "plugins", 0),
        (with_a_broken_hook, "plugins", 0),
        (with_a_setting_that_nothing_reads, "settings", 0),
    ],
)
def test_each_trouble_fails_its_own_check(ready, trouble, name, code):
    trouble(ready)

    assert failed_checks(ready("check", "--json", expect=code)) == {name}


def test_an_unreachable_scheduler_stops_nothing_else(ready):
    ready.calendar("unreachable")

    report = ready("run", "--json", expect=1).json()

    assert [one["status"] for one in report["sessions"]] == ["COMPLETED"]


def test_bad_settings_end_a_check_with_2(nexuslims):
    nexuslims.settings["NX_WORKERS"] = "many"

    said = nexuslims("check", "--json", expect=2)

    assert said.out == ""
    assert "NX_WORKERS" in said.err


# Extracting


def test_metadata_are_printed_as_a_list_with_nx_meta_first(nexuslims):
    (nexuslims.folder / "a.txt").write_text("one")
    (nexuslims.folder / "b.txt").write_text("two")

    found = nexuslims("extract", "a.txt", "b.txt").json()

    assert len(found) == 2
    assert next(iter(found[0])) == "nx_meta"
    left = sorted(path.name for path in nexuslims.folder.iterdir())
    assert left == ["a.txt", "b.txt", "instruments"]


def test_metadata_are_printed_without_any_configuration(nexuslims):
    nexuslims.settings.clear()
    (nexuslims.folder / "a.txt").write_text("one")

    assert nexuslims("--no-plugins", "extract", "a.txt").json()


def test_what_extractors_print_and_fail_with_goes_to_stderr(nexuslims):
    nexuslims.plugin(
        """
        from nexuslims_core import hookimpl
        from nexuslims_core.types import Extractor

        def read(file):
            print("reading", file.path.name)
            raise ValueError("page 3 is missing")

        @hookimpl
        def nexuslims_extractors():
            yield Extractor(name="acme", extensions=frozenset({"acm"}), extract=read)
        """
    )
    (nexuslims.folder / "a.acm").write_text("one")

    said = nexuslims("extract", "a.acm")

    assert "reading a.acm" in said.err
    assert "a.acm: acme failed: ValueError: page 3 is missing" in said.err
    [signal] = said.json()
    stamp = signal["nx_meta"]["NexusLIMS Extraction"]
    assert stamp["Extractor Warnings"] == ["acme failed: ValueError: page 3 is missing"]


def test_checksums_are_added_on_request(nexuslims):
    (nexuslims.folder / "a.txt").write_text("one")

    [signal] = nexuslims("extract", "--checksum", "a.txt").json()

    assert len(signal["nx_meta"]["extensions"]["SHA-256 Checksum"]) == 64


def test_a_file_that_is_not_there_ends_with_2(nexuslims):
    said = nexuslims("extract", "none.tif", expect=2)

    assert "none.tif" in said.err
    assert said.out == ""


@pytest.mark.parametrize(
    ("options", "names"),
    [
        (("--preview",), ["a.txt.thumb.png"]),
        (("-p", "here.png"), ["here.png"]),
        (("--preview", "--no-preview"), []),
    ],
)
def test_previews_are_written_on_request(nexuslims, options, names):
    (nexuslims.folder / "a.txt").write_text("one")

    nexuslims("extract", *options, "a.txt")

    assert sorted(path.name for path in nexuslims.folder.glob("*.png")) == names


def test_previews_alone_print_nothing(nexuslims):
    (nexuslims.folder / "a.txt").write_text("one")

    said = nexuslims("extract", "--no-metadata", "--preview", "a.txt")

    assert said.out == ""
    assert "Preview: a.txt.thumb.png" in said.err


def test_a_preview_is_replaced_only_on_request(nexuslims):
    (nexuslims.folder / "a.txt").write_text("one")
    preview = nexuslims.folder / "a.txt.thumb.png"
    preview.write_bytes(b"mine")

    assert "--overwrite" in nexuslims("extract", "--preview", "a.txt").err
    assert preview.read_bytes() == b"mine"
    nexuslims("extract", "--preview", "--overwrite", "a.txt")
    assert preview.read_bytes() != b"mine"


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--preview",), "nothing draws this kind"),
        (("-p", "no/such/folder.png"), "cannot be written"),
    ],
)
def test_a_preview_that_fails_is_told_and_costs_nothing(nexuslims, options, told):
    name = "a.odd" if options == ("--preview",) else "a.txt"
    (nexuslims.folder / name).write_text("one")

    said = nexuslims("extract", *options, name)

    assert told in said.err
    assert said.json()


@pytest.mark.parametrize("options", [("--no-metadata",), ("-p", "x.png", "a.txt"), ()])
def test_what_makes_no_sense_ends_with_2(nexuslims, options):
    (nexuslims.folder / "a.txt").write_text("one")
    files = ("a.txt",) if options else ()

    assert nexuslims("extract", *options, *files, expect=2).out == ""


def test_names_of_files_that_are_no_text_can_be_printed(installed):
    name = os.fsdecode(b"caf\xe9.txt")
    installed.shelf()
    installed.add_session()
    try:
        installed.write(name)
    except OSError:
        pytest.skip("this file system takes valid names only")

    [session] = installed("run", "-n", "--json").json()["sessions"]

    assert session["warnings"][0].endswith(name)
    assert "caf\\udce9.txt" in installed("run", "-n").out
    assert json.loads(installed("run", "--json").out)["sessions"][0]["files"] == 1


# An instrument whose row somebody spoilt


NAIVE = "--start 2026-11-20T09:00 --end 2026-11-20T10:00"


@pytest.fixture
def on_mars(ready):
    with sqlite3.connect(ready.data / "nexuslims.db") as connection:
        connection.execute("UPDATE instruments SET timezone = 'Mars/Olympus'")
    connection.close()
    return ready


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("run", 1),
        ("run -n", 1),
        ("check", 3),
        (f"sessions add --instrument SEM-1 --user ada {NAIVE}", 2),
    ],
)
def test_a_time_zone_that_is_none_is_named(on_mars, command, code):
    said = on_mars(*command.split(), expect=code)

    assert "'Mars/Olympus'" in said.err + said.out
    assert "IANA" in said.err + said.out


@pytest.mark.parametrize(
    "command", ["instruments list", "sessions list", "sessions show mine"]
)
def test_a_time_zone_that_is_none_keeps_nobody_from_looking(on_mars, command):
    assert "SEM-1" in on_mars(*command.split()).out
    on_mars(*command.split(), "--json").json()
