from __future__ import annotations

import io

import pytest
from nexuslims_core.record.parse import from_xml
from nexuslims_core.record.xsd import validate
from nexuslims_testing.samples.records import (
    example_context,
    example_record,
    example_session,
    record_xml,
    tiny_png,
    with_motivation,
)
from PIL import Image


@pytest.mark.parametrize("datasets", [0, 1, 5])
def test_an_example_record_is_valid(datasets):
    record = example_record(example_session(), datasets=datasets)
    assert validate(record_xml(record)) == ()


def test_an_example_record_is_the_same_every_time():
    one, other = (example_record(example_session(4)) for _ in range(2))
    assert record_xml(one) == record_xml(other)


def test_a_context_holds_one_record_in_three_forms(tmp_path):
    context = example_context(tmp_path)
    assert context.xml_path.read_bytes() == context.xml
    assert from_xml(context.xml).title == context.record.title


def test_every_dataset_of_a_context_has_a_preview_and_a_side_car(tmp_path):
    context = example_context(tmp_path)
    datasets = [entry for act in context.record.activities for entry in act.datasets]
    assert len(list(context.data_path.rglob("*.thumb.png"))) == len(datasets)
    assert len(list(context.data_path.rglob("*.json"))) == len(datasets)


def test_files_of_a_context_that_are_the_same_are_left_alone(tmp_path):
    context = example_context(tmp_path)
    files = sorted(path for path in tmp_path.rglob("*") if path.is_file())
    before = [path.stat().st_mtime_ns for path in files]
    record = with_motivation(context.record, "another")
    example_context(tmp_path, record=record)
    changed = [
        path
        for path, time in zip(files, before, strict=True)
        if path.stat().st_mtime_ns != time
    ]
    assert changed == [context.xml_path]


def test_a_tiny_png_is_a_picture():
    with Image.open(io.BytesIO(tiny_png(3, size=20))) as image:
        image.load()
        assert (image.size, image.mode) == ((20, 20), "L")
