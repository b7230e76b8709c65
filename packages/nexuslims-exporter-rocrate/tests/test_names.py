from __future__ import annotations

import pytest
from nexuslims_exporter_rocrate.facts import facts_of
from nexuslims_exporter_rocrate.names import LONGEST, Places, safe_name
from nexuslims_exporter_rocrate.people import orcid_url


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("2026-03-17_TEM-1_1", "2026-03-17_TEM-1_1"),
        ("../../etc/passwd", "etc_passwd"),
        ("Söhne & Co", "Sohne_Co"),
        ("試料", "item"),
        ("", "item"),
        ("con", "item_con"),
        ("NUL.dm3", "item_NUL.dm3"),
        ("試料.dm3", "item.dm3"),
        ("..", "item"),
        ("v1.2 – final", "v1.2_final"),
    ],
)
def test_a_name_is_safe(text, name):
    assert safe_name(text) == name


def test_a_long_name_keeps_its_extension():
    name = safe_name("x" * 300 + ".thumb.png")
    assert len(name) == LONGEST
    assert name.endswith("x.png")


def test_places_are_handed_out_once():
    places = Places()
    given = [places.place("a/", name) for name in ("x.png", "X.png", "x.png", "x")]
    assert given == ["a/x.png", "a/X-2.png", "a/x-3.png", "a/x"]


@pytest.mark.parametrize(
    "text",
    [
        "0000-0002-1825-0097",
        "0000000218250097",
        "https://orcid.org/0000-0002-1825-0097",
        " http://orcid.org/0000-0002-1825-0097/ ",
    ],
)
def test_an_orcid_is_known_however_written(text):
    assert orcid_url(text) == "https://orcid.org/0000-0002-1825-0097"


def test_an_orcid_may_end_with_x():
    assert orcid_url("0000-0002-1694-233x") == "https://orcid.org/0000-0002-1694-233X"


@pytest.mark.parametrize("text", [None, "", "0000-0002-1825-0098", "mcurie", "1234"])
def test_what_is_no_orcid_is_none(text):
    assert orcid_url(text) is None


def test_facts_of_what_cannot_be_read_are_none(tmp_path):
    assert facts_of(tmp_path / "nothing", checksum=True) is None
    assert facts_of(tmp_path, checksum=True) is None
