"""The README shows the table that the program uses."""

from __future__ import annotations

from pathlib import Path

from nexuslims_extractors_tescan.fields import BEAM, FIELDS

README = Path(__file__).parents[1] / "README.md"
ARROW = " \N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK} "


def test_the_table_of_settings_is_that_of_the_program():
    block = README.read_text(encoding="utf-8").split("<!-- fields -->")[1]
    assert block.strip().splitlines()[2:] == [
        f"| {'*beam*' if field.section == BEAM else field.section} | `{field.key}` "
        f"| {ARROW.join(field.display)} | {_place(field)} | {field.unit} |"
        for field in FIELDS
    ]


def _place(field):
    return f"`{field.typed}`" if field.typed else "extensions"
