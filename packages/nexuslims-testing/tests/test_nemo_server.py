from __future__ import annotations

import json
import socket
from datetime import UTC, datetime
from urllib.parse import urlsplit

import httpx
import pytest
from nexuslims_testing.servers.nemo import NemoServer
from nexuslims_testing.servers.nemo_data import BLANK, answers

pytestmark = pytest.mark.live

MORNING = {"start": "2024-05-06T15:00:00Z", "end": "2024-05-06T18:00:00Z"}


def listed(server, table, *, token=None, **query):
    headers = {"Authorization": f"Token {token or server.token}"}
    answer = httpx.get(f"{server.url}{table}/", params=query, headers=headers)
    answer.raise_for_status()
    return answer.json()


def test_a_server_begins_with_a_laboratory(nemo):
    assert [tool["name"] for tool in listed(nemo, "tools")] == [
        "Helios FIB",
        "Quanta SEM",
        "Titan TEM",
    ]
    assert {user["username"] for user in listed(nemo, "users")} == {
        "admin",
        "amaya",
        "bram",
        "harvester",
        "staff",
    }


def test_answers_of_a_reservation_come_back_as_an_object(nemo):
    given = answers(
        {"sample_name": "Ni-Ti bar"},
        None,
        {"sample_name": None},
        data_consent="Agree",
        experiment_title=BLANK,
    )
    ids = nemo.seed(reservations=[{"tool": 1, **MORNING, "question_data": given}])

    (row,) = listed(nemo, "reservations")

    assert row["id"] == ids["reservations"][0]
    assert row["question_data"] == given
    assert "user_input" not in row["question_data"]["experiment_title"]
    assert list(row["question_data"]["sample_group"]["user_input"]) == ["0", "2"]
    assert row["start"] == "2024-05-06T09:00:00-06:00"


def test_answers_of_a_usage_event_come_back_as_text(nemo):
    given = answers(data_consent="Agree")
    nemo.seed(usage_events=[{"tool": "Titan TEM", **MORNING, "run_data": given}])

    (row,) = listed(nemo, "usage_events")

    assert json.loads(row["run_data"]) == given
    assert row["pre_run_data"] is None


def test_text_is_stored_as_it_is(nemo):
    nemo.seed(usage_events=[{"tool": 1, **MORNING, "run_data": "{broken"}])

    assert listed(nemo, "usage_events")[0]["run_data"] == "{broken"


def test_a_row_can_be_changed_and_deleted_later(nemo):
    (key,) = nemo.seed(reservations=[{"tool": 1, **MORNING}])["reservations"]

    nemo.patch("reservations", key, cancelled=True, title="moved")
    assert listed(nemo, "reservations", cancelled="True")[0]["title"] == "moved"

    nemo.delete("tools", 1)
    assert listed(nemo, "reservations") == []
    assert len(listed(nemo, "tools")) == 2


def test_a_refused_row_changes_nothing(nemo):
    running = {"tool": 1, "start": "2024-05-06T15:00:00Z"}

    with pytest.raises(ValueError, match="UNIQUE"):
        nemo.seed(usage_events=[running, running])
    assert listed(nemo, "usage_events") == []


def test_reset_goes_back_to_the_first_data(nemo):
    nemo.seed(tools=[{"name": "New"}])

    nemo.reset()

    assert len(listed(nemo, "tools")) == 3


def test_an_account_with_fewer_permissions_is_refused(nemo):
    guest = {"username": "guest", "user_permissions": ["view_tool"]}
    nemo.seed(users=[guest], tokens=[{"user": "guest", "key": "guest-token"}])

    assert len(listed(nemo, "tools", token="guest-token")) == 3
    with pytest.raises(httpx.HTTPStatusError, match="403"):
        listed(nemo, "users", token="guest-token")


def test_data_can_be_put_in_only_by_the_test(nemo):
    assert httpx.post(f"{nemo.root}seed/", json=[]).status_code == 403


def test_a_server_goes_down_and_comes_back_where_it_was(nemo):
    address = urlsplit(nemo.url)
    nemo.stop()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((address.hostname, address.port), timeout=5)

    nemo.seed(tools=[{"name": "Installed while it was down"}])
    nemo.start()

    assert nemo.url == address.geturl()
    assert len(listed(nemo, "tools")) == 4


@pytest.mark.parametrize(
    ("datetime_format", "told"),
    [("", "2024-05-06T17:00:00+02:00"), ("%m-%d-%Y %H:%M:%S", "05-06-2024 17:00:00")],
)
def test_a_site_tells_times_its_own_way(tmp_path, datetime_format, told):
    with NemoServer(
        tmp_path, time_zone="Europe/Vienna", datetime_format=datetime_format
    ) as server:
        at = datetime(2024, 5, 6, 15, tzinfo=UTC)
        server.seed(usage_events=[{"tool": 1, "start": at, "end": at}])

        assert listed(server, "usage_events")[0]["start"] == told


def test_an_old_version_serves_too(nemo_server):
    old = nemo_server(version="5.6.1", time_zone="UTC")
    given = answers(data_consent="Agree")
    old.seed(reservations=[{"tool": 1, **MORNING, "question_data": given}])

    (row,) = listed(old, "reservations")

    assert row["question_data"] == given
    assert row["start"] == "2024-05-06T15:00:00Z"


def test_a_proxy_before_it_records_what_it_is_asked(nemo, nemo_proxy):
    headers = {"Authorization": f"Token {nemo.token}"}

    assert httpx.get(f"{nemo_proxy.url}tools/", headers=headers).status_code == 200
    assert [request.path for request in nemo_proxy.requests] == ["/api/tools/"]
