"""Plugins that strangers publish: good ones work, bad ones harm nobody else."""

from __future__ import annotations

import json
import shutil
import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from nexuslims_core.record import from_xml, validate_xml
from nexuslims_testing.facility import set_modified

pytestmark = pytest.mark.slow

LOGBOOK = Path(__file__).with_name("nexuslims-labbook")

PYPROJECT = """
[build-system]
requires = ["hatchling>=1.27"]
build-backend = "hatchling.build"

[project]
name = "{name}"
version = "1.0"

[project.entry-points.nexuslims]
zz-broken = "{module}.plugin"
"""

BROKEN = {
    "import": (
        "load",
        "ModuleNotFoundError: No module named 'library_of_acme'",
        "import library_of_acme",
    ),
    "exit": (
        "load",
        "it called sys.exit(3)",
        "import sys\nsys.exit(3)",
    ),
    "raising": (
        "collect",
        "nexuslims_extractors: RuntimeError: no licence",
        """
        from nexuslims_core import hookimpl
        @hookimpl
        def nexuslims_extractors():
            raise RuntimeError("no licence")
        """,
    ),
    "midway": (
        "collect",
        "nexuslims_export_destinations: OSError: midway",
        """
        from nexuslims_core import hookimpl
        from nexuslims_core.plugin_settings import PluginSettings
        from nexuslims_core.types import ExportDestination
        class Settings(PluginSettings):
            env_prefix = "NX_MIDWAY_"
            token: str
        @hookimpl
        def nexuslims_export_destinations():
            yield ExportDestination(name="midway", settings=Settings, connect=print)
            raise OSError("midway")
        """,
    ),
    "type": (
        "collect",
        "nexuslims_harvesters yielded {'name': 'logbook'}, expected Harvester",
        """
        from nexuslims_core import hookimpl
        @hookimpl
        def nexuslims_harvesters():
            yield {"name": "logbook"}
        """,
    ),
    "duplicate": (
        "collect",
        (
            "'profile_extractor' of nexuslims-broken-duplicate is not used: "
            "nexuslims-labbook has extractors of that name too; disable one of the two"
        ),
        """
        from nexuslims_core import hookimpl
        from nexuslims_core.types import Extractor
        def extract(file):
            raise RuntimeError("never asked")
        @hookimpl
        def nexuslims_extractors():
            yield Extractor(
                name="profile_extractor",
                extensions=frozenset({"prf"}),
                priority=999,
                extract=extract,
            )
        """,
    ),
    "misspelt": (
        "collect",
        (
            "nexuslims_extractor is no hook of NexusLIMS; "
            "did you mean nexuslims_extractors?"
        ),
        """
        from nexuslims_core import hookimpl
        @hookimpl
        def nexuslims_extractor():
            return ()
        """,
    ),
}
"""By kind of defect: the stage, the error that is told, and the plugin module."""


@pytest.fixture(scope="module")
def built(installer, tmp_path_factory):
    """Wheels of all third parties, by name."""
    folder = tmp_path_factory.mktemp("sources")
    good = folder / LOGBOOK.name
    shutil.copytree(LOGBOOK, good, ignore=shutil.ignore_patterns("__pycache__"))
    sources = [good]
    for kind, (_, _, code) in BROKEN.items():
        name = f"nexuslims-broken-{kind}"
        module = name.replace("-", "_")
        package = folder / name / "src" / module
        package.mkdir(parents=True)
        (package / "__init__.py").touch()
        text = "\n".join(line.removeprefix(" " * 8) for line in code.splitlines())
        (package / "plugin.py").write_text(text)
        text = PYPROJECT.format(name=name, module=module)
        (folder / name / "pyproject.toml").write_text(text)
        sources.append(folder / name)
    return installer.wheels(*sources)


@pytest.fixture(scope="module")
def environment(installer, built, wheels):
    """Core and the good plugin, as its users install it."""
    return installer.environment(
        "third-party", wheels["nexuslims-core"], built["nexuslims-labbook"]
    )


@pytest.fixture(scope="module")
def laboratory(environment, tmp_path_factory):
    """An installation that ran once with the good plugin."""
    folder = tmp_path_factory.mktemp("laboratory")
    share, logbook = folder / "share", folder / "logbook.csv"
    share.mkdir()
    facility = environment.facility(
        folder / "facility", NX_LOGBOOK_FILE=logbook, NX_SHARE_FOLDER=share
    )
    options = {
        "pid": "Probe-1",
        "name": "Probe 1",
        "location": "Cellar",
        "filestore": "Probe-1",
        "timezone": "America/Denver",
        "harvester": "logbook",
    }
    pairs = [(f"--{name}", value) for name, value in options.items()]
    facility.run("instruments", "add", *(part for pair in pairs for part in pair))
    files = facility.instrument_root / "Probe-1"
    start = datetime.now(tz=UTC).replace(microsecond=0) - timedelta(hours=30)
    end = start + timedelta(hours=1)
    profile = files / "ada" / "across the boundary.prf"
    profile.parent.mkdir(parents=True)
    profile.write_text("PROFILE HV=15000 Tip=W\n1\n2\n4.5\n2\n1\n")
    set_modified(profile, start + timedelta(minutes=20))
    span = f"Probe-1,ada,{start.isoformat()},{end.isoformat()}"
    rows = [
        "id,instrument,user,start,end,title,sample,consent",
        f"page 7,{span},Segregation at boundaries,Foil 3,yes",
        f"page 8,{span.replace('ada', 'bram')},Secret,Foil 4,no",
        "page 9,Probe-1,ada,yesterday,today,Untimed,Foil 5,yes",
    ]
    logbook.write_text("\n".join([*rows, ""]))
    report = facility.build(expect=(0, 1))
    [record] = (facility.data_path / "records" / "uploaded").glob("*.xml")
    return SimpleNamespace(
        facility=facility, report=report, record=record, share=share, profile=profile
    )


@pytest.fixture(scope="module", params=BROKEN)
def broken(request, installer, built, laboratory, tmp_path_factory):
    """The same installation after a broken plugin was installed beside the good one."""
    name = f"nexuslims-broken-{request.param}"
    folder = tmp_path_factory.mktemp("broken")
    with zipfile.ZipFile(built[name]) as archive:
        archive.extractall(folder)
    settings = {**laboratory.facility.settings, "PYTHONPATH": str(folder)}
    stage, error, _ = BROKEN[request.param]
    return SimpleNamespace(
        facility=replace(laboratory.facility, settings=settings),
        distribution=name,
        stage=stage,
        error=error,
    )


def plugins(facility):
    """Return what is told of each plugin, by distribution."""
    listed = json.loads(facility.run("plugins", "list", "--json").stdout)
    return {one["distribution"]: one for one in listed}


def extracted(laboratory, facility):
    """Return what is told of a file, but for the time at which it was read."""
    [signal] = json.loads(facility.run("extract", str(laboratory.profile)).stdout)
    del signal["nx_meta"]["NexusLIMS Extraction"]["Date"]
    return signal


@pytest.fixture(scope="module")
def undisturbed(laboratory):
    """What the program says with the good plugin alone."""
    return SimpleNamespace(
        help=laboratory.facility.run("--help").stdout,
        extracted=extracted(laboratory, laboratory.facility),
    )


def test_a_run_with_a_strangers_harvester_extractor_and_destination(laboratory):
    sessions = {one["session_identifier"]: one for one in laboratory.report["sessions"]}
    assert sessions["page 7"]["status"] == "COMPLETED"
    [export] = sessions["page 7"]["exports"]
    assert (export["destination"], export["action"]) == ("share", "created")
    [shared] = laboratory.share.iterdir()
    xml = shared.read_bytes()
    assert xml == laboratory.record.read_bytes()
    assert validate_xml(xml) == ()
    record = from_xml(xml)
    assert record.title == "Segregation at boundaries"
    assert "Foil 3" in xml.decode()
    [activity] = record.activities
    [dataset] = activity.datasets
    assert dataset.name == "across the boundary.prf"
    found = {one.name: one.value for one in (*activity.setup, *dataset.metadata)}
    assert found["Acceleration Voltage"] == "15.0"
    assert found["Tip"] == "W"
    assert found["NexusLIMS Extraction – Module"] == (
        "nexuslims-labbook: profile_extractor"
    )


def test_a_strangers_harvester_decides_on_consent(laboratory):
    sessions = {one["session_identifier"]: one for one in laboratory.report["sessions"]}
    assert sessions["page 8"]["status"] == "NO_CONSENT"
    assert "bram wrote 'no' under consent" in sessions["page 8"]["error"]


def test_an_entry_that_a_harvester_cannot_use_is_told_beside_the_others(laboratory):
    harvest = {one["source"]: one for one in laboratory.report["harvest"]}
    assert harvest["logbook"]["found"] == 2
    [problem] = harvest["logbook"]["problems"]
    assert "page 9" in problem


def test_a_preview_is_drawn_of_a_strangers_format(laboratory):
    [preview] = laboratory.facility.data_path.rglob("*.thumb.png")
    assert preview.name == "across the boundary.prf.thumb.png"


def test_plugins_list_shows_what_a_stranger_contributes(laboratory):
    found = plugins(laboratory.facility)["nexuslims-labbook"]
    assert (found["name"], found["version"]) == ("labbook", "0.3.1")
    assert found["status"] == "ok"
    assert {one["kind"]: one["name"] for one in found["contributions"]} == {
        "harvesters": "logbook",
        "extractors": "profile_extractor",
        "export_destinations": "share",
    }


def test_a_broken_plugin_leaves_the_record_of_a_session_as_it_is(broken, laboratory):
    before = laboratory.record.read_bytes()
    [shared] = laboratory.share.iterdir()
    broken.facility.run("sessions", "retry", "page 7")
    laboratory.record.unlink()

    report = broken.facility.build()

    [session] = report["sessions"]
    assert session["status"] == "COMPLETED"
    assert session["record"] == str(laboratory.record)
    assert laboratory.record.read_bytes() == before
    assert list(laboratory.share.iterdir()) == [shared]
    assert shared.read_bytes() == before


def test_a_broken_plugin_changes_no_help(broken, undisturbed):
    assert broken.facility.run("--help").stdout == undisturbed.help


def test_a_broken_plugin_changes_nothing_that_is_extracted(
    broken, laboratory, undisturbed
):
    assert extracted(laboratory, broken.facility) == undisturbed.extracted


def test_a_broken_plugin_fails_no_check_that_a_run_depends_on(broken):
    broken.facility.run("check")


def test_plugins_list_names_the_failure_distribution_and_stage(broken):
    found = plugins(broken.facility)
    assert found["nexuslims-labbook"]["status"] == "ok"
    assert found["nexuslims-core"]["status"] == "ok"
    [failure] = found[broken.distribution]["failures"]
    assert failure["distribution"] == broken.distribution
    assert failure["plugin"] == "zz-broken"
    assert failure["stage"] == broken.stage
    assert failure["error"] == broken.error


def test_plugins_check_fails_and_tells_people_why(broken):
    told = broken.facility.run("plugins", "check", expect=(1,)).stderr
    line = f"zz-broken ({broken.distribution}), {broken.stage}: {broken.error}"
    assert told.splitlines() == [line]


@pytest.mark.parametrize("broken", ["exit"], indirect=True)
def test_a_broken_plugin_that_is_disabled_is_not_even_imported(broken):
    settings = {
        **broken.facility.settings,
        "NX_DISABLED_PLUGINS": f'["{broken.distribution}"]',
    }
    facility = replace(broken.facility, settings=settings)
    found = plugins(facility)[broken.distribution]
    assert (found["status"], found["failures"]) == ("disabled", [])
    facility.run("plugins", "check")
