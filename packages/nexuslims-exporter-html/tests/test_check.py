from __future__ import annotations

from pathlib import Path

import pytest
from nexuslims_core.errors import ConfigurationError
from nexuslims_exporter_html.destination import HtmlCatalogue
from nexuslims_exporter_html.settings import HtmlSettings


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("relative/catalogue", "relative path"),
        ("{tmp}/instruments/catalogue", "instruments' files"),
        ("{tmp}/data", "holds NX_DATA_PATH"),
        ("{tmp}", "holds NX_DATA_PATH"),
        ("{tmp}/records", "holds the folder of records"),
        ("{tmp}/file/catalogue", "cannot be written"),
        ("{tmp}/website", "no catalogue's"),
    ],
)
def test_a_folder_that_cannot_be_a_catalogue_is_refused(path, reason, site, tmp_path):
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "website").mkdir()
    (tmp_path / "website" / "index.html").write_bytes(b"")
    settings = HtmlSettings(path=Path(path.format(tmp=tmp_path)))
    with pytest.raises(ConfigurationError, match=reason) as caught:
        HtmlCatalogue(settings, site).validate_config()
    assert "NX_HTML_PATH" in str(caught.value)


def test_the_default_is_a_folder_below_the_data(site, tmp_path):
    catalogue = HtmlCatalogue(HtmlSettings(), site)
    catalogue.validate_config()
    assert catalogue.folder == tmp_path / "data" / "catalogue"
    assert list(catalogue.folder.iterdir()) == []


def test_a_catalogue_in_use_is_accepted(catalogue, context):
    catalogue.export(context)
    catalogue.validate_config()


def test_a_home_directory_may_be_abbreviated(site, monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    catalogue = HtmlCatalogue(HtmlSettings(path=Path("~/catalogue")), site)
    assert catalogue.folder == tmp_path / "catalogue"
