from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from nexuslims_core.types import (
    Activity,
    DatasetEntry,
    ExportResult,
    Person,
    Project,
    RecordSample,
    Sample,
)

NASTY = (
    "<img src=x onerror=alert(1)> & \"q\" 'a' \\ 試料 "
    "\N{RIGHT-TO-LEFT OVERRIDE}\x00\x1b"
)
SAFE_PATH = re.compile(r"([A-Za-z0-9_][A-Za-z0-9_.-]*/)*[A-Za-z0-9_][A-Za-z0-9_.-]*")


@pytest.fixture
def with_datasets(make_context):
    """Return a function that makes a context with datasets at some locations."""

    def make(*locations, name="x.dm3", preview=None):
        entries = tuple(
            DatasetEntry(name=name, location=one, type="Image", preview=preview)
            for one in locations
        )
        plain = make_context()
        activity = Activity(start=plain.session.start, datasets=entries)
        return replace(plain, record=replace(plain.record, activities=(activity,)))

    return make


def test_text_from_elsewhere_is_text(connected, exported, make_context):
    samples = (RecordSample(id=NASTY, sample=Sample(name=NASTY, pid=NASTY)),)
    nasty = make_context(
        title=NASTY,
        motivation=NASTY,
        experimenter=NASTY,
        instrument_name=NASTY,
        samples=samples,
        projects=(Project(name=NASTY, project_id=NASTY, ref=NASTY),),
    )
    nasty = replace(nasty, user=Person(username=NASTY, first_name=NASTY))
    crate = exported(connected(format=("folder",)), nasty).folder
    text = next(n["text"] for n in crate.graph if "text" in n)
    tags = []
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, attributes: tags.append((tag, attributes))
    parser.feed(text)
    assert {tag for tag, _ in tags} == {"p", "ul", "li"}
    content = crate.files["ro-crate-metadata.json"].decode()
    assert not {"\N{RIGHT-TO-LEFT OVERRIDE}", "\\u0000", "\\u001b"} & set(content)
    assert "試料" in crate.nodes["./"]["name"]


def test_the_names_of_files_in_crates_are_harmless(
    connected, exported, with_datasets, with_data, folder
):
    names = ("CON.dm3", "..dm3", "a b.dm3", "試料.dm3", "x" * 200 + ".dm3", "-r.dm3")
    context = with_data(with_datasets(*(f"/Atlas/{name}" for name in names)))
    destination = connected(format=("folder", "eln"), include_data=True)
    crates = exported(destination, context)
    for path in crates.folder.files:
        assert SAFE_PATH.fullmatch(path), path
        assert len(path) < 150
    assert len([p for p in crates.folder.files if p.endswith(".dm3")]) == len(names)
    with zipfile.ZipFile(next(folder.glob("*.eln"))) as archive:
        assert all(".." not in name.split("/") for name in archive.namelist())


def test_files_of_one_name_do_not_meet(connected, exported, with_datasets, with_data):
    context = with_data(with_datasets("/A/x.dm3", "/B/x.dm3", "/B/X.DM3"))
    crate = exported(connected(include_data=True), context).eln
    data = {name for name in crate.files if name.lower().endswith(".dm3")}
    assert data == {
        "activity-001/x.dm3",
        "activity-001/x-2.dm3",
        "activity-001/X-3.DM3",
    }


@pytest.mark.parametrize(
    "location",
    [
        "/../secret.txt",
        "/A/%2e%2e/%2e%2e/secret.txt",
        "../secret.txt",
        "",
        "/",
        "/a%00b",
    ],
)
def test_nothing_outside_the_store_is_read(
    connected, exported, with_datasets, tmp_path, location
):
    (tmp_path / "secret.txt").write_bytes(b"the secret")
    context = with_datasets(location, preview=location)
    settings = {"include_data": True, "data_url": "https://data.example.org"}
    crate = exported(connected(format=("folder",), **settings), context).folder
    assert not any(b"the secret" in content for content in crate.files.values())
    assert not [n for n in crate.graph if str(n.get("contentSize")) == "10"]
    assert not [n for n in crate.graph if "data.example.org" in n["@id"]]


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "https://", "https://a b", NASTY]
)
def test_what_is_no_address_becomes_no_link(connected, exported, make_context, url):
    told = ExportResult(destination="cdcs", success=True, record_url=url)
    crate = exported(connected(), make_context(results={"cdcs": told})).eln
    assert "sameAs" not in crate.nodes["./"]
    assert "url" not in crate.nodes["experiment/"]


def test_an_identifier_cannot_take_the_place_of_another(
    connected, exported, make_context
):
    samples = tuple(
        RecordSample(id=pid, sample=Sample(name="S", pid=pid))
        for pid in ("./", "ro-crate-metadata.json", "#nexuslims", "experiment/")
    )
    crate = exported(connected(), make_context(samples=samples)).eln
    assert crate.nodes["./"]["@type"] == "Dataset"
    assert crate.nodes["#nexuslims"]["@type"] == "Organization"
    assert len(crate.nodes["./"]["about"]) == 5


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="makes a pipe")
def test_a_pipe_on_the_store_is_not_waited_for(
    connected, exported, with_datasets, site
):
    os.mkfifo(site.instrument_data_path / "pipe.dm3")
    done = exported(connected(include_data=True), with_datasets("/pipe.dm3"))
    assert done.result.metadata["missing_data_files"] == 1


def test_a_name_that_is_no_text_is_kept(connected, exported, with_datasets, site):
    name = b"caf\xe9.dm3"
    try:
        (site.instrument_data_path / os.fsdecode(name)).write_bytes(b"12345")
    except OSError:
        pytest.skip("this file system takes no such name")
    crate = exported(connected(include_data=True), with_datasets("/caf%E9.dm3")).eln
    [data] = [n for n in crate.graph if n.get("identifier") == "/caf%E9.dm3"]
    assert (data["@id"], data["contentSize"]) == ("activity-001/caf.dm3", "5")


MANY = """
import re, resource, sys
from pathlib import Path
from nexuslims_core.types import Site
from nexuslims_exporter_rocrate.destination import RoCrates
from nexuslims_exporter_rocrate.settings import RoCrateSettings
from nexuslims_testing.samples.records import (
    example_context, example_record, example_session
)
base = Path(sys.argv[1])
site = Site(instrument_data_path=base / "instruments", data_path=base / "data",
            records_path=base / "records")
session = example_session()
context = example_context(
    base, session, record=example_record(session, datasets=int(sys.argv[2]))
)
def megabytes():
    # getrusage would tell of the memory that the process had which started this one.
    status = Path("/proc/self/status").read_text()
    return int(re.search(r"VmHWM:\\s*(\\d+)", status)[1]) / 1024

most = megabytes()
before = resource.getrusage(resource.RUSAGE_SELF)
result = RoCrates(RoCrateSettings(path=site.data_path / "crates"), site).export(context)
after = resource.getrusage(resource.RUSAGE_SELF)
print(result.action, after.ru_utime + after.ru_stime - before.ru_utime
      - before.ru_stime, megabytes() - most)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="measures as Linux does")
def test_a_thousand_datasets_take_seconds_and_little_memory(site, tmp_path):
    del site  # its folders are made
    command = [sys.executable, "-c", MANY, tmp_path, "500"]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    action, seconds, megabytes = told.split()
    assert action == "created"
    assert float(seconds) < 15
    assert float(megabytes) < 150


def test_properties_that_datasets_share_are_written_once(
    connected, exported, make_context
):
    crate = exported(connected(), make_context(datasets=50)).eln
    positions = [n for n in crate.graph if n.get("name") == "Stage Position – X"]
    assert len(positions) == 1
