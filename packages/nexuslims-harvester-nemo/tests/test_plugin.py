from __future__ import annotations

import subprocess
import sys

import pytest
from nexuslims_core.types import Harvester
from nexuslims_harvester_nemo import plugin
from nexuslims_harvester_nemo.settings import NemoSettings


def test_the_plugin_contributes_one_harvester():
    (harvester,) = plugin.nexuslims_harvesters()

    assert isinstance(harvester, Harvester)
    assert harvester.name == "nemo"
    assert harvester.settings is NemoSettings


@pytest.mark.parametrize("module", ["httpx", "stamina", "numpy", "sqlalchemy", "pint"])
def test_declaring_the_plugin_imports_nothing_heavy(module):
    program = (
        "import sys, nexuslims_harvester_nemo.plugin as plugin; "
        "list(plugin.nexuslims_harvesters()); "
        f"sys.exit({module!r} in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_connecting_sends_nothing(source):
    # Nothing listens on port 9 of loopback.
    assert source("http://127.0.0.1:9/api/", "token").serves is not None
