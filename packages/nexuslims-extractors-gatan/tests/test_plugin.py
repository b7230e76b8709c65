"""What the distribution contributes."""

from __future__ import annotations

import subprocess
import sys

from nexuslims_extractors_gatan.plugin import (
    nexuslims_extractors,
    nexuslims_instrument_profiles,
)


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
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert (done.stdout.strip(), done.stderr) == ("[]", "")


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
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert (done.stdout.strip(), done.stderr) == ("[]", "")
