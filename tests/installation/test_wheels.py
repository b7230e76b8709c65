"""The wheels hold all that the packages need, and nothing that only we need."""

from __future__ import annotations

import configparser
import email
import tomllib
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

PACKAGES = sorted(
    path.parent.name
    for path in (Path(__file__).parents[2] / "packages").glob("*/pyproject.toml")
)


@dataclass(frozen=True, kw_only=True)
class Wheel:
    """A wheel, and the folder of the package that it was built from."""

    path: Path
    source: Path

    @property
    def members(self) -> set[str]:
        with zipfile.ZipFile(self.path) as archive:
            return set(archive.namelist())

    @property
    def information(self) -> str:
        """Name of the folder of its metadata."""
        return "-".join(self.path.name.split("-")[:2]) + ".dist-info"

    @property
    def project(self) -> dict:
        return tomllib.loads((self.source / "pyproject.toml").read_text())["project"]

    def read(self, name: str) -> str:
        with zipfile.ZipFile(self.path) as archive:
            return archive.read(name).decode()


def is_cache(path: Path) -> bool:
    """Tell whether a tool made a file for itself."""
    return any(part == "__pycache__" or part[0] == "." for part in path.parts)


@pytest.fixture(params=PACKAGES)
def wheel(request, wheels, repository):
    """Each wheel in turn."""
    name = request.param
    return Wheel(path=wheels[name], source=repository / "packages" / name)


def test_a_wheel_holds_every_file_of_its_package_and_no_other(wheel):
    root = wheel.source / "src"
    paths = [path.relative_to(root) for path in root.rglob("*") if path.is_file()]
    expected = {path.as_posix() for path in paths if not is_cache(path)}
    found = {
        name for name in wheel.members if not name.startswith(f"{wheel.information}/")
    }
    assert found == expected


def test_a_wheel_says_that_it_is_typed(wheel):
    assert f"{wheel.source.name.replace('-', '_')}/py.typed" in wheel.members


def test_a_wheel_holds_its_licence(wheel):
    text = wheel.read(f"{wheel.information}/licenses/LICENSE")
    assert text == (wheel.source / "LICENSE").read_text()


def test_a_wheel_tells_its_licence_and_what_it_needs(wheel):
    metadata = email.message_from_string(wheel.read(f"{wheel.information}/METADATA"))
    assert metadata["License-Expression"] == wheel.project["license"]
    assert metadata["Requires-Python"] == ">=3.11"
    required = [
        line for line in metadata.get_all("Requires-Dist") if "extra ==" not in line
    ]
    assert len(required) == len(wheel.project["dependencies"])
    assert metadata.get_payload().strip().startswith(f"# {wheel.source.name}")


def test_a_wheel_names_its_plugin(wheel):
    parser = configparser.ConfigParser(delimiters="=")
    parser.optionxform = str
    parser.read_string(wheel.read(f"{wheel.information}/entry_points.txt"))
    declared = wheel.project["entry-points"]["nexuslims"]
    assert dict(parser["nexuslims"]) == declared


@pytest.mark.parametrize(
    ("package", "member"),
    [
        ("nexuslims-core", "record/nexus-experiment.xsd"),
        ("nexuslims-core", "store/migrations/env.py"),
        ("nexuslims-core", "store/migrations/versions/nx_0001_sessions.py"),
        ("nexuslims-core", "store/migrations/versions/v1_4_3_baseline.py"),
        ("nexuslims-exporter-html", "templates/record.html"),
        ("nexuslims-exporter-html", "templates/index.html"),
        ("nexuslims-exporter-html", "static/catalogue.css"),
        ("nexuslims-exporter-html", "static/catalogue.js"),
        ("nexuslims-testing", "servers/cdcs_project/cdcs_site/settings.py"),
        ("nexuslims-testing", "servers/nemo_site/nemo_settings.py"),
    ],
)
def test_what_is_read_as_a_file_is_in_the_wheel(wheels, package, member):
    with zipfile.ZipFile(wheels[package]) as archive:
        assert archive.read(f"{package.replace('-', '_')}/{member}")


def test_only_core_and_the_test_kit_install_programs_or_pytest_plugins(wheel):
    project = wheel.project
    scripts = {"nexuslims"} if wheel.source.name == "nexuslims-core" else set()
    groups = {"nexuslims"}
    if wheel.source.name == "nexuslims-testing":
        groups.add("pytest11")
    assert set(project.get("scripts", ())) == scripts
    assert set(project["entry-points"]) == groups
