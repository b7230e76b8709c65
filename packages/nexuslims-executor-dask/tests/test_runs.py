"""Whole runs of `nexuslims` with a cluster: what it is for, and what may go wrong."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import textwrap
from datetime import UTC, datetime, timedelta

import pytest
from nexuslims_core.builtin.samples import write_micrograph_png, write_particles_tiff
from nexuslims_core.record import from_xml
from nexuslims_testing.facility import Facility, set_modified

pytestmark = pytest.mark.slow

START = datetime.now(tz=UTC).replace(minute=0, second=0, microsecond=0) - timedelta(
    hours=26
)

PLUGIN = """
import os
import time
from pathlib import Path

from nexuslims_core import hookimpl
from nexuslims_core.types import Dataset, Extraction, Extractor

SCRATCH = Path(__file__).parent / "scratch"


def hold(file):
    (SCRATCH / f"{{file.path.name}}-{{os.getpid()}}.held").touch()
    while not (SCRATCH / "go").exists():
        time.sleep(0.02)


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


class Installation:
    """An installation with one session of files that a plugin of its own reads too."""

    def __init__(self, folder, trouble, files):
        self.facility = Facility.at(folder)
        self.facility.settings["NX_FILE_STRATEGY"] = "inclusive"
        plugins = folder / "profiles"
        self.scratch = plugins / "scratch"
        self.scratch.mkdir(parents=True)
        text = PLUGIN.format(trouble=textwrap.indent(trouble, "    ").strip())
        (plugins / "trouble.py").write_text(text)
        self.facility.settings["NX_LOCAL_PROFILES_PATH"] = str(plugins)
        self._fill(self.facility.add_instrument("SEM"), files)
        self.facility.add_session("SEM", START, START + timedelta(hours=1), id="one")

    @staticmethod
    def _fill(folder, files):
        for number in range(files):
            write_micrograph_png(folder / f"{number}-a.png")
            write_particles_tiff(folder / f"{number}-b.tif")
            (folder / f"{number}-c.odd").write_bytes(b"odd")
        for number, path in enumerate(sorted(folder.iterdir())):
            set_modified(path, START + timedelta(minutes=1 + number))

    def release(self):
        (self.scratch / "go").touch()

    def held(self):
        return sorted(path.name for path in self.scratch.glob("*.held"))

    def start(self):
        """Start a run and leave it alone."""
        return subprocess.Popen(
            self.facility.command("run", "--json"),
            env=self.facility.environment,
            cwd=self.facility.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def written(self):
        """Return all that a run wrote, by path; the time of reading apart."""
        root = self.facility.data_path
        paths = [*root.rglob("*.xml"), *root.rglob("*.json"), *root.rglob("*.png")]
        return {
            path.relative_to(root).as_posix(): timeless(path.read_bytes())
            for path in paths
        }

    def record(self):
        [path] = (self.facility.data_path / "records").rglob("*.xml")
        return from_xml(path.read_bytes())

    def warnings_of(self, name):
        return [
            value.value
            for activity in self.record().activities
            for dataset in activity.datasets
            if dataset.name == name
            for value in dataset.metadata
            if value.name == "NexusLIMS Extraction – Extractor Warnings"
        ]


def timeless(content):
    """Return a file's bytes without the moment at which a data file was read."""
    today = datetime.now(tz=UTC).astimezone(START.tzinfo)
    days = {f"{today + timedelta(days=day):%Y-%m-%d}" for day in (-1, 0, 1)}
    moment = "|".join(sorted(days))
    return re.sub(rf"(?:{moment})T[0-9:.]+[-+][0-9:]+".encode(), b"NOW", content)


@pytest.fixture
def install(tmp_path):
    """Return a function that makes an installation, all with equal files."""

    def make(name, *, trouble="hold(file)", files=3, cluster=None, **settings):
        made = Installation(tmp_path / name, trouble, files)
        made.facility.settings.update(settings)
        if cluster is not None:
            made.facility.settings.update(cluster.settings)
        return made

    return make


@pytest.fixture
def two_workers(make_cluster):
    cluster = make_cluster()
    cluster.add_worker("first", "--nthreads=1")
    cluster.add_worker("second", "--nthreads=1")
    return cluster


def test_a_worker_that_is_killed_changes_no_byte(two_workers, install, until, are_gone):
    here = install("here")
    here.release()
    assert here.facility.build()["sessions"][0]["status"] == "COMPLETED"

    there = install("there", cluster=two_workers)
    run = there.start()
    until(lambda: len(there.held()) >= 2 or run.poll() is not None)
    left = two_workers.kill("first")
    assert left, "the worker had nothing to do"
    until(lambda: are_gone(left), "its processes stay")
    there.release()
    report, errors = run.communicate()

    assert run.returncode == 0, errors
    [session] = json.loads(report)["sessions"]
    assert session["status"] == "COMPLETED"
    assert "vanished" not in report
    assert len(there.written()) > 9
    assert there.written() == here.written()


@pytest.mark.parametrize(
    ("trouble", "told"),
    [
        ("os.kill(os.getpid(), 11)", "ended its worker process"),
        ("time.sleep(600)", "too long"),
        ("raise ZeroDivisionError('by a plugin')", "ZeroDivisionError"),
        ("os._exit(0)", "ended its worker process"),
    ],
)
def test_a_reader_that_hangs_or_crashes_costs_one_file(cluster, install, trouble, told):
    made = install(
        "there", trouble=trouble, files=1, cluster=cluster, NX_FILE_TIMEOUT_SECONDS="30"
    )

    report = made.facility.build()

    assert report["sessions"][0]["status"] == "COMPLETED"
    [warning] = made.warnings_of("0-c.odd")
    assert told in warning
    assert made.warnings_of("0-a.png") == []
    assert cluster.processes["first"].poll() is None


def test_a_cancelled_run_leaves_the_cluster_as_it_was(cluster, install, until):
    made = install("there", cluster=cluster)
    run = made.start()
    until(lambda: made.held() or run.poll() is not None)

    run.send_signal(signal.SIGINT)
    run.communicate()

    assert run.returncode != 0
    # A nanny and a worker, and the tracker that the standard library adds.
    until(
        lambda: (
            not any(
                "warden" in " ".join(one.cmdline())
                for one in cluster.processes_of("first")
            )
        ),
        "the worker goes on with what nobody waits for",
    )
    assert list(made.facility.data_path.glob(".dask-*")) == []
    made.release()
    assert made.facility.build()["sessions"][0]["status"] == "COMPLETED"


def test_a_run_that_is_killed_is_followed_by_one_that_completes(
    cluster, install, until
):
    made = install("there", cluster=cluster)
    run = made.start()
    until(lambda: made.held() or run.poll() is not None)
    os.kill(run.pid, signal.SIGKILL)
    run.communicate()
    made.release()

    assert made.facility.build()["sessions"][0]["status"] == "COMPLETED"


def test_a_worker_that_does_not_see_the_files_does_not_make_them_vanish(
    cluster, install
):
    # The plugin hides the file from whoever is a worker's process, as an unmounted
    # share would.
    made = install(
        "there",
        files=1,
        cluster=cluster,
        trouble="""
import nexuslims_core.pipeline.worker as worker
worker.DataFile = type("Blind", (), {"at": lambda path: open("/nowhere")})
""",
    )

    report = made.facility.build(expect=(1, 2))

    [session] = report["sessions"]
    assert session["status"] == "TO_BE_BUILT"
    assert "does not see" in session["error"]
    assert "0-c.odd" in session["error"]
    assert "first" in session["error"]
    assert not list((made.facility.data_path / "records").rglob("*.xml"))


def test_a_worker_with_other_plugins_writes_nothing(make_cluster, install, tmp_path):
    extra = tmp_path / "extra"
    information = extra / "nexuslims_extra-1.0.dist-info"
    information.mkdir(parents=True)
    (extra / "nexuslims_extra.py").write_text(
        PLUGIN.format(trouble="pass").replace('"trouble"', '"extra"')
    )
    (information / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: nexuslims-extra\nVersion: 1.0\n"
    )
    (information / "entry_points.txt").write_text(
        "[nexuslims]\nextra = nexuslims_extra\n"
    )
    cluster = make_cluster()
    cluster.add_worker("first", "--nthreads=1", path=extra)
    made = install("there", cluster=cluster)
    made.release()

    report = made.facility.build(expect=(1, 2))

    [session] = report["sessions"]
    assert session["status"] == "TO_BE_BUILT"
    assert "only there: extractor extra (nexuslims-extra 1.0)" in session["error"]
    assert not list((made.facility.data_path / "records").rglob("*.xml"))


def test_a_cluster_without_workers_leaves_sessions_to_the_next_run(
    make_cluster, install
):
    cluster = make_cluster()
    made = install("there", cluster=cluster, NX_DASK_WORKER_TIMEOUT="1")
    made.release()

    report = made.facility.build(expect=(1, 2))

    [session] = report["sessions"]
    assert session["status"] == "TO_BE_BUILT"
    assert "NX_DASK_WORKER_TIMEOUT" in session["error"]
    cluster.add_worker("first", "--nthreads=1")
    assert made.facility.build()["sessions"][0]["status"] == "COMPLETED"


def test_a_scheduler_that_is_not_there_is_named_with_its_setting(install):
    made = install("there")
    made.facility.settings.update(
        {
            "NX_EXECUTOR": "dask",
            "NX_DASK_SCHEDULER": "tcp://127.0.0.1:1",
            "NX_DASK_TIMEOUT": "1",
        }
    )

    done = made.facility.run("run", expect=(1, 2, 3))

    told = " ".join((done.stdout + done.stderr).split())
    assert "NX_DASK_SCHEDULER: no Dask scheduler at tcp://127.0.0.1:1" in told
    assert made.facility.statuses() == {"one": "TO_BE_BUILT"}
