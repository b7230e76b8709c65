"""Finding files of sessions in trees that look like real file stores, good and bad."""

from __future__ import annotations

import os
import socket
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from nexuslims_core.errors import ConfigurationError
from nexuslims_core.model.facility import Instrument, Session
from nexuslims_core.pipeline.scan import instrument_folder, scan

START = datetime(2026, 3, 2, 9, 0, 0, 123457, tzinfo=UTC)
END = START + timedelta(hours=4)
START_NS = 1_772_442_000_123_457_000
END_NS = START_NS + 4 * 3600 * 10**9
NOON_NS = START_NS + 3 * 3600 * 10**9

needs_posix = pytest.mark.skipif(os.name == "nt", reason="needs POSIX file names")
needs_bytes = pytest.mark.skipif(
    sys.platform != "linux", reason="the file system takes Unicode names only"
)


@pytest.fixture
def instrument():
    return Instrument(
        pid="TEM-1", display_name="TEM", location="", filestore_path="/Titan"
    )


@pytest.fixture
def store(tmp_path):
    folder = tmp_path / "Titan"
    folder.mkdir()
    return folder


@pytest.fixture(params=[None, 4], ids=["alone", "four threads"])
def threads(request):
    return request.param


@pytest.fixture
def look(tmp_path, instrument, threads):
    """Return a function that scans with defaults that find anything."""

    def look(*sessions, extensions=None, ignore=()):
        return scan(
            instrument,
            tmp_path,
            sessions or [session()],
            extensions=extensions,
            ignore=ignore,
            threads=threads,
        )

    return look


@pytest.fixture
def found(look, store):
    """Return a function that gives the paths found for one session, in order."""

    def found(**options):
        result = look(**options)
        assert result.problems == ()
        assert result.available
        return [
            file.path.relative_to(store).as_posix() for file in result.files["session"]
        ]

    return found


def session(identifier="session", start=START, end=END):
    instrument = Instrument(
        pid="TEM-1", display_name="TEM", location="", filestore_path="Titan"
    )
    return Session(identifier=identifier, instrument=instrument, start=start, end=end)


def put(path, mtime_ns=NOON_NS, content=b"x"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    os.utime(path, ns=(mtime_ns, mtime_ns))
    return path


def test_files_are_found_at_any_depth_with_what_the_file_system_knows(
    look, store, instrument
):
    path = put(store / "user" / "day 1" / "gold.dm3", content=b"12345")
    (file,) = look().files["session"]
    assert (file.path, file.size, file.mtime_ns) == (path, 5, NOON_NS)
    assert file.instrument is instrument


@pytest.mark.parametrize(
    ("mtime_ns", "inside"),
    [
        (START_NS, True),
        (START_NS - 1_000, False),
        (END_NS, True),
        (END_NS + 1_000, False),
    ],
)
def test_a_session_includes_its_first_and_last_moment_to_full_precision(
    found, store, mtime_ns, inside
):
    put(store / "edge.dm3", mtime_ns)
    assert found() == (["edge.dm3"] if inside else [])


def test_files_come_in_order_of_time_then_path(found, store):
    put(store / "a-late.tif", NOON_NS + 10)
    put(store / "z-early.tif", NOON_NS)
    put(store / "c" / "same.tif", NOON_NS + 5)
    put(store / "b" / "same.tif", NOON_NS + 5)
    assert found() == ["z-early.tif", "b/same.tif", "c/same.tif", "a-late.tif"]


def test_extensions_are_matched_in_any_case(found, store):
    put(store / "A.DM3")
    put(store / "b.Tif")
    put(store / "c.txt")
    put(store / "dm3")
    assert found(extensions=frozenset({"dm3", "tif"})) == ["A.DM3", "b.Tif"]


def test_without_extensions_every_file_counts_even_hidden_ones(found, store):
    put(store / ".hidden")
    put(store / "no extension")
    put(store / ".folder" / "in.xyz")
    assert found() == [".folder/in.xyz", ".hidden", "no extension"]


def test_many_folders_are_walked_to_the_last(found, store):
    names = sorted(
        f"{user:02}/{day:02}/a.tif" for user in range(20) for day in range(9)
    )
    for name in names:
        put(store / name)
    assert found() == names


def test_ignored_names_are_left_out_in_any_case(found, store):
    put(store / "scan.MIB")
    put(store / "Thumbs.db")
    put(store / "kept.mib.txt")
    put(store / "folder.mib" / "kept.txt")
    assert found(ignore=["*.mib", "thumbs.*"]) == [
        "folder.mib/kept.txt",
        "kept.mib.txt",
    ]


def test_overlapping_sessions_each_get_a_file_of_their_common_time(look, store):
    put(store / "morning.tif", NOON_NS - 10**9)
    put(store / "both.tif", NOON_NS)
    put(store / "afternoon.tif", END_NS + 10**9)
    second = session("second", START + timedelta(hours=3), END + timedelta(hours=1))
    files = look(session("first"), second).files
    assert [file.path.name for file in files["first"]] == ["morning.tif", "both.tif"]
    assert [file.path.name for file in files["second"]] == [
        "both.tif",
        "afternoon.tif",
    ]


def test_files_between_sessions_belong_to_none(look, store):
    put(store / "between.tif", END_NS + 3600 * 10**9)
    later = session("later", START + timedelta(days=1), END + timedelta(days=1))
    assert look(session(), later).files == {"session": (), "later": ()}


def test_a_long_session_that_began_first_reaches_past_a_short_one(look, store):
    put(store / "late.tif", END_NS - 1)
    short = session("short", START + timedelta(minutes=1), START + timedelta(minutes=2))
    files = look(session("long"), short).files
    assert [file.path.name for file in files["long"]] == ["late.tif"]
    assert files["short"] == ()


def test_an_empty_folder_is_available_and_without_files(look, store):
    result = look()
    assert result.available
    assert result.files == {"session": ()}
    assert result.problems == ()


def test_a_missing_folder_is_not_the_same_as_no_files(look, tmp_path):
    result = look()
    assert not result.available
    assert result.files == {"session": ()}
    (problem,) = result.problems
    assert str(tmp_path / "Titan") in problem
    assert "TEM-1" in problem
    assert "mounted" in problem


def test_a_file_in_place_of_the_folder_is_reported(look, tmp_path):
    put(tmp_path / "Titan")
    result = look()
    assert not result.available
    assert "Titan" in result.problems[0]


def test_without_sessions_nothing_is_looked_at(tmp_path, instrument):
    result = scan(instrument, tmp_path / "no", [], extensions=None, ignore=())
    assert result.available
    assert result.files == {}


@pytest.mark.parametrize("filestore_path", ["Titan", "/Titan", "//Titan/"])
def test_leading_slashes_of_a_store_path_do_not_matter(
    tmp_path, instrument, filestore_path
):
    one = replace(instrument, filestore_path=filestore_path)
    assert instrument_folder(one, tmp_path) == tmp_path / "Titan"


@pytest.mark.parametrize("filestore_path", ["../other", "/Titan/../../etc"])
def test_a_store_path_that_leads_out_of_the_root_is_refused(
    tmp_path, instrument, filestore_path
):
    one = replace(instrument, filestore_path=filestore_path)
    with pytest.raises(ConfigurationError, match="TEM-1"):
        instrument_folder(one, tmp_path)
    result = scan(one, tmp_path, [session()], extensions=None, ignore=())
    assert not result.available
    assert "filestore_path" in result.problems[0]


@needs_posix
class TestLinks:
    def test_linked_folders_are_followed_alongside_real_ones(
        self, found, store, tmp_path
    ):
        put(store / "real" / "a.tif")
        put(tmp_path / "elsewhere" / "deep" / "b.tif")
        (store / "link").symlink_to(tmp_path / "elsewhere")
        assert found() == ["link/deep/b.tif", "real/a.tif"]

    def test_the_store_itself_may_be_a_link(self, look, tmp_path):
        put(tmp_path / "mount" / "a.tif")
        (tmp_path / "Titan").symlink_to(tmp_path / "mount")
        (file,) = look().files["session"]
        assert file.path == tmp_path / "Titan" / "a.tif"

    def test_a_linked_file_is_found(self, found, store, tmp_path):
        put(tmp_path / "elsewhere.tif")
        (store / "link.tif").symlink_to(tmp_path / "elsewhere.tif")
        assert found(extensions=frozenset({"tif"})) == ["link.tif"]

    def test_what_can_be_reached_twice_is_listed_by_its_real_path(self, found, store):
        put(store / "z" / "a.tif")
        (store / "a-folder").symlink_to(store / "z")
        (store / "a-file.tif").symlink_to(store / "z" / "a.tif")
        assert found() == ["z/a.tif"]

    def test_of_two_links_to_one_folder_the_first_by_name_is_taken(
        self, found, store, tmp_path
    ):
        put(tmp_path / "elsewhere" / "a.tif")
        (store / "two").symlink_to(tmp_path / "elsewhere")
        (store / "one").symlink_to(tmp_path / "elsewhere")
        assert found() == ["one/a.tif"]

    def test_of_two_names_behind_a_link_the_first_by_path_is_taken(
        self, found, store, tmp_path
    ):
        put(tmp_path / "elsewhere" / "b" / "z.tif")
        (tmp_path / "elsewhere" / "a").mkdir()
        (tmp_path / "elsewhere" / "a" / "z.tif").hardlink_to(
            tmp_path / "elsewhere" / "b" / "z.tif"
        )
        (store / "link").symlink_to(tmp_path / "elsewhere")
        assert found() == ["link/a/z.tif"]

    def test_links_in_circles_end(self, found, store):
        put(store / "deep" / "a.tif")
        (store / "deep" / "up").symlink_to(store)
        (store / "deep" / "self").symlink_to(store / "deep")
        assert found() == ["deep/a.tif"]

    def test_links_to_each_other_are_reported_not_followed(self, look, store):
        put(store / "a.tif")
        (store / "x.tif").symlink_to(store / "y.tif")
        (store / "y.tif").symlink_to(store / "x.tif")
        result = look()
        assert [file.path.name for file in result.files["session"]] == ["a.tif"]
        assert len(result.problems) == 2

    def test_a_link_that_leads_nowhere_is_reported(self, look, store):
        (store / "gone.tif").symlink_to(store / "nowhere")
        result = look()
        assert result.available
        assert "gone.tif" in result.problems[0]

    def test_a_broken_link_of_no_interest_is_not_worth_a_word(self, found, store):
        (store / "gone.lock").symlink_to(store / "nowhere")
        assert found(extensions=frozenset({"tif"})) == []

    def test_two_real_names_of_one_file_are_two_files(self, found, store):
        put(store / "a.tif")
        (store / "b.tif").hardlink_to(store / "a.tif")
        assert found() == ["a.tif", "b.tif"]

    def test_only_regular_files_count(self, found, store, monkeypatch):
        os.mkfifo(store / "pipe.tif")
        os.utime(store / "pipe.tif", ns=(NOON_NS, NOON_NS))
        monkeypatch.chdir(store)  # socket paths are short
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind("socket.tif")
            os.utime("socket.tif", ns=(NOON_NS, NOON_NS))
            assert found() == []


@needs_bytes
def test_names_of_undecodable_bytes_are_found(look, store):
    raw = os.fsencode(store) + b"/\xff\xe9.tif"
    put(Path(os.fsdecode(raw)))
    (file,) = look(extensions=frozenset({"tif"})).files["session"]
    assert os.fsencode(file.path) == raw


@needs_bytes
def test_problems_with_undecodable_names_can_be_printed(look, store):
    Path(os.fsdecode(os.fsencode(store) + b"/\xff.tif")).symlink_to("nowhere")
    (problem,) = look().problems
    assert "\\udcff.tif" in problem
    problem.encode()


@pytest.fixture
def unreadable(store):
    folder = store / "locked"
    put(folder / "secret.tif")
    folder.chmod(0)
    if os.access(folder, os.R_OK):
        folder.chmod(0o755)
        pytest.skip("this user may read everything")
    yield folder
    folder.chmod(0o755)


def test_an_unreadable_folder_is_reported_and_the_rest_is_found(
    look, store, unreadable
):
    put(store / "open" / "a.tif")
    result = look()
    assert result.available
    assert [file.path.name for file in result.files["session"]] == ["a.tif"]
    (problem,) = result.problems
    assert "locked" in problem


@pytest.fixture
def bottomless(store, monkeypatch):
    """Make folders so deep that only relative paths reach the last of them."""
    monkeypatch.chdir(store)
    for _ in range(25):
        Path("d" * 200).mkdir()
        os.chdir("d" * 200)
    yield
    for _ in range(25):
        os.chdir("..")
        Path("d" * 200).rmdir()


@needs_posix
def test_a_folder_that_cannot_be_listed_is_reported_and_the_rest_is_found(
    look, store, bottomless
):
    put(store / "a.tif")
    result = look()
    assert [file.path.name for file in result.files["session"]] == ["a.tif"]
    assert len(result.problems) == 1
    assert "too long" in result.problems[0]


def test_the_tree_is_left_as_it_was(look, store):
    put(store / "user" / "a.tif")
    before = [
        (path, path.stat().st_mtime_ns, path.stat().st_atime_ns)
        for path in sorted(store.rglob("*.tif"))
    ]
    look()
    assert before == [
        (path, path.stat().st_mtime_ns, path.stat().st_atime_ns)
        for path in sorted(store.rglob("*.tif"))
    ]
