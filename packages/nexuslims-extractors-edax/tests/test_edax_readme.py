"""The README shows the tables that the program uses."""

from __future__ import annotations

from pathlib import Path

import pytest
from nexuslims_extractors_edax.msa.fields import FIELDS as MSA
from nexuslims_extractors_edax.spc.fields import FIELDS as SPC

README = Path(__file__).parents[1] / "README.md"


@pytest.mark.parametrize(("name", "table"), [("msa", MSA), ("spc", SPC)])
def test_the_table_is_that_of_the_program(name, table):
    block = README.read_text(encoding="utf-8").split(f"<!-- {name} -->")[1]
    assert block.strip().splitlines()[2:] == [_line(row) for row in table]


def _line(row):
    place = f"`{row.typed}`" if row.typed else "extensions"
    factor = f"{row.factor} " if row.factor != 1 else ""
    shown = row.display[-1]
    return f"| {row.section} | `{row.key}` | {shown} | {place} | {factor}{row.unit} |"
