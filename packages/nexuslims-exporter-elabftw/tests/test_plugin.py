from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from nexuslims_core.types import Withdrawing
from nexuslims_exporter_elabftw import plugin
from nexuslims_exporter_elabftw.settings import ElabftwSettings
from pydantic import ValidationError

HEAVY = ("httpx", "jinja2", "stamina", "numpy")
RIGHT = {"url": "https://eln.example.org", "api_key": "3-s3cr3t"}


def test_it_contributes_one_destination():
    (contribution,) = plugin.nexuslims_export_destinations()
    assert (contribution.name, contribution.priority) == ("elabftw", 85)
    assert contribution.settings is ElabftwSettings
    assert contribution.settings.env_prefix == "NX_ELABFTW_"


def test_importing_the_plugin_loads_nothing_heavy():
    code = (
        "import sys, nexuslims_exporter_elabftw.plugin;"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_connecting_does_no_io_and_records_can_be_taken_back(site):
    settings = ElabftwSettings(url="http://192.0.2.1/", api_key="k")
    assert isinstance(plugin.connect(settings, site), Withdrawing)


def test_settings_do_not_show_the_key():
    settings = ElabftwSettings(**RIGHT)
    assert "s3cr3t" not in f"{settings!r} {settings}"


def test_the_readme_tells_every_setting():
    readme = Path(__file__).parent.with_name("README.md").read_text(encoding="utf-8")
    told = re.findall(r"^\| `NX_ELABFTW_(\w+)` \|", readme, re.MULTILINE)
    assert sorted(told) == sorted(name.upper() for name in ElabftwSettings.model_fields)


@pytest.mark.parametrize(
    "address",
    [
        "https://eln.example.org/lab",
        "https://eln.example.org/lab/",
        "https://eln.example.org/lab/api/v2",
        "https://eln.example.org/lab/api/v2/",
    ],
)
def test_the_address_is_that_of_the_site(address):
    settings = ElabftwSettings(url=address, api_key="k")
    assert settings.site == "https://eln.example.org/lab"


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": "eln.example.org"},
        {"timeout": 0},
        {"experiment_category": 0},
        {"experiment_status": "Running"},
        {"attached_previews": -1},
        {"listed_file": 3},
    ],
)
def test_wrong_settings_are_refused(wrong):
    with pytest.raises(ValidationError, match=next(iter(wrong))):
        ElabftwSettings(**{**RIGHT, **wrong})
