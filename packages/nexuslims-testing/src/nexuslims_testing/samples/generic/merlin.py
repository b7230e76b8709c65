"""Frames of Quantum Detectors' Merlin: text headers in a .mib, settings in a .hdr."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import numpy as np

HEADER_BYTES = 384

SETTINGS: Mapping[str, str] = {
    "Chip ID": "W559_G11, - , - , - ",
    "Chip Type (Medipix 3.0, Medipix 3.1, Medipix 3RX)": "Medipix 3RX",
    "Assembly Size (NX1, 2X2)": "   1x1",
    "Chip Mode  (SPM, CSM, CM, CSCM)": "SPM",
    "Counter Depth (number)": "12",
    "Gain": "SLGM",
    "Frames in Acquisition (Number)": "6",
    "Frames per Trigger (Number)": "3",
    "Sensor Bias (V)": "120 V",
    "Readout System": "Merlin Quad",
    "Software Version": "1.5.0.197",
}
"""Of the .hdr file."""


def write_merlin(
    path: Path,
    frames: np.ndarray,
    *,
    exposure_ns: int = 1_000_000,
    settings: Mapping[str, str] | None = SETTINGS,
) -> None:
    """Write frames of 16 bits, and settings beside them.

    Parameters
    ----------
    path
        The .mib file.
    frames
        Frames, rows and columns.
    settings
        Of the .hdr file; `None` writes none.
    """
    _, rows, columns = frames.shape
    with path.open("wb") as stream:
        for index, frame in enumerate(frames):
            header = (
                f"MQ1,{index + 1:06},{HEADER_BYTES:05},01,{columns:04},{rows:04},U16,"
                f"   1x1,01,2024-07-02 13:46:44.{index:06},0.001000,0,0,0,1.2E+1,3RX,"
                f"MQ1A,2024-07-02T11:46:44.{index:09}Z,{exposure_ns}ns,12,"
            )
            stream.write(header.encode().ljust(HEADER_BYTES, b"\0"))
            stream.write(frame.astype(">u2").tobytes())
    if settings is not None:
        lines = [f"{name}:\t{value}" for name, value in settings.items()]
        text = "\r\n".join(["HDR,", *lines, "End\t"])
        path.with_suffix(".hdr").write_text(text, encoding="utf-8", newline="")
