"""Datasets, and declared profiles to apply to them."""

from __future__ import annotations

from pathlib import Path

import pytest
from nexuslims_core.profiles.declared import read
from nexuslims_core.types import DataFile, Dataset, quantity


@pytest.fixture
def dataset():
    """Return a function that makes a dataset of a file that is not there."""

    def make(path="/data/session/grain 1.dm3", **more):
        values = {
            "dataset_type": "Image",
            "data_type": "TEM_Imaging",
            "fields": {
                "beam_current": quantity(2, "nA"),
                "operator": "user",
                "stage_position": {"x": quantity(1, "mm")},
            },
            "extensions": {
                "Operation Mode": "Imaging",
                "Gain": 5,
                "Voltage": 200000,
                "Lens": {"C1": quantity(12, "mm"), "C2": "7.5"},
                "Apertures": ["C1 open", "C2 70 um"],
                "Empty": "",
            },
            "raw": {"Tags": {"Info": [{"HT": 300000.0}], "User": "jd"}},
        }
        file = DataFile(path=Path(path), size=0, mtime_ns=0)
        return Dataset(file=file, **{**values, **more})

    return make


@pytest.fixture
def declare():
    """Return a function that makes the profiles of a TOML file."""

    def declare(text, *, head='instrument = "TEM-1"\n', stem="ours"):
        return read(stem, (head + text).encode()).profiles

    return declare


@pytest.fixture
def adjust(declare):
    """Return a function that applies steps, in TOML, to a dataset."""

    def adjust(dataset, text):
        [profile] = declare(text)
        for step in profile.parsers.values():
            dataset = step(dataset)
        return dataset

    return adjust
