"""`nexuslims extract` applies the profiles of the instrument that a file is from."""

from __future__ import annotations

import pytest

PROFILE = """
instrument = "SEM-1"

[[step]]
action = "set"
path = "Facility"
value = "Hall"
"""


@pytest.fixture
def facility(installed):
    """Return the program with an instrument, a declared profile for it, and a file."""
    folder = installed.folder / "profiles"
    folder.mkdir()
    (folder / "ours.toml").write_text(PROFILE)
    installed.settings["NX_LOCAL_PROFILES_PATH"] = str(folder)
    installed.write()
    return installed


@pytest.fixture
def meta(facility):
    """Return a function that extracts from one file."""

    def extract(*words, expect=0):
        [signal] = facility("extract", *words, expect=expect).json()
        return signal["nx_meta"]

    return extract


def test_a_file_in_the_folder_of_an_instrument_is_adjusted(facility, meta):
    found = meta(facility.instruments / "SEM-1" / "notes.txt")

    assert found["Instrument ID"] == "SEM-1"
    assert found["extensions"]["Facility"] == "Hall"
    assert found["Creation Time"][-6:] in {"+01:00", "+02:00"}


def test_the_path_may_be_relative_and_lead_over_links(facility, meta):
    (facility.folder / "link").symlink_to(facility.instruments / "SEM-1")

    assert meta("instruments/SEM-1/notes.txt")["Instrument ID"] == "SEM-1"
    assert meta("link/notes.txt")["Instrument ID"] == "SEM-1"


def test_the_innermost_folder_counts(facility, meta):
    facility.add_instrument("SEM-2", filestore="SEM-1/second")
    inner = facility.instruments / "SEM-1" / "second"
    inner.mkdir()
    (inner / "a.txt").write_text("a")

    assert meta(inner / "a.txt")["Instrument ID"] == "SEM-2"
    assert meta("instruments/SEM-1/notes.txt")["Instrument ID"] == "SEM-1"


def test_a_file_elsewhere_is_of_no_instrument(facility, meta):
    (facility.folder / "a.txt").write_text("a")

    found = meta("a.txt")

    assert "Instrument ID" not in found
    assert "Facility" not in found["extensions"]


@pytest.mark.parametrize("option", ["-i", "--instrument"])
def test_a_file_elsewhere_can_be_read_as_an_instrument_s(facility, meta, option):
    (facility.folder / "a.txt").write_text("a")

    found = meta(option, "SEM-1", "a.txt")

    assert found["Instrument ID"] == "SEM-1"
    assert found["extensions"]["Facility"] == "Hall"


def test_an_instrument_that_is_not_there_is_an_error_that_names_those_that_are(
    facility,
):
    (facility.folder / "a.txt").write_text("a")

    said = facility("extract", "-i", "SEM-9", "a.txt", expect=2)

    assert "there is no instrument 'SEM-9'; there are: SEM-1" in said.err


def test_naming_an_instrument_needs_a_database(nexuslims):
    (nexuslims.folder / "a.txt").write_text("a")

    said = nexuslims("extract", "-i", "SEM-1", "a.txt", expect=1)

    assert "nexuslims db" in said.err


def test_a_database_that_cannot_tell_is_told_and_costs_nothing_else(nexuslims):
    path = nexuslims.instruments / "a.txt"
    path.write_text("a")

    said = nexuslims("extract", path)

    [signal] = said.json()
    assert "Instrument ID" not in signal["nx_meta"]
    assert said.err.startswith("Instruments are not known: ")


def test_without_settings_nothing_is_asked_for(nexuslims):
    nexuslims.settings.clear()
    (nexuslims.folder / "a.txt").write_text("a")

    said = nexuslims("--no-plugins", "extract", "a.txt")

    assert len(said.json()) == 1
    assert said.err == ""


def test_a_broken_profile_is_told_and_costs_nothing_else(facility):
    (facility.folder / "profiles" / "bad.toml").write_text("instrument = 5")

    listed = facility("plugins", "list")
    checked = facility("plugins", "check", expect=1)

    assert "ours" in listed.out
    for said in (listed, checked):
        assert "bad (local: bad.toml), load: " in said.err
        assert "instrument: expected text, found 5" in said.err
    assert facility("extract", "instruments/SEM-1/notes.txt").json()
