"""Core works by itself, and brings nothing along that it does not need."""

from __future__ import annotations

import json
import re

import pytest
from nexuslims_core.builtin.samples import write_micrograph_png

pytestmark = pytest.mark.slow

VENDOR = {
    "dask",
    "exspy",
    "h5py",
    "hyperspy",
    "matplotlib",
    "pyxem",
    "rosettasciio",
    "scikit-image",
    "scikit-learn",
    "scipy",
    "textual",
    "tifffile",
}
"""What only some facilities need."""

HEAVY = {
    "PIL",
    "alembic",
    "httpx",
    "lxml",
    "numpy",
    "pint",
    "scipy",
    "sklearn",
    "sqlalchemy",
}
"""What showing the help has no use for."""

IMPORTED = re.compile(r"import time:\s+\d+ \|\s+\d+ \|\s+(?P<module>[\w.]+)")


def test_no_library_of_a_vendor_format_is_installed(core):
    installed = set(core.installed())
    assert "nexuslims-core" in installed
    assert not installed & VENDOR


def test_no_other_package_of_ours_is_installed(core):
    ours = {name for name in core.installed() if name.startswith("nexuslims")}
    assert ours == {"nexuslims-core"}


def test_everything_that_is_installed_is_needed_by_core(core):
    script = """
import importlib.metadata, json, re
name = lambda text: re.sub("[-_.]+", "-", re.match("[A-Za-z0-9._-]+", text)[0]).lower()
installed = {name(one.name): one for one in importlib.metadata.distributions()}
needed, new = set(), {"nexuslims-core"}
while new:
    needed |= new
    lines = [line for one in new for line in installed[one].requires or ()]
    new = ({name(line) for line in lines} & set(installed)) - needed
print(json.dumps(sorted(set(installed) - needed)))
"""
    assert json.loads(core.run("python", "-c", script).stdout) == []


def test_help_names_the_commands(core):
    text = core.run("nexuslims", "--help").stdout
    assert "run " in text
    assert "extract " in text
    assert "demo " in text


def test_version_is_that_of_the_distribution(core):
    version = core.installed()["nexuslims-core"]
    assert core.run("nexuslims", "--version").stdout.strip() == f"nexuslims {version}"


@pytest.mark.parametrize("arguments", [("--version",), ("--help",)], ids=" ".join)
def test_the_module_is_the_same_program(core, arguments):
    program = core.run("nexuslims", *arguments)
    module = core.run("python", "-m", "nexuslims_core", *arguments)
    assert module.stdout == program.stdout


def test_plugins_list_shows_what_is_built_in(core):
    [plugin] = json.loads(core.run("nexuslims", "plugins", "list", "--json").stdout)
    assert plugin["distribution"] == "nexuslims-core"
    assert plugin["status"] == "ok"
    assert plugin["failures"] == []
    kinds = {one["kind"] for one in plugin["contributions"]}
    assert {"extractors", "harvesters", "preview_generators", "executors"} <= kinds


def test_the_metadata_of_a_picture_are_extracted(core, tmp_path):
    picture = tmp_path / "picture.png"
    write_micrograph_png(picture)
    done = core.run("nexuslims", "extract", "--preview", picture, cwd=tmp_path)
    [signal] = json.loads(done.stdout)
    assert signal["nx_meta"]["DatasetType"] == "Image"
    assert (tmp_path / "picture.png.thumb.png").read_bytes()[:4] == b"\x89PNG"


def test_the_demonstration_succeeds(core, tmp_path):
    done = core.run("nexuslims", "demo", "--quiet", cwd=tmp_path)
    records = sorted((tmp_path / "nexuslims-demo").rglob("records/*.xml"))
    assert len(records) == 3, done.stdout
    checked = core.run("nexuslims", "records", "validate", *records, cwd=tmp_path)
    assert checked.returncode == 0


def test_showing_the_help_imports_nothing_heavy(core):
    done = core.run("python", "-X", "importtime", "-m", "nexuslims_core", "--help")
    imported = {
        found["module"].partition(".")[0] for found in IMPORTED.finditer(done.stderr)
    }
    assert {"click", "nexuslims_core"} <= imported
    assert not imported & HEAVY
