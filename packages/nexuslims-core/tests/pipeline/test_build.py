from __future__ import annotations

import os
import sys
from dataclasses import replace
from datetime import timedelta

import pytest
from nexuslims_core.errors import (
    ExportError,
    NoConsentError,
    NoReservationError,
    SourceError,
)
from nexuslims_core.pipeline.connect import ConnectedSource
from nexuslims_core.pipeline.progress import Silent
from nexuslims_core.pipeline.report import failed
from nexuslims_core.record import from_xml
from nexuslims_core.store import Store
from nexuslims_core.types import Instrument, Reservation

NEWER = """
@hookimpl
def nexuslims_extractors():
    yield Extractor(
        name="acme", extensions=frozenset({"acm"}), extract=one, version="2"
    )
"""


def only(report):
    [session] = report.sessions
    return session


@pytest.fixture
def ready(lab):
    """A facility with one session, one file and one repository."""
    lab.log()
    lab.write()
    lab.shelf()
    return lab


# Consent and reservations


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (NoConsentError("ada refused"), "NO_CONSENT"),
        (NoReservationError("nothing overlaps"), "NO_RESERVATION"),
    ],
)
def test_a_session_without_an_answer_ends_before_any_file_is_read(
    ready, answer, status
):
    ready.scheduler.answer = answer

    report = ready.run()

    assert only(report).status == ready.status() == status
    assert only(report).error == str(answer)
    assert not failed(report)
    assert ready.modules[0].calls == []
    assert ready.records() == []
    assert ready.shelves[0].contexts == []


def test_a_refusal_that_stands_is_not_reported_again(ready):
    ready.scheduler.answer = NoConsentError("ada refused")
    ready.run()

    assert ready.run().sessions == ()
    assert ready.status() == "NO_CONSENT"


def test_consent_given_inside_the_window_builds_the_record(ready):
    ready.scheduler.answer = NoConsentError("ada refused")
    ready.run()
    ready.scheduler.answer = None
    ready.clock.pass_(hours=1)

    assert only(ready.run()).status == "COMPLETED"


def test_consent_withdrawn_inside_the_window_ends_the_session_and_says_where_it_is(
    ready,
):
    ready.run()
    ready.scheduler.answer = NoConsentError("ada withdrew")

    report = ready.run()

    assert only(report).status == ready.status() == "NO_CONSENT"
    [warning] = only(report).warnings
    assert "cdcs (https://cdcs.example.org/1)" in warning
    assert len(ready.shelves[0].contexts) == 1


def test_consent_withdrawn_after_the_window_is_not_looked_for(ready):
    ready.run()
    ready.scheduler.answer = NoConsentError("ada withdrew")
    ready.clock.pass_(days=3)

    assert ready.run().sessions == ()
    assert ready.status() == "COMPLETED"


# Schedulers that do not answer


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (SourceError("no route to host"), "no route to host"),
        (ZeroDivisionError("by the plugin"), "paper: ZeroDivisionError: by the plugin"),
        (SystemExit(0), "paper: it called sys.exit(0)"),
        ("a text", "paper: gave str, expected Reservation"),
    ],
)
def test_a_scheduler_that_fails_leaves_the_session_to_a_later_run(ready, answer, told):
    ready.scheduler.answer = answer

    report = ready.run()

    assert only(report).error == told
    assert failed(report)
    assert ready.status() == "TO_BE_BUILT"
    ready.scheduler.answer = None
    assert only(ready.run()).status == "COMPLETED"


def test_pauses_grow_while_a_scheduler_fails_and_the_session_stays_reported(ready):
    ready.scheduler.answer = SourceError("down")
    ready.run()
    ready.run()

    waiting = ready.run()

    assert only(waiting).error.startswith("down; next attempt: ")
    assert failed(waiting)
    ready.scheduler.answer = None
    assert only(ready.run()).status == "TO_BE_BUILT"
    ready.clock.pass_(minutes=1)
    assert only(ready.run()).status == "COMPLETED"


def test_a_scheduler_that_failed_its_check_is_named_and_not_asked(ready):
    ready.sources = (
        ConnectedSource(
            name="paper",
            harvester="nemo",
            source=ready.scheduler,
            problem="paper: token refused",
        ),
    )

    report = ready.run()

    assert only(report).error == "paper: token refused"
    assert ready.scheduler.windows == []


def test_an_instrument_that_nobody_serves_is_named(ready):
    ready.scheduler.serving = False

    assert "no scheduler serves instrument SEM-1" in only(ready.run()).error


def test_a_scheduler_that_cannot_tell_what_it_serves_is_named(ready):
    ready.scheduler.serving = KeyError("tools")

    assert only(ready.run()).error == "paper: KeyError: 'tools'"


# Files


def test_a_session_without_files_waits(lab):
    lab.log()

    report = lab.run()

    assert only(report).status == lab.status() == "TO_BE_BUILT"
    assert "no files yet" in only(report).warnings[0]
    assert not failed(report)


def test_a_session_without_files_ends_after_the_delay(lab):
    lab.log()
    lab.run()
    lab.clock.pass_(days=2)

    report = lab.run()

    assert only(report).status == lab.status() == "NO_FILES_FOUND"
    assert not failed(report)


def test_files_that_arrive_late_are_found(ready):
    (ready.root / "SEM" / "a.acm").rename(ready.folder / "kept.acm")
    ready.run()
    (ready.folder / "kept.acm").rename(ready.root / "SEM" / "a.acm")

    assert only(ready.run()).status == "COMPLETED"


@pytest.mark.parametrize(("strategy", "count"), [("exclusive", 1), ("inclusive", 3)])
def test_pictures_and_notes_count_only_if_every_file_does(ready, strategy, count):
    ready.write("overview.png")
    ready.write("notes.txt")

    ready.settings["NX_FILE_STRATEGY"] = strategy

    report = ready.run()

    assert only(report).files == count


def test_young_files_keep_the_session_for_the_next_run(ready):
    ready.settings["NX_FILE_SETTLE_SECONDS"] = str(8 * 3600)

    report = ready.run()

    assert only(report).status == "TO_BE_BUILT"
    assert any("a.acm: may still be growing" in one for one in only(report).warnings)
    assert not failed(report)
    ready.settings["NX_FILE_SETTLE_SECONDS"] = "60"
    assert only(ready.run()).status == "COMPLETED"


def test_a_blocked_instrument_keeps_its_sessions_and_no_others(ready):
    other = Instrument(
        pid="TEM-1",
        display_name="Our TEM",
        location="Room 2",
        filestore_path="TEM",
        timezone="Europe/Berlin",
        api_url="https://nemo.example.org/api/tools/?id=2",
    )
    ready.store.add_instrument(other)
    ready.log(2, instrument=other)
    ready.blocked["TEM-1"] = "TEM-1: no folder; is the file store mounted?"

    report = ready.run()

    assert {one.instrument: one.status for one in report.sessions} == {
        "SEM-1": "COMPLETED",
        "TEM-1": "TO_BE_BUILT",
    }
    assert any("is the file store mounted" in (x.error or "") for x in report.sessions)


def test_two_instruments_may_name_a_session_alike(ready):
    other = Instrument(
        pid="TEM-1",
        display_name="Our TEM",
        location="Room 2",
        filestore_path="TEM",
        timezone="Europe/Berlin",
        api_url="https://nemo.example.org/api/tools/?id=2",
    )
    ready.store.add_instrument(other)
    ready.log(instrument=other)
    (ready.root / "TEM").mkdir()

    report = ready.run()

    assert {one.instrument: one.files for one in report.sessions} == {
        "SEM-1": 1,
        "TEM-1": 0,
    }


def test_a_file_whose_name_is_no_text_is_in_the_record(ready):
    name = os.fsdecode(b"caf\xe9.acm")
    try:
        ready.write(name)
    except OSError:
        pytest.skip("this file system takes valid names only")

    report = ready.run()

    assert only(report).status == "COMPLETED"
    assert only(report).datasets == 2
    assert any("caf\\udce9" in str(one.path) for one in ready.history().files)


def test_a_file_that_vanishes_while_it_is_read_is_left_out(ready):
    second = ready.write("b.acm")
    module = ready.plugin(
        """
        def vanish(file):
            if file.path.name == "b.acm":
                file.path.unlink()
            return one(file)

        @hookimpl
        def nexuslims_extractors():
            yield Extractor(name="acme", extensions=frozenset({"acm"}), extract=vanish)
        """
    )
    ready.modules = [module]

    report = ready.run()

    assert only(report).status == "COMPLETED"
    assert only(report).datasets == 1
    assert f"{second}: vanished between scan and read" in only(report).warnings[0]


def test_a_file_that_changes_while_it_is_read_keeps_the_session(ready):
    ready.modules = [
        ready.plugin(
            """
            def grow(file):
                if file.size == 4:
                    file.path.write_bytes(b"more data")
                return one(file)

            @hookimpl
            def nexuslims_extractors():
                yield Extractor(
                    name="acme", extensions=frozenset({"acm"}), extract=grow
                )
            """
        )
    ]

    report = ready.run()

    assert only(report).status == "TO_BE_BUILT"
    assert not failed(report)
    assert "changed while it was read" in only(report).warnings[1]


# Building again


def test_a_finished_session_that_has_not_changed_is_not_mentioned(ready):
    ready.run()
    before = ready.records()[0].stat()

    assert ready.run().sessions == ()
    assert ready.records()[0].stat() == before
    assert len(ready.shelves[0].contexts) == 1


def test_a_late_file_updates_the_record(ready):
    ready.run()
    ready.write("late.acm", minutes=60)

    report = ready.run()

    assert only(report).datasets == 2
    assert only(report).exports[0].action == "updated"
    assert ready.modules[0].calls == ["a.acm", "late.acm"]
    [record] = ready.records()
    assert record.parent.name == "uploaded"
    assert len(from_xml(record.read_bytes()).activities[0].datasets) >= 1


def test_a_late_answer_updates_the_record_without_reading_files(ready):
    ready.run()
    ready.scheduler.answer = Reservation(internal_id="1", title="A better title")

    report = ready.run()

    assert only(report).exports[0].action == "updated"
    assert ready.modules[0].calls == ["a.acm"]


def test_a_record_whose_files_are_all_gone_stays_as_it_is(ready):
    ready.run()
    (ready.root / "SEM" / "a.acm").unlink()

    assert ready.run().sessions == ()
    assert ready.status() == "COMPLETED"
    assert len(ready.records()) == 1


def test_a_record_that_is_gone_with_its_files_leaves_the_session_completed(ready):
    ready.run()
    (ready.root / "SEM" / "a.acm").unlink()
    ready.records()[0].unlink()

    assert ready.run().sessions == ()
    assert ready.status() == "COMPLETED"


def test_a_record_that_was_deleted_is_made_again_and_not_delivered_twice(ready):
    ready.run()
    content = ready.records()[0].read_bytes()
    ready.records()[0].unlink()

    ready.run()

    assert ready.records()[0].read_bytes() == content
    assert len(ready.shelves[0].contexts) == 1


def test_an_undelivered_record_is_resumed_without_reading_files(ready):
    ready.shelves[0].behaviour = ExportError("503", retry=True)
    first = ready.run()
    assert only(first).status == "BUILT_NOT_EXPORTED"
    assert failed(first)
    content = ready.records()[0].read_bytes()
    ready.shelves[0].behaviour = None
    for sidecar in ready.data.rglob("*.json"):
        sidecar.unlink()

    report = ready.run()

    assert only(report).status == "COMPLETED"
    assert ready.modules[0].calls == ["a.acm"]
    assert ready.shelves[0].contexts[1].xml == content


def test_a_damaged_record_is_built_anew_before_it_is_delivered(ready):
    ready.shelves[0].behaviour = ExportError("503", retry=True)
    ready.run()
    content = ready.records()[0].read_bytes()
    ready.records()[0].write_bytes(content[:100])
    ready.shelves[0].behaviour = None

    assert only(ready.run()).status == "COMPLETED"
    assert ready.shelves[0].contexts[1].xml == content


def test_an_undelivered_record_whose_files_are_gone_is_delivered_on_request(ready):
    ready.shelves[0].behaviour = ExportError("503", retry=True)
    ready.run()
    (ready.root / "SEM" / "a.acm").unlink()
    ready.shelves[0].behaviour = None
    ready.store.retry(status="BUILT_NOT_EXPORTED")

    assert only(ready.run()).status == "COMPLETED"


def test_pauses_grow_while_a_repository_fails_and_the_session_stays_reported(ready):
    ready.shelves[0].behaviour = ExportError("503", retry=True)
    ready.run()
    ready.run()
    assert len(ready.shelves[0].contexts) == 2, "the first retry is at once"

    waiting = ready.run()

    assert len(ready.shelves[0].contexts) == 2
    assert "503; next attempt: 2026-11-23 12:01" in only(waiting).error
    assert failed(waiting)
    ready.clock.pass_(minutes=1)
    ready.run()
    assert len(ready.shelves[0].contexts) == 3
    ready.clock.pass_(minutes=1)
    ready.run()
    assert len(ready.shelves[0].contexts) == 3


def test_without_a_repository_the_record_is_kept_and_said(lab):
    lab.log()
    lab.write()

    report = lab.run()

    assert only(report).status == "BUILT_NOT_EXPORTED"
    assert only(report).error == "no export destination is configured"
    assert [one.parent.name for one in lab.records()] == ["records"]


# Errors


def test_an_invalid_record_ends_in_error_and_is_not_on_disk(ready):
    ready.run()
    ready.records()[0].unlink()
    [sidecar] = ready.data.rglob("a.acm.json")
    text = sidecar.read_text().replace('"DatasetType": "Image"', '"DatasetType": "Odd"')
    sidecar.write_text(text)

    report = ready.run()

    assert only(report).status == ready.status() == "ERROR"
    assert "the record is not valid" in only(report).error
    assert failed(report)
    assert ready.records() == []


@pytest.fixture
def in_error(ready):
    """A session that ended in error, since the side-car of its file was damaged."""
    ready.run()
    ready.records()[0].unlink()
    [sidecar] = ready.data.rglob("a.acm.json")
    text = sidecar.read_text().replace('"DatasetType": "Image"', '"DatasetType": "Odd"')
    sidecar.write_text(text)
    ready.run()
    assert ready.status() == "ERROR"
    return ready


def test_an_error_is_not_tried_again_by_itself(in_error):
    in_error.clock.pass_(days=1)

    assert in_error.run().sessions == ()


def test_an_error_is_tried_again_when_the_extractors_change(in_error):
    in_error.modules = [in_error.plugin(NEWER)]

    assert only(in_error.run()).status == "COMPLETED"


def test_an_error_is_tried_again_on_request(in_error):
    for sidecar in in_error.data.rglob("a.acm.json"):
        sidecar.unlink()
    in_error.store.retry(status="ERROR")

    assert only(in_error.run()).status == "COMPLETED"


def test_a_record_that_cannot_be_written_is_tried_again_and_stops_no_other(ready):
    ready.log(2, start=ready.end, end=ready.end + timedelta(hours=1), user="tomo")
    ready.write("b.acm", when=ready.end)
    records = ready.data / "records"
    records.mkdir(parents=True)
    # The first record's name is taken by a folder that is not empty.
    (records / "2026-11-23_SEM-1_1.xml" / "in the way").mkdir(parents=True)

    report = ready.run()

    statuses = {one.session_identifier[-1]: one.status for one in report.sessions}
    assert statuses == {"1": "TO_BE_BUILT", "2": "COMPLETED"}
    assert failed(report)


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere"
)
def test_a_data_folder_that_refuses_side_cars_keeps_the_session(ready):
    (ready.data / "SEM").mkdir(parents=True, mode=0o500)

    report = ready.run()

    assert only(report).status == "TO_BE_BUILT"
    assert "cannot be written" in only(report).error


def test_a_side_car_that_cannot_be_written_keeps_the_session(ready):
    ready.data.mkdir()
    (ready.data / "SEM").write_text("a file where a folder has to be")

    report = ready.run()

    assert only(report).status == "TO_BE_BUILT"
    assert "a.acm.* cannot be written" in only(report).error
    (ready.data / "SEM").unlink()
    assert only(ready.run()).status == "COMPLETED"


def test_secrets_in_errors_reach_neither_report_nor_database(ready):
    ready.secrets = frozenset({"hunter22"})
    ready.scheduler.answer = RuntimeError("token hunter22 refused")

    report = ready.run()

    assert only(report).error == "paper: RuntimeError: token *** refused"
    assert ready.state().last_error == only(report).error


# Leases


def test_a_lost_lease_stops_the_delivery_and_not_the_run(ready):
    ready.log(2, start=ready.end, end=ready.end + timedelta(hours=1))
    ready.write("b.acm", when=ready.end)
    context = ready.context()

    def steal():
        # The other runner comes when our lease is over, and takes the first session.
        ready.store.claim(
            owner="other",
            now=ready.clock.now + timedelta(hours=2),
            lease=timedelta(hours=1),
            recheck_since=ready.start,
            limit=1,
        )
        return Reservation(internal_id="1", title="Grains")

    ready.scheduler.answer = steal
    calls = []
    ready.scheduler.answer = lambda: (
        calls.append(1)
        or (steal() if len(calls) == 1 else Reservation(internal_id="2", title="Twins"))
    )

    report = ready.run(store=context.store)

    first, second = report.sessions
    assert "taken over by other" in first.error
    assert first.status == "TO_BE_BUILT"
    assert second.status == "COMPLETED"
    assert [one.title[-1] for one in ready.shelves[0].contexts] == ["2"]


def test_leases_are_renewed_while_a_session_takes_long(ready):
    for number in range(4):
        ready.write(f"{number}.acm")
    clock = ready.clock
    module = ready.plugin(
        """
        wait = None

        def slow(file):
            wait()
            return one(file)

        @hookimpl
        def nexuslims_extractors():
            yield Extractor(name="acme", extensions=frozenset({"acm"}), extract=slow)
        """
    )
    module.wait = lambda: clock.pass_(minutes=40)
    ready.modules = [module]
    seen = []

    class Watching(Silent):
        def file_done(self, _name):
            seen.append(ready.state().lease_expires_at > clock.now)

    ready.run(progress=Watching())

    assert len(seen) == 5
    assert seen[-1] is True


# Looks at finished sessions cost nothing once nothing can come


def test_finished_sessions_are_not_noted_for_another_attempt(ready):
    ready.run()
    ready.run()

    assert ready.state().next_attempt_at is None


# Same input, same record


@pytest.fixture
def importable(lab, monkeypatch):
    """Make the plugin one that worker processes can import."""
    name = f"acme_on_disk_{lab.folder.name}"
    source = """
from nexuslims_core import hookimpl
from nexuslims_core.types import *

def read(file):
    fields = {"acceleration_voltage": quantity(15, "kV")}
    one = Dataset(
        file=file, dataset_type="Image", data_type="SEM_Imaging", fields=fields,
        extensions={"Marker": file.path.stem},
    )
    return Extraction(datasets=(one, one))

@hookimpl
def nexuslims_extractors():
    yield Extractor(name="acme", extensions=frozenset({"acm"}), extract=read)
"""
    (lab.folder / f"{name}.py").write_text(source)
    monkeypatch.syspath_prepend(lab.folder)
    module = __import__(name)
    lab.modules = [module]
    yield lab
    sys.modules.pop(name, None)


def without_dates(xml):
    lines = xml.decode().splitlines()
    return [one for one in lines if "NexusLIMS Extraction – Date" not in one]


def test_worker_processes_and_none_make_the_same_record(importable):
    lab = importable
    lab.log()
    lab.shelf()
    for number in range(5):
        lab.write(f"{number}.acm", minutes=10 * number)
    lab.run()
    inline = lab.records()[0].read_bytes()
    for made in (*lab.records(), *lab.data.rglob("*.acm*")):
        made.unlink()
    lab.settings |= {"NX_EXECUTOR": "process", "NX_WORKERS": "2"}

    lab.run()

    assert without_dates(lab.records()[0].read_bytes()) == without_dates(inline)
    assert inline.count(b"<dataset ") == 10


def test_a_record_rebuilt_from_side_cars_is_the_same_byte_for_byte(importable):
    lab = importable
    lab.log()
    lab.shelf()
    lab.write("a.acm")
    lab.write("b.acm", minutes=50)
    lab.run()
    first = lab.records()[0].read_bytes()
    lab.clock.pass_(hours=1)
    lab.store.retry(status="COMPLETED")

    report = lab.run()

    assert lab.records()[0].read_bytes() == first
    assert only(report).exports == (), "it is delivered already"


def test_reports_of_a_resumed_session_keep_the_files_of_the_first_build(ready):
    ready.shelves[0].behaviour = ExportError("503")
    ready.run()
    ready.shelves[0].behaviour = None
    ready.run()

    assert [one.state for one in ready.history().files] == ["read"]


def test_an_unknown_executor_names_those_that_exist(ready):
    ready.settings["NX_EXECUTOR"] = "cluster"

    with pytest.raises(Exception, match=r"'cluster'.*known: inline, process"):
        ready.run()


def test_a_database_that_goes_away_costs_the_session_and_not_the_log(ready, tmp_path):
    context = ready.context()
    gone = Store.open(f"sqlite:///{tmp_path / 'nexuslims.db'}")
    from nexuslims_core.pipeline.build import Work, build
    from nexuslims_core.pipeline.claim import claim

    [claimed] = claim(context)
    (tmp_path / "nexuslims.db").rename(tmp_path / "moved.db")

    report = build(Work(claimed=claimed), replace(context, store=gone), None)
    (tmp_path / "moved.db").rename(tmp_path / "nexuslims.db")

    assert report.status == "TO_BE_BUILT"
    assert "unable to open" in report.error
