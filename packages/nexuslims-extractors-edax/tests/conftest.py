from __future__ import annotations

import pytest
from nexuslims_core.types import DataFile
from nexuslims_extractors_edax.plugin import nexuslims_extractors

EXTRACTORS = tuple(nexuslims_extractors())


@pytest.fixture
def extract_path():
    """Return a function that extracts the one dataset of a file."""

    def extract_path(path):
        file = DataFile.at(path)
        extractor = next(
            one for one in EXTRACTORS if file.extension in (one.extensions or ())
        )
        assert extractor.supports(file)
        (dataset,) = extractor.extract(file).datasets
        return dataset

    return extract_path


@pytest.fixture
def found():
    """Return a function that gives what stands at a place of a dataset.

    A place is a typed field, ``stage_position/x`` for one of the stage's, or a display
    name among the extensions.
    """

    def found(dataset, place):
        if place in dataset.extensions:
            return dataset.extensions[place]
        group, _, part = place.partition("/")
        value = dataset.fields.get(group)
        return value.get(part) if part and value else value

    return found
