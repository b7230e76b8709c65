from __future__ import annotations

import pytest


@pytest.fixture
def quick(nexuslims):
    """Return the program; demonstrations leave its settings out."""
    nexuslims.settings = {"NX_DATA_PATH": "/nowhere", "NX_WORKERS": "none"}
    return nexuslims


def test_a_demonstration_shows_everything_and_more_of_it_nothing(quick):
    said = quick("--no-plugins", "demo", "-q", "it's here")

    home = quick.folder / "it's here"
    assert "nexuslims-exporter-html" in said.out
    assert f"cd {home} && nexuslims sessions list" in said.out
    records = list((home / "data" / "records").rglob("*.xml"))
    assert len(records) == 3
    assert len(list((home / "data").rglob("*.thumb.png"))) >= 3
    quick.settings.clear()
    quick.monkeypatch.chdir(home)
    listed = quick("--no-plugins", "sessions", "list", "--json").json()
    assert {one["status"] for one in listed} == {"BUILT_NOT_EXPORTED"}

    quick("--no-plugins", "demo", "-q", ".")

    assert len(quick("--no-plugins", "sessions", "list", "--json").json()) == 3


@pytest.mark.parametrize(
    ("name", "content"),
    [
        (".env", b"NX_DATA_PATH=/srv/nexuslims\n"),
        (".env", "NX_DATA_PATH=/srv/nexuslims\n".encode("utf-16")),
        ("nexuslims.db", b""),
        ("anything", b""),
    ],
)
def test_a_folder_that_holds_something_else_is_left_alone(
    quick, snapshot, name, content
):
    home = quick.folder / "real"
    home.mkdir()
    (home / name).write_bytes(content)
    before = snapshot(home)

    said = quick("--no-plugins", "demo", "real", expect=2)

    assert "choose a new or an empty folder" in said.err
    assert snapshot(home) == before


def test_a_file_is_no_folder_for_a_demonstration(quick):
    (quick.folder / "file").touch()

    assert "is a file" in quick("--no-plugins", "demo", "file", expect=2).err
