from __future__ import annotations

import json

import pytest
from nexuslims_exporter_html.destination import HtmlCatalogue
from nexuslims_exporter_html.settings import HtmlSettings
from nexuslims_testing.suites.destination import DestinationSuite, HeldRecord


class TestHtml(DestinationSuite):
    @pytest.fixture
    def destination(self, catalogue):
        return catalogue

    @pytest.fixture
    def held_records(self, folder):
        return lambda: [_held(folder, path) for path in folder.glob("entries/*.json")]

    @pytest.fixture
    def misconfigured_destination(self, site, tmp_path):
        return _below_a_file(site, tmp_path), "NX_HTML_PATH"

    @pytest.fixture
    def broken_destination(self, site, tmp_path):
        return _below_a_file(site, tmp_path)


def _held(folder, path):
    entry = json.loads(path.read_bytes())
    page, xml = (
        folder / "records" / f"{entry['stem']}.{suffix}" for suffix in ("html", "xml")
    )
    return HeldRecord(
        record_id=path.stem,
        title=entry["name"],
        content=page.read_text("utf-8") + xml.read_text("utf-8"),
    )


def _below_a_file(site, tmp_path):
    (tmp_path / "file").write_bytes(b"")
    return HtmlCatalogue(HtmlSettings(path=tmp_path / "file" / "catalogue"), site)
