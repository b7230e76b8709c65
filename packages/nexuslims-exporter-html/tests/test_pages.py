from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import lxml.html
import pytest
from nexuslims_core.types import (
    DatasetEntry,
    ExportResult,
    MetaValue,
    Project,
    RecordSample,
    Sample,
)

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '" onmouseover="alert(1)" x=\'',
    "' onfocus='alert(1)' autofocus '",
    "javascript:alert(1)",
    "</title><svg onload=alert(1)>",
    "<!-- --><base href=//evil.example.org/>",
    "{{ 7 * 7 }}{% raw %}",
    "&lt;b&gt; &amp; & < >",
    "\x00\x1b\u202e\udcff\ufffe",
    "http://user@host/<\"'>",
]


def _poison(record, text):
    """Return `record` with `text` wherever text can be."""
    value = MetaValue(name=text, value=text, unit=text, warning=True)
    datasets = tuple(
        DatasetEntry(
            name=text,
            location=text,
            type=text,
            role=text,
            preview=text,
            metadata=(value,),
        )
        for _ in record.activities[0].datasets
    )
    activity = replace(record.activities[0], setup=(value,), datasets=datasets)
    sample = Sample(name=text, pid=text, description=text, elements=(text,))
    return {
        "title": text,
        "id": text,
        "experimenter": text,
        "instrument_pid": text,
        "instrument_name": text,
        "summary_ref": text,
        "motivation": text,
        "samples": (RecordSample(id=record.activities[0].sample_id, sample=sample),),
        "projects": (
            Project(name=text, division=text, group=text, project_id=text, ref=text),
        ),
        "activities": (activity, activity),
    }


@pytest.fixture
def poisoned(make_context):
    """Return a function that makes a context with a text in every place."""

    def make(text):
        context = make_context()
        record = replace(context.record, **_poison(context.record, text))
        result = ExportResult(destination=text, success=True, record_url=text)
        session = replace(context.session, identifier=text)
        return replace(
            context,
            record=record,
            title=text,
            session=session,
            results={text: result},
        )

    return make


def _active_content(page):
    """Return whatever a browser would run, load from elsewhere, or go to."""
    for element in page.iter(lxml.html.etree.Element):
        if element.tag in {"base", "iframe", "object", "embed", "svg", "form", "style"}:
            yield element.tag
        if element.tag == "script" and not element.get("src").startswith("assets/"):
            yield "script"
        for name, value in element.items():
            is_address = name in {"href", "src"}
            if name.startswith("on") or name in {"style", "srcset", "autofocus"}:
                yield name
            if is_address and ":" in value and not value.startswith("http"):
                yield value


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_becomes_markup(text, poisoned, catalogue, folder, problems):
    clean = catalogue.export(poisoned("harmless"))
    assert clean.success
    pages = {
        name: len(list(lxml.html.fromstring(path.read_bytes()).iter()))
        for name, path in (
            ("index", folder / "index.html"),
            ("record", next(folder.glob("records/*.html"))),
        )
    }
    for file in folder.glob("entries/*.json"):
        file.unlink()
    (folder / "index.html").unlink()
    next(folder.glob("records/*.html")).unlink()
    catalogue.export(poisoned(text))
    index = lxml.html.fromstring((folder / "index.html").read_bytes())
    record = lxml.html.fromstring(next(folder.glob("records/*.html")).read_bytes())
    assert list(_active_content(index)) == []
    assert list(_active_content(record)) == []
    assert len(list(index.iter())) == pages["index"]
    assert len(list(record.iter())) <= pages["record"]
    assert [p for p in problems(settled=False) if "refers to" in p] == []


@pytest.mark.parametrize("text", HOSTILE[:9])
def test_text_is_shown_as_it_is(text, poisoned, catalogue, page_of, folder):
    page = page_of(catalogue.export(poisoned(text)))
    assert page.xpath("string(//h1)") == text
    index = lxml.html.fromstring((folder / "index.html").read_bytes())
    assert index.xpath("string(//li//h3)") == text


def test_reordering_and_control_characters_are_made_visible(
    make_context, catalogue, page_of
):
    context = make_context(motivation="report\u202egpj.exe \x07 \udcff")
    page = page_of(catalogue.export(context))
    assert (
        page.xpath("string(//p[@class='lead'])") == "report\ufffdgpj.exe \ufffd \ufffd"
    )


@pytest.mark.parametrize(
    ("url", "linked"),
    [
        ("https://cdcs.example.org/data?id=1&x=2", True),
        ("javascript:alert(1)", False),
        ("file:///etc/passwd", False),
        (None, False),
    ],
)
def test_only_web_addresses_of_other_destinations_are_linked(
    url, linked, make_context, catalogue, page_of
):
    result = ExportResult(destination="cdcs", success=True, record_url=url)
    page = page_of(catalogue.export(make_context(results={"cdcs": result})))
    links = page.xpath("//a[starts-with(text(), 'View in')]")
    assert [(a.text, a.get("href")) for a in links] == [("View in CDCS", url)] * linked


def test_a_failed_delivery_is_not_linked(make_context, catalogue, page_of):
    result = ExportResult(
        destination="cdcs", success=False, record_url="https://cdcs.example.org/1"
    )
    page = page_of(catalogue.export(make_context(results={"cdcs": result})))
    assert page.xpath("//a[starts-with(text(), 'View in')]") == []


def test_links_to_other_destinations_outlive_exports_that_know_none(
    make_context, catalogue, page_of
):
    url = "https://cdcs.example.org/data?id=1"
    result = ExportResult(destination="cdcs", success=True, record_url=url)
    catalogue.export(make_context(results={"cdcs": result}))
    again = catalogue.export(make_context(results={}))
    assert again.action == "unchanged"
    assert page_of(again).xpath(f"//a[@href='{url}']")


def test_every_page_forbids_what_it_does_not_need(context, catalogue, folder):
    catalogue.export(context)
    for path in folder.rglob("*.html"):
        page = lxml.html.fromstring(path.read_bytes())
        [policy] = page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy


def test_a_page_shows_the_record(context, catalogue, page_of):
    text = " ".join(page_of(catalogue.export(context)).text_content().split())
    for expected in (
        "Precipitates in alloy AX-7",
        "Maria Curie (mcurie)",
        "Atlas TEM",
        "2026-03-17 09:30 \N{EN DASH} 13:30 Europe/Vienna",
        "AX-7 foil 3",
        "Mg Al Si Cu",
        "Light alloys",
        "300.0 kV",
        "SUPERVISOR \N{WARNING SIGN} doubtful",
        "area1-002.dm3",
        "/Atlas/2026-03-17/area1-002.dm3",
    ):
        assert expected in text


def test_tables_and_pictures_can_be_told_by_a_screen_reader(
    context, catalogue, page_of
):
    page = page_of(catalogue.export(context))
    assert page.xpath("//main//img[not(@alt) or @alt='']") == []
    assert page.xpath("//th[not(@scope)]") == []
    assert page.xpath("//table[not(caption)]") == []
    assert len(page.xpath("//main")) == 1
    assert len(page.xpath("//h1")) == 1
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids))


def test_the_newest_session_is_listed_first(make_context, catalogue, folder):
    for number in (2, 3, 1):
        catalogue.export(make_context(number))
    index = lxml.html.fromstring((folder / "index.html").read_bytes())
    days = [text.split()[0] for text in index.xpath("//li//time/@datetime")]
    assert days == sorted(days, reverse=True)
    assert len(days) == 3


def test_the_index_finds_what_its_lines_do_not_show(context, catalogue, folder):
    catalogue.export(context)
    index = lxml.html.fromstring((folder / "index.html").read_bytes())
    [words] = index.xpath("//li/@data-search")
    assert {"Mg", "LA-42", "TEM-1", "2026-03-17_TEM-1_1"} <= set(words.split())


def test_times_are_those_of_the_instruments_clock(make_context, catalogue, page_of):
    context = make_context()
    start = datetime(2026, 7, 1, 23, 30, tzinfo=UTC)
    session = replace(context.session, start=start, end=start + timedelta(hours=1))
    page = page_of(catalogue.export(replace(context, session=session)))
    assert "2026-07-02 01:30" in page.text_content()


def test_an_unknown_time_zone_is_no_obstacle(context, catalogue, page_of):
    instrument = replace(context.session.instrument, timezone="Mars/Olympus")
    session = replace(context.session, instrument=instrument)
    page = page_of(catalogue.export(replace(context, session=session)))
    assert "2026-03-17 08:30" in page.text_content()


def test_a_record_without_anything_is_shown(make_context, catalogue, problems, page_of):
    nothing = make_context(
        title="t", samples=(), projects=(), activities=(), motivation=""
    )
    record = replace(nothing.record, title="", experimenter="", summary_ref="", id="")
    result = catalogue.export(replace(nothing, record=record))
    assert problems() == []
    assert "No files were found" in page_of(result).text_content()


def test_a_record_of_many_datasets_loads_pictures_when_needed(
    make_context, catalogue, page_of
):
    page = page_of(catalogue.export(make_context(datasets=50)))
    pictures = page.xpath("//main//img")
    assert len(pictures) == 100
    assert {picture.get("loading") for picture in pictures} == {"lazy"}
    assert page.xpath("//details[@open]") == []


def test_the_entry_is_plain_json(context, catalogue, folder):
    catalogue.export(context)
    [path] = folder.glob("entries/*.json")
    entry = json.loads(path.read_bytes())
    assert entry["session"] == context.session.identifier
    assert entry["datasets"] == 6
