"""What is compared between a worker and the main program."""

from __future__ import annotations

import pytest
from nexuslims_core.manager import PluginManager
from nexuslims_executor_dask.errors import UnfitWorkerError
from nexuslims_executor_dask.ground import Ground, Inventory
from nexuslims_executor_dask.versions import outdated, versions

PLUGIN = """
from nexuslims_core import hookimpl
from nexuslims_core.types import Extractor


@hookimpl
def nexuslims_extractors():
    # {comment}
    for number in range({count}):
        yield Extractor(name=f"local-{{number}}", extensions=None, extract=print)
"""


@pytest.fixture
def write_plugin(tmp_path):
    """Return a function that writes a local plugin and finds what there is then."""
    folder = tmp_path / "profiles"
    folder.mkdir()

    def write(*, count=1, comment="") -> PluginManager:
        text = PLUGIN.format(count=count, comment=comment)
        (folder / "site.py").write_text(text)
        return PluginManager.discover(local_path=folder)

    return write


@pytest.fixture
def ground_of(tmp_path):
    """Return a function that says what a program with these plugins has."""
    marker = tmp_path / "marker"
    marker.touch()

    def make(manager: PluginManager) -> Ground:
        return Ground(
            recipe=manager.recipe, inventory=Inventory.of(manager), marker=marker
        )

    return make


def test_versions_are_those_of_core_and_its_plugins():
    assert {"nexuslims-core", "nexuslims-executor-dask"} <= versions().keys()


def test_only_other_versions_of_the_same_differ():
    here = {"core": "1.0", "harvester": "1.0", "reader": "1.0"}
    there = {"core": "1.0", "reader": "1.1", "other": "3.0"}
    assert outdated(there, here) == ["reader is 1.1 there and 1.0 here"]


def test_the_same_plugins_and_folder_are_fit(write_plugin, ground_of):
    ground_of(write_plugin()).check()


def test_what_is_only_here_is_named(write_plugin, ground_of):
    ground = ground_of(write_plugin(count=2))
    write_plugin(count=1)
    with pytest.raises(UnfitWorkerError, match="only here: extractor local-1 "):
        ground.check()


def test_what_is_only_there_is_named_up_to_a_few(write_plugin, ground_of):
    ground = ground_of(write_plugin(count=0))
    write_plugin(count=9)
    with pytest.raises(UnfitWorkerError, match=r"only there: .* and 4 more"):
        ground.check()


def test_a_local_plugin_of_other_text_is_noticed(write_plugin, ground_of):
    ground = ground_of(write_plugin())
    write_plugin(comment="edited since")
    with pytest.raises(UnfitWorkerError, match="of the same names differ"):
        ground.check()


def test_a_data_folder_without_the_marker_is_another_one(write_plugin, ground_of):
    ground = ground_of(write_plugin(comment="of a run without marker"))
    ground.marker.unlink()
    with pytest.raises(UnfitWorkerError, match="NX_DATA_PATH"):
        ground.check()
