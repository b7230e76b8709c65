"""The repository as a tree of packages."""

from __future__ import annotations

import shutil
import subprocess
import tomllib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Package:
    """A distribution's folder."""

    folder: Path

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def import_name(self) -> str:
        """Name that it ought to be imported by."""
        return self.name.replace("-", "_")

    @property
    def plugin(self) -> str:
        """Name that its plugin module ought to have."""
        if self.name == "nexuslims-core":
            return "nexuslims_core.builtin.plugin"
        return f"{self.import_name}.plugin"

    @cached_property
    def project(self) -> dict:
        """What its pyproject.toml declares."""
        text = (self.folder / "pyproject.toml").read_text("utf-8")
        return tomllib.loads(text)["project"]


def pytest_generate_tests(metafunc):
    """Run a test that takes a package once for each."""
    if "package" in metafunc.fixturenames:
        projects = sorted((ROOT / "packages").glob("*/pyproject.toml"))
        packages = [Package(project.parent) for project in projects]
        metafunc.parametrize("package", packages, ids=lambda one: one.name)


@pytest.fixture(scope="session")
def root() -> Path:
    """Return the folder of the project."""
    return ROOT


@pytest.fixture(scope="session")
def workspace() -> dict:
    """Return the configuration of the tools."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


@pytest.fixture(scope="session")
def tracked() -> list[Path]:
    """Return all files of the repository, or skip the test outside of one."""
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("this is no checkout: there is no list of the project's files")
    listed = subprocess.check_output([git, "ls-files", "-z"], cwd=ROOT)
    names = listed.decode("utf-8").split("\0")
    paths = [ROOT / name for name in names if name]
    return [path for path in paths if path.is_file()]
