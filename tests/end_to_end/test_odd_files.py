"""Files that are damaged, empty, unreadable, vanish or grow never stop a session."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from datetime import timedelta

import pytest
from nexuslims_core.record import from_xml
from nexuslims_testing.facility import set_modified

LOCAL_PLUGIN = """
from nexuslims_core import hookimpl
from nexuslims_core.errors import ExtractionError
from nexuslims_core.types import Dataset, Extraction, Extractor


def trouble(file):
    {trouble}
    return Extraction(
        datasets=(Dataset(file=file, dataset_type="Image", data_type="Trouble"),)
    )


@hookimpl
def nexuslims_extractors():
    yield Extractor(
        name="trouble", extensions=frozenset({{"odd"}}), extract=trouble, priority=300
    )
"""


@pytest.fixture
def session(facility, yesterday, write_image):
    """A session with one good image."""
    folder = facility.add_instrument("SEM")
    write_image(folder / "good.tif", yesterday + timedelta(minutes=5))
    facility.add_session("SEM", yesterday, yesterday + timedelta(hours=1), id="odd")
    return facility, folder, yesterday + timedelta(minutes=10)


@pytest.fixture
def with_trouble(session):
    """Return a function that installs a reader which makes trouble on `.odd` files."""
    facility, folder, moment = session

    def install(trouble: str, *names: str) -> None:
        profiles = facility.folder / "profiles"
        profiles.mkdir()
        text = LOCAL_PLUGIN.format(trouble=textwrap.indent(trouble, "    ").strip())
        (profiles / "trouble.py").write_text(text)
        facility.settings["NX_LOCAL_PROFILES_PATH"] = str(profiles)
        for name in names or ("some.odd",):
            odd = folder / name
            odd.write_bytes(b"odd")
            set_modified(odd, moment)

    return install


def read_record(facility):
    """Return the only record of an installation."""
    [path] = (facility.data_path / "records").rglob("*.xml")
    return from_xml(path.read_bytes())


def names(record):
    """Return the names of a record's datasets."""
    return sorted(
        dataset.name for activity in record.activities for dataset in activity.datasets
    )


def warnings_of(record, name):
    """Return what a record says went wrong with a file."""
    return [
        value.value
        for activity in record.activities
        for dataset in activity.datasets
        if dataset.name == name
        for value in dataset.metadata
        if value.name == "NexusLIMS Extraction – Extractor Warnings"
    ]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("cut.tif", "half"),
        ("noise.tif", "noise"),
        ("empty.tif", "empty"),
    ],
)
def test_a_damaged_file_is_in_the_record_with_a_warning(session, name, content):
    facility, folder, moment = session
    good = (folder / "good.tif").read_bytes()
    bad = folder / name
    bad.write_bytes(
        {
            "half": good[: len(good) // 3],
            "noise": b"II*\0" + b"\xff" * 99,
            "empty": b"",
        }[content]
    )
    set_modified(bad, moment)

    report = facility.build()

    assert report["sessions"][0]["status"] == "COMPLETED"
    record = read_record(facility)
    assert names(record) == sorted(["good.tif", name])
    assert warnings_of(record, name)
    assert any(name in one for one in report["sessions"][0]["warnings"])


@pytest.mark.skipif(
    not hasattr(os, "geteuid"), reason="this system has no users to switch to"
)
def test_an_unreadable_file_is_in_the_record_with_a_warning(session):
    facility, folder, moment = session
    locked = folder / "locked.tif"
    locked.write_bytes((folder / "good.tif").read_bytes())
    set_modified(locked, moment)
    locked.chmod(0)
    done = as_nobody(facility, ("run", "--json"))

    assert done.returncode == 0, done.stderr
    record = read_record(facility)
    assert names(record) == ["good.tif", "locked.tif"]
    [warning] = warnings_of(record, "locked.tif")
    assert "ermission" in warning


def as_nobody(facility, arguments):
    """Run the program as a user for whom file permissions count."""
    if os.geteuid() != 0:
        return facility.run(*arguments, expect=(0, 1, 2, 3, 4))
    script = textwrap.dedent("""
        import os, sys
        # Only file permissions matter here: without this right even root is refused.
        import ctypes
        PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 24, 1, 2
        libc = ctypes.CDLL(None, use_errno=True)
        for right in (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH):
            if libc.prctl(PR_CAPBSET_DROP, right, 0, 0, 0):
                sys.exit("cannot drop the right to ignore file permissions")
        os.execv(sys.argv[1], sys.argv[1:])
    """)
    return subprocess.run(
        [sys.executable, "-c", script, *facility.command(*arguments)],
        env=facility.environment,
        cwd=facility.folder,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_file_that_vanishes_before_it_is_read_is_named_in_the_report(
    session, with_trouble
):
    facility, *_ = session
    with_trouble("import os; os.unlink(file.path)")

    report = facility.build()

    [one] = report["sessions"]
    assert one["status"] == "COMPLETED"
    assert any("some.odd" in each and "vanished" in each for each in one["warnings"])
    assert names(read_record(facility)) == ["good.tif"]


def test_a_file_that_grows_keeps_its_session_for_the_next_run(session, with_trouble):
    facility, _, moment = session
    with_trouble(
        "if file.size == 3:\n"
        "    with file.path.open('ab') as stream:\n"
        "        stream.write(b'more')\n"
        f"    import os; os.utime(file.path, ({moment.timestamp()},) * 2)"
    )

    first = facility.build()
    assert [one["status"] for one in first["sessions"]] == ["TO_BE_BUILT"]
    assert any("some.odd" in each for each in first["sessions"][0]["warnings"])

    second = facility.build()
    assert [one["status"] for one in second["sessions"]] == ["COMPLETED"]
    assert names(read_record(facility)) == ["good.tif", "some.odd"]


def test_a_young_file_keeps_its_session_for_the_next_run(session):
    facility, *_ = session
    facility.settings["NX_FILE_SETTLE_SECONDS"] = "1000000"

    report = facility.build()

    [one] = report["sessions"]
    assert one["status"] == "TO_BE_BUILT"
    assert any("good.tif" in each for each in one["warnings"])
    facility.settings["NX_FILE_SETTLE_SECONDS"] = "0"
    assert facility.build()["sessions"][0]["status"] == "COMPLETED"


@pytest.mark.parametrize(
    ("trouble", "told"),
    [
        ("raise ExtractionError('page 3 is missing')", "page 3 is missing"),
        ("raise ZeroDivisionError('by a plugin')", "ZeroDivisionError"),
        ("import os; os.kill(os.getpid(), 11)", "worker"),
        ("import time; time.sleep(600)", "too long"),
        ("return None", "expected Extraction"),
    ],
)
def test_a_reader_that_fails_hangs_or_crashes_costs_no_session(
    session, with_trouble, trouble, told
):
    facility, *_ = session
    facility.settings["NX_FILE_TIMEOUT_SECONDS"] = "8"
    with_trouble(trouble)

    report = facility.build()

    assert report["sessions"][0]["status"] == "COMPLETED"
    record = read_record(facility)
    assert names(record) == ["good.tif", "some.odd"]
    assert any(told in one for one in warnings_of(record, "some.odd"))


TROUBLES = """
import ctypes, time
marks = file.path.parent.parent.parent / "marks"
marks.mkdir(exist_ok=True)
kind = file.path.stem.partition("-")[0]
tries = len(list(marks.glob(f"{file.path.stem}.*")))
(marks / f"{file.path.stem}.{tries}").touch()
if kind == "hangs":
    time.sleep(600)
if kind == "crashes" or (kind == "recovers" and tries == 0):
    ctypes.string_at(0)
if kind == "grows":
    bytearray(2_000_000_000)
"""


def tries_of(facility, stem):
    """Return how often a file was opened by the reader that makes trouble."""
    return len(list((facility.folder / "marks").glob(f"{stem}.*")))


@pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux limits memory of a process"
)
def test_files_that_hang_grow_and_crash_cost_themselves_alone(session, with_trouble):
    facility, *_ = session
    facility.settings["NX_FILE_TIMEOUT_SECONDS"] = "8"
    facility.settings["NX_FILE_MEMORY_MB"] = "400"
    facility.settings["NX_WORKERS"] = "2"
    bad = {
        "hangs.odd": "took too long and was stopped twice",
        "grows.odd": "MemoryError",
        "crashes.odd": "ended its worker process: it ended with SIGSEGV twice",
    }
    fine = [f"fine-{number}.odd" for number in range(8)]
    with_trouble(TROUBLES, *bad, *fine, "recovers.odd")

    report = facility.build()

    [one] = report["sessions"]
    assert one["status"] == "COMPLETED"
    record = read_record(facility)
    assert names(record) == sorted([*bad, *fine, "recovers.odd", "good.tif"])
    for name, told in bad.items():
        assert any(told in warning for warning in warnings_of(record, name)), name
        assert any(name in said and told in said for said in one["warnings"])
        assert tries_of(facility, name.removesuffix(".odd")) == 2
    for name in ("recovers.odd", "good.tif", *fine):
        assert warnings_of(record, name) == []
    assert tries_of(facility, "recovers") == 2
    assert len(one["warnings"]) == len(bad)
