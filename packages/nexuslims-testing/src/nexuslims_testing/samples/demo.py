"""The sample files of `nexuslims demo`: a morning at several microscopes."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from nexuslims_testing.samples import dm, emsa
from nexuslims_testing.samples.fei_tiff import Scan, write_scan, write_tem
from nexuslims_testing.samples.micrograph import as_integers, grains, particles, trench
from nexuslims_testing.samples.zeiss import SmartSemScan, write_smartsem

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


STEM_TAGS: dm.Tree = {
    "Microscope Info": {
        "Microscope": "Nexus T300",
        "Voltage": 300_000.0,
        "Illumination Mode": "STEM NANOPROBE",
        "Imaging Mode": "DIFFRACTION",
        "Operation Mode": "SCANNING",
        "Indicated Magnification": 160_000.0,
        "STEM Camera Length": 115.0,
        "Stage Position": {
            "Stage X": -42.5,
            "Stage Y": 118.25,
            "Stage Z": 31.0,
            "Stage Alpha": 12.5,
            "Stage Beta": -3.25,
        },
    },
    "DataBar": {
        "Acquisition Date": "3/17/2026",
        "Acquisition Time": "11:05:40 AM",
        "Signal Name": "HAADF",
    },
    "DigiScan": {"Sample Time": 12.0},
}
"""What DigitalMicrograph tells of a STEM image."""


def stem_image(path: Path) -> None:
    """Write a dark-field image of precipitates, as DigitalMicrograph saves it."""
    pixels = as_integers(particles(512, 512, seed=57, number=45), bits=16)
    image = dm.Image(
        pixels=pixels,
        name="precipitates HAADF",
        tags=STEM_TAGS,
        scales=(0.48, 0.48),
        units=("nm", "nm"),
    )
    dm.write_dm(path, [image])


def x_ray_spectrum(path: Path) -> None:
    """Write a spectrum of characteristic X-rays."""
    emsa.write_msa(path)


def coating(path: Path) -> None:
    """Write a secondary-electron image of a coating, as SmartSEM saves it."""
    scan = SmartSemScan(width=WIDTH, height=HEIGHT, pixel_nm=18.6, magnification_kx=10)
    image = grains(WIDTH, HEIGHT, seed=71, number=220)
    write_smartsem(path, scan=scan, pixels=as_integers(image))
