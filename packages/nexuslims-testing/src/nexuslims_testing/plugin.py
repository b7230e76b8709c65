"""Contributions of the test kit: sample files for `nexuslims demo`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nexuslims_core import hookimpl
from nexuslims_core.types import SampleFile

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


@hookimpl
def nexuslims_sample_files() -> Iterable[SampleFile]:
    """Yield micrographs as a user would have named them."""
    yield SampleFile(
        name="fei_sem_overview",
        filename="steel fracture 001.tif",
        write=_steel_overview,
    )
    yield SampleFile(
        name="fei_sem_detail",
        filename="steel fracture 002.tif",
        write=_steel_detail,
    )
    yield SampleFile(
        name="fei_sem_bse",
        filename="oxide coating BSE 16 bit.tif",
        write=_backscattered,
    )
    yield SampleFile(
        name="fei_fib",
        filename="trench 1 ion beam.tif",
        write=_ion_beam,
    )
    yield SampleFile(
        name="fei_tem",
        filename="Au on carbon 29kx.tif",
        write=_tem_overview,
    )
    yield SampleFile(
        name="dm_stem",
        filename="precipitates HAADF.dm3",
        write=_stem_image,
    )
    yield SampleFile(
        name="emsa_eds",
        filename="precipitates EDS.msa",
        write=_x_ray_spectrum,
    )
    yield SampleFile(
        name="smartsem_sem",
        filename="coating SE2 10kx.tif",
        write=_coating,
    )


def _steel_overview(path: Path) -> None:
    from nexuslims_testing.samples.demo import steel_overview

    steel_overview(path)


def _steel_detail(path: Path) -> None:
    from nexuslims_testing.samples.demo import steel_detail

    steel_detail(path)


def _backscattered(path: Path) -> None:
    from nexuslims_testing.samples.demo import backscattered

    backscattered(path)


def _ion_beam(path: Path) -> None:
    from nexuslims_testing.samples.demo import ion_beam

    ion_beam(path)


def _tem_overview(path: Path) -> None:
    from nexuslims_testing.samples.demo import tem_overview

    tem_overview(path)


def _stem_image(path: Path) -> None:
    from nexuslims_testing.samples.demo import stem_image

    stem_image(path)


def _x_ray_spectrum(path: Path) -> None:
    from nexuslims_testing.samples.demo import x_ray_spectrum

    x_ray_spectrum(path)


def _coating(path: Path) -> None:
    from nexuslims_testing.samples.demo import coating

    coating(path)
