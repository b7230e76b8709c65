from __future__ import annotations

import re
from html import unescape

import pytest
from nexuslims_testing.servers.process import free_port
from nexuslims_testing.suites.destination import DestinationSuite, HeldRecord


@pytest.mark.usefixtures("no_waiting")
class TestLabArchives(DestinationSuite):
    @pytest.fixture
    def destination(self, labarchives):
        return labarchives

    @pytest.fixture
    def held_records(self, labarchives_server):
        def held(page):
            (text,) = labarchives_server.texts(page)
            (file,) = labarchives_server.attachments(page)
            title = re.search(r"<strong>Record:</strong> (.*?)</li>", text.data)[1]
            return HeldRecord(
                record_id=text.eid,
                title=unescape(title),
                content=text.data + file.content.decode(),
            )

        return lambda: [held(page) for page in labarchives_server.pages()]

    @pytest.fixture
    def broken_destination(self, connected, labarchives_server):
        return connected(labarchives_server, url=f"http://127.0.0.1:{free_port()}/api")

    @pytest.fixture
    def misconfigured_destination(self, connected, labarchives_server):
        wrong = connected(labarchives_server, access_password="wrong")
        return wrong, "NX_LABARCHIVES_ACCESS_PASSWORD"
