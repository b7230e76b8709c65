"""An index of the tree makes walks faster and never different, but for what it says."""

from __future__ import annotations

import os
import sqlite3
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from nexuslims_core.model.facility import Instrument, Session
from nexuslims_core.pipeline import listing
from nexuslims_core.pipeline.scan import scan
from nexuslims_core.pipeline.scan_index import index_rules

OLD_NS = 1_772_442_000 * 10**9
START = datetime.fromtimestamp(OLD_NS / 1e9, UTC) - timedelta(hours=1)
INSTRUMENT = Instrument(
    pid="TEM-1", display_name="TEM", location="", filestore_path="Titan"
)
DELAY = 2.0
AT_REST = timedelta(days=DELAY + 1, hours=1)
"""After how long what was just made is at rest."""

pytestmark = pytest.mark.skipif(
    os.name == "nt", reason="stat sees creation, not change"
)


def session(start=START, hours=2.0, identifier="session"):
    end = start + timedelta(hours=hours)
    return Session(identifier=identifier, instrument=INSTRUMENT, start=start, end=end)


class Store:
    """A file store, and the scans of it."""

    def __init__(self, root):
        self.root = root
        self.folder = root / "Titan"
        self.folder.mkdir()
        self.index = root / "data" / "scan-index"
        self.index.parent.mkdir()
        self.now = datetime.now(UTC)

    def put(self, name, mtime_ns=OLD_NS, content=b"x"):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        os.utime(path, ns=(mtime_ns, mtime_ns))
        return path

    def scan(self, *sessions, after=AT_REST, days=1.0, ignore=(), threads=None):
        """Scan as if a time had gone by since the store was made."""
        rules = index_rules(
            self.index, complete_days=days, delay_days=DELAY, now=self.now + after
        )
        return scan(
            INSTRUMENT,
            self.root,
            sessions or [session()],
            extensions=None,
            ignore=ignore,
            index=rules,
            threads=threads,
        )

    def names(self, *sessions, **options):
        result = self.scan(*sessions, **options)
        assert result.problems == ()
        files = result.files["session"]
        return [one.path.relative_to(self.folder).as_posix() for one in files]

    @property
    def file(self):
        (path,) = self.index.glob("*.sqlite")
        return path


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path)


@pytest.fixture
def listed(monkeypatch):
    """Return the names of the folders that are listed from now on."""
    names = []
    entries = listing._entries

    def noted(folder):
        names.append(Path(folder).name)
        return entries(folder)

    monkeypatch.setattr(listing, "_entries", noted)
    return names


@pytest.mark.parametrize("threads", [None, 4])
def test_folders_at_rest_are_listed_once(store, listed, threads):
    names = [f"{user:02}/{day}/a.tif" for user in range(12) for day in range(3)]
    for name in names:
        store.put(name)
    assert store.names(threads=threads) == names
    assert len(listed) == 1 + 12 + 36
    listed.clear()
    assert store.names(threads=threads) == names
    assert listed == []


def test_a_file_is_told_of_as_it_is_now(store):
    path = store.put("day/a.tif")
    store.scan()
    with path.open("ab") as stream:
        stream.write(b"more")
    os.utime(path, ns=(OLD_NS + 5, OLD_NS + 5))
    (file,) = store.scan().files["session"]
    assert (file.size, file.mtime_ns) == (5, OLD_NS + 5)


def test_other_sessions_are_answered_from_the_same_index(store, listed):
    store.put("day/a.tif")
    store.put("day/b.tif", OLD_NS + 86_400 * 10**9)
    assert store.names() == ["day/a.tif"]
    listed.clear()
    assert store.names(session(START + timedelta(days=1))) == ["day/b.tif"]
    assert store.names(session(START + timedelta(days=2))) == []
    assert listed == []


def test_a_late_file_is_found_at_once(store, listed):
    store.put("day 1/a.tif")
    store.put("day 2/b.tif")
    store.scan()
    listed.clear()
    store.put("day 2/late.tif")
    assert store.names() == ["day 1/a.tif", "day 2/b.tif", "day 2/late.tif"]
    assert listed == ["day 2"]


def test_a_late_file_is_found_in_a_folder_whose_time_was_put_back(store):
    store.put("day/a.tif")
    before = (store.folder / "day").stat().st_mtime_ns
    store.scan()
    store.put("day/late.tif")
    os.utime(store.folder / "day", ns=(before, before))
    assert store.names() == ["day/a.tif", "day/late.tif"]


def test_a_new_folder_is_found_at_once(store):
    store.put("day/a.tif")
    store.scan()
    store.put("day/deep/deeper/b.tif")
    assert store.names() == ["day/a.tif", "day/deep/deeper/b.tif"]


def test_what_is_gone_is_not_told_of(store):
    store.put("day/a.tif")
    store.put("day/b.tif")
    store.put("other/c.tif")
    store.scan()
    (store.folder / "day" / "a.tif").unlink()
    (store.folder / "other" / "c.tif").unlink()
    (store.folder / "other").rmdir()
    assert store.names() == ["day/b.tif"]


def test_a_renamed_folder_is_found_under_its_new_name(store):
    store.put("day/a.tif")
    store.scan()
    (store.folder / "day").rename(store.folder / "night")
    assert store.names() == ["night/a.tif"]


def test_a_file_that_still_grows_is_looked_at_every_time(store, listed):
    recent_ns = int(store.now.timestamp() - 3600) * 10**9
    path = store.put("day/a.tif", recent_ns)
    during = session(store.now - timedelta(hours=2), hours=1.5)
    after = session(store.now - timedelta(minutes=10), hours=1)
    assert store.names(during, after=timedelta()) == ["day/a.tif"]
    path.write_bytes(b"grown")
    (file,) = store.scan(after, after=timedelta()).files["session"]
    assert file.size == 5
    assert store.names(during, after=timedelta()) == []
    assert listed.count("day") == 3


@pytest.mark.parametrize(
    ("after", "found"),
    [
        (timedelta(hours=11), []),
        (timedelta(hours=13), ["day/a.tif"]),
    ],
)
def test_an_old_file_written_to_in_place_is_found_by_the_next_complete_walk(
    store, after, found
):
    path = store.put("day/a.tif")
    other = session(START + timedelta(days=5))
    store.scan(other, days=0.5)
    new_ns = OLD_NS + 5 * 86_400 * 10**9
    os.utime(path, ns=(new_ns, new_ns))
    assert store.names(other, after=AT_REST + after, days=0.5) == found


def test_a_complete_walk_comes_twice_while_files_are_waited_for():
    now = datetime.now(UTC)
    rules = index_rules(Path(), complete_days=7, delay_days=DELAY, now=now)
    assert rules.complete_ns == 86_400 * 10**9


def test_a_clock_that_was_set_back_makes_the_walk_complete(store, listed):
    store.put("day/a.tif")
    store.scan()
    listed.clear()
    assert store.names(after=AT_REST - timedelta(minutes=30)) == ["day/a.tif"]
    assert listed == ["Titan", "day"]


def test_other_patterns_begin_a_new_index(store):
    store.put("day/a.tif")
    store.put("day/a.mib")
    assert store.names(ignore=["*.mib"]) == ["day/a.tif"]
    assert store.names() == ["day/a.mib", "day/a.tif"]
    assert store.names(ignore=["*.tif"]) == ["day/a.mib"]


def test_links_are_followed_as_without_an_index(store, tmp_path, listed):
    store.put("real/a.tif")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "b.tif").write_bytes(b"x")
    os.utime(elsewhere / "b.tif", ns=(OLD_NS, OLD_NS))
    (store.folder / "link").symlink_to(elsewhere)
    (store.folder / "a-file.tif").symlink_to(store.folder / "real" / "a.tif")
    (store.folder / "loop").symlink_to(store.folder)
    for _ in range(2):
        assert store.names() == ["link/b.tif", "real/a.tif"]
    assert len(listed) == 3
    (elsewhere / "c.tif").write_bytes(b"x")
    os.utime(elsewhere / "c.tif", ns=(OLD_NS, OLD_NS))
    assert store.names() == ["link/b.tif", "link/c.tif", "real/a.tif"]


def test_a_broken_link_is_reported_every_time(store):
    (store.folder / "gone.tif").symlink_to(store.folder / "nowhere")
    for _ in range(2):
        (problem,) = store.scan().problems
        assert "gone.tif" in problem


@pytest.mark.skipif(sys.platform != "linux", reason="Unicode names only")
def test_names_of_undecodable_bytes_are_remembered(store, listed):
    folder = Path(os.fsdecode(os.fsencode(store.folder) + b"/\xff"))
    store.put(folder / os.fsdecode(b"\xe9.tif"))
    first = store.scan().files
    listed.clear()
    assert store.scan().files == first
    assert len(first["session"]) == 1
    assert listed == []


class TestDamage:
    @pytest.fixture
    def store(self, store):
        for day in range(300):
            store.put(f"day {day:03}/a.tif")
        store.scan()
        return store

    def check(self, store, caplog, listed, warning="damaged"):
        expected = [f"day {day:03}/a.tif" for day in range(300)]
        assert store.names() == expected
        assert [one.levelname for one in caplog.records] == ["WARNING"]
        assert warning in caplog.text
        caplog.clear()
        store.scan()
        listed.clear()
        assert store.names() == expected
        assert caplog.text == ""
        assert listed == []

    def test_no_database_at_all_is_replaced(self, store, caplog, listed):
        store.file.write_bytes(b"no database" * 1000)
        self.check(store, caplog, listed)

    def test_a_torn_file_is_replaced(self, store, caplog, listed):
        os.truncate(store.file, store.file.stat().st_size // 3)
        self.check(store, caplog, listed)

    def test_other_tables_are_replaced(self, store, caplog, listed):
        with closing(sqlite3.connect(store.file)) as database, database:
            database.execute("DROP TABLE folder")
            database.execute("CREATE TABLE folder (path BLOB)")
        self.check(store, caplog, listed)

    @pytest.mark.parametrize("column", ["head", "times"])
    def test_an_entry_that_is_not_what_was_written_is_not_believed(
        self, store, caplog, listed, column
    ):
        with closing(sqlite3.connect(store.file)) as database, database:
            query = f"SELECT rowid, {column} FROM folder WHERE path = ?"
            key = os.fsencode(store.folder / "day 200")
            row, blob = database.execute(query, (key,)).fetchone()
            blob = blob.replace(b"a.tif", b"b.tif").replace(b"[", b"[1,")
            database.execute(f"UPDATE folder SET {column}=? WHERE rowid=?", (blob, row))
        self.check(store, caplog, listed)

    def test_an_index_that_was_deleted_is_made_anew_without_a_word(
        self, store, caplog, listed
    ):
        store.file.unlink()
        store.scan()
        listed.clear()
        store.scan()
        assert listed == []
        assert caplog.text == ""


def test_an_index_in_use_is_done_without(store, caplog, listed):
    store.put("day/a.tif")
    store.scan()
    listed.clear()
    with closing(sqlite3.connect(store.file, isolation_level=None)) as database:
        database.execute("BEGIN EXCLUSIVE")
        assert store.names() == ["day/a.tif"]
    assert "cannot be used" in caplog.text
    assert listed == ["Titan", "day"]
    listed.clear()
    assert store.names() == ["day/a.tif"]
    assert listed == []


def test_a_folder_that_cannot_be_written_to_costs_the_index_alone(store, caplog):
    store.put("day/a.tif")
    store.index.write_bytes(b"in the way")
    assert store.names() == ["day/a.tif"]
    assert "cannot be used" in caplog.text


def test_a_walk_that_fails_leaves_what_it_saw_and_is_not_taken_for_complete(
    store, listed, monkeypatch
):
    store.put("day/a.tif")
    store.scan(after=AT_REST)
    later = {"after": AT_REST + timedelta(days=2)}
    with monkeypatch.context() as patch:
        patch.setattr(listing, "_entries", interrupted)
        with pytest.raises(KeyboardInterrupt):
            store.scan(**later)
    listed.clear()
    assert store.names(**later) == ["day/a.tif"]
    assert listed == ["Titan", "day"]


def interrupted(_folder):
    raise KeyboardInterrupt


@pytest.mark.parametrize(("setting", "kept"), [("true", True), ("false", False)])
def test_runs_remember_folders_if_the_setting_says_so(lab, setting, kept):
    lab.settings["NX_SCAN_INDEX"] = setting
    lab.log()
    lab.write()
    lab.run()
    assert (lab.data / "scan-index").exists() is kept


def test_runs_with_an_index_find_late_files(lab, listed):
    lab.settings["NX_SCAN_INDEX"] = "true"
    lab.clock.now = datetime.now(UTC) + AT_REST

    lab.start, lab.end = (lab.clock.now - timedelta(hours=h) for h in (6, 4))
    lab.write("old.acm", minutes=-30 * 24 * 60)
    lab.log()
    assert lab.run().sessions[0].status == "TO_BE_BUILT"
    listed.clear()
    lab.run()
    assert listed == []
    lab.write("late.acm")
    assert lab.run().sessions[0].files == 1
