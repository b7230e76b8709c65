"""The README shows the table that the program uses."""

from __future__ import annotations

from pathlib import Path

from nexuslims_extractors_tofwerk.fields import FIELDS

README = Path(__file__).parents[1] / "README.md"


def test_the_table_is_that_of_the_program():
    block = README.read_text(encoding="utf-8").split("<!-- fields -->")[1]
    assert block.strip().splitlines()[2:] == [_line(row) for row in FIELDS]


def _line(row):
    place = f"`{row.typed}`" if row.typed else "extensions"
    factor = f"{row.factor} " if row.factor != 1 else ""
    shown = row.display[-1]
    return f"| `{row.section}` | `{row.key}` | {shown} | {place} | {factor}{row.unit} |"
