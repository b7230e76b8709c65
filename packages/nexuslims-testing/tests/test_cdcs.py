from __future__ import annotations

import urllib.error
import urllib.request

import pytest
from nexuslims_testing.servers.cdcs import (
    PRIVATE_WORKSPACE,
    PUBLIC_WORKSPACE,
    TEMPLATE_TITLE,
    CdcsServer,
)

pytestmark = pytest.mark.live

RECORD = """<?xml version="1.0" encoding="UTF-8"?>
<Experiment xmlns="https://data.nist.gov/od/dm/nexus/experiment/v1.0">
  <title>Grain boundary, 5 µm</title>
  <summary><instrument pid="SEM-1">SEM</instrument></summary>
</Experiment>
"""


def test_the_first_template_is_not_the_one(cdcs_server):
    managers = cdcs_server.call("GET", "rest/template-version-manager/global/")
    assert [(each["title"], each["is_disabled"]) for each in managers] == [
        ("Another Schema", False),
        (f"{TEMPLATE_TITLE} 2019", True),
        (TEMPLATE_TITLE, False),
    ]
    assert managers[-1]["current"] == managers[-1]["versions"][-1]
    assert len(managers[-1]["versions"]) == 2


def test_the_first_workspace_is_not_the_public_one(cdcs_server):
    found = cdcs_server.call("GET", "rest/workspace/read_access/")
    assert [(each["title"], each["is_public"]) for each in found] == [
        (PRIVATE_WORKSPACE, False),
        (PUBLIC_WORKSPACE, True),
    ]
    assert cdcs_server.workspace(PUBLIC_WORKSPACE) == found[1]["id"]


def test_records_are_shown_to_those_who_may_see_them(cdcs_server):
    hidden = cdcs_server.add_record("hidden", RECORD)
    public = cdcs_server.workspace(PUBLIC_WORKSPACE)
    shown = cdcs_server.add_record("shown", RECORD, workspace=public)
    assert [record.id for record in cdcs_server.records()] == [hidden, shown]
    assert [record.id for record in cdcs_server.public_records()] == [shown]
    record = cdcs_server.records()[1]
    assert (record.title, record.owner, record.workspace) == ("shown", "admin", public)
    assert record.xml == RECORD


def test_an_invalid_record_is_refused(cdcs_server):
    with pytest.raises(RuntimeError, match=r"500.*No matching global declaration"):
        cdcs_server.add_record("wrong", "<Wrong/>")
    assert cdcs_server.records() == []


@pytest.mark.parametrize("username", ["exporter", "ada", "m.curie"])
def test_a_plain_user_may_publish(cdcs_server, username):
    identifier = cdcs_server.add_record("mine", RECORD)
    users = cdcs_server.call("GET", "rest/user/")
    user = next(each["id"] for each in users if each["username"] == username)
    cdcs_server.call("PATCH", f"rest/data/{identifier}/change-owner/{user}")
    public = cdcs_server.workspace(PUBLIC_WORKSPACE)
    cdcs_server.call(
        "PATCH",
        f"rest/data/{identifier}/assign/{public}",
        token=cdcs_server.token(username),
    )
    assert [record.owner for record in cdcs_server.public_records()] == [username]


def test_a_wrong_token_is_refused(cdcs_server):
    with pytest.raises(RuntimeError, match=r"403.*Invalid token"):
        cdcs_server.call("GET", "rest/workspace/read_access/", token="0" * 40)


def test_reset_undoes_everything_while_it_runs(cdcs_server):
    cdcs_server.add_record("gone", RECORD)
    body = {"username": "new", "email": "new@example.org", "password": "x"}
    cdcs_server.call("POST", "rest/user/", body)
    cdcs_server.reset()
    assert cdcs_server.records() == []
    assert len(cdcs_server.call("GET", "rest/user/")) == 4
    assert cdcs_server.add_record("next", RECORD) == 1


def test_a_stopped_server_refuses_and_comes_back_with_its_records(cdcs_server):
    cdcs_server.add_record("kept", RECORD)
    cdcs_server.stop()
    with pytest.raises(urllib.error.URLError, match="refused"):
        cdcs_server.records()
    cdcs_server.start()
    assert [record.title for record in cdcs_server.records()] == ["kept"]


def test_it_may_live_below_a_path_and_call_xml_content_only(cdcs_schema, tmp_path):
    with CdcsServer(
        cdcs_schema, tmp_path, path="/nexus/cdcs/", xml_content=False
    ) as server:
        server.add_record("there", RECORD)
        assert server.url.endswith("/nexus/cdcs/")
        assert [record.xml for record in server.records()] == [RECORD]
        found = server.call("POST", "rest/data/query/", {"query": {}, "all": "true"})
        assert "xml_content" not in found[0]


@pytest.mark.slow
def test_it_runs_a_newer_release(cdcs_schema, tmp_path):
    with CdcsServer(cdcs_schema, tmp_path, version="2.23.0") as server:
        public = server.workspace(PUBLIC_WORKSPACE)
        server.add_record("shown", RECORD, workspace=public)
        assert [record.title for record in server.public_records()] == ["shown"]
