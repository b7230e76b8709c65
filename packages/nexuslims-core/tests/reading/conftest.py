from __future__ import annotations

import numpy as np
import pytest
from nexuslims_core.types import DataFile


@pytest.fixture
def data_file(tmp_path):
    path = tmp_path / "image.abc"
    path.write_bytes(b"something")
    return DataFile.at(path)


@pytest.fixture
def axis():
    """Return a function that makes an axis as readers describe it."""

    def axis(name, size, scale=1.0, units="", *, navigate=False, **more):
        return {
            "name": name,
            "size": size,
            "scale": scale,
            "offset": 0.0,
            "units": units,
            "navigate": navigate,
            **more,
        }

    return axis


@pytest.fixture
def signal():
    """Return a function that makes a signal of axes and a standard tree."""

    def signal(*axes, metadata=None, original=None, mapping=None, dtype="u2"):
        shape = [one["size"] for one in axes]
        return {
            "data": np.arange(np.prod(shape)).reshape(shape).astype(dtype),
            "axes": list(axes),
            "metadata": metadata or {},
            "original_metadata": original or {},
            "mapping": mapping or {},
        }

    return signal
