"""One session with the real files of all vendors: one run, one valid record."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import unquote

import pytest
from lxml import etree
from nexuslims_core.model.schema import BARE_NAMES, known_fields
from nexuslims_core.model.units import parse_unit, registry
from nexuslims_core.record import from_xml, validate_xml
from nexuslims_testing.facility import Facility, set_modified

pytestmark = pytest.mark.slow

STEP = timedelta(seconds=2)
PAUSE = timedelta(minutes=3)
"""Between the files of one folder, and between folders: each is an activity."""


@pytest.fixture(scope="module")
def mixed(real_files, tmp_path_factory):
    """Return what one run made of a read-only tree with every real file."""
    facility = Facility.at(
        tmp_path_factory.mktemp("mixed") / "facility",
        NX_FILE_STRATEGY="inclusive",
        NX_IGNORE_PATTERNS="[]",
        NX_WORKERS="2",
    )
    folder = facility.add_instrument("EM-1")
    start, paths = _copied(real_files, folder)
    facility.add_session("EM-1", start - PAUSE, start + timedelta(hours=20))
    before = _snapshot(folder)
    report = facility.build()
    return facility, folder, paths, before, report


def _copied(real_files, folder):
    root, paths = real_files
    start = datetime.now(tz=UTC).replace(microsecond=0) - timedelta(hours=30)
    when, last, copies = start, None, []
    for path in paths:
        copy = folder / path.relative_to(root)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
        when += STEP if path.parent == last else PAUSE
        last = path.parent
        set_modified(copy, when)
        copy.chmod(0o444)
        copies.append(copy)
    for one in [folder, *folder.rglob("*")]:
        if one.is_dir():
            one.chmod(0o555)
    return start, copies


def _snapshot(folder):
    return {
        path: (path.stat().st_mtime_ns, path.stat().st_size, path.stat().st_mode)
        for path in sorted(folder.rglob("*"))
    }


@pytest.fixture(scope="module")
def xml(mixed):
    facility, *_ = mixed
    [record] = (facility.data_path / "records").rglob("*.xml")
    return record.read_bytes()


def test_the_session_is_complete(mixed):
    *_, report = mixed
    assert [one["status"] for one in report["sessions"]] == ["COMPLETED"]


def test_the_record_is_valid_against_both_schemas(xml, official_schema):
    assert validate_xml(xml) == ()
    official_schema.assertValid(etree.fromstring(xml))


def test_every_file_is_in_the_record(mixed, xml):
    facility, _, paths, *_ = mixed
    named = {unquote(one.location) for one in _datasets(xml)}
    wanted = {f"/{p.relative_to(facility.instrument_root).as_posix()}" for p in paths}
    assert named == wanted


def test_the_tree_is_left_as_it_was(mixed):
    _, folder, _, before, _ = mixed
    assert _snapshot(folder) == before


def test_typed_values_have_the_preferred_unit_whoever_wrote_them(xml):
    preferred = {
        one.display_name: one.unit
        for name, one in known_fields().items()
        if one.unit is not None and name not in BARE_NAMES
    }
    # Text that a vendor wrote in place of a number is kept, without a unit.
    wrong = {
        (one.name, one.unit)
        for one in _values(xml)
        if one.unit and one.name in preferred and one.unit != preferred[one.name]
    }
    assert wrong == set()


def test_one_name_measures_one_thing_whoever_wrote_it(xml):
    measured = {}
    for one in _values(xml):
        if one.unit:
            root = registry().get_root_units(parse_unit(one.unit))[1]
            measured.setdefault(one.name, set()).add(str(root))
    several = {name: roots for name, roots in measured.items() if len(roots) > 1}
    assert several == {}


def test_a_setup_is_what_all_datasets_of_its_activity_share(xml):
    several = [
        activity
        for activity in from_xml(xml).activities
        if len({one.location for one in activity.datasets}) > 1
    ]
    assert several
    for activity in several:
        own = [{meta.name for meta in one.metadata} for one in activity.datasets]
        for param in activity.setup:
            assert not any(param.name in names for names in own), param.name
        for name in set.intersection(*own):
            values = {
                (meta.value, meta.unit)
                for one in activity.datasets
                for meta in one.metadata
                if meta.name == name
            }
            assert len(values) > 1, f"{name} is shared but not in the setup"


def test_previews_and_side_cars_are_where_the_record_says(mixed, xml):
    facility, *_ = mixed
    for one in _datasets(xml):
        if one.preview:
            preview = facility.data_path / unquote(one.preview).lstrip("/")
            side_car = Path(str(preview).removesuffix(".thumb.png") + ".json")
            assert preview.stat().st_size
            nx_meta = json.loads(side_car.read_text(encoding="utf-8"))["nx_meta"]
            assert nx_meta["DatasetType"] == one.type


def test_most_files_have_a_preview(mixed, xml):
    datasets = list(_datasets(xml))
    drawn = sum(bool(one.preview) for one in datasets)
    assert drawn > 0.8 * len(datasets)


def _datasets(xml):
    return [one for activity in from_xml(xml).activities for one in activity.datasets]


def _values(xml):
    for activity in from_xml(xml).activities:
        yield from activity.setup
        for one in activity.datasets:
            yield from one.metadata
