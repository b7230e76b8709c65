"""Reading these files imports no more than it uses."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from nexuslims_testing.samples.dm import Image, write_dm

CODE = """
import sys
from nexuslims_core.extraction import extract
extract(sys.argv[1])
print(*sorted({name.partition(".")[0] for name in sys.modules}))
"""


@pytest.mark.parametrize("shape", [(16, 16), (4, 16, 16), (32,)], ids=str)
def test_a_file_is_read_without_arrays_for_clusters(shape, tmp_path):
    path = tmp_path / "a.dm4"
    write_dm(path, [Image(pixels=np.ones(shape, np.float32))])

    told = subprocess.run(
        [sys.executable, "-c", CODE, str(path)],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()

    assert "rsciio" in told
    assert not {"numba", "sparse"} & set(told)
