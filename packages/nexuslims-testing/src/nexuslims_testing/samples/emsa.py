"""EMSA/MAS spectra (ISO 22029), as programs of several vendors write them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from nexuslims_testing.samples.edax import counts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

Header = dict[str, str]

EDS: Mapping[str, str] = {
    "FORMAT": "EMSA/MAS SPECTRAL DATA FILE",
    "VERSION": "1.0",
    "TITLE": "weld 7",
    "DATE": "17-Mar-2026",
    "TIME": "14:05",
    "OWNER": "EDAX TEAM",
    "NPOINTS": "4096",
    "NCOLUMNS": "1",
    "XUNITS": "Energy (EV)",
    "YUNITS": "Intensity",
    "DATATYPE": "XY",
    "XPERCHAN": "5.000",
    "OFFSET": "0.0",
    "CHOFFSET": "0.0",
    "SIGNALTYPE": "EDS",
    "XLABEL": "X-RAY Energy",
    "YLABEL": "X-RAY Intensity",
    "BEAMKV   -kV": "15.0",
    "LIVETIME  -s": "60.0",
    "REALTIME  -s": "71.5",
    "ELEVANGLE-dg": "33.75",
    "AZIMANGLE-dg": "45.0",
    "TBEWIND  -cm": "0.000000",
    "TDEADLYR -cm": "0.030",
    "TACTLYR  -cm": "0.1",
    "COMMENT": "Converted by our writer",
    "#FILENAME": "weld 7.spc",
    "#AmpTime (usec)": "7.5",
    "#FPGA Version": "18",
    "#RESO (MnKa)": "127.5",
    "#EDAX Detector": "Octane Elite 25",
    "#Analyzer Type": "DPP4",
    "#Tilt Angle": "2.5",
    "#TakeOff Angle": "36.25",
    "#Elements": "8,24,26",
}
"""Header of an X-ray spectrum by EDAX's software; keys as they stand in the file, but
for the first mark."""

EELS: Mapping[str, str] = {
    "FORMAT": "EMSA/MAS Spectral Data File",
    "VERSION": "TC202v2.0",
    "TITLE": "interface, O K edge",
    "DATE": "17-MAR-2026",
    "TIME": "14:05",
    "OWNER": "jdoe",
    "NPOINTS": "128.",
    "NCOLUMNS": "4.",
    "XUNITS": "eV",
    "YUNITS": "Counts",
    "DATATYPE": "Y",
    "XPERCHAN": "0.5",
    "OFFSET": "520.25",
    "SIGNALTYPE": "ELS",
    "XLABEL": "Energy Loss",
    "YLABEL": "Intensity",
    "BEAMKV": "200.0",
    "EMISSION": "12.5",
    "PROBECUR": "0.25",
    "MAGCAM": "160000",
    "OPERMODE": "SCIMG",
    "CONVANGLE": "22.5",
    "COLLANGLE": "40.5",
    "INTEGTIME": "1250.",
    "ELSDET": "PARALL",
}
"""Header of an energy-loss spectrum of a STEM, without units."""


def edge(points: int = 128) -> np.ndarray:
    """Return an absorption edge on a falling background."""
    place = np.arange(points)
    spectrum = 9e4 / (1 + place / 40) + 2.5e4 * (place > points // 4)
    return np.round(spectrum)


def write_msa(
    path: Path,
    header: Mapping[str, str] | Iterable[tuple[str, str]] = EDS,
    data: np.ndarray | None = None,
    *,
    scale: float = 5.0,
    offset: float = 0.0,
    columns: int = 1,
    paired: bool = True,
    newline: Literal["\r\n", "\n", "\r"] = "\r\n",
    encoding: str = "cp1252",
) -> None:
    """Write a spectrum.

    Parameters
    ----------
    header
        Lines as keyword and value; a program's own keywords begin with a mark.
    data
        Counts; an X-ray spectrum by default.
    scale, offset
        Of the positions that are written beside the counts.
    columns
        Points per line.
    paired
        Whether to write positions, too: ``DATATYPE`` XY.
    """
    spectrum = counts() if data is None else data
    given = header.items() if hasattr(header, "items") else header
    lines = [f"#{key:<12}: {value}" for key, value in given]
    lines.append("#SPECTRUM    : Spectral Data Starts Here")
    points = [
        f"{offset + index * scale:.2f}, {value:.1f}" if paired else f"{value:.1f}"
        for index, value in enumerate(spectrum)
    ]
    lines += [
        ", ".join(points[start : start + columns]) + ","
        for start in range(0, len(points), columns)
    ]
    lines.append("#ENDOFDATA   : ")
    path.write_bytes((newline.join(lines) + newline).encode(encoding))
