from __future__ import annotations

import pytest
from nexuslims_testing.servers.process import free_port
from nexuslims_testing.suites.destination import DestinationSuite, HeldRecord

PREFIX = "NexusLIMS Experiment - "


@pytest.mark.usefixtures("no_waiting")
class TestElabftw(DestinationSuite):
    @pytest.fixture(params=["object", "text"])
    def elabftw_metadata(self, request):
        return request.param

    @pytest.fixture
    def destination(self, elabftw):
        return elabftw

    @pytest.fixture
    def held_records(self, elabftw_server):
        def text(experiment):
            uploads = elabftw_server.uploads(experiment.id)
            records = [u.content for u in uploads if u.real_name.endswith(".xml")]
            return experiment.body + b"".join(records).decode()

        return lambda: [
            HeldRecord(
                record_id=str(each.id),
                title=each.title.removeprefix(PREFIX),
                content=text(each),
            )
            for each in elabftw_server.experiments()
        ]

    @pytest.fixture
    def broken_destination(self, connected):
        url = f"http://127.0.0.1:{free_port()}/"
        return connected(None, url=url, api_key="3-k")

    @pytest.fixture
    def misconfigured_destination(self, connected, elabftw_server):
        return connected(elabftw_server, api_key="9-wrong"), "NX_ELABFTW_API_KEY"
