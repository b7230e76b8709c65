"""Rendering pages from templates; every value is escaped."""

from __future__ import annotations

from functools import cached_property
from importlib.resources import files
from itertools import groupby
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from nexuslims_core.exporting.names import digest_of
from nexuslims_core.exporting.text import clean, web_url

from nexuslims_exporter_html.tree import Write

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from nexuslims_exporter_html.entries import Entry
    from nexuslims_exporter_html.view import RecordView

_PACKAGE = "nexuslims_exporter_html"
_ASSETS = ("catalogue.css", "catalogue.js", "icon.svg")

_TYPE_NAMES = {"SpectrumImage": "Spectrum image", "Misc": "Other"}
_DESTINATION_NAMES = {
    "cdcs": "CDCS",
    "elabftw": "eLabFTW",
    "labarchives": "LabArchives",
}


class Pages:
    """The templates and what they refer to.

    Parameters
    ----------
    title
        Heading of the catalogue.
    """

    def __init__(self, title: str) -> None:
        self.title = title
        # Keeping the entry keeps its identity from being given to another.
        self._lines: dict[int, tuple[Entry, Markup]] = {}

    @cached_property
    def assets(self) -> tuple[Write, ...]:
        """Style sheet, script and icon.

        Their names change with their content, so that pages made by an earlier version
        of this package keep the ones they were made for.
        """
        folder = files(_PACKAGE) / "static"
        contents = {name: (folder / name).read_bytes() for name in _ASSETS}
        return tuple(
            Write(target=_asset_target(name, content), content=content)
            for name, content in contents.items()
        )

    def record(self, view: RecordView) -> bytes:
        """Return the page of one record."""
        return self._render("record.html", up="../", view=view).encode()

    def index(self, entries: Iterable[Entry]) -> bytes:
        """Return the page that lists `entries`, in their order."""
        lines = {id(entry): (entry, self._line(entry)) for entry in entries}
        years = [
            (year, [line for _, line in group])
            for year, group in groupby(
                lines.values(), key=lambda item: item[0].start.year
            )
        ]
        self._lines = lines
        return self._render("index.html", up="", years=years).encode()

    def _line(self, entry: Entry) -> Markup:
        """Return the line of an entry, rendered when it is first seen."""
        if id(entry) in self._lines:
            return self._lines[id(entry)][1]
        # What the template returns has been escaped by it.
        return Markup(self._render("line.html", entry=entry))  # noqa: S704

    def _render(self, template: str, **values: object) -> str:
        page = self._environment.get_template(template)
        targets = (asset.target for asset in self.assets)
        assets = dict(zip(_ASSETS, targets, strict=True))
        return page.render(site_title=self.title, assets=assets, **values)

    @cached_property
    def _environment(self) -> Environment:
        environment = Environment(
            loader=PackageLoader(_PACKAGE),
            autoescape=True,
            undefined=StrictUndefined,
            finalize=_finalize,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        environment.filters.update(
            clock=_clock,
            day=_day,
            destination_name=lambda name: _DESTINATION_NAMES.get(name, name),
            search_text=_search_text,
            type_class=_type_class,
            type_name=lambda kind: _TYPE_NAMES.get(kind, kind),
            web_url=web_url,
        )
        return environment


def _asset_target(name: str, content: bytes) -> str:
    stem, _, suffix = name.partition(".")
    version = digest_of(content)[:8]
    return f"assets/{stem}-{version}.{suffix}"


def _finalize(value: object) -> object:
    """Prepare what a template outputs; the template engine escapes it afterwards."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return clean(value)
    return value


def _clock(time: datetime) -> str:
    return f"{time:%H:%M}"


def _day(time: datetime) -> str:
    return f"{time:%Y-%m-%d}"


def _type_class(kind: str) -> str:
    known = {"Image", "Spectrum", "SpectrumImage", "Diffraction"}
    return f"type-{kind.lower()}" if kind in known else "type-other"


def _search_text(entry: Entry) -> str:
    """Return the words of an entry that its line does not show."""
    return " ".join((entry.name, entry.session, *entry.keywords))
