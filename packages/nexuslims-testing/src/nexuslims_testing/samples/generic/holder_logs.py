"""Logs of holders for experiments in the microscope: text, a line per reading."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def write_protochips(path: Path, readings: int = 20, *, user: str = "ada") -> None:
    """Write a log of Protochips's Clarity: heating, a reading per tenth of a second."""
    head = [
        "Time, Notes, Channel A Temperature, Channel B Current",
        "0, Calibration file = C:\\Protochips\\AD21018_4.cal, 25, 0",
        "0, Date (yyyy.mm.dd) = 2014.11.05, 25, 0",
        "0, Time (hh:mm:ss.ms) = 14:42:51.369, 25, 0",
        "0, Time units = Milliseconds, 25, 0",
        "0, Temperature units = Degrees C, 25, 0",
        "0, Current units = Amps, 25, 0",
        f"0, User agreeing to terms = {user}, 25, 0",
    ]
    lines = [f"{100 * i}, , {25 + i}, {i / 1000}" for i in range(readings)]
    path.write_text("\n".join([*head, *lines]) + "\n", encoding="utf-8")


COLUMNS = (
    *("sample", "time", "Tset[C]", "Tmeas[C]", "Rheat[ohm]", "Vheat[V]"),
    *("Iheat[mA]", "Pheat [mW]", "c"),
)
"""Of a DigiHeater's log."""


def write_digiheater(path: Path, readings: int = 20) -> None:
    """Write a log of DENSsolutions' DigiHeater."""
    head = [
        "16/04/'15 13:53\tDigiheater 3.1",
        "R0 = 282.7\ta =  0.0000000\tb = 0.225\tc = 278.222",
        "Tsample = 330 [ms]  ",
        "\t".join(COLUMNS),
    ]
    lines = [
        f"{i}\t13:52:{i:02}.000\t0.0\t{i * 10}.5\t300.0\t1.0\t4.0\t6.4\t0"
        for i in range(readings)
    ]
    path.write_text("\n".join([*head, *lines]) + "\n", encoding="utf-8")


def write_impulse(path: Path, readings: int = 20, *, details: bool = True) -> None:
    """Write a log of DENSsolutions' Impulse, and its experiment's description.

    Parameters
    ----------
    path
        Its name must end in ``_Synchronized data.csv``.
    details
        Write the description, too.
    """
    lines = ["TimeStamp,Experiment time,Temperature Measured,MixValve,Pin Measured"]
    lines += [
        f"13:40:{i:02}.500,{7.5 + i / 2:.3f},{9 + i},0; 0; 0,3.1"
        for i in range(readings)
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    if details:
        name = f"{path.stem.rpartition('_')[0]}_Metadata.log"
        path.with_name(name).write_text(
            "Experiment date,2021-04-16\nExperiment time,13:40:20\n"
            "Experiment type,Heating\nLive notes,ramp started\n",
            encoding="utf-8",
        )
