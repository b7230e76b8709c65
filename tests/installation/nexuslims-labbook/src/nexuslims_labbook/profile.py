"""Reads line profiles: a line of settings, then a number per line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from nexuslims_core.errors import ExtractionError
from nexuslims_core.types import Axis, Dataset, Extraction, PreviewSource, quantity

if TYPE_CHECKING:
    from nexuslims_core.types import DataFile


def read(file: DataFile) -> Extraction:
    """Return the profile.

    Raises
    ------
    ExtractionError
        If the file is no profile.
    """
    try:
        head, *lines = file.path.read_text("utf-8").splitlines()
        settings = dict(pair.split("=") for pair in head.split()[1:])
        values = np.array([float(line) for line in lines])
        fields = {"acceleration_voltage": quantity(settings.pop("HV"), "V")}
    except (OSError, ValueError, KeyError) as error:
        raise ExtractionError(f"no line profile: {error!r}") from error
    dataset = Dataset(
        file=file,
        dataset_type="Spectrum",
        data_type="Line_Profile",
        fields=fields,
        extensions=settings,
        preview=PreviewSource(
            read=lambda: values,
            axes=(Axis(name="Position", size=len(values), scale=0.5, unit="nm"),),
        ),
    )
    return Extraction(datasets=(dataset,))
