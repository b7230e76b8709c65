"""Profiles in TOML files are plugins like any other."""

from __future__ import annotations

import pickle

import pytest
from nexuslims_core.extraction import profiles
from nexuslims_core.types import DataFile, Instrument

PROFILE = """
instrument = "{pid}"

[[step]]
action = "set"
path = "Facility"
value = "{value}"
"""


@pytest.fixture
def folder(tmp_path):
    """Return a function that writes a TOML file, and gives its folder."""

    def write(filename="ours.toml", text=None, *, pid="SEM-1", value="Hall"):
        path = tmp_path / "profiles" / filename
        path.parent.mkdir(exist_ok=True)
        content = PROFILE.format(pid=pid, value=value) if text is None else text
        path.write_text(content, "utf-8")
        return path.parent

    return write


def test_a_toml_file_is_a_plugin(folder, discover, info_of):
    manager = discover(local_path=folder())

    info = info_of(manager, "ours")
    assert (info.distribution, info.status) == ("local: ours.toml", "ok")
    [found] = info.contributions
    assert (found.kind, found.name) == ("instrument_profiles", "ours")
    assert found.details == {"instrument_id": "SEM-1"}


def test_a_broken_file_costs_itself_alone(folder, discover, info_of):
    folder("bad.toml", 'instrument = "a"\n[[step]]\naction = "fly"')
    manager = discover(local_path=folder())

    [failure] = info_of(manager, "bad").failures
    assert (failure.stage, failure.distribution) == ("load", "local: bad.toml")
    assert "step 1: there is no action 'fly'" in failure.error
    assert set(manager.instrument_profiles) == {"ours"}


@pytest.mark.parametrize("name", ["_off.toml", "pyproject.toml", "ours.toml~"])
def test_other_files_are_left_alone(folder, discover, name):
    assert discover(local_path=folder(name, "no = profile")).failures == ()


@pytest.mark.parametrize("name", ["ours", "ours.toml"])
def test_it_can_be_disabled(folder, discover, info_of, name):
    manager = discover(local_path=folder(), disabled=[name])

    assert info_of(manager, "ours").status == "disabled"
    assert not manager.instrument_profiles


def test_it_stands_beside_a_python_file_of_the_same_name(
    folder, local_plugin, discover
):
    local_plugin(
        "ours.py",
        """
        @hookimpl
        def nexuslims_instrument_profiles():
            yield InstrumentProfile(name="other", instrument_id="SEM-1")
        """,
    )
    manager = discover(local_path=folder())

    assert set(manager.instrument_profiles) == {"ours", "other"}
    assert manager.failures == ()


@pytest.mark.parametrize("filename", ["ours.toml", "ours.py"])
def test_its_fingerprint_is_that_of_its_content(discover, tmp_path, filename):
    """So side-cars are made anew when a profile changes."""
    texts = {
        "ours.toml": PROFILE.format(pid="SEM-1", value="{}"),
        "ours.py": (
            "from nexuslims_core import hookimpl\n"
            "from nexuslims_core.types import InstrumentProfile\n"
            "@hookimpl\n"
            "def nexuslims_instrument_profiles():\n"
            "    yield InstrumentProfile(name='ours', instrument_id='SEM-1',\n"
            "        extension_fields=dict(Facility='{}'))\n"
        ),
    }
    found = []
    for value in ("Hall", "Hall", "Other"):
        (tmp_path / filename).write_text(texts[filename].format(value), "utf-8")
        manager = discover(local_path=tmp_path)
        assert set(manager.instrument_profiles) == {"ours"}
        found.append(
            (manager.fingerprint("instrument_profiles"), manager.fingerprint())
        )

    assert found[0] == found[1]
    assert found[1][0] != found[2][0]
    assert found[1][1] != found[2][1]


def test_another_process_finds_it_again(folder, discover):
    manager = discover(local_path=folder())

    again = pickle.loads(pickle.dumps(manager))

    assert set(again.instrument_profiles) == {"ours"}


@pytest.mark.parametrize(
    ("pid", "expected"), [("SEM-1", ["all", "ours"]), ("TEM", ["all"]), (None, ["all"])]
)
def test_a_star_stands_for_all_files(folder, discover, tmp_path, pid, expected):
    folder("all.toml", pid="*")
    manager = discover(local_path=folder())
    instrument = pid and Instrument(
        pid=pid, display_name="", location="", filestore_path=""
    )
    file = DataFile(
        path=tmp_path / "a", size=0, mtime_ns=0, instrument=instrument or None
    )

    assert [one.name for one in profiles(file, manager)] == expected
