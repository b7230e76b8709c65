from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from nexuslims_core.model.facility import Instrument
from nexuslims_core.model.files import DataFile, Dataset
from nexuslims_core.model.metadata import validate


@pytest.fixture
def instrument():
    return Instrument(
        pid="SEM-1",
        display_name="SEM",
        location="Lab",
        filestore_path="sem",
        timezone="America/New_York",
    )


@pytest.fixture
def dataset(instrument):
    """Return a dataset of the given parts."""

    def build(*, file=None, **parts):
        # 2024-03-01T07:00:00 in New York.
        at = {"size": 3, "mtime_ns": 1_709_294_400_000_000_000}
        standard = DataFile(path=Path("/data/a.tif"), instrument=instrument, **at)
        defaults = {"dataset_type": "Image", "data_type": "SEM_Imaging"}
        return Dataset(file=file or standard, **{**defaults, **parts})

    return build


@pytest.fixture
def checked(dataset):
    """Return the metadata of a dataset of the given parts."""

    def check(instrument_id=None, **parts):
        return validate(
            dataset(**parts),
            date=datetime(2024, 3, 2, tzinfo=UTC),
            module="acme",
            version="1.2",
            instrument_id=instrument_id,
        )

    return check
