from __future__ import annotations

import subprocess
import sys

import pytest
from nexuslims_exporter_cdcs import plugin
from nexuslims_exporter_cdcs.settings import CdcsSettings
from pydantic import ValidationError

HEAVY = ("httpx", "lxml", "stamina", "numpy")


def test_it_contributes_one_destination():
    (contribution,) = plugin.nexuslims_export_destinations()
    assert (contribution.name, contribution.priority) == ("cdcs", 100)
    assert contribution.settings is CdcsSettings
    assert contribution.settings.env_prefix == "NX_CDCS_"


def test_importing_the_plugin_loads_nothing_heavy():
    code = (
        "import sys, nexuslims_exporter_cdcs.plugin;"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_connecting_does_no_io(site):
    settings = CdcsSettings(url="http://192.0.2.1/", token="t")
    assert plugin.connect(settings, site) is not None


def test_the_defaults_are_those_of_nexuslims_2():
    settings = CdcsSettings(url="https://cdcs.example.org", token="t")
    assert settings.assign_to_public_workspace
    assert not settings.user_owned_records
    assert settings.template_title == "Nexus Experiment Schema"


def test_settings_do_not_show_the_token():
    settings = CdcsSettings(url="https://cdcs.example.org", token="s3cr3t")
    assert "s3cr3t" not in f"{settings!r} {settings}"


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": "cdcs.example.org"},
        {"url": "ftp://cdcs.example.org"},
        {"timeout": 0},
        {"template_title": ""},
        {"workspce_title": "x"},
    ],
)
def test_wrong_settings_are_refused(wrong):
    right = {"url": "https://cdcs.example.org", "token": "t"}
    with pytest.raises(ValidationError, match=next(iter(wrong))):
        CdcsSettings(**{**right, **wrong})
