"""What single microscopes call a diffraction pattern, and what not to trust them in."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from nexuslims_core.profiles.words import path_words

if TYPE_CHECKING:
    from nexuslims_core.types import Dataset

TYPED_NAMES = {
    "Detector": "detector_type",
    "Operator": "operator",
    "Specimen": "specimen",
}
"""Names of values that users of the Titan STEM forget to change, and their fields."""

DIFFRACTION_WORDS = frozenset({"diff", "saed", "dp"})
"""In names of files and folders of the JEOL."""


def doubt_titan_stem(dataset: Dataset) -> Dataset:
    """Flag what stays in the dialogue from one user of the Titan STEM to the next."""
    present = (
        (name,)
        for name, field in TYPED_NAMES.items()
        if field in dataset.fields or name in dataset.extensions
    )
    return _flagged(dataset, *present)


def type_titan_stem(dataset: Dataset) -> Dataset:
    """Call energy-filtered diffraction patterns of the Titan STEM by their name."""
    mode = str(dataset.extensions.get("Imaging Mode", "")).upper()
    if "EFTEM DIFFRACTION" not in mode:
        return dataset
    return _diffraction(dataset, "TEM_EFTEM_Diffraction")


def type_titan_tem(dataset: Dataset) -> Dataset:
    """Tell diffraction patterns of the Titan TEM by its modes."""
    modes = dataset.extensions
    if modes.get("Tecnai Mode") == "STEM nP SA Zoom Diffraction":
        return _diffraction(dataset, "STEM_Diffraction")
    if modes.get("Operation Mode") == "DIFFRACTION":
        return _diffraction(dataset, "TEM_Diffraction")
    return dataset


def type_jeol_tem(dataset: Dataset) -> Dataset:
    """Tell diffraction patterns of the JEOL TEM by the names people give them.

    Its files say nothing themselves, so the types of all are flagged.
    """
    if path_words(dataset.file) & DIFFRACTION_WORDS:
        dataset = _diffraction(dataset, "TEM_Diffraction")
    return _flagged(dataset, ("DatasetType",), ("Data Type",))


def _diffraction(dataset: Dataset, data_type: str) -> Dataset:
    return replace(dataset, dataset_type="Diffraction", data_type=data_type)


def _flagged(dataset: Dataset, *paths: tuple[str, ...]) -> Dataset:
    new: Any = (path for path in paths if path not in dataset.flagged)
    return replace(dataset, flagged=(*dataset.flagged, *new))
