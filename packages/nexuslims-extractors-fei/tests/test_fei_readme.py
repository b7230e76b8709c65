"""The README shows the tables that the program uses."""

from __future__ import annotations

from pathlib import Path

import pytest
from nexuslims_extractors_fei.plugin import nexuslims_extractors
from nexuslims_extractors_fei.tia.fields import SETTINGS, TYPED
from nexuslims_extractors_fei.tiff.fei_xml import FIELDS as XML
from nexuslims_extractors_fei.tiff.fields import FIELDS
from nexuslims_extractors_fei.velox.fields import FIELDS as VELOX

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
ARROW = " \N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK} "
ROLES = {
    name: f"*{name}*"
    for name in ("beam", "scan", "detector", "Detector", "Analyser", "DetectorProperty")
}


def _row(field):
    place = f"`{field.typed}`" if field.typed else "extensions"
    section = ROLES.get(field.section, field.section)
    shown = ARROW.join(field.display)
    return f"| {section} | `{field.key}` | {shown} | {place} | {field.unit} |"


def _extension(field):
    shown = ARROW.join(field.display)
    return f"| {field.section} | `{field.key}` | {shown} | {field.unit} |"


def _typed(field):
    return f"| {field.section} | `{field.key}` | `{field.typed}` | {field.unit} |"


@pytest.mark.parametrize(
    ("name", "table", "row"),
    [
        ("fields", FIELDS, _row),
        ("xml", XML, _row),
        ("tia", SETTINGS, _extension),
        ("tia typed", TYPED, _typed),
        ("velox", VELOX, _row),
    ],
)
def test_a_table_is_that_of_the_program(name, table, row):
    block = README.split(f"<!-- {name} -->")[1]
    assert block.strip().splitlines()[2:] == [row(field) for field in table]


@pytest.mark.parametrize(
    "extractor", list(nexuslims_extractors()), ids=lambda one: one.name
)
def test_every_extractor_is_listed(extractor):
    (line,) = (line for line in README.splitlines() if f"`{extractor.name}`" in line)
    assert all(f"`.{extension}`" in line for extension in extractor.extensions)
    assert f"| {extractor.priority} |" in line
