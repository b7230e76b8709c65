"""The sample files of `nexuslims demo`: a morning at an SEM, a FIB and a TEM."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from nexuslims_testing.samples.fei_tiff import Scan, write_scan, write_tem
from nexuslims_testing.samples.micrograph import grains, particles, trench

if TYPE_CHECKING:
    from pathlib import Path

WIDTH, HEIGHT = 640, 440

FRACTURE = Scan(
    acquired=datetime(2026, 3, 17, 9, 12, 40),  # noqa: DTZ001 - the instrument's clock
    label="steel fracture",
    width=WIDTH,
    height=HEIGHT,
)


def steel_overview(path: Path) -> None:
    """Write a secondary-electron image of many grains."""
    write_scan(path, FRACTURE, image=grains(WIDTH, HEIGHT, seed=11, number=90))


def steel_detail(path: Path) -> None:
    """Write the same place at higher magnification."""
    scan = replace(
        FRACTURE,
        acquired=datetime(2026, 3, 17, 9, 15, 2),  # noqa: DTZ001 - the instrument's clock
        field_width_m=2.56e-5,
        dwell_s=1e-5,
    )
    write_scan(path, scan, image=grains(WIDTH, HEIGHT, seed=11, number=12))


def backscattered(path: Path) -> None:
    """Write a 16-bit backscattered-electron image in low vacuum, with XML."""
    scan = replace(
        FRACTURE,
        acquired=datetime(2026, 3, 17, 9, 48, 31),  # noqa: DTZ001 - the instrument's clock
        label="oxide coating, µm section",
        detector="CBS",
        signal="BSE",
        voltage_v=15_000,
        vacuum="Low vacuum",
        pressure_pa=60,
    )
    image = particles(WIDTH, HEIGHT, seed=23)
    write_scan(path, scan, image=image, bits=16, xml=True)


def ion_beam(path: Path) -> None:
    """Write a trench as the ion beam sees it."""
    scan = replace(
        FRACTURE,
        acquired=datetime(2026, 3, 17, 10, 31, 7),  # noqa: DTZ001 - the instrument's clock
        label="trench 1",
        beam="IBeam",
        scan="IScan",
        voltage_v=30_000,
        current_a=9e-11,
        field_width_m=3.2e-5,
        stage_rad=(0.7854, 0.9076, 0.0),
    )
    write_scan(path, scan, image=trench(WIDTH, HEIGHT, seed=31))


def tem_overview(path: Path) -> None:
    """Write a bright-field image of particles."""
    write_tem(path, image=1 - particles(HEIGHT, HEIGHT, seed=43, number=35))
