"""The README shows the formats and settings that the program knows."""

from __future__ import annotations

from pathlib import Path

from nexuslims_extractors_hyperspy.formats import FORMATS, extensions

README = Path(__file__).parents[1] / "README.md"
ARROW = " \N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK} "


def _rows(name):
    block = README.read_text(encoding="utf-8").split(f"<!-- {name} -->")[1]
    return block.strip().splitlines()[2:]


def test_the_table_of_formats_is_that_of_the_program():
    assert _rows("formats") == [
        f"| {one.name} | {_listed(one)} | {one.told_by} |" for one in FORMATS
    ]


def test_the_table_of_settings_is_that_of_the_program():
    assert _rows("fields") == [
        f"| {one.name} | {field.section} | `{field.key}` | {ARROW.join(field.display)} "
        f"| {_place(field)} | {field.unit} |"
        for one in FORMATS
        for field in one.table
    ]


def _listed(one):
    return ", ".join(f"`.{extension}`" for extension in sorted(extensions()[one.name]))


def _place(field):
    return f"`{field.typed}`" if field.typed else "extensions"
