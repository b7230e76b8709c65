"""What an OME-TIFF says in the XML of its description.

Units that are left out are those of the schema of 2016-06: µm, s.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nexuslims_core.builtin.pictures.picture import shown
from nexuslims_core.builtin.pictures.tags import device_name
from nexuslims_core.model.units import parse_unit
from nexuslims_core.reading.axes import dimension
from nexuslims_core.reading.clock import iso_time
from nexuslims_core.reading.findings import Findings, number
from nexuslims_core.reading.markup import as_groups, salvage
from nexuslims_core.types import quantity

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from xml.etree.ElementTree import Element

    import pint


def parse(description: str) -> tuple[Element | None, str | None]:
    """Return the root of an OME-XML description, and what is wrong with it.

    Neither for what is no OME-XML.
    """
    if "<OME" not in description[:4000]:
        return None, None
    root, problem = salvage(description)
    if root is None or _local(root) != "OME":
        return None, problem and f"OME-XML: {problem}."
    return root, problem and f"OME-XML: {problem}."


def findings(root: Element) -> Findings:
    """Return what OME-XML says about the first image, but for its time."""
    pixels = _first(root, "Image", "Pixels")
    plane = _first(root, "Image", "Pixels", "Plane")
    objective = _first(root, "Instrument", "Objective")
    magnification = number(_attribute(objective, "NominalMagnification"))
    exposure = measure(plane, "ExposureTime", "s", kind="time")
    fields: dict[str, Any] = {
        "magnification": magnification,
        "acquisition_time": exposure,
        "acquisition_device": _device(_first(root, "Instrument", "Detector")) or None,
        "stage_position": _stage(plane),
    }
    return Findings(
        fields={name: value for name, value in fields.items() if value},
        extensions={**_optics(root, objective), **_sizes(root, pixels)},
        raw={"OME": as_groups(root)},
    )


def created(root: Element) -> datetime | None:
    """Return when the first image was acquired, as the file says."""
    date = next((one for one in root.iter() if _local(one) == "AcquisitionDate"), None)
    return iso_time(date.text or "") if date is not None else None


def pixel(root: Element) -> tuple[pint.Quantity[Any], pint.Quantity[Any]] | None:
    """Return a pixel's width and height; `None` if the file does not say both."""
    pixels = _first(root, "Image", "Pixels")
    width = measure(pixels, "PhysicalSizeX", "µm", kind="length")
    height = measure(pixels, "PhysicalSizeY", "µm", kind="length")
    return (width, height) if width and height else None


def measure(
    element: Element | None, name: str, unit: str, *, kind: str
) -> pint.Quantity[Any] | None:
    """Return a quantity whose unit is in the attribute beside it; `None` if unusable.

    Parameters
    ----------
    unit
        What is meant where no unit is given.
    kind
        The dimension that it must have, as `nexuslims_core.reading.axes` names them.
    """
    value = number(_attribute(element, name))
    given = _attribute(element, f"{name}Unit") or unit
    # "reference frame" and "pixel" are units in OME, and no lengths.
    if value is None or dimension(given) != kind:
        return None
    return quantity(value, str(parse_unit(given)))


def images(root: Element) -> int:
    """Return how many planes the images of the file have, as it says."""
    pixels = _first(root, "Image", "Pixels")
    counts = [number(_attribute(pixels, f"Size{axis}")) or 1 for axis in "ZCT"]
    return max(1, int(counts[0] * counts[1] * counts[2]))


def _optics(root: Element, objective: Element | None) -> dict[str, Any]:
    texts = {
        "Image Name": _attribute(_first(root, "Image"), "Name"),
        "Microscope": _device(_first(root, "Instrument", "Microscope")),
        "Objective": _device(objective),
        "Immersion": _attribute(objective, "Immersion"),
    }
    aperture = number(_attribute(objective, "LensNA"))
    return {**shown(texts), **({"Numerical Aperture": aperture} if aperture else {})}


def _sizes(root: Element, pixels: Element | None) -> dict[str, Any]:
    named = {"SizeC": "Channels", "SizeZ": "Slices", "SizeT": "Frames"}
    found: dict[str, Any] = {
        name: number(_attribute(pixels, key))
        for key, name in named.items()
        if number(_attribute(pixels, key)) is not None
    }
    spacing = measure(pixels, "PhysicalSizeZ", "µm", kind="length")
    interval = measure(pixels, "TimeIncrement", "s", kind="time")
    channels = [one for one in root.iter() if _local(one) == "Channel"]
    names = list(filter(None, (_attribute(one, "Name") for one in channels)))
    more = {
        "Slice Spacing": spacing,
        "Frame Interval": interval,
        "Channel Names": names,
    }
    return found | {name: value for name, value in more.items() if value}


def _stage(plane: Element | None) -> dict[str, Any]:
    found = {
        axis: measure(
            plane, f"Position{axis.upper()}", "reference frame", kind="length"
        )
        for axis in "xyz"
    }
    return {axis: value for axis, value in found.items() if value is not None}


def _device(element: Element | None) -> str:
    maker, model = (_attribute(element, name) for name in ("Manufacturer", "Model"))
    return device_name(maker, model)


def _attribute(element: Element | None, name: str) -> str:
    return element.get(name, "").strip() if element is not None else ""


def _first(element: Element, *path: str) -> Element | None:
    """Return the first element along a path of local names."""
    found: Element | None = element
    for name in path:
        found = next(_named(found, name), None) if found is not None else None
    return found


def _named(element: Element, name: str) -> Iterator[Element]:
    return (one for one in element if _local(one) == name)


def _local(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]
