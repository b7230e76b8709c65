from __future__ import annotations

import hashlib
import subprocess
import sys

import pytest
from nexuslims_core.builtin import plugin as built_in
from nexuslims_core.errors import ExtractionError
from nexuslims_core.extraction import CHECKSUM, candidates, read
from nexuslims_core.manager import PluginManager
from nexuslims_core.types import DataFile

FALLBACK = "basic_file_info_extractor"


def extractors(*lines):
    body = "\n".join(f"    yield {line}" for line in lines)
    return f"@hookimpl\ndef nexuslims_extractors():\n{body}\n"


def notes_of(reading):
    [signal] = reading.signals
    return signal.metadata.notes


def test_the_extractor_of_highest_priority_that_supports_the_file_reads_it(
    file, manager_of, module
):
    plugin = module(
        extractors(
            "acme('low', priority=60)",
            "acme('high', priority=200, supports=lambda file: False)",
            "acme('middle', priority=100)",
        )
    )
    manager = PluginManager.of(built_in, plugin)

    reading = read(file, manager)

    assert reading.extractor.name == "middle"
    assert plugin.asked == ["middle"]
    assert reading.failures == ()
    assert notes_of(reading) == ()


def test_extensions_choose_whom_to_ask_in_any_case(tmp_path, manager_of):
    manager = manager_of(
        extractors("acme('acme')", "replace(acme('other'), extensions={'xyz'})")
    )
    path = tmp_path / "GRAIN.ACM"
    path.touch()

    found = candidates(DataFile.at(path), manager)

    assert [one.name for one in found] == ["acme", FALLBACK]


FAULTS = {
    "fails(ExtractionError('page 3 is missing'))": (
        "first could not read the file: page 3 is missing"
    ),
    "fails(ZeroDivisionError('oh'))": "first failed: ZeroDivisionError: oh",
    "fails(ValueError())": "first failed: ValueError",
    "fails(ValueError('one\\ntwo'))": "first failed: ValueError: one",
    "fails(SystemExit(0))": "first failed: it called sys.exit(0)",
    "fails(MemoryError())": "first failed: MemoryError",
    "lambda file: None": (
        "first could not read the file: returned NoneType, expected Extraction"
    ),
    "lambda file: []": (
        "first could not read the file: returned list, expected Extraction"
    ),
    "lambda file: Extraction(datasets=())": (
        "first could not read the file: found no dataset in it"
    ),
    "lambda file: Extraction(datasets=('x',))": (
        "first could not read the file: returned str, expected Dataset"
    ),
    "lambda file: one(file, fields=None)": (
        "first could not read the file: fields of a dataset is NoneType, expected a "
        "mapping"
    ),
    "lambda file: one(file, raw=[1])": (
        "first could not read the file: raw of a dataset is list, expected a mapping"
    ),
    "lambda file: one(file, notes='text')": (
        "first could not read the file: notes of a dataset is text, expected a tuple "
        "of such"
    ),
}


@pytest.mark.parametrize(("fault", "told"), FAULTS.items())
def test_who_fails_is_followed_by_the_next_and_named(file, manager_of, fault, told):
    manager = manager_of(
        extractors(f"acme('first', {fault}, priority=200)", "acme('second')")
    )

    reading = read(file, manager)

    assert reading.extractor.name == "second"
    assert reading.failures == (told,)
    assert notes_of(reading) == (told,)


def test_all_who_fail_are_named_in_order_and_the_fallback_reads(file, manager_of):
    manager = manager_of(
        extractors(
            "acme('b', fails(ExtractionError('two')), priority=100)",
            "acme('a', fails(ExtractionError('one')), priority=200)",
            "acme('c', fails(KeyError('three')), priority=60)",
        )
    )

    reading = read(file, manager)

    assert reading.extractor.name == FALLBACK
    assert reading.failures == (
        "a could not read the file: one",
        "b could not read the file: two",
        "c failed: KeyError: 'three'",
    )
    stamp = reading.signals[0].metadata.nx_meta["NexusLIMS Extraction"]
    assert stamp["Extractor Warnings"] == list(reading.failures)
    assert FALLBACK in stamp["Module"]


def test_who_cannot_tell_whether_it_supports_a_file_is_passed_over(file, manager_of):
    manager = manager_of(
        extractors("acme('first', supports=lambda file: 1 / 0)", "acme('second')")
    )

    reading = read(file, manager)

    assert reading.extractor.name == "second"
    assert reading.failures == ("first failed: ZeroDivisionError: division by zero",)


def test_extractors_to_skip_are_not_asked_and_named(file, manager_of, module):
    plugin = module(extractors("acme('first', priority=200)", "acme('second')"))
    manager = PluginManager.of(built_in, plugin)

    reading = read(file, manager, skip={"first": "took too long and was stopped"})

    assert plugin.asked == ["second"]
    assert reading.failures == ("first took too long and was stopped",)
    assert reading.incomplete


def test_where_nobody_can_read_everybody_is_named(file, module):
    manager = PluginManager.of(
        module(extractors("acme('only', fails(ValueError('no')))"))
    )

    with pytest.raises(
        ExtractionError, match=r"grain.acm.*only failed: ValueError: no"
    ):
        read(file, manager)


def test_the_checksum_is_of_the_whole_file_and_only_on_request(file, manager_of):
    manager = manager_of(extractors("acme('acme')"))

    [plain] = read(file, manager).signals
    [signal] = read(file, manager, checksum=True).signals

    digest = hashlib.sha256(b"some data").hexdigest()
    assert signal.metadata.nx_meta["extensions"][CHECKSUM] == digest
    assert CHECKSUM not in plain.metadata.nx_meta["extensions"]


def test_a_file_that_vanished_has_no_checksum_and_a_note(file, manager_of):
    file.path.unlink()

    reading = read(file, manager_of(), checksum=True)

    assert "file cannot be read: No such file or directory" in notes_of(reading)
    assert CHECKSUM not in reading.signals[0].metadata.nx_meta["extensions"]
    assert reading.incomplete


def test_a_reading_without_trouble_is_complete(file, manager_of):
    assert not read(file, manager_of()).incomplete
    assert not read(file, manager_of(extractors("acme('acme')"))).incomplete


@pytest.mark.parametrize(
    ("extension", "several"), [("acm", 3), ("acm", 1)], ids=["three", "one"]
)
def test_each_signal_is_one_reading(file, manager_of, extension, several):
    manager = manager_of(
        extractors(
            f"acme('acme', lambda f: Extraction(datasets=one(f).datasets * {several}))"
        )
    )

    assert len(read(file, manager).signals) == several


def test_extract_works_without_configuration(tmp_path):
    (tmp_path / "notes.txt").write_text("beam on")
    script = (
        "from nexuslims_core import extract\n"
        "[signal] = extract('notes.txt')\n"
        "print(list(signal)[0], signal['nx_meta']['extensions']['MIME Type'])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env={"PATH": "", "NX_DATA_PATH": "/nowhere"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == "nx_meta text/plain\n"


def test_extracting_a_file_that_is_not_there_says_so(tmp_path):
    from nexuslims_core import extract

    with pytest.raises(FileNotFoundError, match=r"none\.tif"):
        extract(tmp_path / "none.tif")
