from __future__ import annotations

import json
import logging
import os
from dataclasses import replace

import lxml.html
import pytest
from nexuslims_core.errors import ExportError
from nexuslims_exporter_html.destination import HtmlCatalogue
from nexuslims_exporter_html.settings import HtmlSettings
from nexuslims_testing.samples.records import tiny_png


def test_an_unchanged_record_writes_nothing(context, catalogue, snapshot):
    catalogue.export(context)
    before = snapshot()
    assert catalogue.export(context).action == "unchanged"
    assert snapshot() == before


def test_a_changed_record_rewrites_only_what_changed(
    make_context, catalogue, snapshot, problems
):
    catalogue.export(make_context(2))
    catalogue.export(make_context(1))
    before = snapshot()
    catalogue.export(make_context(1, motivation="rebuilt"))
    after = snapshot()
    changed = {name for name in after if after[name] != before.get(name)}
    stem = "records/2026-03-17_TEM-1_1"
    [entry] = [name for name in changed if name.startswith("entries/")]
    assert changed == {"index.html", f"{stem}.html", f"{stem}.xml", entry}
    assert problems() == []


def test_a_touched_preview_of_the_same_content_is_unchanged(
    context, catalogue, snapshot
):
    catalogue.export(context)
    before = snapshot()
    for preview in context.data_path.rglob("Atlas/**/*.png"):
        os.utime(preview, ns=(1, 1))
    assert catalogue.export(context).action == "unchanged"
    assert snapshot() == before


def test_a_redrawn_preview_is_copied_anew(context, catalogue, folder, problems):
    catalogue.export(context)
    preview = next(context.data_path.glob("Atlas/**/*.png"))
    preview.write_bytes(tiny_png(99))
    assert catalogue.export(context).action == "updated"
    copies = [path.read_bytes() for path in folder.glob("previews/*/*.png")]
    assert tiny_png(99) in copies
    assert problems() == []


def test_a_renamed_record_replaces_its_page(make_context, catalogue, folder, problems):
    first = catalogue.export(make_context(title="before"))
    second = catalogue.export(make_context(title="after"))
    assert (second.action, second.record_id) == ("updated", first.record_id)
    assert second.record_url.endswith("/records/after.html")
    assert [path.name for path in folder.glob("records/*.html")] == ["after.html"]
    assert problems() == []


def test_a_name_may_be_taken_over_from_another_session(
    make_context, catalogue, problems
):
    catalogue.export(make_context(1, title="first"))
    catalogue.export(make_context(1, title="second"))
    taken = catalogue.export(make_context(2, title="first"))
    assert taken.record_url.endswith("/records/first.html")
    assert problems() == []


@pytest.mark.parametrize("title", ["same", "SAME"])
def test_two_sessions_of_one_name_get_pages_of_their_own(
    title, make_context, catalogue, folder, problems
):
    catalogue.export(make_context(1, title="same"))
    assert catalogue.export(make_context(2, title=title)).action == "created"
    assert catalogue.export(make_context(2, title=title)).action == "unchanged"
    assert len({p.name.casefold() for p in folder.glob("records/*.html")}) == 2
    assert problems() == []


def test_previews_of_datasets_that_are_gone_are_removed(
    make_context, catalogue, folder, problems
):
    context = make_context()
    catalogue.export(context)
    assert len(list(folder.glob("previews/*/*.png"))) == 6
    catalogue.export(make_context(activities=context.record.activities[:1]))
    assert len(list(folder.glob("previews/*/*.png"))) == 3
    assert problems() == []


def test_missing_previews_are_counted_and_left_out(
    context, catalogue, page_of, problems
):
    for preview in list(context.data_path.rglob("*.png"))[:2]:
        preview.unlink()
    result = catalogue.export(context)
    assert result.metadata["missing_previews"] == 2
    assert "No preview" in page_of(result).text_content()
    assert problems() == []


def test_a_preview_that_is_no_file_is_left_out(context, catalogue, problems):
    preview = next(context.data_path.rglob("*.png"))
    preview.unlink()
    preview.mkdir()
    assert catalogue.export(context).metadata["missing_previews"] == 1
    assert problems() == []


@pytest.mark.skipif(os.name == "nt", reason="permissions of POSIX")
@pytest.mark.skipif(getattr(os, "geteuid", int)() == 0, reason="root reads everything")
def test_an_unreadable_preview_is_left_out(context, catalogue, problems):
    next(context.data_path.rglob("*.png")).chmod(0)
    assert catalogue.export(context).metadata["missing_previews"] == 1
    assert problems() == []


def test_copies_are_kept_while_the_originals_are_out_of_reach(
    context, catalogue, folder, problems
):
    catalogue.export(context)
    for file in context.data_path.glob("Atlas/**/*.*"):
        file.unlink()
    assert catalogue.export(context).action == "unchanged"
    assert len(list(folder.glob("previews/*/*.png"))) == 6
    assert problems() == []


def test_previews_outside_the_data_folder_are_refused(
    make_context, catalogue, tmp_path
):
    (tmp_path / "secret.png").write_bytes(tiny_png())
    context = make_context()
    activity = context.record.activities[0]
    entries = tuple(
        replace(activity.datasets[0], preview=preview)
        for preview in (
            "/../secret.png",
            "/%2e%2e/secret.png",
            "/Atlas/..%2F..%2Fsecret.png",
            str(tmp_path / "secret.png"),
            "secret.png",
            "file:///secret.png",
        )
    )
    record = replace(context.record, activities=(replace(activity, datasets=entries),))
    result = catalogue.export(replace(context, record=record))
    assert result.metadata["missing_previews"] == 6


def test_side_cars_are_copied_unless_switched_off(context, site, folder, problems):
    HtmlCatalogue(HtmlSettings(), site).export(context)
    assert len(list(folder.glob("previews/*/*.json"))) == 6
    HtmlCatalogue(HtmlSettings(side_cars=False), site).export(context)
    assert list(folder.glob("previews/*/*.json")) == []
    assert problems() == []


@pytest.mark.parametrize("lost", ["index.html", "assets", "previews", "records"])
def test_what_was_lost_is_made_again(lost, context, catalogue, folder, problems):
    catalogue.export(context)
    (folder / lost).rename(folder.parent / "lost")
    catalogue.export(context)
    assert problems() == []


def test_a_damaged_entry_costs_only_its_own_line(
    make_context, catalogue, folder, caplog
):
    catalogue.export(make_context(1))
    [damaged] = folder.glob("entries/*.json")
    damaged.write_bytes(b"{")
    with caplog.at_level(logging.WARNING):
        catalogue.export(make_context(2))
    assert str(damaged) in caplog.text
    index = lxml.html.fromstring((folder / "index.html").read_bytes())
    assert len(index.xpath("//li//h3")) == 1


def test_a_damaged_entry_is_repaired_by_its_session(
    context, catalogue, folder, problems
):
    catalogue.export(context)
    next(folder.glob("entries/*.json")).write_bytes(b"{")
    assert catalogue.export(context).action == "updated"
    assert problems() == []


def test_a_catalogue_of_a_later_version_is_left_alone(
    context, catalogue, folder, snapshot
):
    catalogue.export(context)
    path = next(folder.glob("entries/*.json"))
    path.write_text(json.dumps({**json.loads(path.read_bytes()), "layout": 2}))
    before = snapshot()
    with pytest.raises(ExportError, match="later version") as caught:
        catalogue.export(context)
    assert not caught.value.retry
    assert snapshot() == before


@pytest.mark.parametrize(
    "note",
    [
        b"",
        b"[]",
        b'{"stems": ["../../data"], "superseded": ["previews/../../x/y"]}',
        b'{"stems": ["a"], "page": "../x", "superseded": ["previews/a/../../x"]}',
    ],
)
def test_a_tampered_note_removes_nothing(note, context, catalogue, folder, problems):
    catalogue.export(context)
    keep = [folder.parent / "x", folder.parent / "y", folder / "x"]
    for file in keep:
        file.write_bytes(b"")
    (folder / "entries" / "unfinished").write_bytes(note)
    catalogue.export(context)
    assert problems() == []
    assert [file for file in keep if not file.exists()] == []


def test_the_address_of_a_page_is_a_file_unless_a_server_shows_it(
    context, site, catalogue, folder
):
    page = folder / "records" / f"{context.title}.html"
    assert catalogue.export(context).record_url == page.as_uri()
    served = HtmlCatalogue(HtmlSettings(url="https://em.example.org/records/"), site)
    expected = f"https://em.example.org/records/records/{context.title}.html"
    assert served.export(context).record_url == expected


def test_data_files_and_previews_are_not_touched(context, catalogue):
    files = [path for path in context.data_path.rglob("Atlas/**/*") if path.is_file()]
    before = [(path.stat().st_mtime_ns, path.read_bytes()) for path in files]
    catalogue.export(context)
    assert [(path.stat().st_mtime_ns, path.read_bytes()) for path in files] == before
