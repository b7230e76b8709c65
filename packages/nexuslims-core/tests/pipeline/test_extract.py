"""Files of a session go to workers; one that a worker does not survive costs itself."""

from __future__ import annotations

import re
from concurrent.futures import BrokenExecutor, Future, ThreadPoolExecutor

import pytest
from nexuslims_core.builtin.executors import InlineExecutor, ProcessExecutor
from nexuslims_core.builtin.samples import (
    write_micrograph_png,
    write_particles_tiff,
    write_text_log,
)
from nexuslims_core.errors import WorkerError
from nexuslims_core.extraction import manager_from
from nexuslims_core.manager import PluginManager
from nexuslims_core.pipeline.extract import NoWorkersError, extracting
from nexuslims_core.pipeline.progress import Silent
from nexuslims_core.pipeline.worker import NotStoredError
from nexuslims_core.types import DataFile, Site

WRITERS = {
    "png": write_micrograph_png,
    "tif": write_particles_tiff,
    "txt": write_text_log,
}
DATE = re.compile(rb'"Date": "[^"]*"')
"""When a file was read, which is all that may differ."""


class Troubled(InlineExecutor):
    """Works in this process, and fails on the files that it is told to fail on."""

    def __init__(self, troubles):
        self.troubles = {name: list(errors) for name, errors in troubles.items()}
        self.jobs = []

    def submit(self, fn, /, job):
        self.jobs.append(job)
        errors = self.troubles.get(job.file.path.name)
        if not errors:
            return super().submit(fn, job)
        future = Future()
        future.set_exception(errors.pop(0))
        return future

    @property
    def tried(self):
        """Names of the files, in the order in which they were tried."""
        return [job.file.path.name for job in self.jobs]


@pytest.fixture(scope="module")
def material(tmp_path_factory):
    """A folder of files that need no plugin."""
    root = tmp_path_factory.mktemp("instruments")
    for folder in ("SEM", "TEM"):
        (root / folder).mkdir()
        for number in range(4):
            for extension, write in WRITERS.items():
                write(root / folder / f"{number}.{extension}")
    return root


@pytest.fixture(scope="module")
def workers():
    with ProcessExecutor(workers=2, timeout=300.0) as pool:
        yield pool


@pytest.fixture
def extract(material, tmp_path):
    """Return a function that extracts the files of an instrument."""
    recipe = PluginManager.discover(plugins_enabled=False).recipe

    def run(pool, folder="SEM", data=None):
        data = data or tmp_path / "data"
        site = Site(
            instrument_data_path=material,
            data_path=data,
            records_path=data / "records",
        )
        files = [DataFile.at(path) for path in sorted((material / folder).iterdir())]
        with extracting(
            files,
            pool,
            site=site,
            manager=manager_from(recipe),
            progress=Silent(),
            heartbeat=lambda: None,
        ) as extracted:
            return extracted()

    return run


def stored(folder):
    """Return all that was stored, by path, but for the time of reading."""
    return {
        str(path.relative_to(folder)): DATE.sub(b"", path.read_bytes())
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.mark.parametrize("workers", [1, 2, 4])
def test_the_same_is_stored_whatever_the_number_of_workers(extract, tmp_path, workers):
    alone = extract(InlineExecutor(), data=tmp_path / "alone")

    with ProcessExecutor(workers=workers, timeout=300.0) as pool:
        found = extract(pool, data=tmp_path / "several")

    assert stored(tmp_path / "several") == stored(tmp_path / "alone")
    assert list(found) == list(alone)
    assert {one.state for one in found.values()} == {"read"}
    assert len(stored(tmp_path / "several")) == 2 * len(found)


def test_threads_extract_sessions_over_one_pool(extract, tmp_path, workers):
    expected = {folder: extract(InlineExecutor(), folder) for folder in ("SEM", "TEM")}

    with ThreadPoolExecutor(2) as threads:
        found = {
            folder: threads.submit(extract, workers, folder, tmp_path / "shared")
            for folder in expected
        }

    for folder, outcomes in expected.items():
        assert list(found[folder].result()) == list(outcomes)
        assert {one.state for one in found[folder].result().values()} == {"read"}
    assert stored(tmp_path / "shared") == stored(tmp_path / "data")


def test_nothing_is_submitted_of_what_is_stored_already(extract):
    first = extract(InlineExecutor())
    pool = Troubled({})

    again = extract(pool)

    assert pool.jobs == []
    assert {one.state for one in again.values()} == {"reused"}
    assert [one.entries for one in again.values()] == [
        one.entries for one in first.values()
    ]


def test_a_file_that_failed_is_tried_again_after_all_others(extract):
    pool = Troubled({"0.png": [WorkerError("ended")], "1.tif": [TimeoutError()]})

    found = extract(pool)

    assert pool.tried[-2:] == ["0.png", "1.tif"]
    assert len(pool.tried) == len(found) + 2
    assert {one.state for one in found.values()} == {"read"}
    assert not any(one.warnings for one in found.values())
    assert [job.last for job in pool.jobs] == [False] * len(found) + [True] * 2


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (WorkerError("ended with SIGSEGV"), "it ended with SIGSEGV twice"),
        (TimeoutError(), "took too long and was stopped twice"),
        (MemoryError(), "needed more memory than one file may take twice"),
        (KeyError("x"), "failed in its worker process: KeyError: 'x' twice"),
    ],
)
def test_a_file_that_fails_twice_is_described_by_the_fallback(extract, error, told):
    pool = Troubled({"0.tif": [error, error]})

    found = extract(pool)

    [bad] = [one for path, one in found.items() if path.name == "0.tif"]
    assert bad.state == "read"
    assert any(told in warning for warning in bad.warnings)
    assert len(pool.tried) == len(found) + 2
    assert not any(one.warnings for one in found.values() if one is not bad)
    # It is read again when there is another occasion.
    assert extract(Troubled({}))[bad.file.path].warnings == ()


def test_a_file_that_not_even_the_fallback_survives_is_named(extract):
    pool = Troubled({"0.tif": [WorkerError("ended")] * 3})

    found = extract(pool)

    [bad] = [one for path, one in found.items() if path.name == "0.tif"]
    assert bad.state == "unreadable"
    assert "twice" in bad.warnings[0]
    assert "the fallback ended its worker process" in bad.warnings[0]


@pytest.mark.parametrize(
    ("error", "raised"),
    [
        (NotStoredError("disk full"), NotStoredError),
        (BrokenExecutor("no process"), NoWorkersError),
    ],
)
def test_what_is_no_fault_of_a_file_is_raised(extract, error, raised):
    pool = Troubled({"2.png": [error]})

    with pytest.raises(raised, match=str(error)):
        extract(pool)
