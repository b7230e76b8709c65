"""The README tells all settings, with the defaults that they have."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from nexuslims_exporter_labarchives.settings import LabArchivesSettings

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
ROUTING = {"instruments", "projects"}


@pytest.mark.parametrize("name", sorted(set(LabArchivesSettings.model_fields)))
def test_every_setting_is_told_with_its_default(name):
    if name in ROUTING:
        assert name.upper() in README
        return
    variable = f"{LabArchivesSettings.env_prefix}{name.upper()}"
    row = re.search(rf"^\| `{variable}` \| (.*?) \|", README, re.MULTILINE)
    field = LabArchivesSettings.model_fields[name]
    default = "required" if field.is_required() else str(field.default).rstrip("/")
    told = row[1].strip("`").replace("–", "")
    assert float(told) == float(default) if told[:1].isdigit() else told == default
