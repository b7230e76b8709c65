from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta

import pytest
from nexuslims_core.errors import SourceError
from nexuslims_core.types import HarvestProblem, Session, Window
from nexuslims_testing.servers.faults import Fault

pytestmark = pytest.mark.live

MORNING = {"start": "2024-05-06T15:00:00Z", "end": "2024-05-06T18:00:00Z"}


def day(number, hour=15, hours=1):
    start = datetime(2024, 5, number, hour, tzinfo=UTC)
    return {"start": start, "end": start + timedelta(hours=hours)}


def test_an_ended_usage_event_is_a_session(nemo, harvest, instrument):
    (event,) = nemo.seed(usage_events=[{"tool": 1, **MORNING}])["usage_events"]

    (found,) = harvest()

    assert found == Session(
        identifier=f"{nemo.url}usage_events/?id={event}",
        instrument=instrument(nemo.url, 1),
        start=datetime(2024, 5, 6, 15, tzinfo=UTC),
        end=datetime(2024, 5, 6, 18, tzinfo=UTC),
        user="amaya",
    )


def test_sessions_belong_to_the_user_and_not_to_the_operator(nemo, harvest):
    nemo.seed(
        usage_events=[{"tool": 1, **MORNING, "user": "bram", "operator": "staff"}]
    )

    assert [found.user for found in harvest()] == ["bram"]


def test_sessions_come_oldest_first_from_all_tools(nemo, harvest):
    nemo.seed(
        usage_events=[
            {"tool": 2, **day(9)},
            {"tool": 1, **day(7)},
            {"tool": 1, **day(8)},
        ]
    )

    found = harvest()

    assert [each.start.day for each in found] == [7, 8, 9]
    assert [each.instrument.pid for each in found] == ["Tool-1", "Tool-1", "Tool-2"]


def test_a_running_event_is_not_yet_a_session(nemo, harvest):
    nemo.seed(usage_events=[{"tool": 1, "start": "2024-05-06T15:00:00Z"}])

    assert harvest() == []


def test_events_on_other_tools_are_left_alone(nemo, harvest):
    nemo.seed(usage_events=[{"tool": 3, **MORNING}])

    assert harvest() == []


@pytest.mark.parametrize(
    ("start", "end", "found"),
    [
        (None, None, True),
        (day(6, 16)["start"], None, True),
        (None, day(6, 16)["start"], True),
        (day(6, 16)["start"], day(6, 17)["start"], True),
        (day(6, 18)["start"], day(6, 20)["start"], True),
        (day(6, 19)["start"], None, False),
        (None, day(6, 14)["start"], False),
        (day(5)["start"], day(7)["start"], True),
    ],
)
def test_events_that_overlap_the_window_are_found(nemo, harvest, start, end, found):
    nemo.seed(usage_events=[{"tool": 1, **MORNING}])

    assert len(harvest(Window(start=start, end=end))) == found


def test_all_pages_are_read_with_one_question_each(nemo, nemo_proxy, source):
    nemo.seed(usage_events=[{"tool": 1, **day(n)} for n in range(1, 8)])

    connected = source(nemo_proxy.url, nemo.token, page_size=3)
    found = list(connected.sessions(Window()))

    assert [each.start.day for each in found] == [1, 2, 3, 4, 5, 6, 7]
    paths = [request.path.split("?")[0] for request in nemo_proxy.requests]
    assert paths.count("/api/usage_events/") == 3
    assert paths.count("/api/users/") == 0


def test_a_page_brings_only_what_is_needed(nemo, nemo_proxy, source):
    nemo.seed(usage_events=[{"tool": 1, **MORNING, "run_data": "x" * 10_000}])
    sizes = []

    def weigh(answer):
        sizes.append(len(answer.body))
        return answer

    nemo_proxy.inject(fault=Fault.rewrite(weigh))
    (found,) = source(nemo_proxy.url, nemo.token).sessions(Window())

    assert found.user == "amaya"
    assert max(sizes) < 500


def test_a_tool_that_is_gone_costs_only_its_own_instrument(nemo, source, instrument):
    nemo.seed(usage_events=[{"tool": 1, **MORNING}, {"tool": 2, **MORNING}])
    nemo.delete("tools", 2)

    first, second = source(nemo.url, nemo.token).sessions(Window())

    assert isinstance(first, HarvestProblem)
    assert "Tool-2" in first.message
    assert first.reference == instrument(nemo.url, 2).api_url
    assert second.instrument.pid == "Tool-1"


def test_of_two_instruments_that_are_one_tool_the_second_is_a_problem(
    nemo, source, instrument
):
    nemo.seed(usage_events=[{"tool": 1, **MORNING}])
    twin = instrument(nemo.url, 1, pid="Twin")

    found = source(nemo.url, nemo.token, instrument(nemo.url, 1), twin)
    problem, session = found.sessions(Window())

    assert "Twin" in problem.message
    assert session.instrument.pid == "Tool-1"


def test_a_malformed_event_costs_only_itself(nemo, harvest):
    ids = nemo.seed(
        usage_events=[
            {"tool": 1, **MORNING},
            {"tool": 1, "start": "2024-05-08T15:00:00Z", "end": "2024-05-08T14:00:00Z"},
        ]
    )["usage_events"]

    problem, session = harvest()

    assert problem.reference == f"{nemo.url}usage_events/?id={ids[1]}"
    assert "before its start" in problem.message
    assert session.identifier.endswith(f"={ids[0]}")


def test_no_instruments_no_questions(nemo, nemo_proxy, source, instrument):
    elsewhere = instrument("https://other.example.org/api/", 1)

    connected = source(nemo_proxy.url, nemo.token, elsewhere)

    assert list(connected.sessions(Window())) == []
    assert nemo_proxy.requests == ()


def test_other_harvesters_instruments_are_not_served(nemo, source, instrument):
    connected = source(nemo.url, nemo.token)

    assert connected.serves(instrument(nemo.url, 1))
    assert not connected.serves(instrument(nemo.url, 1, harvester="ical"))
    assert not connected.serves(instrument("https://other.example.org/api/", 1))


def test_microseconds_are_kept(nemo, harvest):
    moment = datetime(2024, 5, 6, 15, 0, 0, 123456, tzinfo=UTC)
    nemo.seed(usage_events=[{"tool": 1, "start": moment, "end": MORNING["end"]}])

    assert harvest()[0].start == moment


def test_the_night_the_clocks_go_back_loses_no_hour(nemo, harvest):
    span = {"start": "2024-11-03T07:30:00Z", "end": "2024-11-03T08:30:00Z"}
    nemo.seed(usage_events=[{"tool": 1, **span}])

    (found,) = harvest()

    assert found.start.utcoffset() == timedelta(hours=-6)
    assert found.end.utcoffset() == timedelta(hours=-7)
    assert found.end - found.start == timedelta(hours=1)


@pytest.mark.parametrize(
    ("datetime_format", "settings"),
    [
        ("%m-%d-%Y %H:%M:%S", {"tz": "America/Denver"}),
        ("%m-%d-%Y %H:%M:%S", {}),
        ("%m/%d/%Y %I:%M:%S %p", {}),
        ("%Y-%m-%dT%H:%M:%S.%f%z", {}),
        ("%d.%m.%Y %H:%M:%S %z", {}),
    ],
)
def test_a_sites_own_format_of_times_is_read(
    nemo_server, source, datetime_format, settings
):
    nemo = nemo_server(datetime_format=datetime_format)
    nemo.seed(usage_events=[{"tool": 1, **MORNING}])

    connected = source(nemo.url, nemo.token, strptime_fmt=datetime_format, **settings)
    window = Window(start=day(6, 16)["start"], end=day(6, 17)["start"])
    (found,) = connected.sessions(window)

    assert found.start.astimezone(UTC) == datetime(2024, 5, 6, 15, tzinfo=UTC)


def test_an_unknown_format_of_times_names_the_setting(nemo_server, source):
    nemo = nemo_server(datetime_format="%m-%d-%Y %H:%M:%S")
    nemo.seed(usage_events=[{"tool": 1, **MORNING}])

    (problem,) = source(nemo.url, nemo.token).sessions(Window())

    assert "NX_NEMO_STRPTIME_FMT" in problem.message
    assert "05-06-2024 09:00:00" in problem.message


def test_times_of_a_server_in_utc_are_converted_and_not_shifted(
    nemo_server, source, caplog
):
    nemo = nemo_server(time_zone="UTC")
    nemo.seed(usage_events=[{"tool": 1, **MORNING}])

    connected = source(nemo.url, nemo.token, tz="America/Denver")
    with caplog.at_level(logging.WARNING):
        (found,) = connected.sessions(Window())

    assert found.start == datetime(2024, 5, 6, 15, tzinfo=UTC)
    assert "NX_NEMO_TZ_REPLACES_OFFSET" in caplog.text


def test_wrong_offsets_are_replaced_where_the_facility_says_so(nemo_server, source):
    nemo = nemo_server(time_zone="UTC")
    nemo.seed(usage_events=[{"tool": 1, **MORNING}])

    (found,) = source(
        nemo.url, nemo.token, tz="America/Denver", tz_replaces_offset=True
    ).sessions(Window())

    assert found.start == datetime(2024, 5, 6, 21, tzinfo=UTC)


def test_check_is_content_with_the_permissions_to_view(nemo, source):
    source(nemo.url, nemo.token).check()


def test_check_names_the_setting_of_a_bad_token_and_not_the_token(nemo, source):
    with pytest.raises(SourceError, match="NX_NEMO_TOKEN") as caught:
        source(nemo.url, "a-wrong-token").check()

    assert "a-wrong-token" not in str(caught.value)
    assert nemo.url in str(caught.value)


def test_an_inactive_account_is_refused(nemo, source):
    nemo.patch("users", "harvester", is_active=False)

    with pytest.raises(SourceError, match="its account is active"):
        source(nemo.url, nemo.token).check()


def test_check_names_all_permissions_that_lack(nemo, source):
    nemo.patch("users", "harvester", user_permissions=["view_tool"])

    with pytest.raises(SourceError) as caught:
        source(nemo.url, nemo.token).check()

    assert "Can view usage event, Can view reservation" in str(caught.value)
    assert "Can view tool" not in str(caught.value)


@pytest.mark.parametrize("wrong", ["", "api/v2/"])
def test_check_of_a_wrong_address_names_the_setting(nemo, source, wrong):
    with pytest.raises(SourceError, match="NX_NEMO_ADDRESS"):
        source(f"{nemo.root}{wrong}", nemo.token).check()
