from __future__ import annotations

import subprocess
import sys

import pytest
from filelock import FileLock
from nexuslims_core.errors import ExportError

EXPORTER = """
import sys
from pathlib import Path
from nexuslims_core.types import Site
from nexuslims_exporter_rocrate.destination import RoCrates
from nexuslims_exporter_rocrate.settings import RoCrateSettings
from nexuslims_testing.samples.records import example_context, example_session

base = Path(sys.argv[1])
work = base / sys.argv[2]
site = Site(instrument_data_path=base / "instruments", data_path=base / "data",
            records_path=base / "records")
settings = RoCrateSettings(path=base / "data" / "crates", format=("folder", "eln"))
crates = RoCrates(settings, site)
for number in map(int, sys.argv[3:]):
    crates.export(example_context(work, example_session(number)))
"""


def test_two_processes_share_a_folder(site, tmp_path, folder, opened):
    del site  # its folders are made
    sessions = {"one": "1 2 3 4", "two": "4 3 5 6"}
    for name in sessions:
        (tmp_path / name).mkdir()
    running = [
        subprocess.Popen(
            [sys.executable, "-c", EXPORTER, tmp_path, name, *numbers.split()]
        )
        for name, numbers in sessions.items()
    ]
    assert [process.wait(timeout=120) for process in running] == [0, 0]
    crates = [p for p in folder.iterdir() if not p.name.startswith(".")]
    assert len(crates) == 12
    for path in crates:
        opened(path)
    assert not (folder / ".staging").exists()


def test_a_folder_that_stays_locked_is_told(connected, context, folder):
    folder.mkdir(parents=True)
    with (
        FileLock(folder / ".lock"),
        pytest.raises(ExportError, match=r"another process .* 0.05 s") as caught,
    ):
        connected(lock_timeout_s=0.05).export(context)
    assert caught.value.retry
