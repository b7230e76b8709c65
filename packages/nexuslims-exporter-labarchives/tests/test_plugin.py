from __future__ import annotations

import subprocess
import sys

import pytest
from nexuslims_core.types import Withdrawing
from nexuslims_exporter_labarchives import plugin
from nexuslims_exporter_labarchives.addresses import page_url
from nexuslims_exporter_labarchives.settings import LabArchivesSettings
from pydantic import ValidationError

HEAVY = ("click", "httpx", "jinja2", "lxml", "PIL", "stamina", "numpy")
RIGHT = {"access_key_id": "key", "access_password": "s3cr3t", "user_id": "104"}


def test_it_contributes_one_destination():
    (contribution,) = plugin.nexuslims_export_destinations()
    assert (contribution.name, contribution.priority) == ("labarchives", 90)
    assert contribution.settings is LabArchivesSettings
    assert contribution.settings.env_prefix == "NX_LABARCHIVES_"


def test_it_contributes_one_command():
    (contribution,) = plugin.nexuslims_commands()
    assert contribution.name == "labarchives-get-uid"
    assert contribution.load().name == "labarchives-get-uid"


def test_importing_the_plugin_loads_nothing_heavy():
    code = (
        "import sys, nexuslims_exporter_labarchives.plugin;"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_connecting_does_no_io_and_records_can_be_taken_back(site):
    settings = LabArchivesSettings(**RIGHT, url="http://192.0.2.1/api")
    assert isinstance(plugin.connect(settings, site), Withdrawing)


def test_the_defaults_are_those_of_nexuslims_2():
    settings = LabArchivesSettings(**RIGHT)
    assert str(settings.url) == "https://api.labarchives.com/api"
    assert settings.notebook_id == ""
    assert settings.min_interval_s == 1.0


def test_settings_do_not_show_the_password():
    settings = LabArchivesSettings(**RIGHT)
    assert "s3cr3t" not in f"{settings!r} {settings}"


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": "api.labarchives.com"},
        {"access_key_id": " "},
        {"access_password": ""},
        {"user_id": ""},
        {"min_interval_s": -1},
        {"shown_previews": -1},
        {"notebok_id": "x"},
    ],
)
def test_wrong_settings_are_refused(wrong):
    with pytest.raises(ValidationError, match=next(iter(wrong))):
        LabArchivesSettings(**{**RIGHT, **wrong})


@pytest.mark.parametrize(
    ("api", "browser"),
    [
        ("https://api.labarchives.com/api", "https://mynotebook.labarchives.com"),
        ("https://api.labarchives.com/api/", "https://mynotebook.labarchives.com"),
        ("https://auapi.labarchives.com/api", "https://au-mynotebook.labarchives.com"),
        ("https://euapi.labarchives.com/api", "https://eu-mynotebook.labarchives.com"),
        ("https://u:p@eln.example.org/lab/api", "https://eln.example.org/lab"),
    ],
)
def test_pages_are_opened_in_the_browser_s_site(api, browser):
    assert page_url(api, "NB=", "12.3") == f"{browser}/#/NB=/12.3"
    assert page_url(api, "", "0") == f"{browser}/#/0/0"
    assert page_url(api, "NB=", "") == f"{browser}/#/NB="
