"""The extractor of DigitalMicrograph files."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from nexuslims_core.errors import ExtractionError
from nexuslims_core.model.schema import MODELS
from nexuslims_core.reading import signals
from nexuslims_core.reading.axes import calibration, dimension
from nexuslims_core.reading.findings import Findings, number
from nexuslims_core.reading.fitting import fitted
from nexuslims_core.reading.guard import drawing
from nexuslims_core.reading.standard import trimmed
from nexuslims_core.reading.tables import tabulated
from nexuslims_core.types import DataFile, Dataset, Extraction, PreviewSource

from nexuslims_extractors_gatan.dm.annotations import displays, drawn_on
from nexuslims_extractors_gatan.dm.fields import FIELDS, NONZERO, OVERRIDING_EDS
from nexuslims_extractors_gatan.dm.images import UNKNOWN, Image, Signal, images, signal
from nexuslims_extractors_gatan.dm.kinds import is_curve, kind
from nexuslims_extractors_gatan.dm.pixels import COLOURS, Stored, colours
from nexuslims_extractors_gatan.dm.special import (
    doubtful,
    enlargement,
    special_fields,
    with_averages,
)
from nexuslims_extractors_gatan.dm.tags import (
    Tags,
    finder,
    group,
    read_tags,
    scalar,
)
from nexuslims_extractors_gatan.dm.tecnai import tecnai_fields
from nexuslims_extractors_gatan.dm.times import acquired

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nexuslims_core.reading.tables import Field
    from nexuslims_core.types import Annotation, Axis

SAME_WIDTH = 0.01
"""Fields of view that differ by less are the same."""


def extract(file: DataFile) -> Extraction:
    """Return a dataset for every image of a DM3 or DM4 file but its thumbnails.

    Raises
    ------
    ExtractionError
        If no image of it can be read.
    """
    tags = read_tags(file)
    datasets: list[Dataset] = []
    problems: list[str] = []
    for image in images(tags):
        try:
            datasets.append(_dataset(file, image, tags))
        except ExtractionError as error:
            problems.append(f"{error}")
            if image.tags:
                datasets.append(_without_pixels(file, image, tags))
    if not datasets:
        reasons = (*problems, *tags.notes) or ("expected an image, found none",)
        raise ExtractionError(f"{file.path.name}: {'; '.join(reasons)}")
    notes = (*tags.notes, *problems)
    return Extraction(
        datasets=tuple(
            replace(one, notes=tuple(dict.fromkeys((*notes, *one.notes))))
            for one in datasets
        )
    )


def _dataset(file: DataFile, image: Image, tags: Tags) -> Dataset:
    found = signal(file, image, tags)
    drawn = drawn_on(tags.tree, image.index)
    described = signals.describe(
        found.as_dictionary(image.name), file, annotations=_fitting(drawn, found.axes)
    )
    preview, note = _preview(file, image, found, described.preview)
    findings = _findings(image, described.findings, described.axes, found)
    findings = findings.joined(
        Findings(raw=_raw(tags, image), notes=(*found.notes, *filter(None, [note])))
    )
    when = acquired(image.tags, file.modified)
    return findings.dataset(file, creation_time=when, preview=preview)


def _without_pixels(file: DataFile, image: Image, tags: Tags) -> Dataset:
    """Return what the tags of an image tell whose pixels are not described."""
    told = replace(_told(image.tags), dataset_type="Unknown", data_type="Unknown")
    told = told.joined(Findings(raw=_raw(tags, image)))
    when = acquired(image.tags, file.modified)
    return _within_schema(told).dataset(file, creation_time=when)


def _findings(
    image: Image, described: Findings, axes: Sequence[Axis], found: Signal
) -> Findings:
    told = _told(image.tags)
    type_, data_type = kind(
        image.tags, axes, told.extensions, transformed=found.data.dtype.kind == "c"
    )
    calibrated = calibration(
        [axis for axis in axes if _is_of_specimen(axis, axes, type_)]
    )
    axial = Findings(
        dataset_type=type_,
        data_type=data_type,
        fields={"data_dimensions": described.fields["data_dimensions"], **calibrated},
        extensions=described.extensions,
    )
    joined = axial.joined(
        enlargement(image.tags, diffraction=type_ == "Diffraction"), told
    )
    fields = _consistent(joined.fields, calibrated)
    return _within_schema(replace(joined, fields=fields))


def _is_of_specimen(axis: Axis, axes: Sequence[Axis], type_: str) -> bool:
    """Tell whether an axis says where on the specimen, or at which energy.

    That of a diffraction pattern does not, nor the wavelengths of a spectrum, which are
    lengths, too.
    """
    if axis.navigation:
        return True
    if type_ == "Diffraction":
        return False
    return not is_curve(axes) or dimension(axis.unit) != "length"


def _told(tags: Mapping[str, Any]) -> Findings:
    """Return what the tags of an image say, whatever its pixels are."""
    find = partial(finder, tags)
    told = tabulated(FIELDS, find)
    if group(tags, "EDS"):
        told = told.joined(tabulated(OVERRIDING_EDS, find))
    told = Findings(fields=tecnai_fields(tags)).joined(
        told, tabulated(NONZERO, partial(_nonzero, tags)), special_fields(tags)
    )
    extensions = with_averages(told.extensions, tags)
    return replace(told, extensions=extensions, flagged=doubtful(extensions))


def _nonzero(tags: Mapping[str, Any], field: Field) -> object:
    return finder(tags, field) or None


def _consistent(
    fields: Mapping[str, Any], calibrated: Mapping[str, Any]
) -> dict[str, Any]:
    """Return typed fields without the height of another field of view than the width's.

    The tag tells the width of the largest field at the magnification, of which the
    image may show a part.
    """
    told, seen = (one.get("horizontal_field_width") for one in (fields, calibrated))
    if told is None or seen is None or abs(told / seen - 1) < SAME_WIDTH:
        return dict(fields)
    return {k: v for k, v in fields.items() if k != "vertical_field_width"}


def _within_schema(findings: Findings) -> Findings:
    """Return findings with only the typed fields that their type may have.

    Others that stand among the extensions already, in a group, are left out.
    """
    known = MODELS[findings.dataset_type].model_fields
    fields = {
        name: value
        for name, value in findings.fields.items()
        if name in known or name not in GROUPED
    }
    return fitted(replace(findings, fields=fields))


GROUPED = frozenset(
    {"azimuthal_angle", "elevation_angle", "live_time", "pixel_time", "scan_mode"}
)
"""Typed fields whose values also stand in a group of the extensions."""


# Pixels.


def _fitting(
    drawn: tuple[Annotation, ...], axes: Sequence[Mapping[str, Any]]
) -> tuple[Annotation, ...]:
    """Return annotations of an image; those of a curve are in other coordinates."""
    is_image = len(axes) == 2 and not any(axis["navigate"] for axis in axes)  # noqa: PLR2004 - a plane
    return drawn if is_image else ()


def _preview(
    file: DataFile, image: Image, found: Signal, preview: PreviewSource | None
) -> tuple[PreviewSource | None, str]:
    if found.stored.dtype == UNKNOWN:
        return None, ""
    needed = found.stored.size
    has = number(scalar(group(image.data, "Data").get("size_bytes"))) or 0
    if has < needed:
        return None, f"The image needs {needed} bytes of pixels, found {has}."
    if found.stored.offset + needed > file.size:
        return None, f"The pixels of the image are cut off after {file.size} bytes."
    if preview is None or found.stored.data_type not in COLOURS:
        return preview, ""
    return replace(preview, read=partial(_colours, file, found.stored)), ""


def _colours(file: DataFile, stored: Stored) -> Any:  # noqa: ANN401 - an array
    with drawing(file):
        return colours(stored)


# What is kept as it is.


def _raw(tags: Tags, image: Image) -> dict[str, Any]:
    """Return the groups of a file that are about an image, not about windows."""
    shown = [
        {"AnnotationGroupList": trimmed(group(one, "AnnotationGroupList"))}
        for one in displays(tags.tree, image.index)
    ]
    return {
        "DocumentObjectList": _numbered(shown),
        "ImageList": _numbered(
            [{"ImageTags": trimmed(image.image_tags), "Name": image.name}]
        ),
    }


def _numbered(groups: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return a list as DigitalMicrograph's files have it."""
    return {f"TagGroup{index}": one for index, one in enumerate(groups)}
