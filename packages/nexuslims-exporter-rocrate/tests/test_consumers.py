"""What others make of the crates: ro-crate-py, roc-validator, SampleDB."""

from __future__ import annotations

import json
import subprocess
import zipfile
from pathlib import Path

import pytest
from nexuslims_core.types import ExportResult
from nexuslims_testing.servers.environment import cached_environment
from nexuslims_testing.servers.sampledb import import_eln
from rocrate.rocrate import ROCrate

VALIDATOR = ("roc-validator==0.13.0", "rocrate==0.15.0")
"""The second one for the context of RO-Crate 1.1, which later ones do not hold."""

HOSTILE = "../<b>&\"'\\\N{RIGHT-TO-LEFT OVERRIDE} 試料 {{ 7*7 }} %2e%2e%2f\x00"


@pytest.fixture
def validated(tmp_path):
    """Return a function that tells what is wrong with crates, by their paths."""

    def validate(*paths):
        python = cached_environment("roc-validator-0.13.0", VALIDATOR)
        script = Path(__file__).with_name("offline_validator.py")
        command = [python, "-P", script, tmp_path / "cache", *paths]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-2000:]
        return json.loads(done.stdout)

    return validate


@pytest.fixture
def unpacked(tmp_path):
    """Return a function that unpacks an ``.eln`` file; gives the folder in it."""

    def unpack(path):
        with zipfile.ZipFile(path) as archive:
            archive.extractall(tmp_path / "unpacked")
        [folder] = (tmp_path / "unpacked").iterdir()
        return folder

    return unpack


@pytest.fixture(params=["plain", "rich", "hostile"])
def crates(request, connected, exported, make_context, with_data):
    """Return the crates of a record in all formats."""
    formats = ("folder", "zip", "eln")
    context = make_context()
    if request.param == "plain":
        return exported(connected(format=formats), context)
    if request.param == "hostile":
        context = make_context(title=HOSTILE, motivation=HOSTILE, experimenter=HOSTILE)
        return exported(connected(format=formats), context)
    told = ExportResult(
        destination="cdcs", success=True, record_url="https://cdcs.example.org/1"
    )
    settings = {
        "include_data": True,
        "license": "https://creativecommons.org/licenses/by/4.0/",
    }
    linked = with_data(make_context(results={"cdcs": told}))
    return exported(connected(format=formats, **settings), linked)


def test_the_library_reads_every_format(crates, unpacked):
    for path in (crates.folder.path, crates.zip.path, unpacked(crates.eln.path)):
        read = ROCrate(path)
        [experiment] = read.get_by_type("Dataset")[1:2]
        assert experiment.id.endswith("experiment/")
        assert read.root_dataset["datePublished"].startswith("2026-03-17")
        assert len(read.get_by_type("CreateAction")) == 2


@pytest.mark.live
def test_the_validator_finds_nothing_in_any_format(crates, unpacked, validated):
    paths = (crates.folder.path, crates.zip.path, unpacked(crates.eln.path))
    assert validated(*paths) == {str(path): [] for path in paths}


@pytest.mark.live
def test_the_validator_would_find_something(crates, validated):
    document = crates.folder.path / "ro-crate-metadata.json"
    document.write_text(document.read_text("utf-8").replace('"license"', '"licence"'))
    [found] = validated(crates.folder.path).values()
    assert any("license" in message for message in found)


@pytest.mark.live
def test_sampledb_imports_the_experiment_and_its_activities(
    connected, exported, make_context, with_data
):
    told = ExportResult(
        destination="cdcs", success=True, record_url="https://cdcs.example.org/1"
    )
    context = with_data(make_context(results={"cdcs": told}))
    crate = exported(connected(), context).eln
    found = import_eln(crate.path)
    experiment, first, second = found.objects
    assert found.notes == ()
    assert found.people == ("Maria Curie",)
    assert experiment.name == "Precipitates in alloy AX-7"
    assert experiment.url == "https://cdcs.example.org/1"
    assert experiment.files == {"2026-03-17_TEM-1_1.xml": "2026-03-17_TEM-1_1.xml"}
    assert experiment.data["instrument"]["text"] == {"en": "Atlas TEM"}
    assert {one.kind for one in found.objects} == {"measurement"}
    assert sorted(first.files) == [
        "area0-000.dm3.json",
        "area0-000.dm3.thumb.png",
        "area0-001.dm3.json",
        "area0-001.dm3.thumb.png",
    ]
    voltage = second.data["accelerationvoltage"]
    assert voltage == {"_type": "quantity", "magnitude": 300.0, "units": "kilovolt"}


@pytest.mark.live
def test_sampledb_imports_included_data(crates):
    found = import_eln(crates.eln.path)
    assert len(found.objects) == 3
    data = [name for one in found.objects for name in one.files if name.endswith("dm3")]
    assert len(data) in {0, 4}
    assert len(data) == len([n for n in crates.eln.files if n.endswith(".dm3")])


@pytest.mark.live
def test_sampledb_imports_addresses_of_data(connected, exported, context, with_data):
    served = connected(data_url="https://data.example.org")
    found = import_eln(exported(served, with_data(context)).eln.path)
    url = "https://data.example.org/Atlas/2026-03-17/area0-000.dm3"
    assert found.objects[1].files[url] == "area0-000.dm3"
