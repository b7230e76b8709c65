from __future__ import annotations

import subprocess
import sys

from nexuslims_exporter_html import plugin
from nexuslims_exporter_html.destination import HtmlCatalogue
from nexuslims_exporter_html.settings import HtmlSettings


def test_the_catalogue_is_contributed_and_needs_no_settings(site):
    [contribution] = plugin.nexuslims_export_destinations()
    assert (contribution.name, contribution.priority) == ("html", 10)
    assert contribution.settings is HtmlSettings
    destination = contribution.connect(contribution.settings(), site)
    assert isinstance(destination, HtmlCatalogue)


def test_connecting_writes_nothing(site):
    plugin.connect(HtmlSettings(), site)
    assert list(site.data_path.iterdir()) == []


def test_declaring_imports_nothing_heavy():
    code = (
        "import sys, nexuslims_exporter_html.plugin;"
        "heavy = {'jinja2', 'filelock', 'lxml', 'numpy', 'PIL'} & set(sys.modules);"
        "print(*heavy)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout.split(), done.stderr) == (0, [], "")
