"""Files are read once, and again only when something that matters has changed."""

from __future__ import annotations

import os

import pytest
from nexuslims_core.extraction import manager_from
from nexuslims_core.pipeline.worker import FileJob, process_file, reusable
from nexuslims_core.types import DataFile

PLUGIN = """
def read(file):
    return one(file, notes={notes!r})

@hookimpl
def nexuslims_extractors():
    yield Extractor(
        name="acme", extensions=frozenset({{"acm"}}), extract=read, version={version!r}
    )
"""
PROFILE = """
@hookimpl
def nexuslims_instrument_profiles():
    yield InstrumentProfile(
        name="ours", instrument_id={pid!r}, extension_fields={{"Facility": {value!r}}}
    )
"""


@pytest.fixture
def acme(plugin):
    """Return a function that makes the reader's plugin module."""

    def make(*, version="1", notes=(), extra="", name=None):
        return plugin(PLUGIN.format(version=version, notes=notes) + extra, name)

    return make


@pytest.fixture
def rebuild(lab):
    """Return a function that has the session built again; gives what was read."""
    lab.log()
    lab.write()
    lab.shelf()

    def build(*modules, **settings):
        lab.settings.update(settings)
        if modules:
            lab.modules = list(modules)
        for module in lab.modules:
            module.calls.clear()
        if lab.status() != "TO_BE_BUILT":
            lab.store.retry(status=lab.status())
        report = lab.run()
        assert [one.status for one in report.sessions] == ["COMPLETED"]
        return [name for module in lab.modules for name in module.calls]

    return build


def test_a_file_is_read_once(rebuild, acme):
    module = acme()

    assert rebuild(module) == ["a.acm"]
    assert rebuild() == []


@pytest.mark.parametrize("content", [b"other", b"longer content"])
def test_a_file_that_changed_is_read_again(lab, rebuild, acme, content):
    rebuild(acme())
    lab.write(content=content, minutes=11)

    assert rebuild() == ["a.acm"]


def test_a_file_of_the_same_size_and_another_time_is_read_again(lab, rebuild, acme):
    rebuild(acme())
    path = lab.root / "SEM" / "a.acm"
    stat = path.stat()
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns + 1000))

    assert rebuild() == ["a.acm"]


def test_another_version_of_the_extractor_reads_again(rebuild, acme):
    rebuild(acme(name="acme_same"))

    assert rebuild(acme(version="2", name="acme_same")) == ["a.acm"]


def test_the_same_extractor_loaded_anew_does_not(rebuild, acme):
    rebuild(acme(name="acme_same"))

    assert rebuild(acme(name="acme_same")) == []


def test_an_extractor_that_is_new_may_be_the_better_one(rebuild, acme, plugin):
    rebuild(acme(name="acme_same"))
    better = plugin(
        """
        @hookimpl
        def nexuslims_extractors():
            yield Extractor(
                name="better", extensions=frozenset({"acm"}), extract=one, priority=200
            )
        """,
        "better_acme",
    )

    assert rebuild(acme(name="acme_same"), better) == ["a.acm"]
    assert better.calls == ["a.acm"]


def test_an_extractor_of_other_files_changes_nothing(rebuild, acme, plugin):
    rebuild(acme(name="acme_same"))
    other = plugin(
        """
        @hookimpl
        def nexuslims_extractors():
            yield Extractor(name="zeta", extensions=frozenset({"zzz"}), extract=one)
        """,
        "other_acme",
    )

    assert rebuild(acme(name="acme_same"), other) == []


def test_a_new_or_changed_profile_of_the_instrument_reads_again(rebuild, acme):
    def with_profile(value):
        return acme(name="acme_same", extra=PROFILE.format(pid="SEM-1", value=value))

    rebuild(acme(name="acme_same"))

    assert rebuild(with_profile("A")) == ["a.acm"]
    assert rebuild(with_profile("A")) == []


def test_a_profile_of_another_instrument_changes_nothing(rebuild, acme):
    rebuild(acme(name="acme_same"))

    other = acme(name="acme_same", extra=PROFILE.format(pid="TEM-1", value="A"))
    assert rebuild(other) == []


def test_wanting_checksums_reads_again_and_so_does_not_wanting_them(rebuild, acme):
    rebuild(acme())

    assert rebuild(NX_CHECKSUM="true") == ["a.acm"]
    assert rebuild() == []
    assert rebuild(NX_CHECKSUM="false") == ["a.acm"]


def test_a_damaged_side_car_reads_again(lab, rebuild, acme):
    rebuild(acme())
    [sidecar] = lab.data.rglob("a.acm.json")
    sidecar.write_text(sidecar.read_text()[:-20])

    assert rebuild() == ["a.acm"]


def test_warnings_survive_reuse(lab, rebuild, acme):
    module = acme(notes=("the scale is missing",))
    lab.modules = [module]
    [first] = lab.run().sessions
    lab.store.retry(status="COMPLETED")
    module.calls.clear()
    [second] = lab.run().sessions

    assert module.calls == []
    assert first.warnings == second.warnings
    assert first.warnings[0].endswith("a.acm: the scale is missing")
    assert [one.state for one in lab.history().files] == ["reused"]
    assert [one.warning for one in lab.history().files] == ["the scale is missing"]


# What another try may mend is tried again


FRAIL = """
def read(file):
    calls.append(file.path.name)
    {trouble}

@hookimpl
def nexuslims_extractors():
    yield Extractor(name="acme", extensions=frozenset({{"acm"}}), extract=read)
"""


@pytest.mark.parametrize(
    ("trouble", "again"),
    [
        ("raise ValueError('damaged for good')", False),
        ("raise ExtractionError('damaged for good')", False),
        ("raise PermissionError('locked for now')", True),
        ("raise ExtractionError('no') from OSError('stale handle')", True),
    ],
)
def test_a_file_that_the_system_refused_is_read_again(rebuild, plugin, trouble, again):
    module = plugin(FRAIL.format(trouble=trouble))
    rebuild(module)

    assert bool(rebuild()) is again


def test_a_file_that_hung_is_read_again(lab):
    path = lab.write()
    context = lab.context()
    job = FileJob(
        file=DataFile.at(path, lab.instrument),
        recipe=context.manager.recipe,
        instrument_root=lab.root,
        data_root=lab.data,
        skip={"acme": "took too long and was stopped"},
    )
    done = process_file(job)

    assert done.warnings == ("acme took too long and was stopped",)
    plain = FileJob(
        file=job.file,
        recipe=job.recipe,
        instrument_root=job.instrument_root,
        data_root=job.data_root,
    )
    assert reusable(plain, manager_from(plain.recipe)) is None


def test_a_preview_that_cannot_be_drawn_costs_no_metadata(lab, rebuild, acme, plugin):
    strange = plugin(
        """
        @hookimpl
        def nexuslims_preview_generators():
            yield PreviewGenerator(
                name="strange",
                priority=500,
                supports=lambda dataset: True,
                render=lambda dataset: "no picture",
            )
        """
    )
    lab.modules = [acme(), strange]

    [session] = lab.run().sessions

    assert session.status == "COMPLETED"
    assert lab.modules[0].calls == ["a.acm"]
    [warning] = session.warnings
    assert warning.endswith(
        "strange could not draw a preview: returned str, expected an image of Pillow"
    )
