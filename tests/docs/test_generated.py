"""What is generated is up to date, and leaves nothing out."""

from __future__ import annotations

import dataclasses

import pytest
from nexuslims_core import hookspecs
from nexuslims_core.manager.kinds import HOOK_PREFIX, KINDS
from nexuslims_core.settings import Settings

NAMES = (
    "packages",
    "formats",
    "core settings",
    "plugin settings",
    "hooks",
    "values",
    "errors",
)


def test_all_generated_parts_are_tested(generate):
    assert tuple(generate.BLOCKS) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_generated_part_is_up_to_date(generate, name):
    assert generate.present(name) == generate.wanted(name), (
        "run `python docs/generate.py`"
    )


def test_writing_what_is_up_to_date_changes_nothing(generate):
    before = {file: (generate.ROOT / file).read_bytes() for file, _ in _files(generate)}
    assert generate.main(["--check"]) == 0
    after = {file: (generate.ROOT / file).read_bytes() for file, _ in _files(generate)}
    assert after == before


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_every_setting_of_core_is_documented(root, name):
    page = (root / "docs" / "settings.md").read_text("utf-8")
    assert f"| `NX_{name.upper()}` |" in page


def test_every_package_is_in_the_readme(root):
    page = (root / "README.md").read_text("utf-8")
    folders = {path.parent.name for path in root.glob("packages/*/pyproject.toml")}
    assert {name for name in folders if f"[{name}](packages/{name})" in page} == folders


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_hook_and_field_is_in_the_reference(root, kind):
    page = (root / "docs" / "hooks.md").read_text("utf-8")
    assert hasattr(hookspecs, f"{HOOK_PREFIX}{kind}")
    section = page.split(f"## `{HOOK_PREFIX}{kind}`")[1].split("\n## ")[0]
    fields = {field.name for field in dataclasses.fields(KINDS[kind])}
    assert {name for name in fields if f"| `{name}` |" in section} == fields


def _files(generate):
    return generate.BLOCKS.values()


def test_the_gallery_shows_what_is_drawn_today(gallery):
    assert gallery.problems() == []
