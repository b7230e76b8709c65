"""All packages look the same, so that who knows one knows the others."""

from __future__ import annotations

import importlib.metadata
import json
import subprocess
import sys

import nexuslims_core
import pytest

GPL = {
    "nexuslims-extractors-edax",
    "nexuslims-extractors-fei",
    "nexuslims-extractors-gatan",
    "nexuslims-extractors-hyperspy",
}
"""Packages that lean on GPL readers, or are to."""

SCRIPTS = {"versions", "cdcs_project"}
"""Folders of files that are run, and never imported by their place."""

HEAVY = {
    "h5py",
    "httpx",
    "hyperspy",
    "jinja2",
    "lxml",
    "matplotlib",
    "numpy",
    "rsciio",
    "sqlalchemy",
    "tifffile",
}
"""What no plugin module may import: each is imported by every command."""

CALL_HOOKS = """
import importlib, json, sys
plugin = importlib.import_module(sys.argv[1])
for name, function in vars(plugin).copy().items():
    if hasattr(function, "nexuslims_impl"):
        list(function())
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""


@pytest.mark.parametrize(
    "entry", ["pyproject.toml", "README.md", "LICENSE", "changes", "src", "tests"]
)
def test_a_package_has_the_usual_entries(package, entry):
    assert (package.folder / entry).exists()


def test_a_folder_has_the_name_of_its_distribution(package):
    assert package.project["name"] == package.name


def test_a_distribution_has_one_import_package_of_its_own_name(package):
    found = [path.name for path in (package.folder / "src").iterdir() if path.is_dir()]
    assert found == [package.import_name]


def test_every_folder_of_modules_is_a_package(package):
    source = package.folder / "src" / package.import_name
    folders = {path.parent for path in source.rglob("*.py")}
    without = {path for path in folders if not (path / "__init__.py").is_file()}
    assert {path.name for path in without} <= SCRIPTS
    assert (source / "__init__.py").is_file()


def test_a_package_is_typed(package):
    assert (package.folder / "src" / package.import_name / "py.typed").is_file()


def test_a_distribution_names_one_plugin(package):
    declared = package.project["entry-points"]["nexuslims"]
    assert list(declared.values()) == [package.plugin]


def test_installed_entry_points_are_the_declared_ones(package):
    cure = (
        "what is installed is older than pyproject.toml: reinstall it with "
        f"`pip install -e packages/{package.name}`, or `hatch env remove default`"
    )
    try:
        installed = importlib.metadata.distribution(package.name)
    except importlib.metadata.PackageNotFoundError:
        pytest.fail(f"{package.name} is not installed; {cure}")
    found = {
        (one.group, one.name, one.value)
        for one in installed.entry_points
        if one.group != "console_scripts"
    }
    declared = {
        (group, name, value)
        for group, entries in package.project["entry-points"].items()
        for name, value in entries.items()
    }
    assert found == declared, cure
    assert installed.version == package.project["version"], cure


def test_a_plugin_module_imports_nothing_heavy(package):
    done = subprocess.run(
        [sys.executable, "-c", CALL_HOOKS, package.plugin],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    imported = set(json.loads(done.stdout))
    assert package.import_name in imported
    assert not imported & HEAVY


def test_the_licence_is_the_declared_one(package):
    text = (package.folder / "LICENSE").read_text("utf-8").strip()
    licence = package.project["license"]
    assert licence == ("GPL-3.0-or-later" if package.name in GPL else "MIT")
    title = "GNU GENERAL PUBLIC LICENSE" if package.name in GPL else "MIT License"
    assert text.startswith(title)
    assert package.project["license-files"] == ["LICENSE"]


def test_only_gpl_packages_need_gpl_readers(package):
    readers = ("hyperspy", "rosettasciio", "exspy", "pyxem")
    needed = package.project["dependencies"]
    gpl = [line for line in needed if line.lower().startswith(readers)]
    assert not gpl or package.name in GPL


def test_a_plugin_needs_core_of_this_series_and_no_other_plugin(package):
    ours = [
        line
        for line in package.project["dependencies"]
        if line.startswith("nexuslims-")
    ]
    is_core = package.name == "nexuslims-core"
    assert ours == ([] if is_core else ["nexuslims-core>=0.1,<0.2"])


def test_core_says_which_version_it_is(root):
    installed = importlib.metadata.version("nexuslims-core")
    assert nexuslims_core.__version__ == installed
    assert installed.startswith("0.1.")


def test_the_import_contracts_know_every_package(root, workspace):
    names = {path.parent.name for path in (root / "packages").glob("*/pyproject.toml")}
    imports = {name.replace("-", "_") for name in names}
    linter = workspace["tool"]["importlinter"]
    assert set(linter["root_packages"]) == imports
    plugins = imports - {"nexuslims_core", "nexuslims_testing"}
    [independent] = [
        one for one in linter["contracts"] if one["type"] == "independence"
    ]
    assert set(independent["modules"]) == plugins


def test_every_package_is_tested_alone(root, workspace):
    names = {path.parent.name for path in (root / "packages").glob("*/pyproject.toml")}
    matrix = workspace["tool"]["hatch"]["envs"]["alone"]["matrix"]
    tested = {plugin for entry in matrix for plugin in entry["plugin"]}
    assert names - tested <= {"nexuslims-core", "nexuslims-testing"}
    assert tested <= names
