from __future__ import annotations

import pytest
from nexuslims_testing.servers.process import free_port
from nexuslims_testing.suites.destination import TITLES, DestinationSuite, HeldRecord

pytestmark = pytest.mark.live

OPERATOR = "CDCS takes a $ in a query for an operator, so no such title could be found"


@pytest.mark.usefixtures("no_waiting")
class TestCdcs(DestinationSuite):
    @pytest.fixture
    def destination(self, cdcs):
        return cdcs

    @pytest.fixture
    def held_records(self, cdcs_server):
        return lambda: [
            HeldRecord(record_id=str(each.id), title=each.title, content=each.xml)
            for each in cdcs_server.records()
        ]

    @pytest.fixture
    def broken_destination(self, connected):
        return connected(None, url=f"http://127.0.0.1:{free_port()}/", token="t")

    @pytest.fixture
    def misconfigured_destination(self, connected, cdcs_server):
        return connected(cdcs_server, token="0" * 40), "NX_CDCS_TOKEN"

    @pytest.mark.xfail(condition=False, reason=OPERATOR)
    @pytest.mark.parametrize(
        "title",
        [
            pytest.param(
                title, marks=[pytest.mark.xfail(reason=OPERATOR)] * ("$" in title)
            )
            for title in TITLES
        ],
    )
    def test_any_title_arrives(self, title, destination, context, held_records):
        super().test_any_title_arrives(title, destination, context, held_records)
