"""The README shows the tables that the program uses."""

from __future__ import annotations

from pathlib import Path

import pytest
from nexuslims_extractors_gatan.dm.fields import FIELDS, NONZERO
from nexuslims_extractors_gatan.dm.tecnai import FILTER_PARTS, PARTS, STAGE_NAMES
from nexuslims_extractors_gatan.plugin import nexuslims_instrument_profiles

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
ARROW = " \N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK} "
NAMES = [name for part in (*PARTS, *FILTER_PARTS) for name in part.names]


def test_the_table_of_tags_is_that_of_the_program():
    block = README.split("<!-- fields -->")[1]
    assert block.strip().splitlines()[2:] == [
        f"| `{field.section.replace('.', ARROW)}` | `{field.key}` "
        f"| {ARROW.join(field.display)} | {_place(field)} | {field.unit} |"
        for field in (*FIELDS, *NONZERO)
    ]


@pytest.mark.parametrize("name", sorted({*NAMES, *STAGE_NAMES} - {"Magnification"}))
def test_the_names_of_the_tecnai_text_are_told(name):
    assert f"`{name}`" in " ".join(README.split())


@pytest.mark.parametrize(
    "profile", list(nexuslims_instrument_profiles()), ids=lambda one: one.name
)
def test_the_profiles_are_told(profile):
    assert f"| `{profile.instrument_id}` |" in README


def _place(field):
    return f"`{field.typed}`" if field.typed else "extensions"
