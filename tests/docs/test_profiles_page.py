"""The page on profiles shows files that work, and every key there is."""

from __future__ import annotations

import inspect
import re

import pytest
from nexuslims_core.errors import ConfigurationError
from nexuslims_core.extraction import read
from nexuslims_core.manager import PluginManager
from nexuslims_core.profiles.declared import read as read_profile
from nexuslims_core.profiles.grammar import ACTIONS, Condition, ProfileFile, Step
from nexuslims_core.profiles.places import parse
from nexuslims_core.types import DataFile, Instrument
from PIL import Image
from PIL.PngImagePlugin import PngInfo

NAME = re.compile(r".*`(?P<path>profiles/\w+\.(?:py|toml))`:")
TEXTS = {
    "High Tension": "200000",
    "Title": "gold on carbon",
    "Frames": "8",
    "Licence Key": "secret",
    "Gain": "2",
}


@pytest.fixture(scope="module")
def text(root):
    return (root / "docs" / "profiles.md").read_text("utf-8")


@pytest.fixture
def section(text):
    """Return a function that gives the part of the page below a heading."""

    def section(heading):
        _, mark, after = text.partition(f"\n{heading}\n")
        assert mark, f"there is no {heading}"
        return re.split(r"(?m)^#", after)[0]

    return section


@pytest.fixture
def manager(blocks, tmp_path):
    """Return the plugins, with the files that the page shows."""
    for block in blocks("docs/profiles.md"):
        if found := NAME.fullmatch(block.before):
            path = tmp_path / found["path"]
            path.parent.mkdir(exist_ok=True)
            path.write_text(block.text, "utf-8")
    manager = PluginManager.discover(local_path=tmp_path / "profiles")
    local = [one for one in manager.plugins() if one.distribution.startswith("local")]
    assert {one.distribution: one.status for one in local} == {
        "local: our_other_tem.py": "ok",
        "local: our_tem.toml": "ok",
    }
    return manager


@pytest.fixture
def meta(manager, tmp_path):
    """Return a function that gives the metadata of a picture from an instrument."""

    def meta(pid, name, **texts):
        path = tmp_path / "my session" / name
        path.parent.mkdir(exist_ok=True)
        info = PngInfo()
        for key, value in {**TEXTS, **texts}.items():
            info.add_text(key, value)
        Image.new("L", (8, 8)).save(path, pnginfo=info)
        instrument = Instrument(
            pid=pid, display_name="TEM", location="", filestore_path="TEM"
        )
        [signal] = read(DataFile.at(path, instrument), manager).signals
        assert signal.metadata.notes == ()
        return signal.metadata.as_json()

    return meta


def test_the_example_in_toml_does_what_the_page_says(meta):
    found = meta("TEM-1", "SAED-2.png")

    shown = found["nx_meta"]
    assert (shown["DatasetType"], shown["Data Type"]) == (
        "Diffraction",
        "TEM_Diffraction",
    )
    assert shown["acceleration_voltage"] == {"value": 200.0, "unit": "kilovolt"}
    assert shown["specimen"] == "gold on carbon"
    assert shown["warnings"] == [["DatasetType"], ["Data Type"]]
    assert shown["extensions"]["Facility"] == "Hall of Microscopes"
    assert shown["extensions"]["Camera"] == {"Frames Averaged": "8"}
    assert "secret" not in str(found)


def test_the_conditions_of_the_example_count(meta):
    shown = meta("TEM-1", "different.png", Title="Untitled 3")["nx_meta"]

    assert shown["DatasetType"] == "Image"
    assert shown["warnings"] == []
    assert "specimen" not in shown
    assert shown["extensions"]["Title"] == "Untitled 3"


def test_the_example_in_python_does_as_much(meta):
    shown = meta("TEM-2", "SAED-2.png")["nx_meta"]

    assert shown["Data Type"] == "TEM_Diffraction"
    assert shown["warnings"] == [["DatasetType"], ["Data Type"]]
    assert meta("TEM-2", "different.png")["nx_meta"]["DatasetType"] == "Image"


def rows(model, *, without=()):
    """Return the rows of a table of keys, as the code describes them."""
    return [
        f"| `{info.alias or name}` | {'yes' if info.is_required() else ''} | "
        f"{info.description} |"
        for name, info in model.model_fields.items()
        if name not in without
    ]


def table(text):
    return [line for line in text.splitlines() if line.startswith("| `")]


def test_the_keys_of_the_file_are_documented(section):
    assert table(section("### The file")) == rows(ProfileFile)


def test_the_keys_of_every_step_and_all_actions_are_documented(section):
    actions = "`, `".join(ACTIONS)
    assert table(section("## Steps")) == [
        f"| `action` | yes | One of `{actions}`. |",
        *rows(Step),
    ]


@pytest.mark.parametrize("action", ACTIONS)
def test_every_action_is_documented(section, action):
    found = section(f"### `{action}`")
    model = ACTIONS[action]

    assert table(found) == rows(model, without=("when", "unless", "action"))
    assert inspect.cleandoc(model.__doc__) in found


def test_the_keys_of_conditions_are_documented(section):
    assert table(section("### Conditions")) == rows(Condition)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("beam_current", "field"),
        ("Beam Current", "field"),
        ("stage_position / x", "field"),
        ("Gun / Lens", "extension"),
        ("Facility", "extension"),
        ("extension:Temperature", "extension"),
        ("raw:ImageList / 1 / Name", "raw"),
        ("DatasetType", "type"),
        ("Data Type", "type"),
    ],
)
def test_paths_mean_what_the_page_says(section, path, kind):
    assert f"`{path}`" in section("## Paths")
    assert parse(path).kind == kind


def test_the_mistake_that_the_page_shows_is_told_so(text, blocks):
    [example] = [one for one in blocks("docs/profiles.md") if one.kind == "toml"]
    wrong = example.text.replace('unit = "kV"', 'unit = "kVolt"')

    with pytest.raises(ConfigurationError) as caught:
        read_profile("our_tem", wrong.encode())

    assert f"ConfigurationError: {caught.value}`" in text
