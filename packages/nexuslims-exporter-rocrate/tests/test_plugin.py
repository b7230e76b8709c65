from __future__ import annotations

import subprocess
import sys

from nexuslims_core.settings import Environment, plugin_instances
from nexuslims_exporter_rocrate import plugin
from nexuslims_exporter_rocrate.destination import RoCrates
from nexuslims_exporter_rocrate.settings import RoCrateSettings


def test_the_crates_are_contributed_and_need_a_folder(site, folder):
    [contribution] = plugin.nexuslims_export_destinations()
    assert (contribution.name, contribution.priority) == ("rocrate", 30)
    assert contribution.settings is RoCrateSettings
    destination = contribution.connect(contribution.settings(path=folder), site)
    assert isinstance(destination, RoCrates)


def test_without_a_folder_there_are_no_crates():
    environment = Environment.read(environ={})
    assert plugin_instances(RoCrateSettings, environment) == ()


def test_connecting_writes_nothing(site, folder):
    plugin.connect(RoCrateSettings(path=folder), site)
    assert list(site.data_path.iterdir()) == []


def test_declaring_imports_nothing_heavy():
    code = (
        "import sys, nexuslims_exporter_rocrate.plugin;"
        "heavy = {'rocrate', 'filelock', 'pint', 'numpy', 'PIL'} & set(sys.modules);"
        "print(*heavy)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout.split(), done.stderr) == (0, [], "")


def test_several_formats_are_given_with_commas(tmp_path):
    (tmp_path / "empty").touch()
    variables = {
        "NX_ROCRATE_PATH": "/srv/crates",
        "NX_ROCRATE_FORMAT": "zip, eln",
        "NX_ROCRATE_CHECKSUMS": "false",
    }
    environment = Environment.read(tmp_path / "empty", variables)
    [instance] = plugin_instances(RoCrateSettings, environment)
    assert instance.problems == ()
    assert instance.settings.format == ("zip", "eln")
    assert instance.settings.checksums is False
