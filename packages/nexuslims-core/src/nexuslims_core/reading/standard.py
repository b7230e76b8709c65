"""The standard tree of metadata that readers of the HyperSpy family fill.

Such a reader returns dictionaries with ``metadata``, ``original_metadata`` and
``mapping``. The tree ``metadata`` has standard names and units, defined in HyperSpy's
reference, "Metadata structure". Part of it is filled by ``mapping``, which says where
in ``original_metadata`` a value is. This module brings both to our schema, once for all
formats; it imports no reader.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from nexuslims_core.reading.tables import Field

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

MICROSCOPE = "microscope"
"""Section of `FIELDS`: the standard tree has ``TEM`` and ``SEM`` alike."""

DETECTOR = "detector"
"""Section of `FIELDS`: any of the microscope's detectors."""

FIELDS: tuple[Field, ...] = (
    Field(
        MICROSCOPE,
        "beam_energy",
        ("Acceleration Voltage",),
        unit="kV",
        typed="acceleration_voltage",
    ),
    Field(MICROSCOPE, "beam_current", ("Beam Current",), "nA", "beam_current"),
    Field(MICROSCOPE, "camera_length", ("Camera Length",), "mm", "camera_length"),
    Field(
        MICROSCOPE,
        "convergence_angle",
        ("Convergence Angle",),
        "mrad",
        "convergence_angle",
    ),
    Field(MICROSCOPE, "magnification", ("Magnification",), "", "magnification"),
    Field(
        MICROSCOPE, "working_distance", ("Working Distance",), "mm", "working_distance"
    ),
    Field(
        MICROSCOPE,
        "acquisition_mode",
        ("Acquisition Mode",),
        text=True,
    ),
    Field(MICROSCOPE, "microscope", ("Microscope",), text=True),
    Field(MICROSCOPE, "probe_area", ("Probe Area",), "nm**2"),
    Field(MICROSCOPE, "Stage.x", ("Stage", "x"), "mm", "stage_position/x"),
    Field(MICROSCOPE, "Stage.y", ("Stage", "y"), "mm", "stage_position/y"),
    Field(MICROSCOPE, "Stage.z", ("Stage", "z"), "mm", "stage_position/z"),
    Field(
        MICROSCOPE,
        "Stage.rotation",
        ("Stage", "rotation"),
        "deg",
        "stage_position/rotation",
    ),
    Field(
        MICROSCOPE,
        "Stage.tilt_alpha",
        ("Stage", "tilt_alpha"),
        "deg",
        "stage_position/tilt_alpha",
    ),
    Field(
        MICROSCOPE,
        "Stage.tilt_beta",
        ("Stage", "tilt_beta"),
        "deg",
        "stage_position/tilt_beta",
    ),
    Field(DETECTOR, "detector_type", ("Detector",), text=True, typed="detector_type"),
    Field(DETECTOR, "model", ("Acquisition Device",), "", "acquisition_device", True),
    Field(DETECTOR, "exposure", ("Exposure Time",), "s", "acquisition_time"),
    Field(DETECTOR, "integration_time", ("Integration Time",), "s", "acquisition_time"),
    Field(DETECTOR, "dwell_time", ("Pixel Dwell Time",), "s", "dwell_time"),
    Field(DETECTOR, "frame_number", ("Number of Frames",)),
    Field(DETECTOR, "number_of_frames", ("Number of Frames",)),
    Field(DETECTOR, "live_time", ("Live Time",), "s", "live_time"),
    Field(DETECTOR, "real_time", ("Real Time",), "s"),
    Field(
        DETECTOR,
        "energy_resolution_MnKa",
        ("Energy Resolution",),
        "eV",
        "detector_energy_resolution",
    ),
    Field(DETECTOR, "azimuth_angle", ("Azimuthal Angle",), "deg", "azimuthal_angle"),
    Field(DETECTOR, "elevation_angle", ("Elevation Angle",), "deg", "elevation_angle"),
    Field(DETECTOR, "solid_angle", ("Solid Angle",), "sr"),
    Field(DETECTOR, "collection_angle", ("Collection Angle",), "mrad"),
    Field(DETECTOR, "aperture_size", ("Aperture Size",), "mm"),
    Field(DETECTOR, "spectrometer", ("Spectrometer",), text=True),
    Field("Sample", "name", ("Specimen",), text=True, typed="specimen"),
    Field("Sample", "description", ("Specimen",), text=True, typed="specimen"),
    Field("Sample", "thickness", ("Specimen Thickness",), "nm"),
    Field("General", "title", ("Title",), text=True),
    Field("General", "notes", ("Notes",), text=True),
    Field("General", "doi", ("DOI",), text=True),
    Field("Signal", "quantity", ("Signal Quantity",), text=True),
)
"""Names and units of the standard tree, and where they go in ours.

Of two rows with one place the later wins, so a detector's exposure for one frame gives
way to its whole integration time.
"""

MOST_VALUES = 200
"""Longer lists in raw groups are described instead: they are data, not metadata."""

MOST_TEXT = 20_000
"""Characters of a text in raw groups; longer ones are files within files."""


def standard_metadata(
    signal: Mapping[str, Any],
) -> tuple[dict[str, Any], list[str]]:
    """Return the standard tree of a signal, filled by its mapping; and notes.

    HyperSpy does the same when it loads a file. A value that the mapping's function
    cannot convert is left out; a note says so.
    """
    tree = _copied(signal.get("metadata") or {})
    original = signal.get("original_metadata") or {}
    notes = []
    for path, (target, convert) in dict(signal.get("mapping") or {}).items():
        value = looked_up(original, path)
        if value is None:
            continue
        try:
            found = convert(value) if convert else value
        # Functions of a foreign reader, given a value that it did not expect.
        except Exception as error:  # noqa: BLE001
            reason = f"{type(error).__name__}: {error}"
            notes.append(f"{target} cannot be made of {path}: {reason:.200}.")
            continue
        if found is not None:
            _put(tree, target.split("."), found)
    return tree, notes


def _copied(tree: Mapping[str, Any]) -> dict[str, Any]:
    return {
        str(key): _copied(value) if _is_group(value) else value
        for key, value in _items(tree)
    }


def _is_group(value: object) -> bool:
    return hasattr(value, "items") or hasattr(value, "as_dictionary")


def _items(tree: Any) -> Any:  # noqa: ANN401 - a dictionary, or HyperSpy's own
    return (tree if hasattr(tree, "items") else tree.as_dictionary()).items()


def looked_up(tree: object, path: str) -> Any:  # noqa: ANN401 - whatever is there
    """Return what stands at a dotted path of a tree; `None` where there is nothing.

    A name in the path also finds the key that is the same but for blanks: HyperSpy's
    trees have underscores there.
    """
    found: Any = tree
    for name in path.split("."):
        if not hasattr(found, "get"):
            return None
        plain = found.get(name)
        found = _similar(found, name) if plain is None else plain
    return found


def _similar(group: Mapping[str, Any], name: str) -> Any:  # noqa: ANN401 - as above
    if "_" not in name:
        return None
    matches = (v for k, v in group.items() if str(k).replace(" ", "_") == name)
    return next(matches, None)


def _put(tree: dict[str, Any], path: Sequence[str], value: object) -> None:
    *groups, name = path
    for group in groups:
        inner = tree.get(group)
        if not isinstance(inner, dict):
            inner = tree[group] = {}
        tree = inner
    tree[name] = value


def microscope(tree: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """Return the kind of microscope, ``TEM`` or ``SEM`` or empty, and its group."""
    instruments = tree.get("Acquisition_instrument") or {}
    for kind in ("TEM", "SEM"):
        if isinstance(instruments.get(kind), dict):
            return kind, instruments[kind]
    others = [one for one in instruments.values() if isinstance(one, dict)]
    return "", others[0] if others else {}


def finder(tree: Mapping[str, Any]) -> Callable[[Field], object]:
    """Return what finds the value of a row of `FIELDS` in a standard tree."""
    _, group = microscope(tree)
    detectors = group.get("Detector")
    if not isinstance(detectors, dict):
        detectors = {}
    singles = {k: v for k, v in detectors.items() if not isinstance(v, dict)}
    groups = [one for one in detectors.values() if isinstance(one, dict)]
    places: dict[str, list[object]] = {
        MICROSCOPE: [group],
        DETECTOR: [singles, *groups],
    }

    def find(field: Field) -> object:
        for place in places.get(field.section, [tree.get(field.section)]):
            value = plain(looked_up(place, field.key))
            if value is not None and value != "":
                return value
        return None

    return find


def plain(value: Any) -> Any:  # noqa: ANN401 - text or a number
    """Return what can stand as one value: text, a number; others joined, or `None`."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, list | tuple):
        return ", ".join(str(one) for one in value)
    if _is_group(value) or getattr(value, "shape", ()) != ():
        return None
    if type(value).__name__ == "_Undefined" or str(value) == "<undefined>":
        return None
    return value


def acquired(tree: Mapping[str, Any]) -> datetime | None:
    """Return when the signal was acquired; naive where no time zone is known."""
    date = plain(looked_up(tree, "General.date"))
    time = plain(looked_up(tree, "General.time"))
    if not date or not time:
        return None
    try:
        when = datetime.fromisoformat(f"{date}T{str(time).partition(' ')[0]}")
    except ValueError:
        return None
    zone = str(plain(looked_up(tree, "General.time_zone")) or "")
    return when if when.tzinfo else _in_zone(when, zone)


def _in_zone(when: datetime, zone: str) -> datetime:
    if zone.upper() in {"UTC", "GMT", "Z"}:
        return when.replace(tzinfo=UTC)
    try:
        return when.replace(tzinfo=ZoneInfo(zone)) if "/" in zone else when
    except (OSError, ValueError):
        return when  # "Eastern Standard Time" and the like: the instrument's, then


def trimmed(tree: Any) -> Any:  # noqa: ANN401 - any tree
    """Return raw metadata without the data that some formats keep among them."""
    if _is_group(tree):
        return {str(key): trimmed(value) for key, value in _items(tree)}
    size = getattr(tree, "size", None)
    if isinstance(size, int) and size > MOST_VALUES:
        return f"array of shape {tree.shape}, {tree.dtype}"
    if isinstance(tree, list | tuple):
        if len(tree) > MOST_VALUES:
            return f"list of {len(tree)} values"
        return [trimmed(one) for one in tree]
    if isinstance(tree, str | bytes) and len(tree) > MOST_TEXT:
        return tree[:MOST_TEXT]
    return tree if _is_known(tree) else str(tree)


def _is_known(value: object) -> bool:
    module = type(value).__module__.partition(".")[0]
    return module in {"builtins", "numpy", "datetime", "decimal"} and not callable(
        value
    )


def leaves(tree: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the values of a tree with their dotted paths."""
    for key, value in _items(tree):
        name = f"{path}.{key}" if path else str(key)
        if _is_group(value):
            yield from leaves(value, name)
        else:
            yield name, value
