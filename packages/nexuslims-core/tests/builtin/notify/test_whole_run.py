"""What people get when the program itself runs again and again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from nexuslims_testing.facility import Facility, set_modified

REPOSITORY = '''
"""A repository that is out of order while a file says so."""

from pathlib import Path

from nexuslims_core import hookimpl
from nexuslims_core.errors import ExportError
from nexuslims_core.plugin_settings import DestinationSettings
from nexuslims_core.types import ExportDestination, ExportResult


class ShelfSettings(DestinationSettings):
    env_prefix = "NX_SHELF_"
    broken: str


class Shelf:
    def __init__(self, settings):
        self.settings = settings

    def validate_config(self):
        pass

    def export(self, context):
        if Path(self.settings.broken).exists():
            raise ExportError("shelf: 503 Service Unavailable; wait")
        return ExportResult(destination="shelf", success=True, action="created")


@hookimpl
def nexuslims_export_destinations():
    yield ExportDestination(
        name="shelf",
        settings=ShelfSettings,
        connect=lambda settings, site: Shelf(settings),
    )
'''


@pytest.fixture
def broken(tmp_path):
    """Return the file whose presence keeps the repository out of order."""
    path = tmp_path / "broken"
    path.touch()
    return path


@pytest.fixture
def server(mail_server):
    return mail_server()


@pytest.fixture
def facility(tmp_path, server, broken):
    """Return an installation with one session, which mails what goes wrong."""
    plugins = tmp_path / "plugins"
    plugins.mkdir()
    (plugins / "shelf.py").write_text(REPOSITORY)
    facility = Facility.at(
        tmp_path / "facility",
        NX_LOCAL_PROFILES_PATH=plugins,
        NX_DISABLED_PLUGINS="nexuslims-exporter-html",
        NX_FILE_STRATEGY="inclusive",
        NX_SHELF_BROKEN=broken,
        NX_CERT_BUNDLE=server.authority.replace("\n", "\\n"),
        NX_EMAIL_SMTP_HOST="localhost",
        NX_EMAIL_SMTP_PORT=server.port,
        NX_EMAIL_SENDER="nexuslims@example.org",
        NX_EMAIL_RECIPIENTS="ada@example.org,bob@example.org",
    )
    folder = facility.add_instrument("SEM-1")
    start = datetime.now(tz=UTC) - timedelta(hours=3)
    image = folder / "notes.txt"
    image.write_text("beam current 1 nA")
    set_modified(image, start + timedelta(minutes=30))
    facility.add_session("SEM-1", start, start + timedelta(hours=1), id="s-42")
    return facility


def test_one_mail_says_that_it_failed_and_one_that_it_is_well_again(
    facility, server, broken
):
    for _ in range(3):
        facility.run("run", expect=(1,))
    [mail] = server.mails
    assert mail["Subject"].startswith("NexusLIMS: 1 new problem (")
    text = mail.get_body(("plain",)).get_content()
    assert "SEM-1: s-42" in text
    assert "shelf: 503 Service Unavailable; wait" in text
    assert "nexuslims sessions show s-42 --instrument SEM-1" in text
    assert facility.statuses() == {"s-42": "BUILT_NOT_EXPORTED"}

    broken.unlink()
    facility.run("sessions", "retry", "s-42")
    for _ in range(2):
        facility.run("run")
    [_, mail] = server.mails
    assert mail["Subject"].startswith("NexusLIMS: 1 problem resolved (")
