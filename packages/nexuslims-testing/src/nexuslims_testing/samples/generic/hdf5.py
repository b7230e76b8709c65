"""Formats that are HDF5 files: Berkeley EMD, HyperSpy, NeXus, Arina.

Layouts: emdatasets.com, "EMD 1.0"; HyperSpy's documentation, "HSpy"; NeXus manual,
"NXdata"; DECTRIS's "NEXUS master file".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import h5py
import numpy as np

if TYPE_CHECKING:
    from pathlib import Path


def write_berkeley_emd(path: Path, data: np.ndarray, *, pixel_nm: float = 0.5) -> None:
    """Write an array with a calibrated axis for each of its dimensions."""
    with h5py.File(path, "w") as file:
        file.attrs.update({"version_major": 0, "version_minor": 2})
        microscope = file.create_group("microscope")
        microscope.attrs["name"] = "TEAM 0.5"
        group = file.create_group("data/image")
        group.attrs["emd_group_type"] = 1
        group["data"] = data
        for index, (name, size) in enumerate(
            zip("zyx"[-data.ndim :], data.shape, strict=True)
        ):
            axis = group.create_dataset(
                f"dim{index + 1}", data=np.arange(size, dtype=float) * pixel_nm
            )
            axis.attrs.update({"name": name, "units": "[n_m]"})


def write_hspy(
    path: Path, signals: dict[str, np.ndarray], *, kilovolts: float = 200.0
) -> None:
    """Write signals, each an image or a stack of some, by name."""
    with h5py.File(path, "w") as file:
        file.attrs.update({"file_format": "HyperSpy", "file_format_version": "3.3"})
        for name, data in signals.items():
            _signal(file.create_group(f"Experiments/{name}"), name, data, kilovolts)


def _signal(group: Any, title: str, data: np.ndarray, kilovolts: float) -> None:  # noqa: ANN401 - a group
    group["data"] = data
    names = ["scan", "y", "x"][-data.ndim :]
    for index, (name, size) in enumerate(zip(names, data.shape, strict=True)):
        axis = group.create_group(f"axis-{index}")
        axis.attrs.update(
            {"_type": "UniformDataAxis", "name": name, "size": size, "scale": 0.25},
        )
        axis.attrs.update({"units": "nm", "offset": 0.0, "navigate": name == "scan"})
    general = group.create_group("metadata/General")
    general.attrs.update({"title": title, "date": "2024-05-06", "time": "07:08:09"})
    microscope = group.create_group("metadata/Acquisition_instrument/TEM")
    microscope.attrs["beam_energy"] = kilovolts
    group.create_group("metadata/Signal").attrs["signal_type"] = ""
    group.create_group("original_metadata")
    group.create_group("learning_results")


def write_nexus(path: Path, data: np.ndarray) -> None:
    """Write an entry with one set of data and its axes."""
    with h5py.File(path, "w") as file:
        file.attrs["default"] = "entry"
        entry = file.create_group("entry")
        entry.attrs.update({"NX_class": "NXentry", "default": "image"})
        group = entry.create_group("image")
        group.attrs.update(
            {"NX_class": "NXdata", "signal": "counts", "axes": ["y", "x"]}
        )
        group["counts"] = data
        for name, size in zip("yx", data.shape, strict=True):
            axis = group.create_dataset(name, data=np.arange(size) * 0.2)
            axis.attrs["units"] = "um"


def write_arina(path: Path, frames: np.ndarray) -> None:
    """Write a master file and the file of frames that it links to.

    Parameters
    ----------
    path
        Its name must end in ``_master.h5``.
    frames
        A square number of frames; rows; columns.
    """
    name = f"{path.stem.removesuffix('_master')}_data_000001.h5"
    with h5py.File(path.with_name(name), "w") as file:
        file["entry/data/data"] = frames
    with h5py.File(path, "w") as file:
        entry = file.create_group("entry")
        entry.attrs["NX_class"] = "NXentry"
        entry.create_group("data")["data_000001"] = h5py.ExternalLink(
            name, "entry/data/data"
        )


def write_plain_hdf5(path: Path) -> None:
    """Write a file of somebody's own making, which is no format of a microscope."""
    with h5py.File(path, "w") as file:
        file["results/values"] = np.arange(12)
