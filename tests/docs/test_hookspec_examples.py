"""The example of every hook is a plugin that works."""

from __future__ import annotations

import doctest
import sys
import types

import pytest
from nexuslims_core import hookspecs
from nexuslims_core.manager import PluginManager
from nexuslims_core.manager.kinds import HOOK_PREFIX, KINDS
from nexuslims_core.types import (
    Changes,
    DataFile,
    Dataset,
    Instrument,
    Problem,
    RunReport,
    Site,
    quantity,
)

INSTRUMENT = Instrument(
    pid="SEM-1", display_name="SEM", location="", filestore_path="SEM"
)


@pytest.fixture
def acme(monkeypatch):
    """Put modules into place that the examples import from."""
    package = types.ModuleType("acme")
    paper = types.ModuleType("acme.paper")
    share = types.ModuleType("acme.share")
    paper.PaperLog = lambda instruments: ("log of", instruments)
    share.Share = lambda folder: ("share at", folder)
    for module in (package, paper, share):
        monkeypatch.setitem(sys.modules, module.__name__, module)


@pytest.fixture
def contribution():
    """Return a function that runs a hook's example and collects what it yields."""

    def collect(kind):
        name = f"{HOOK_PREFIX}{kind}"
        examples = doctest.DocTestParser().get_examples(
            getattr(hookspecs, name).__doc__
        )
        module = types.ModuleType(f"example_{kind}")
        for example in examples:
            exec(compile(example.source, name, "exec"), module.__dict__)
        manager = PluginManager.of(module)
        [info] = manager.plugins()
        assert info.failures == ()
        [found] = getattr(manager, kind).values()
        assert isinstance(found, KINDS[kind])
        return found

    return collect


@pytest.fixture
def site(tmp_path):
    return Site(
        instrument_data_path=tmp_path,
        data_path=tmp_path,
        records_path=tmp_path,
        instruments=(INSTRUMENT,),
    )


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "grain boundary.acm"
    path.write_bytes(b"HV=15000")
    return DataFile.at(path, INSTRUMENT)


@pytest.fixture
def dataset(file):
    return Dataset(file=file, dataset_type="Image", data_type="SEM_Imaging")


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_an_example_is_complete_and_short(kind):
    doc = getattr(hookspecs, f"{HOOK_PREFIX}{kind}").__doc__
    examples = doctest.DocTestParser().get_examples(doc)
    code = "".join(example.source for example in examples).splitlines()
    assert any("@hookimpl" in line for line in code)
    # Imports and what the formatter spreads over several lines apart.
    statements = [line for line in code if not line.startswith(("from ", "import "))]
    assert len(statements) < 20


def test_the_harvester_connects(contribution, site, acme):
    harvester = contribution("harvesters")
    source = harvester.connect(harvester.settings(), site)
    assert source == ("log of", (INSTRUMENT,))


def test_the_extractor_extracts(contribution, file):
    [dataset] = contribution("extractors").extract(file).datasets
    assert dataset.fields == {"acceleration_voltage": quantity(15_000, "V")}


def test_the_preview_generator_draws(contribution, dataset):
    generator = contribution("preview_generators")
    assert generator.supports(dataset)
    assert generator.render(dataset).size == (500, 500)


def test_the_profile_adjusts(contribution, dataset):
    profile = contribution("instrument_profiles")
    [step] = profile.parsers.values()
    assert step(dataset).flagged == (("Operator",),)


def test_the_destination_connects(contribution, site, acme):
    destination = contribution("export_destinations")
    settings = destination.settings(folder="here")
    assert destination.connect(settings, site) == ("share at", "here")


def test_the_executor_executes(contribution):
    executor = contribution("executors")
    with executor.create(executor.settings(), 1, 10.0) as pool:
        assert pool.submit(len, "four").result() == len("four")


def test_the_notifier_notifies(contribution, capsys):
    notifier = contribution("notifiers")
    problem = Problem(key="a", subject="SEM-1", text="too bad")
    report = RunReport(changes=Changes(new=(problem,)))
    notifier.notify(notifier.settings(), report, None)
    assert capsys.readouterr().out == "\a\n"


def test_the_command_runs(contribution, capsys):
    contribution("commands").load().main([], standalone_mode=False)
    assert capsys.readouterr().out == "hello\n"


def test_the_sample_is_read_by_the_extractor(contribution, tmp_path):
    sample = contribution("sample_files")
    path = tmp_path / sample.filename
    sample.write(path)
    [dataset] = contribution("extractors").extract(DataFile.at(path)).datasets
    assert dataset.data_type == "SEM_Imaging"
