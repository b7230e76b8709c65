from __future__ import annotations

import subprocess
import sys

import pytest
from filelock import FileLock
from nexuslims_core.errors import ExportError
from nexuslims_exporter_html.destination import HtmlCatalogue
from nexuslims_exporter_html.settings import HtmlSettings

EXPORTER = """
import sys
from pathlib import Path
from nexuslims_core.types import Site
from nexuslims_exporter_html.destination import HtmlCatalogue
from nexuslims_exporter_html.settings import HtmlSettings
from nexuslims_testing.samples.records import example_context, example_session

base = Path(sys.argv[1])
work = base / sys.argv[2]
site = Site(instrument_data_path=base / "instruments", data_path=base / "data",
            records_path=base / "records")
catalogue = HtmlCatalogue(HtmlSettings(), site)
for number in map(int, sys.argv[3:]):
    catalogue.export(example_context(work, example_session(number)))
"""


def test_two_processes_share_a_catalogue(site, tmp_path, folder, problems):
    del site  # its folders are made
    sessions = {"one": "1 2 3 4 5 6", "two": "6 5 4 7 8 9"}
    for name in sessions:
        (tmp_path / name).mkdir()
    running = [
        subprocess.Popen(
            [sys.executable, "-c", EXPORTER, tmp_path, name, *numbers.split()]
        )
        for name, numbers in sessions.items()
    ]
    assert [process.wait(timeout=60) for process in running] == [0, 0]
    assert problems() == []
    assert len(list(folder.glob("records/*.html"))) == 9


def test_a_catalogue_that_stays_locked_is_told(site, context, folder):
    folder.mkdir(parents=True)
    impatient = HtmlCatalogue(HtmlSettings(lock_timeout_s=0.05), site)
    with (
        FileLock(folder / ".lock"),
        pytest.raises(ExportError, match=r"another process .* 0.05 s") as caught,
    ):
        impatient.export(context)
    assert caught.value.retry
