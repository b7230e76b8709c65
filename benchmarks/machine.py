"""What the figures were measured on and with."""

from __future__ import annotations

import os
import platform
from importlib import metadata
from pathlib import Path

import psutil

LIBRARIES = ("numpy", "Pillow", "RosettaSciIO", "tifffile", "h5py", "dask", "lxml")


def machine() -> list[tuple[str, str]]:
    """Return names and values that tell of machine and software."""
    memory = psutil.virtual_memory().total / 2**30
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in LIBRARIES)
    return [
        ("Processor", f"{_processor()}, {os.cpu_count()} cores"),
        ("Memory", f"{memory:.0f} GiB"),
        ("System", f"{platform.system()} {platform.release()}"),
        ("Python", platform.python_version()),
        ("NexusLIMS", metadata.version("nexuslims-core")),
        ("Libraries", versions),
    ]


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.machine()
