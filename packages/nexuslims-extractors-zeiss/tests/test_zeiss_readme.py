"""The README shows the tables that the program uses."""

from __future__ import annotations

from pathlib import Path

import pytest
from nexuslims_extractors_zeiss.him import fields as him
from nexuslims_extractors_zeiss.smartsem import fields as smartsem

README = Path(__file__).parents[1] / "README.md"
ARROW = " \N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK} "


def _place(field):
    return f"`{field.typed}`" if field.typed else "extensions"


def _shown(field):
    return ARROW.join(field.display)


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        (
            "orion",
            [
                f"| `{one.key}` | {_shown(one)} | {_place(one)} | {one.unit} |"
                for one in (*him.ZEISS_FIELDS, *him.ZEISS_TYPED)
            ],
        ),
        (
            "fibics",
            [
                f"| `{one.section}` | `{one.key}` | {_shown(one)} | {_place(one)} "
                f"| {one.unit} |"
                for one in (*him.FIBICS_FIELDS, *him.FIBICS_TYPED)
            ],
        ),
        (
            "smartsem",
            [
                f"| {one.section} | `{one.key}` | {_shown(one)} | {_place(one)} "
                f"| {one.unit} |"
                for one in (
                    *smartsem.IMAGE_FIELDS,
                    *smartsem.SEM_FIELDS,
                    *smartsem.FIB_FIELDS,
                    *smartsem.SHOWN_FIELDS,
                    *smartsem.SHOWN_FIB_FIELDS,
                )
            ],
        ),
    ],
)
def test_a_table_is_that_of_the_program(name, rows):
    block = README.read_text(encoding="utf-8").split(f"<!-- {name} -->")[1]
    assert block.strip().splitlines()[2:] == rows
