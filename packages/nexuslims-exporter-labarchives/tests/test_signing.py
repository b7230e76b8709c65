"""Signatures, clocks and the distance between calls."""

from __future__ import annotations

import time

import pytest
from nexuslims_core.errors import ConfigurationError, ExportError
from nexuslims_exporter_labarchives.signing import signature
from nexuslims_testing.servers.faults import Fault


def test_the_example_of_the_documentation_is_signed_the_same():
    # API notebook, "Call authentication"
    signed = signature(
        "0234wedkfjrtfd34er", "1234567890", "entry_attachment", 264433207000
    )
    assert signed == (
        "mT7pS+KgqlNseR0bo4YLQOVIsgOugMWzlQGllInXS25Q7VpA6lRmL0nUq/UUdrlF+WV7POYE1vcw"
        "vN/pnac7bw=="
    )


def test_a_call_says_that_it_is_made_now(shaky, proxy, context):
    before = round(time.time() * 1000)
    shaky.export(context)
    after = round(time.time() * 1000)
    expires = [int(each.query["expires"]) for each in proxy.requests]
    assert before <= min(expires) <= max(expires) <= after


@pytest.mark.parametrize("ahead_s", [-3600.0, 600.0])
def test_a_clock_that_is_wrong_is_corrected_by_the_server_s(
    labarchives, labarchives_server, context, ahead_s
):
    labarchives_server.clock_offset_s = ahead_s
    assert labarchives.export(context).action == "created"
    assert len(labarchives_server.pages()) == 1


def test_the_server_s_clock_is_asked_for_once(
    shaky, proxy, labarchives_server, context
):
    labarchives_server.clock_offset_s = 600.0
    shaky.export(context)
    shaky.export(context)
    asked = [each for each in proxy.requests if "epoch_time" in each.path]
    assert len(asked) == 1
    assert set(asked[0].query) == {"akid"}


def test_a_wrong_clock_is_named_where_the_server_does_not_tell_the_time(
    shaky, proxy, labarchives_server
):
    labarchives_server.clock_offset_s = 600.0
    proxy.inject(match=lambda each: "epoch_time" in each.path, fault=Fault.answer(404))
    with pytest.raises(ConfigurationError, match="set this machine's clock"):
        shaky.validate_config()


def test_a_refused_time_is_no_reason_to_go_round_in_circles(shaky, proxy, context):
    refusal = "<error><error-code>4504</error-code></error>"
    proxy.inject(
        match=lambda each: "epoch_time" not in each.path,
        fault=Fault.answer(401, refusal, content_type="application/xml"),
    )
    with pytest.raises(ExportError, match="4504"):
        shaky.export(context)
    assert len(proxy.requests) == 2


def test_calls_keep_their_distance(connected, labarchives_server, context):
    labarchives_server.min_interval_s = 0.05
    destination = connected(labarchives_server, min_interval_s=0.06)
    destination.validate_config()
    destination.export(context)
    destination.export(context)
    assert labarchives_server.too_fast == 0


def test_repeated_calls_keep_their_distance_too(
    connected, proxy, labarchives_server, context, no_waiting
):
    labarchives_server.min_interval_s = 0.05
    rewritten = Fault.cut_after()
    proxy.inject(match=lambda each: "level" in each.path, fault=[rewritten, None] * 3)
    connected(labarchives_server, url=proxy.url, min_interval_s=0.06).export(context)
    assert labarchives_server.too_fast == 0


def test_a_distance_too_short_is_noticed(connected, labarchives_server, no_waiting):
    labarchives_server.min_interval_s = 0.5
    destination = connected(labarchives_server, min_interval_s=0.0)
    with pytest.raises(ExportError, match="Too many calls"):
        destination.validate_config()
