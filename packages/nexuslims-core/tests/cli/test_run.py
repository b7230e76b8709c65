from __future__ import annotations

import json
import sqlite3
from datetime import datetime, timedelta

import pytest
from filelock import FileLock

# Outcomes and exit codes


def test_a_run_with_work_ends_with_0_and_a_table(ready):
    said = ready("run")

    assert "mine" in said.out
    assert "COMPLETED" in said.out
    assert "shelf (created)" in said.out
    assert "1 sessions in" in said.out


def test_a_run_without_work_ends_with_0(installed):
    installed.shelf()

    assert installed("run").out.startswith("Nothing to do (")


def test_the_former_name_of_the_command_does_the_same(ready):
    assert ready("build-records", "--json").json()["sessions"][0]["status"] == (
        "COMPLETED"
    )
    assert "build-records" not in ready("--help").out


def test_the_report_as_json_is_one_object_on_stdout(ready):
    ready.calendar(sessions=0)

    report = ready("run", "--json").json()

    [session] = report["sessions"]
    assert session["session_identifier"] == "mine"
    assert session["instrument"] == "SEM-1"
    assert session["status"] == "COMPLETED"
    assert session["record"].endswith(".xml")
    assert (session["files"], session["activities"], session["datasets"]) == (1, 1, 1)
    assert session["exports"][0]["destination"] == "shelf"
    assert datetime.fromisoformat(session["exports"][0]["timestamp"]).tzinfo
    assert session["error"] is None
    assert isinstance(report["elapsed_s"], float)
    assert [one["source"] for one in report["harvest"]] == ["calendar", "database"]


def test_what_plugins_print_goes_to_stderr(ready):
    said = ready("run", "--json")

    assert "printed by the plugin" in said.err
    json.loads(said.out)


@pytest.mark.parametrize("mode", ["raises", "refuses", "invalid"])
def test_an_undelivered_record_ends_with_1(ready, mode):
    ready.shelf(mode)

    said = ready("run", expect=1)

    assert "BUILT_NOT_EXPORTED" in said.out
    assert "mine: shelf: " in said.err
    assert ready("run", "--json", expect=1).json()["sessions"][0]["error"]


def test_a_failed_source_ends_with_1_and_the_rest_is_done(ready):
    ready.calendar("raises")

    report = ready("run", "--json", expect=1).json()

    assert [one["status"] for one in report["sessions"]] == ["COMPLETED"]
    assert report["harvest"][0]["error"] == "RuntimeError: ***"


def test_a_source_that_rests_is_not_even_checked(installed):
    installed.calendar("unreachable")
    installed.shelf()
    for _ in range(2):
        said = installed("run", expect=1)
        assert "calendar: no *** there" in said.err

    said = installed("run", expect=1)

    assert "failed 2 times, not asked before" in said.err


@pytest.mark.parametrize("missing", ["NX_INSTRUMENT_DATA_PATH", "NX_DATA_PATH"])
def test_a_missing_setting_ends_with_2_and_its_name(nexuslims, missing):
    del nexuslims.settings[missing]

    said = nexuslims("run", "--json", expect=2)

    assert f"{missing} is not set" in said.err
    assert said.out == ""


def test_a_missing_database_ends_with_3_and_the_remedy(nexuslims):
    said = nexuslims("run", "--json", expect=3)

    assert "`nexuslims db init`" in said.err
    assert said.out == ""


def test_an_unknown_executor_ends_with_3_before_anything_is_done(ready):
    ready.settings["NX_EXECUTOR"] = "cluster"

    said = ready("run", expect=3)

    assert "known: inline, process" in said.err
    assert ready("sessions", "list", "--json").json()[0]["status"] == "TO_BE_BUILT"


EAGER = """
from concurrent.futures import ThreadPoolExecutor
from nexuslims_core import hookimpl
from nexuslims_core.plugin_settings import PluginSettings
from nexuslims_core.types import Executor, Extractor

class EagerSettings(PluginSettings):
    env_prefix = "NX_EAGER_"

def create(settings, workers, timeout):
    said("created")
    return ThreadPoolExecutor(workers)

def prepare(modules):
    said("prepared " + " ".join(modules))
    raise RuntimeError("not now")

def said(word):
    with open("said.txt", "a") as stream:
        stream.write(word + "\\n")

@hookimpl
def nexuslims_executors():
    yield Executor(name="eager", settings=EagerSettings, create=create, prepare=prepare)

@hookimpl
def nexuslims_extractors():
    for number in "21":
        yield Extractor(
            name="slow" + number,
            extensions=frozenset({"slow"}),
            extract=lambda file: None,
            imports=("slow." + number, "slow.all"),
        )
"""


@pytest.fixture
def eager(ready):
    """An installation whose workers take a while to start, and fail to do so early."""
    ready.plugin(EAGER, "eager")
    ready.settings["NX_EXECUTOR"] = "eager"

    def said(*options):
        path = ready.folder / "said.txt"
        path.unlink(missing_ok=True)
        ready("run", *options)
        return path.read_text().splitlines() if path.exists() else []

    return said


def test_workers_get_ready_while_a_scheduler_is_asked(ready, eager):
    ready.calendar(sessions=0)

    assert eager() == ["prepared slow.1 slow.2 slow.all", "created"]
    # It is asked again, and has nothing new; the session of before has not changed.
    assert eager()[0].startswith("prepared")


def test_workers_do_not_get_ready_where_no_scheduler_is_configured(eager):
    assert eager() == ["created"]


def test_workers_do_not_get_ready_for_a_dry_run(ready, eager):
    ready.calendar(sessions=0)

    assert eager("--dry-run") == []


def test_a_run_beside_another_ends_with_4(ready):
    with FileLock(ready.data / ".builder.lock"):
        said = ready("run", "--json", expect=4)

    assert "another run holds" in said.err
    assert said.out == ""
    assert ready.logs() == []
    ready("run")


def test_an_unreadable_env_file_ends_with_2(nexuslims):
    (nexuslims.folder / ".env").write_text("NX_DATA_PATH='unfinished\n")

    said = nexuslims("run", expect=2)

    assert ".env, line 1" in said.err


def test_a_log_that_cannot_be_written_is_told_in_one_line(ready):
    (ready.data / "logs").mkdir(parents=True, exist_ok=True)
    (ready.data / "logs" / f"{datetime.now().astimezone():%Y}").write_text("a file")

    said = ready("run", expect=1)

    assert said.err.splitlines()[-1].startswith("Error: ")
    assert "Traceback" not in said.err


def test_a_session_whose_log_makes_no_sense_is_named_and_ends_with_1(ready):
    with sqlite3.connect(ready.data / "nexuslims.db") as connection:
        connection.execute("UPDATE session_log SET timestamp = 'yesterday'")
    connection.close()

    said = ready("run", expect=1)

    assert "session mine: " in said.err
    assert "'yesterday'" in said.err


# What is asked for


@pytest.fixture
def asked(installed):
    """Return a function that runs with options; gives the window that was asked for."""
    installed.calendar(sessions=0)

    def run(*options):
        said = installed("run", *options)
        line = next(
            one for one in said.err.splitlines() if one.startswith("printed by")
        )
        words = line.removeprefix("printed by the plugin ").split()
        times, found = " ".join(words), []
        while times:
            if times.startswith("None"):
                found.append(None)
                times = times.removeprefix("None").strip()
                continue
            moment, _, times = times.partition("+")
            offset, _, times = times.partition(" ")
            found.append(datetime.fromisoformat(f"{moment}+{offset}"))
        return found

    return run


def local(*parts):
    return datetime(*parts).astimezone()


def test_by_default_the_last_days_are_harvested(asked):
    start, end = asked()

    week = datetime.now().astimezone() - timedelta(days=7)
    assert abs(start - week) < timedelta(minutes=5)
    assert end is None


@pytest.mark.parametrize(
    ("options", "window"),
    [
        (("--from", "2026-01-31"), (local(2026, 1, 31), None)),
        (("--from", "2026-01-31T08:00"), (local(2026, 1, 31, 8), None)),
        (
            ("--from", "2026-01-31T08:00+00:00", "--to", "2026-02-01"),
            (
                datetime.fromisoformat("2026-01-31T08:00+00:00"),
                local(2026, 2, 1, 23, 59, 59, 999999),
            ),
        ),
        (("--from", "all"), (None, None)),
        (("--from", "NONE", "--to", "none"), (None, None)),
        (
            ("--from", "all", "--to", "2026-02-01T10:00"),
            (None, local(2026, 2, 1, 10)),
        ),
    ],
)
def test_dates_limit_what_is_harvested(asked, options, window):
    assert tuple(asked(*options)) == window


def test_an_end_alone_keeps_the_usual_start(asked):
    today = datetime.now().astimezone()

    start, end = asked("--to", f"{today:%Y-%m-%d}")

    assert abs(start - (today - timedelta(days=7))) < timedelta(minutes=5)
    assert end.date() == today.date()


@pytest.mark.parametrize(
    "options",
    [
        ("--from", "last week"),
        ("--to", "31.01.2026"),
        ("--from", "2026-02-30"),
        ("--from", "2026-02-01", "--to", "2026-01-31"),
        ("--to", "2020-01-01"),
    ],
)
def test_dates_that_make_no_sense_end_with_2(installed, options):
    said = installed("run", *options, expect=2)

    assert options[-2] in said.err
    assert said.out == ""


# What is said


def test_progress_goes_to_stderr_and_quiet_ends_it(ready):
    assert "Looking for files of SEM-1 …" in ready("run").err
    ready.add_session("other", hours=60)

    said = ready("run", "--quiet")

    assert "…" not in said.err


def test_quiet_does_not_silence_errors(ready):
    ready.shelf("raises")

    assert "mine: shelf: RuntimeError" in ready("run", "-q", expect=1).err


def test_each_run_writes_a_log_with_its_settings(ready):
    ready("run")

    [log] = ready.logs()
    year, month, day = log.parts[-4:-1]
    assert log.name.startswith(f"{year}{month}{day}-")
    text = log.read_text()
    assert "nexuslims_core.cli.run INFO: Settings: {" in text
    assert '"NX_SHELF_TOKEN": "***"' in text


@pytest.mark.parametrize(
    ("option", "ours", "libraries"),
    [("-v", False, False), ("-vv", True, False), ("-vvv", True, True)],
)
def test_more_v_say_more(ready, option, ours, libraries):
    said = ready("run", option)

    assert ("DEBUG: asking with ***" in said.err) is ours
    assert ("INFO: asking with ***" in said.err) is libraries
    assert "INFO: Settings" in said.err


# Secrets


@pytest.mark.parametrize("shelf", ["good", "raises", "refuses", "invalid"])
@pytest.mark.parametrize("calendar", ["good", "raises", "unreachable"])
def test_no_secret_is_said_logged_or_stored(ready, shelf, calendar):
    ready.shelf(shelf)
    ready.calendar(calendar)
    ready.settings["NX_ACME_API_KEY"] = "planted-key-4711"
    secrets = ("sesame-open-17", "planted-key-4711")
    codes = {True: 0, False: 1}
    good = (shelf, calendar) == ("good", "good")

    said = [
        ready("run", "-vvv", expect=codes[good]),
        ready("run", "-vvv", "--json", expect=codes[good]),
        ready("config", "show"),
        ready("config", "show", "--json"),
        ready("sessions", "show", "mine", "--json"),
    ]

    spoken = "".join(one.out + one.err for one in said)
    written = b"".join(
        path.read_bytes() for path in ready.data.rglob("*") if path.is_file()
    )
    for secret in secrets:
        assert secret not in spoken
        assert secret.encode() not in written
    assert "***" in spoken


# Dry runs


def test_a_dry_run_lists_each_session_once_with_its_files(ready):
    ready.calendar(sessions=2)
    (ready.folder / "none").mkdir()
    ready.add_session("event-1")

    report = ready("run", "--dry-run", "--json").json()

    found = [one["session_identifier"] for one in report["sessions"]]
    assert sorted(found) == ["event-0", "event-1", "mine"]
    assert {one["status"] for one in report["sessions"]} == {"TO_BE_BUILT"}
    [mine] = [one for one in report["sessions"] if one["session_identifier"] == "mine"]
    assert mine["files"] == 1
    assert mine["warnings"][0].endswith("notes.txt")


def test_a_dry_run_shows_the_files_to_people(ready):
    said = ready("run", "-n")

    assert "Files of mine" in said.out
    assert "notes.txt" in said.out


def test_a_dry_run_writes_nothing_at_all(ready, snapshot):
    ready.calendar()
    before = snapshot(ready.folder)

    ready("run", "--dry-run", "-vv")

    assert snapshot(ready.folder) == before


def test_a_dry_run_needs_no_lock(ready):
    with FileLock(ready.data / ".builder.lock"):
        ready("run", "--dry-run")


def test_a_dry_run_says_who_refused(ready):
    ready("instruments", "remove", "SEM-1", "--force")
    ready.add_instrument(harvester="calendar")
    ready.calendar("refused")

    [session] = ready("run", "-n", "--json").json()["sessions"]

    assert (session["status"], session["error"]) == ("NO_CONSENT", "ada refused")


def test_a_dry_run_with_a_failed_source_ends_with_1(ready):
    ready.calendar("raises")

    said = ready("run", "-n", expect=1)

    assert "calendar: RuntimeError: ***" in said.err
    assert "mine" in said.out
