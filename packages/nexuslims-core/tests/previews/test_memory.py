"""How much memory a preview of a file of gigabytes takes."""

from __future__ import annotations

import subprocess
import sys

import pytest

resource = pytest.importorskip("resource", reason="peak memory is read with it")

GIGABYTES = 4
MOST = 100_000_000
"""Bytes above what drawing a small array of the same kind takes."""
PROGRAM = """
import re, resource, sys
from pathlib import Path
import numpy as np
from nexuslims_core.previews import render_array
from nexuslims_core.types import Axis, PreviewSource

class Handed:
    # As extractors hand arrays over: no map, nor are its parts.

    def __init__(self, array):
        self.shape, self.ndim, self.dtype = array.shape, array.ndim, array.dtype
        self._array = array

    def __getitem__(self, part):
        return np.asarray(self._array[part])

path, form, dtype, *sizes = sys.argv[1:]
shape = tuple(abs(int(size)) for size in sizes)
unit = 1 if sys.platform == "darwin" else 1024

def draw(array):
    axes = tuple(
        Axis(name="", size=size, navigation=int(given) < 0)
        for size, given in zip(array.shape, sizes)
    )
    render_array(PreviewSource(read=lambda: array, axes=axes))

def peak():
    if sys.platform == "linux":
        # getrusage would tell of the process, too, which started this one.
        status = Path("/proc/self/status").read_text()
        return int(re.search(r"VmHWM:\\s*(\\d+)", status)[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit

small = tuple(min(size, 40) for size in shape)
draw(np.arange(np.prod(small)).reshape(small).astype(dtype))
before = peak()
if form == "turned":
    draw(Handed(np.memmap(path, dtype=dtype, mode="r", shape=shape[::-1]).T))
else:
    mapped = np.memmap(path, dtype=dtype, mode="r", shape=shape)
    draw(Handed(mapped) if form == "handed" else mapped)
print(peak() - before)
"""


@pytest.fixture(scope="module")
def huge(tmp_path_factory):
    """Return a file of gigabytes that takes no place."""
    path = tmp_path_factory.mktemp("huge") / "huge.raw"
    with path.open("wb") as stream:
        stream.truncate(GIGABYTES << 30)
    if path.stat().st_blocks * 512 > 1 << 20:
        path.unlink()
        pytest.skip("the file system has no sparse files")
    return path


@pytest.mark.parametrize(
    ("form", "shape"),
    [
        pytest.param("map", (46_000, 46_000), id="image"),
        pytest.param("map", (-900, 1500, 1500), id="series"),
        pytest.param("map", (-256, -256, 128, 256), id="hyperimage"),
        pytest.param("map", (-2048, -1024, 1000), id="spectrum image"),
        pytest.param("map", (1000, -2048, -1024), id="spectrum image, energy slowest"),
        pytest.param("map", (-30_000, 60_000), id="line scan"),
        pytest.param("map", (2_000_000_000,), id="curve"),
        pytest.param("handed", (-900, 1500, 1500), id="series, not a map"),
        pytest.param("handed", (1000, -2048, -1024), id="spectra, not a map"),
        pytest.param("turned", (-1024, -2048, 1000), id="spectra, energy moved"),
    ],
)
def test_a_preview_of_gigabytes_takes_megabytes(huge, form, shape):
    """A dimension given as negative is one to step through."""
    arguments = [str(huge), form, "u2", *map(str, shape)]
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < MOST
