from __future__ import annotations

import os
import random
import shutil
import zipfile
from dataclasses import replace

import pytest
from nexuslims_core.errors import ConfigurationError, ExportError
from nexuslims_core.types import ExportResult

ALL = ("folder", "zip", "eln")


@pytest.fixture
def names(folder):
    """Return a function that lists what is in the folder of crates."""
    return lambda: sorted(p.name for p in folder.iterdir() if p.name != ".lock")


def test_crates_are_named_by_title_and_session(connected, context, names):
    connected(format=ALL).export(context)
    assert names() == [
        "2026-03-17_TEM-1_1-03ba6b05749f21b5",
        "2026-03-17_TEM-1_1-03ba6b05749f21b5.eln",
        "2026-03-17_TEM-1_1-03ba6b05749f21b5.zip",
    ]


def test_an_eln_file_holds_one_folder_of_its_name(connected, context, folder):
    connected().export(context)
    [path] = folder.glob("*.eln")
    with zipfile.ZipFile(path) as archive:
        roots = {name.partition("/")[0] for name in archive.namelist()}
    assert roots == {path.stem}


def test_a_zip_file_has_the_metadata_at_its_top(connected, context, folder):
    connected(format=("zip",)).export(context)
    [path] = folder.glob("*.zip")
    with zipfile.ZipFile(path) as archive:
        assert "ro-crate-metadata.json" in archive.namelist()


@pytest.mark.parametrize("form", ["zip", "eln"])
def test_the_same_record_gives_the_same_bytes(
    connected, context, with_data, folder, form
):
    with_data(context)
    contents = []
    for _ in range(2):
        connected(format=(form,)).export(context)
        [path] = folder.glob(f"*.{form}")
        contents.append(path.read_bytes())
        path.unlink()
    assert contents[0] == contents[1]


@pytest.mark.parametrize("form", ALL)
def test_what_did_not_change_is_not_touched(connected, context, folder, form):
    connected(format=(form,)).export(context)
    before = {p: p.stat() for p in folder.rglob("*") if p.name != ".lock"}
    assert connected(format=(form,)).export(context).action == "unchanged"
    after = {p: p.stat() for p in folder.rglob("*") if p.name != ".lock"}
    assert {p: (s.st_mtime_ns, s.st_ino) for p, s in before.items()} == {
        p: (s.st_mtime_ns, s.st_ino) for p, s in after.items()
    }


@pytest.mark.parametrize("form", ALL)
def test_a_changed_preview_is_an_update(connected, exported, context, form):
    exported(connected(format=(form,)), context)
    preview = next((context.data_path / "Atlas").rglob("*.png"))
    preview.write_bytes(b"another picture")
    done = exported(connected(format=(form,)), context)
    assert done.result.action == "updated"
    crate = getattr(done, form)
    assert b"another picture" in crate.files.values()
    assert len([name for name in crate.files if name.endswith(".png")]) == 4


@pytest.mark.parametrize("form", ALL)
def test_a_changed_data_file_is_an_update(
    connected, exported, context, with_data, form
):
    exported(connected(format=(form,)), with_data(context))
    site = connected()._site
    path = site.instrument_data_path / "Atlas/2026-03-17/area0-000.dm3"
    path.write_bytes(b"longer")
    done = exported(connected(format=(form,)), context)
    [data] = [n for n in getattr(done, form).graph if n.get("name") == path.name]
    assert (done.result.action, data["contentSize"]) == ("updated", "6")


def test_what_is_known_of_data_stays_while_their_store_is_away(
    connected, exported, context, with_data, site
):
    first = exported(connected(), with_data(context))
    site.instrument_data_path.rename(site.data_path / "away")
    second = exported(connected(), context)
    assert second.result.action == "unchanged"
    assert second.eln.document == first.eln.document


def test_a_data_file_is_read_once(connected, exported, context, with_data, site):
    exported(connected(), with_data(context))
    path = site.instrument_data_path / "Atlas/2026-03-17/area0-000.dm3"
    times = path.stat()
    path.write_bytes(b"X" * times.st_size)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    # Of the same size and time, so what is in it is not looked at again.
    assert exported(connected(), context).result.action == "unchanged"


def test_data_to_copy_that_cannot_be_reached_are_told(connected, context, site):
    shutil.rmtree(site.instrument_data_path)
    with pytest.raises(ExportError, match="NX_ROCRATE_INCLUDE_DATA") as caught:
        connected(include_data=True).export(context)
    assert caught.value.retry


@pytest.mark.parametrize("form", ALL)
def test_the_last_copy_of_a_data_file_is_kept(
    connected, exported, make_context, with_data, site, opened, form
):
    crates = connected(format=(form,), include_data=True)
    first = getattr(exported(crates, with_data(make_context())), form)
    (site.instrument_data_path / "Atlas/2026-03-17/area0-000.dm3").unlink()
    with pytest.raises(ExportError, match=r"/Atlas/2026-03-17/area0-000\.dm3"):
        crates.export(make_context(motivation="rebuilt"))
    assert opened(first.path).document == first.document


def test_a_new_title_moves_the_crates(connected, exported, make_context, names):
    exported(connected(format=ALL), make_context())
    done = exported(connected(format=ALL), make_context(title="Another name"))
    assert done.result.action == "updated"
    assert {name.partition("-")[0] for name in names()} == {"Another_name"}
    assert done.eln.nodes["./"]["name"] == "Another name"


def test_a_format_that_is_no_longer_wanted_goes(connected, exported, context, names):
    exported(connected(format=ALL), context)
    done = exported(connected(format=("zip",)), context)
    assert done.result.action == "updated"
    assert names() == ["2026-03-17_TEM-1_1-03ba6b05749f21b5.zip"]


@pytest.mark.parametrize("form", ALL)
def test_a_withdrawn_record_is_gone(connected, make_context, names, form):
    crates = connected(format=(form,))
    crates.export(make_context(1))
    crates.export(make_context(2))
    done = crates.withdraw(make_context(1))
    assert done.action == "withdrawn"
    assert len(names()) == 1
    assert "TEM-1_2" in names()[0]
    assert crates.withdraw(make_context(1)).action == "unchanged"


def test_withdrawing_removes_every_format_whatever_is_set(connected, context, names):
    connected(format=ALL).export(context)
    assert connected(format=("zip",)).withdraw(context).action == "withdrawn"
    assert names() == []


def test_withdrawing_what_was_never_there_is_no_failure(connected, context):
    assert connected().withdraw(context).action == "unchanged"


@pytest.mark.parametrize("form", ["zip", "eln"])
def test_a_damaged_archive_is_made_anew(connected, exported, context, folder, form):
    exported(connected(format=(form,)), context)
    [path] = folder.glob(f"*.{form}")
    path.write_bytes(path.read_bytes()[:-400])
    done = exported(connected(format=(form,)), context)
    assert done.result.action == "updated"


@pytest.mark.parametrize("seed", range(30))
def test_an_archive_with_wrong_bytes_stops_nothing(
    connected, opened, context, folder, seed
):
    crates = connected(format=("zip",))
    crates.export(context)
    [path] = folder.glob("*.zip")
    whole = path.read_bytes()
    chance = random.Random(seed)
    damaged = bytearray(whole)
    # Near the end is the directory of the archive; near its beginning the document.
    for place in (chance.randrange(3000), -chance.randrange(1, 1500)):
        damaged[place] ^= 1 << chance.randrange(8)
    path.write_bytes(damaged)
    # What lies between, the previews, is not read again to see whether it is the same.
    if crates.export(context).action == "updated":
        opened(path)
        assert path.read_bytes() == whole


def test_a_damaged_folder_is_made_anew(connected, exported, context, folder):
    exported(connected(format=("folder",)), context)
    next(folder.rglob("*.png")).unlink()
    assert exported(connected(format=("folder",)), context).result.action == "updated"


def test_a_previous_crate_that_makes_no_sense_is_replaced(
    connected, exported, context, folder
):
    exported(connected(format=("folder",)), context)
    [document] = folder.rglob("ro-crate-metadata.json")
    document.write_text('{"@graph": [1, {"@id": 2, "identifier": "x"}]}')
    assert exported(connected(format=("folder",)), context).result.action == "updated"


def test_other_files_in_the_folder_are_left_alone(connected, exported, context, folder):
    folder.mkdir()
    (folder / "notes.txt").write_text("ours")
    (folder / "Keep-0123456789abcdef").mkdir()
    exported(connected(format=ALL), context)
    connected().withdraw(context)
    assert (folder / "notes.txt").read_text() == "ours"
    assert (folder / "Keep-0123456789abcdef").is_dir()


def test_the_instruments_files_are_only_read(connected, context, with_data, site):
    with_data(context)
    store = site.instrument_data_path
    before = {p: p.stat().st_mtime_ns for p in store.rglob("*")}
    connected(format=ALL, include_data=True).export(context)
    assert {p: p.stat().st_mtime_ns for p in store.rglob("*")} == before


def test_a_data_file_that_grows_while_it_is_copied_is_told(
    connected, context, with_data, site, tmp_path
):
    from nexuslims_exporter_rocrate.copying import write_part
    from nexuslims_exporter_rocrate.inventory import Scope, take_inventory

    with_data(context)
    scope = Scope(
        instrument_data_path=site.instrument_data_path,
        checksums=True,
        include_data=True,
        known={},
    )
    part = take_inventory(context, scope).activities[0].data[0].part
    with part.source.open("ab") as stream:
        stream.write(b"more")
    with pytest.raises(ExportError, match="changed while it was copied"):
        write_part(part, tmp_path / "copy")


@pytest.mark.parametrize("place", ["instruments/crates", "."])
def test_a_folder_in_the_wrong_place_is_refused(connected, tmp_path, place):
    with pytest.raises(ConfigurationError, match="NX_ROCRATE_PATH"):
        connected(path=tmp_path / place).validate_config()


def test_a_relative_folder_is_refused(connected):
    with pytest.raises(ConfigurationError, match="relative"):
        connected(path="crates").validate_config()


@pytest.mark.parametrize("form", ALL)
def test_a_folder_that_cannot_be_written_keeps_the_old_crate(
    connected, make_context, folder, opened, form
):
    crates = connected(format=(form,))
    crates.export(make_context())
    [path] = [p for p in folder.iterdir() if not p.name.startswith(".")]
    old = opened(path)
    (folder / ".staging").write_bytes(b"in the way")
    with pytest.raises(ExportError, match=r"NX_ROCRATE_PATH.*permissions") as caught:
        crates.export(make_context(motivation="changed"))
    assert caught.value.retry
    assert opened(path).document == old.document


@pytest.mark.parametrize("form", ALL)
def test_links_that_come_later_are_an_update(connected, exported, context, form):
    exported(connected(format=(form,)), context)
    told = ExportResult(
        destination="cdcs", success=True, record_url="https://cdcs.example.org/1"
    )
    linked = replace(context, results={"cdcs": told})
    done = exported(connected(format=(form,)), linked)
    assert done.result.action == "updated"
    assert exported(connected(format=(form,)), linked).result.action == "unchanged"
