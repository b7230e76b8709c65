from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nexuslims_harvester_nemo.addresses import page_url, tool_id, usage_event_id

BASE = "https://nemo.example.org/api/"


@pytest.mark.parametrize(
    "api_url",
    [
        "https://nemo.example.org/api/tools/?id=3",
        "HTTPS://Nemo.Example.ORG/api/tools/?id=3",
        "https://nemo.example.org:443/api/tools/?id=3",
        "https://nemo.example.org/api/tools?id=3",
        " https://nemo.example.org/api/tools/?id=3 ",
        "https://nemo.example.org/api/tools/3/",
    ],
)
def test_a_tool_is_found_however_its_address_is_spelt(api_url):
    assert tool_id(api_url, BASE) == 3


@pytest.mark.parametrize(
    "api_url",
    [
        "https://nemo.example.org/api/v2/tools/?id=3",
        "https://nemo.example.org/tools/?id=3",
        "https://nemo.example.org/API/tools/?id=3",
        "https://nemo.example.org:8443/api/tools/?id=3",
        "https://other.example.org/api/tools/?id=3",
        "https://nemo.example.org.evil.test/api/tools/?id=3",
        "https://nemo.example.org/api/tools/",
        "https://nemo.example.org/api/tools/?id=abc",
        "https://nemo.example.org/api/tools/?id=3&id=4",
        "https://nemo.example.org/api/users/?id=3",
        "https://nemo.example.org/api/tools/3/4/",
        "https://nemo.example.org:port/api/tools/?id=3",
        "",
    ],
)
def test_a_tool_of_elsewhere_or_nowhere_is_none_of_this_server(api_url):
    assert tool_id(api_url, BASE) is None


@pytest.mark.parametrize(
    ("base", "found"),
    [
        ("https://nemo/api/", None),
        ("https://nemo/api/v2/", 3),
        ("https://nemo/api", None),
    ],
)
def test_servers_whose_addresses_begin_alike_are_told_apart(base, found):
    assert tool_id("https://nemo/api/v2/tools/?id=3", base) == found


def test_a_session_keeps_its_event_when_its_server_moves_to_https():
    identifier = "http://nemo.example.org:8000/api/usage_events/?id=31"

    assert usage_event_id(identifier, BASE) == 31


@pytest.mark.parametrize(
    "identifier",
    [
        "https://other.example.org/api/usage_events/?id=31",
        "https://nemo.example.org/api/reservations/?id=31",
        "logged-by-hand-31",
    ],
)
def test_a_session_of_elsewhere_has_no_event_here(identifier):
    assert usage_event_id(identifier, BASE) is None


@given(st.text())
def test_any_text_may_stand_for_a_tool(text):
    found = tool_id(f"{BASE}tools/?id={text}", BASE)

    assert found is None or found >= 0


def test_a_number_too_long_for_any_database_is_no_tool():
    assert tool_id(f"{BASE}tools/?id={'9' * 5000}", BASE) is None


@pytest.mark.parametrize(
    ("base", "page"),
    [
        (BASE, "https://nemo.example.org/event_details/usage/5/"),
        (
            "https://api.example.org/api/api/",
            "https://api.example.org/api/event_details/usage/5/",
        ),
    ],
)
def test_the_page_of_an_event_is_beside_the_interface(base, page):
    assert page_url(base, "usage", 5) == page
