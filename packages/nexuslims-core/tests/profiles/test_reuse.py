"""Side-cars are made anew when a profile changes, appears or goes."""

from __future__ import annotations

import json

import pytest
from nexuslims_core import extraction
from nexuslims_core.manager import PluginRecipe
from nexuslims_core.pipeline.worker import FileJob, process_file, reusable
from nexuslims_core.types import DataFile, Instrument

TOML = """
instrument = "SEM-1"
[[step]]
action = "set"
path = "Facility"
value = "{}"
"""
PYTHON = """
from nexuslims_core import hookimpl
from nexuslims_core.types import InstrumentProfile

@hookimpl
def nexuslims_instrument_profiles():
    yield InstrumentProfile(
        name="ours", instrument_id="SEM-1", extension_fields={{"Facility": "{}"}}
    )
"""


@pytest.fixture
def job(tmp_path):
    """Return a file on an instrument, and what is to be done with it."""
    for name in ("instruments", "data", "profiles"):
        (tmp_path / name).mkdir()
    path = tmp_path / "instruments" / "notes.txt"
    path.write_text("beam on")
    instrument = Instrument(
        pid="SEM-1", display_name="SEM", location="", filestore_path=""
    )
    return FileJob(
        file=DataFile.at(path, instrument),
        recipe=PluginRecipe(
            plugins_enabled=True, local_path=tmp_path / "profiles", modules=None
        ),
        instrument_root=tmp_path / "instruments",
        data_root=tmp_path / "data",
        previews=False,
    )


@pytest.fixture
def run(job):
    """Return a function that does it as a new program would; tells what is stored."""

    def run():
        extraction.manager_from.cache_clear()
        reused = reusable(job, extraction.manager_from(job.recipe))
        if reused is None:
            process_file(job)
        stored = json.loads((job.data_root / "notes.txt.json").read_text("utf-8"))
        facility = stored["nx_meta"]["extensions"].get("Facility")
        return facility, "read" if reused is None else "reused"

    yield run
    extraction.manager_from.cache_clear()


@pytest.mark.parametrize(("name", "text"), [("ours.toml", TOML), ("ours.py", PYTHON)])
def test_a_profile_that_comes_changes_or_goes_has_files_read_again(
    job, run, name, text
):
    path = job.recipe.local_path / name

    assert run() == (None, "read")
    path.write_text(text.format("Hall"), "utf-8")
    assert run() == ("Hall", "read")
    assert run() == ("Hall", "reused")
    path.write_text(text.format("Annex"), "utf-8")
    assert run() == ("Annex", "read")
    path.unlink()
    assert run() == (None, "read")
    assert run() == (None, "reused")
