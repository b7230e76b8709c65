"""A catalogue in a temporary folder, and what must hold of any catalogue."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from urllib.parse import unquote, urlsplit

import lxml.html
import pytest
from nexuslims_exporter_html.destination import HtmlCatalogue
from nexuslims_exporter_html.settings import HtmlSettings
from nexuslims_testing.samples.records import changed_context, example_site


@pytest.fixture
def site(tmp_path):
    for name in ("instruments", "data", "records"):
        (tmp_path / name).mkdir(exist_ok=True)
    return example_site(tmp_path, records_path=tmp_path / "records")


@pytest.fixture
def catalogue(site):
    return HtmlCatalogue(HtmlSettings(), site)


@pytest.fixture
def folder(catalogue):
    return catalogue.folder


@pytest.fixture
def make_context(tmp_path):
    """Return a function that makes the context of a session, with changed fields."""

    return partial(changed_context, tmp_path)


@pytest.fixture
def context(make_context):
    return make_context()


@pytest.fixture
def page_of():
    """Return a function that parses the page of an export's result."""

    def parse(result):
        path = Path(unquote(urlsplit(result.record_url).path))
        return lxml.html.fromstring(path.read_bytes())

    return parse


@pytest.fixture
def snapshot(folder):
    """Return a function that tells the files of the catalogue, as they are on disk."""

    def take():
        files = (path for path in folder.rglob("*") if path.is_file())
        stats = {str(path.relative_to(folder)): path.stat() for path in files}
        return {
            name: (stat.st_mtime_ns, stat.st_ino, stat.st_size)
            for name, stat in stats.items()
            if name != ".lock"
        }

    return take


@pytest.fixture
def problems(folder):
    """Return a function that lists what is wrong with the catalogue as it stands.

    With `settled`, what only a running or killed export may leave is wrong, too.
    """

    def look(*, settled=True):
        found = _dead_references(folder)
        if settled and folder.exists():
            found += _leftovers(folder)
        return found

    return look


def _dead_references(folder):
    return [
        f"{page.relative_to(folder)} refers to {reference}"
        for page in sorted(folder.rglob("*.html"))
        for reference in _references(page)
        if not _resolves(page, reference, folder)
    ]


def _references(page):
    for element in lxml.html.fromstring(page.read_bytes()).iter():
        for name in ("href", "src"):
            reference = element.get(name)
            if reference is not None and not reference.startswith(("http", "#")):
                yield reference


def _resolves(page, reference, folder):
    target = (page.parent / unquote(urlsplit(reference).path)).resolve()
    return target.is_relative_to(folder.resolve()) and target.is_file()


def _leftovers(folder):
    entries = [json.loads(f.read_bytes()) for f in folder.glob("entries/*.json")]
    stems = sorted(entry["stem"] for entry in entries)
    index = lxml.html.fromstring((folder / "index.html").read_bytes())
    listed = sorted(
        link.removeprefix("records/").removesuffix(".html")
        for link in index.xpath("//li//h3/a/@href")
    )
    shown = {
        (page.parent / unquote(reference)).resolve()
        for page in folder.glob("records/*.html")
        for reference in _references(page)
    }
    checks = {
        "pages": stems == sorted(p.stem for p in folder.glob("records/*.html")),
        "copies of XML": stems == sorted(p.stem for p in folder.glob("records/*.xml")),
        "lines of the index": stems == listed,
        "sessions": len({entry["session"] for entry in entries}) == len(entries),
        "folders of previews": {p.name for p in folder.glob("previews/*")}
        <= set(stems),
        "previews": {p.resolve() for p in folder.glob("previews/*/*")} <= shown,
        "no staging": not (folder / ".staging").exists(),
        "no note": not (folder / "entries" / "unfinished").exists(),
    }
    return [name for name, sound in checks.items() if not sound]
