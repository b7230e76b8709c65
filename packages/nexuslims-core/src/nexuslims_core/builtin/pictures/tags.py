"""What TIFF tags and EXIF say: who, with what, when and how.

EXIF 2.32 writes the tags of TIFF 6.0 and its own; JPEG and PNG files have both.
"""

from __future__ import annotations

import re
import struct
import warnings
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any, BinaryIO

from nexuslims_core.builtin.pictures.picture import shown
from nexuslims_core.reading.clock import iso_time
from nexuslims_core.reading.findings import Findings, as_text, number
from nexuslims_core.types import quantity

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from PIL.Image import Exif

DESCRIPTION, MAKE, MODEL, SOFTWARE, DATE_TIME, ARTIST, COPYRIGHT = (
    *(270, 271, 272, 305, 306, 315),
    33432,
)
"""Tags of TIFF 6.0 that hold text."""

EXIF = 0x8769
"""The tag that leads to the tags of EXIF."""

TIMES = ((36867, 36881), (36868, 36882), (DATE_TIME, 36880))
"""When a picture was taken, digitized and stored; each with its offset from UTC."""

EXPOSURE_TIME, F_NUMBER, ISO, FOCAL_LENGTH, ZOOM, LENS = (
    *(33434, 33437, 34855, 37386),
    *(41988, 42036),
)
"""Tags of EXIF that say how a camera was set."""

DAMAGE = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    LookupError,
    TypeError,
    ArithmeticError,
    AttributeError,
    struct.error,
)
"""What Pillow raises on damaged tags, depending on where the damage is."""

_DATE = re.compile(
    r"(\d{4})[:/-](\d{1,2})[:/-](\d{1,2})[ T](\d{1,2}):(\d{2}):(\d{2})", re.ASCII
)
_OFFSET = re.compile(r"([+-])(\d{2}):?(\d{2})", re.ASCII)
_NO_DATE = re.compile(r"[\s0:]*")
"""What cameras write whose clock was never set."""


def findings(tags: Mapping[int, Any]) -> Findings:
    """Return what tags say about a picture, but for its time and its resolution.

    Parameters
    ----------
    tags
        Values by number of the tag, those of EXIF among them.
    """
    device = device_name(text(tags.get(MAKE)), text(tags.get(MODEL)))
    artist = text(tags.get(ARTIST))
    fields: dict[str, Any] = {}
    if device:
        fields["acquisition_device"] = device
    if artist:
        fields["operator"] = artist
    if exposure := _positive(tags.get(EXPOSURE_TIME)):
        fields["acquisition_time"] = quantity(exposure, "s")
    return Findings(
        fields=fields,
        extensions={
            **shown(
                {
                    "Software": text(tags.get(SOFTWARE)),
                    "Copyright": text(tags.get(COPYRIGHT)),
                }
            ),
            **_camera(tags),
        },
        flagged=(("Operator",),) if artist else (),
    )


def _camera(tags: Mapping[int, Any]) -> dict[str, Any]:
    """Return how a camera was set, where it was one."""
    numbers = {
        "F-Number": (_positive(tags.get(F_NUMBER)), ""),
        "ISO Speed": (_positive(tags.get(ISO)), ""),
        "Focal Length": (_positive(tags.get(FOCAL_LENGTH)), "mm"),
        "Digital Zoom Ratio": (_positive(tags.get(ZOOM)), ""),
    }
    found: dict[str, Any] = {
        name: quantity(value, unit) if unit else value
        for name, (value, unit) in numbers.items()
        if value
    }
    return {**found, **shown({"Lens Model": text(tags.get(LENS))})}


def device_name(make: str, model: str) -> str:
    """Return maker and model as one name; many models begin with their maker's."""
    if model.lower().startswith(make.lower()):
        return model
    return f"{make} {model}".strip()


def created(tags: Mapping[int, Any]) -> tuple[datetime | None, tuple[str, ...]]:
    """Return when the picture was made, as its tags say, and what is odd about that."""
    notes: list[str] = []
    for tag, offset in TIMES:
        written = text(tags.get(tag))
        if _NO_DATE.fullmatch(written):
            continue
        when = date_time(written, text(tags.get(offset)))
        if when is not None:
            return when, tuple(notes)
        notes.append(f"Expected a date and time in tag {tag}, found {written!r:.60}.")
    return None, tuple(notes)


def date_time(written: str, offset: str = "") -> datetime | None:
    """Return a time as EXIF, TIFF or ISO 8601 write it, or `None`."""
    match = _DATE.fullmatch(written.strip()[:19])
    if match is None:
        return iso_time(written)
    try:
        when = datetime(*map(int, match.groups()))  # type: ignore[arg-type] # noqa: DTZ001 - the instrument's clock
        aware = None if len(written.strip()) <= 19 else iso_time(written)  # noqa: PLR2004
    except ValueError:
        return None
    return aware or _in_zone(when, offset)


def _in_zone(when: datetime, offset: str) -> datetime:
    match = _OFFSET.fullmatch(offset.strip())
    if match is None:
        return when
    minutes = int(match[2]) * 60 + int(match[3])
    delta = timedelta(minutes=minutes if match[1] == "+" else -minutes)
    return when.replace(tzinfo=timezone(delta)) if abs(delta) < timedelta(1) else when


def text(value: object) -> str:
    """Return a tag's text, or nothing."""
    if isinstance(value, bytes):
        return as_text(value).strip()
    return value.replace("\0", "").strip() if isinstance(value, str) else ""


def _positive(value: object) -> float | None:
    if isinstance(value, tuple):
        value = value[0] if value else None
    try:
        found = number(float(value))  # type: ignore[arg-type]
    except (TypeError, ValueError, ArithmeticError):
        return None
    return found if found and found > 0 else None


def from_exif(exif: Exif) -> tuple[dict[int, Any], tuple[str, ...]]:
    """Return the tags of a picture, those of EXIF, and what is wrong with them."""
    own, notes = _read(lambda: dict(exif.items()))
    more, other_notes = _read(lambda: dict(exif.get_ifd(EXIF)))
    return own | more, notes + other_notes


def part(stream: BinaryIO, offset: int) -> tuple[dict[int, Any], tuple[str, ...]]:
    """Return the tags of EXIF in an open TIFF, and what is wrong with them.

    Parameters
    ----------
    offset
        Where they begin.
    """

    def read() -> dict[int, Any]:
        # Kept out of start-up: only pictures need it.
        from PIL.TiffImagePlugin import ImageFileDirectory_v2

        stream.seek(0)
        head = stream.read(16)
        directory = ImageFileDirectory_v2(head if b"+" in head[2:4] else head[:8])
        stream.seek(offset)
        directory.load(stream)
        return dict(directory)

    return _read(read)


def _read(
    read: Callable[[], dict[int, Any]],
) -> tuple[dict[int, Any], tuple[str, ...]]:
    """Return what `read` returns, or a note where Pillow finds damage."""
    try:
        # Pillow warns of oddities that it copes with, and of damage as well.
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            found = read()
    except DAMAGE as error:
        reason = str(error) or "they are damaged"
    else:
        if found or not told:
            return found, ()
        reason = " ".join(str(told[0].message).split()).rstrip(".")
    return {}, (f"The tags of EXIF cannot be read: {reason}.",)
