"""What the distribution contributes."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
from nexuslims_extractors_gatan.plugin import (
    nexuslims_extractors,
    nexuslims_instrument_profiles,
)
from nexuslims_testing.samples.dm import Image, write_dm


def assert_says(text, code):
    """Make sure that statements in a fresh process print a line and nothing else."""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert (done.stdout.strip(), done.stderr) == (text, "")


def test_it_reads_digitalmicrograph_files():
    (extractor,) = nexuslims_extractors()
    assert extractor.name == "dm3_extractor"
    assert extractor.extensions == {"dm3", "dm4"}
    assert extractor.priority == 160


def test_it_knows_three_microscopes():
    found = [one.instrument_id for one in nexuslims_instrument_profiles()]
    assert found == ["FEI-Titan-STEM", "FEI-Titan-TEM", "JEOL-JEM-TEM"]


def test_declaring_imports_no_reader():
    code = (
        "import sys; from nexuslims_extractors_gatan import plugin; "
        "list(plugin.nexuslims_extractors()); "
        "list(plugin.nexuslims_instrument_profiles()); "
        "print(sorted({'rsciio', 'dask', 'numpy', 'pint'} & set(sys.modules)))"
    )
    assert_says("[]", code)


def test_recognising_a_file_imports_no_reader(tmp_path):
    path = tmp_path / "a.dm3"
    path.write_bytes(bytes(100))
    code = (
        "import sys; from pathlib import Path; "
        "from nexuslims_core.types import DataFile; "
        "from nexuslims_extractors_gatan import plugin; "
        "(extractor,) = plugin.nexuslims_extractors(); "
        f"extractor.supports(DataFile.at(Path({str(path)!r}))); "
        "print(sorted({'rsciio', 'dask', 'numpy'} & set(sys.modules)))"
    )
    assert_says("[]", code)


def test_reading_pixels_and_tags_takes_none_of_dask_arrays(tmp_path):
    half = np.ones((8, 5), np.complex64)
    write_dm(tmp_path / "a.dm3", [Image(pixels=half, shape=(8, 8), data_type=27)])
    code = (
        "import sys; from pathlib import Path; "
        "from nexuslims_core.types import DataFile; "
        "from nexuslims_extractors_gatan import plugin; "
        "(extractor,) = plugin.nexuslims_extractors(); "
        f"file = DataFile.at(Path({str(tmp_path / 'a.dm3')!r})); "
        "(dataset,) = extractor.extract(file).datasets; "
        "print(dataset.preview.read()[...].shape, 'dask.array.core' in sys.modules)"
    )
    assert_says("(8, 8) False", code)
