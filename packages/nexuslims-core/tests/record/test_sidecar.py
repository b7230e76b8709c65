from __future__ import annotations

import json
import os
import sys
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from nexuslims_core.model.files import DataFile, Dataset
from nexuslims_core.model.metadata import validate
from nexuslims_core.record.sidecar import (
    SOURCE,
    ExtractorKey,
    Signal,
    mirror,
    read_reusable,
    write,
    write_file,
)

KEY = ExtractorKey(
    extractor="acme",
    extractor_version="1",
    distribution="nexuslims-extractors-acme",
    distribution_version="0.3",
    profile="p1",
)


def signal(number=0, preview=b"\x89PNG"):
    return Signal(
        nx_meta={"DatasetType": "Image", "n": number, "µ": "\u2028 & <"},
        raw={"MAIN": {"a": 1}},
        preview=preview,
    )


@pytest.fixture
def file(tmp_path, instrument):
    path = tmp_path / "instruments" / "Titan" / "a b.dm3"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"data")
    return DataFile.at(path, instrument)


@pytest.fixture
def mirrored(tmp_path, file):
    return mirror(file.path, tmp_path / "instruments", tmp_path / "nx")


def names(mirrored):
    return sorted(path.name for path in mirrored.parent.iterdir())


def test_a_side_car_stands_beside_its_preview(file, mirrored):
    (stored,) = write(file, mirrored, [signal()], KEY)
    assert names(mirrored) == ["a b.dm3.json", "a b.dm3.thumb.png"]
    assert stored.preview.read_bytes() == b"\x89PNG"


def test_nx_meta_comes_first_and_our_own_group_last(file, mirrored):
    (stored,) = write(file, mirrored, [signal()], KEY)
    content = json.loads(stored.sidecar.read_bytes())
    assert list(content) == ["nx_meta", "MAIN", SOURCE]
    assert content["nx_meta"] == stored.nx_meta
    assert content[SOURCE] == {
        "file": "a%20b.dm3",
        "size": 4,
        "mtime_ns": file.mtime_ns,
        "instrument": "FEI-Titan-TEM",
        "timezone": "America/New_York",
        "extractor": "acme",
        "extractor_version": "1",
        "distribution": "nexuslims-extractors-acme",
        "distribution_version": "0.3",
        "profile": "p1",
        "signal": 0,
        "signals": 1,
        "preview": True,
    }


@pytest.mark.parametrize("count", [1, 2, 11])
@pytest.mark.parametrize("preview", [b"png", None])
def test_what_was_stored_can_stand_for_reading_the_file(file, mirrored, count, preview):
    stored = write(file, mirrored, [signal(n, preview) for n in range(count)], KEY)
    found = read_reusable(file, mirrored, KEY)
    assert found == stored
    assert [one.nx_meta["n"] for one in found] == list(range(count))


@pytest.mark.parametrize(
    "change",
    [
        {"size": 5},
        {"mtime_ns": 1},
        {"instrument": None},
    ],
)
def test_a_changed_file_is_read_again(file, mirrored, change):
    write(file, mirrored, [signal()], KEY)
    assert read_reusable(replace(file, **change), mirrored, KEY) is None


@pytest.mark.parametrize(
    "part", ["extractor", "extractor_version", "distribution_version", "profile"]
)
def test_a_changed_extractor_reads_the_file_again(file, mirrored, part):
    write(file, mirrored, [signal()], KEY)
    assert read_reusable(file, mirrored, replace(KEY, **{part: "other"})) is None


def test_without_a_side_car_there_is_nothing_to_reuse(file, mirrored):
    assert read_reusable(file, mirrored, KEY) is None


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[]",
        b"null",
        b'{"nx_meta": {}}',
        b'{"nexuslims_source": {}}',
        b'{"nx_meta": [], "nexuslims_source": 3}',
        b"[" * 100_000,
    ],
)
@pytest.mark.parametrize("count", [1, 2])
def test_a_damaged_side_car_is_never_reused(file, mirrored, damage, count):
    stored = write(file, mirrored, [signal(n) for n in range(count)], KEY)
    stored[-1].sidecar.write_bytes(damage)
    assert read_reusable(file, mirrored, KEY) is None


@pytest.mark.parametrize("end", [0.1, 0.5, 0.9, 0.999])
def test_half_a_side_car_is_never_reused(file, mirrored, end):
    (stored,) = write(file, mirrored, [signal()], KEY)
    content = stored.sidecar.read_bytes()
    stored.sidecar.write_bytes(content[: int(len(content) * end)])
    assert read_reusable(file, mirrored, KEY) is None


def test_a_missing_preview_is_drawn_again(file, mirrored):
    stored = write(file, mirrored, [signal(0), signal(1)], KEY)
    stored[1].preview.unlink()
    assert read_reusable(file, mirrored, KEY) is None


def test_a_missing_signal_is_read_again(file, mirrored):
    stored = write(file, mirrored, [signal(0), signal(1)], KEY)
    stored[1].sidecar.unlink()
    assert read_reusable(file, mirrored, KEY) is None


@pytest.mark.parametrize(("before", "after"), [(3, 1), (3, 2), (1, 2), (2, 3), (1, 1)])
def test_what_an_earlier_extraction_left_is_removed(file, mirrored, before, after):
    write(file, mirrored, [signal(n) for n in range(before)], KEY)
    write(file, mirrored, [signal(n) for n in range(after)], KEY)
    assert len(names(mirrored)) == 2 * after
    assert len(read_reusable(file, mirrored, KEY)) == after


def test_a_preview_that_cannot_be_drawn_any_more_is_removed(file, mirrored):
    write(file, mirrored, [signal()], KEY)
    write(file, mirrored, [signal(preview=None)], KEY)
    assert names(mirrored) == ["a b.dm3.json"]


def test_side_cars_of_a_file_with_a_similar_name_are_kept(file, mirrored):
    other = replace(file, path=file.path.with_name("a b.dm3_signal0"))
    write(other, mirrored.with_name("a b.dm3_signal0"), [signal()], KEY)
    write(file, mirrored, [signal()], KEY)
    assert "a b.dm3_signal0.json" in names(mirrored)


def test_the_data_file_and_its_folder_are_left_alone(file, mirrored):
    before = file.path.parent.stat(), file.path.stat()
    write(file, mirrored, [signal()], KEY)
    write(file, mirrored, [signal(), signal()], KEY)
    assert (file.path.parent.stat(), file.path.stat()) == before


def test_metadata_that_are_no_strict_json_are_refused_and_leave_nothing(file, mirrored):
    with pytest.raises(ValueError, match="JSON"):
        write(file, mirrored, [Signal(nx_meta={"a": float("nan")})], KEY)
    assert names(mirrored) == []


def test_a_failed_write_leaves_the_old_content(tmp_path):
    target = tmp_path / "a.json"
    target.mkdir()
    with pytest.raises(OSError):  # noqa: PT011 - which one depends on the system
        write_file(target, b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX modes")
def test_web_servers_can_read_what_is_written(tmp_path):
    old = os.umask(0o022)
    try:
        write_file(tmp_path / "a.json", b"{}")
    finally:
        os.umask(old)
    assert (tmp_path / "a.json").stat().st_mode & 0o777 == 0o644


@pytest.mark.skipif(sys.platform != "linux", reason="names are text elsewhere")
def test_names_that_are_no_valid_text_are_stored_too(file, mirrored):
    raw = os.fsdecode(b"caf\xe9.dm3")
    odd = replace(file, path=file.path.with_name(raw))
    place = mirrored.with_name(raw)
    write(odd, place, [signal(0), signal(1)], KEY)
    assert len(read_reusable(odd, place, KEY)) == 2


def test_validated_metadata_can_be_stored_whatever_they_hold(file, mirrored):
    dataset = Dataset(
        file=file,
        dataset_type="Image",
        data_type="SEM_Imaging",
        extensions={"nan": float("nan"), "odd": "\ud800\x00"},
        raw={"big": np.zeros((3000, 3000)), "void": np.void(b"\xff")},
    )
    found = validate(
        dataset, date=datetime(2024, 3, 1, tzinfo=UTC), module="m", version="1"
    )
    (stored,) = write(
        file, mirrored, [Signal(nx_meta=found.nx_meta, raw=found.raw)], KEY
    )
    assert stored.sidecar.stat().st_size < 5000
    assert read_reusable(file, mirrored, KEY)[0].nx_meta == found.nx_meta
