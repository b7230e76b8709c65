"""The images of a file: each is a signal with pixels, axes and tags of its own."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from nexuslims_core.errors import ExtractionError
from nexuslims_core.reading.axes import dimension, tidy_unit
from nexuslims_core.reading.findings import merged
from nexuslims_core.reading.guard import reading

from nexuslims_extractors_gatan.dm.pixels import COLOURS, PLANE, Pixels, Stored
from nexuslims_extractors_gatan.dm.rosetta import ImageObject
from nexuslims_extractors_gatan.dm.tags import group, groups, scalar, tidied

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from nexuslims_core.types import DataFile

    from nexuslims_extractors_gatan.dm.tags import Tags

SPECTRAL = frozenset({"Spectrum", "Spectrum image"})
"""What ``Meta Data/Format`` says of spectra."""

SPECTROSCOPIES = frozenset({"EELS", "X-ray", "CL"})
"""What ``Meta Data/Signal`` says of spectra and of maps made of them."""

OF_THE_PARENT = frozenset({"Meta Data", "SI"})
"""Groups that are about the data of the image that another one was made of."""

UNKNOWN = np.dtype("V1")
"""Stands for types of pixels that are not known."""


@dataclass(frozen=True, kw_only=True)
class Image:
    """One image of a file."""

    index: int
    """Its place in ``ImageList``."""
    data: Mapping[str, Any]
    """Its group ``ImageData``."""
    image_tags: Mapping[str, Any]
    """Its group ``ImageTags``, as it is in the file."""
    name: str
    tags: Mapping[str, Any]
    """What is known of its acquisition: of a stack, of its first plane."""


def images(tags: Tags) -> Iterator[Image]:
    """Yield the images of a file in its order, without thumbnails."""
    listed = list(groups(tags.tree.get("ImageList")))
    thumbnails = _thumbnails(tags, listed)
    parents = {_identity(one.get("UniqueID")): one for one in listed}
    for index, one in enumerate(listed):
        if index in thumbnails:
            continue
        image_tags = group(one, "ImageTags")
        parent = parents.get(_identity(group(image_tags, "Parent").get("UID")), {})
        yield Image(
            index=index,
            data=group(one, "ImageData"),
            image_tags=image_tags,
            name=str(scalar(one.get("Name")) or ""),
            tags=_acquisition(tidied(image_tags), tidied(group(parent, "ImageTags"))),
        )


def _thumbnails(tags: Tags, listed: Sequence[Mapping[str, Any]]) -> list[Any]:
    """Return the places of thumbnails in the list of images.

    Which these are is told after the images. Where that is lost, it is the first, if
    that has colours.
    """
    shown = groups(tags.tree.get("Thumbnails"))
    told = [scalar(one.get("ImageIndex")) for one in shown]
    if told or tags.complete or not listed:
        return told
    type_ = scalar(group(listed[0], "ImageData").get("DataType"))
    return [0] if type_ in COLOURS else []


def _identity(numbers: object) -> tuple[str, ...]:
    """Return the identifier of an image, which is four numbers."""
    return tuple(map(str, numbers.values())) if isinstance(numbers, dict) else ("none",)


def _acquisition(tags: dict[str, Any], parent: dict[str, Any]) -> dict[str, Any]:
    """Return what the tags of an image, and of those that it was made of, say.

    A stack has the tags of its first plane; what was cut from a spectrum of the same
    file, as its background, has those of the spectrum if it has none of a microscope.
    """
    if "Microscope Info" in tags:
        parent = {}
    parent = {name: one for name, one in parent.items() if name not in OF_THE_PARENT}
    created = group(tags, "source", "Tags at creation")
    planes = (group(one, "source tags") for one in groups(tags.get("plane info")))
    return merged(parent, tags, created, next(filter(None, planes), {}))


@dataclass(frozen=True, kw_only=True)
class Signal:
    """An image in the terms of RosettaSciIO's readers."""

    data: Pixels
    axes: tuple[dict[str, Any], ...]
    stored: Stored
    notes: tuple[str, ...] = field(default=())

    def as_dictionary(self, title: str) -> dict[str, Any]:
        """Return what `nexuslims_core.reading.signals` understands."""
        return {
            "data": self.data,
            "axes": list(self.axes),
            "metadata": {"General": {"title": title}},
        }


def signal(file: DataFile, image: Image, tags: Tags) -> Signal:
    """Return an image as a signal.

    Raises
    ------
    ExtractionError
        If its data are not described, or of a type that is not known.
    """
    with reading(file, f"image {image.index} of a DigitalMicrograph file"):
        known = _known(image)
        shape, offset = _shape(image), _offset(image)
        data_type = int(image.data["DataType"])
    dtype, note = _dtype(file, known, tags.byte_order)
    axes, notes = _axes(file, known, shape)
    calibrated = _as_planes(axes, image.tags)
    named = [_named(axis, image.tags) for axis in calibrated]
    order, arranged = _arranged(named, _looked_at(image, named))
    stored = Stored(
        path=file.path,
        offset=offset,
        shape=shape,
        order=order,
        data_type=data_type,
        dtype=dtype,
    )
    return Signal(
        data=Pixels(stored, known),
        axes=arranged,
        stored=stored,
        notes=(*note, *notes),
    )


def _known(image: Image) -> ImageObject:
    """Return the library's description of an image.

    It gets only the tags that it asks for, because it copies all that it is given.
    """
    asked = {name: group(image.tags, name) for name in ("Meta Data", "spim")}
    tags = {name: one for name, one in asked.items() if one}
    return ImageObject(
        {"ImageData": image.data, "ImageTags": tags, "Name": image.name}, None
    )


def _shape(image: Image) -> tuple[int, ...]:
    sizes = tuple(group(image.data, "Dimensions").values())[::-1]
    if not sizes or not all(isinstance(one, int) and one > 0 for one in sizes):
        raise ValueError(f"expected dimensions of an image, found {sizes}")
    return sizes


def _offset(image: Image) -> int:
    where = group(image.data, "Data").get("offset")
    if not isinstance(where, int):
        raise TypeError("expected pixels, found none")
    return where


def _dtype(
    file: DataFile, image: ImageObject, byte_order: Literal["<", ">"]
) -> tuple[np.dtype[Any], tuple[str, ...]]:
    """Return the type of numbers on disk, and a note where it is not known."""
    try:
        with reading(file, "pixels"):
            dtype: np.dtype[Any] = np.dtype(image.dtype)
    except ExtractionError:
        type_ = image.imdict.ImageData.DataType
        return UNKNOWN, (f"Pixels of DigitalMicrograph's type {type_} are not known.",)
    if dtype.names is None:
        return dtype.newbyteorder(byte_order), ()
    names = ("B", "G", "R", "A") if byte_order == "<" else ("A", "R", "G", "B")
    return np.dtype([(one, "u1") for one in names]), ()


def _axes(
    file: DataFile, image: ImageObject, shape: Sequence[int]
) -> tuple[list[dict[str, Any]], tuple[str, ...]]:
    """Return the axes of an image, not calibrated where their tags are damaged."""
    try:
        with reading(file, "axes"):
            return image.get_axes_dict(), ()
    except ExtractionError as error:
        plain = [
            {"size": size, "navigate": axis < len(shape) - PLANE}
            for axis, size in enumerate(shape)
        ]
        return plain, (f"The calibration of the image is damaged: {error}.",)


def _as_planes(
    axes: list[dict[str, Any]], tags: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Return the axes of a stack, calibrated as its first plane where it is not."""
    plane = next(groups(tags.get("plane info")), {})
    if len(axes) <= PLANE or any(axis.get("units") for axis in axes[-PLANE:]):
        return axes
    calibrated = [
        {**axis, **_calibration(group(plane, "calibration", name))}
        for axis, name in zip(axes[-PLANE:], ("Y", "X"), strict=True)
    ]
    return axes[:-PLANE] + calibrated


def _calibration(tags: Mapping[str, Any]) -> dict[str, Any]:
    scale, unit = scalar(tags.get("scale")), scalar(tags.get("unit"))
    if not isinstance(scale, float) or not isinstance(unit, str):
        return {}
    return {"scale": scale, "units": unit}


def _named(axis: dict[str, Any], tags: Mapping[str, Any]) -> dict[str, Any]:
    """Return an axis, that of energy with its name."""
    unit = tidy_unit(axis.get("units"))
    if dimension(unit) != "energy":
        return axis
    of_x_rays = scalar(group(tags, "Meta Data").get("Signal")) == "X-ray"
    lost = unit == "eV" and not of_x_rays
    return {**axis, "name": "Energy loss" if lost else "Energy"}


def _looked_at(image: Image, axes: Sequence[Mapping[str, Any]]) -> tuple[int, ...]:
    """Return the axes that come last; none where the order on disk is right.

    Of a spectrum, or of a spectrum image, it is that of energy; of the diffraction
    patterns of a scan, of which some versions have the positions last, both of theirs.
    """
    measured = [dimension(tidy_unit(axis.get("units"))) for axis in axes]
    spectral = _spectral_axis(image, measured)
    if spectral is not None:
        return (spectral,)
    pattern = [
        index for index, one in enumerate(measured) if one == "reciprocal length"
    ]
    return tuple(pattern) if len(pattern) == PLANE < len(axes) - 1 else ()


def _spectral_axis(image: Image, measured: Sequence[str]) -> int | None:
    """Return which axis of a spectrum, or of a spectrum image, is that of energy."""
    about = group(image.tags, "Meta Data")
    format_, signal_ = scalar(about.get("Format")), scalar(about.get("Signal"))
    spectral = format_ in SPECTRAL or (format_ is None and signal_ in SPECTROSCOPIES)
    if spectral and measured.count("energy") == 1:
        return measured.index("energy")
    # Of a cube that does not say so, it is the slowest axis; also of those of Orsay.
    is_map = format_ == "Spectrum image" or bool(group(image.tags, "spim"))
    return 0 if is_map and len(measured) > PLANE else None


def _arranged(
    axes: Sequence[dict[str, Any]], last: Sequence[int]
) -> tuple[tuple[int, ...], tuple[dict[str, Any], ...]]:
    """Return the order of axes, some last, without those of length one.

    Parameters
    ----------
    last
        The axes that are looked at; none leaves the order as it is.
    """
    long = [index for index, axis in enumerate(axes) if axis["size"] > 1]
    long = long or [len(axes) - 1]
    shown = [index for index in last if index in long]
    order = [index for index in long if index not in shown] + shown
    given = []
    for place, index in enumerate(order):
        navigates = index not in shown if shown else bool(axes[index]["navigate"])
        single = len(order) == 1
        given.append(
            {
                **axes[index],
                "navigate": navigates and not single,
                "index_in_array": place,
            }
        )
    return tuple(order), tuple(given)
