"""EMPAD: settings in an .xml, frames of 128 by 128 pixels in a .raw beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

SIDE, FOOTER_ROWS = 128, 2


def write_empad(path: Path, frames: int, *, raw: bool = True) -> None:
    """Write a series.

    Parameters
    ----------
    path
        The .xml file.
    raw
        Write the frames, too.
    """
    name = f"{path.stem}.raw"
    path.write_text(
        '<root name="acquisition_11">'
        '<timestamp isoformat="2019-06-07T13:17:22.590279"/>'
        "<software_version>0.51 211118</software_version><type>series</type>"
        f'<count>{frames}</count><raw_file filename="{name}"/>'
        "<exposure_time>1.5</exposure_time>"
        f"<scan_parameters><series_count>{frames}</series_count></scan_parameters>"
        "</root>",
        encoding="utf-8",
    )
    if raw:
        shape = (frames, SIDE + FOOTER_ROWS, SIDE)
        values = np.arange(np.prod(shape), dtype="<f4").reshape(shape)
        path.with_name(name).write_bytes(values.tobytes())
