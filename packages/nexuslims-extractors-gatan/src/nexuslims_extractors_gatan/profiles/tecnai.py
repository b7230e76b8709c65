"""Settings of a Titan from the text of FEI's plug-in for DigitalMicrograph."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nexuslims_core.reading.findings import merged

from nexuslims_extractors_gatan.dm.tags import scalar
from nexuslims_extractors_gatan.dm.tecnai import (
    INFO,
    NOT_AVAILABLE,
    SPECIMEN,
    parsed,
    tecnai_group,
    typed,
)

if TYPE_CHECKING:
    from nexuslims_core.types import Dataset


def read_tecnai(dataset: Dataset) -> Dataset:
    """Return a dataset with what FEI's text, among its raw groups, says.

    What the extractor found in tags goes before. The text's magnification becomes the
    typed field alone: under its name there is one value.
    """
    found = tecnai_group(dataset.raw)
    values = parsed(str(scalar(found.get(INFO)) or ""))
    specimen = scalar(found.get(SPECIMEN))
    fields = merged(typed(values), dataset.fields)
    if specimen is not None and NOT_AVAILABLE not in str(specimen):
        fields["specimen"] = str(specimen)
    values.pop("Magnification", None)
    return replace(
        dataset,
        fields=fields,
        extensions=merged(values, dataset.extensions),
    )
