"""Wheels of all packages, and environments that have nothing else installed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from nexuslims_testing.facility import Facility

LEAVE_OUT = ("NX_", "PYTHON", "PYTEST_", "VIRTUAL_ENV")
"""Starts of the names of variables that would let this environment show through."""

BUILD = """
import os, sys
from hatchling.build import build_wheel
for source in sys.argv[2:]:
    os.chdir(source)
    build_wheel(sys.argv[1])
"""
"""Builds wheels as pip does, but all of them in one process."""

LIST_INSTALLED = """
import importlib.metadata, json
found = importlib.metadata.distributions()
print(json.dumps({one.name.lower(): one.version for one in found}))
"""


def clean_environment() -> dict[str, str]:
    """Return the variables of this process without those of its Python."""
    return {
        name: text
        for name, text in os.environ.items()
        if not name.startswith(LEAVE_OUT)
    }


def execute(
    command: Sequence[str | Path],
    *,
    cwd: Path,
    expect: Sequence[int] = (0,),
    **variables: str,
) -> subprocess.CompletedProcess[str]:
    """Run a command in a clean environment and return what it said."""
    done = subprocess.run(
        [str(part) for part in command],
        env={**clean_environment(), **variables},
        cwd=cwd,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode in expect, (
        f"{command} exited with {done.returncode}\n{done.stdout}\n{done.stderr}"
    )
    return done


@dataclass(frozen=True, kw_only=True)
class Environment:
    """A virtual environment, and the programs in it."""

    folder: Path

    @property
    def python(self) -> Path:
        return self.program("python")

    def program(self, name: str) -> Path:
        """Return the path of a program that is installed in it."""
        if os.name == "nt":
            return self.folder / "Scripts" / f"{name}.exe"
        return self.folder / "bin" / name

    def run(
        self, name: str, *arguments: str | Path, **options: object
    ) -> subprocess.CompletedProcess[str]:
        """Run one of its programs, by default in its own folder."""
        given = {"cwd": self.folder, **options}
        return execute([self.program(name), *arguments], **given)

    def installed(self) -> dict[str, str]:
        """Return the version of each distribution in it, by name."""
        found: dict[str, str] = json.loads(
            self.run("python", "-c", LIST_INSTALLED).stdout
        )
        return found

    def facility(self, folder: Path, **settings: object) -> Facility:
        """Make an installation that is run by the program in this environment."""
        program = str(self.program("nexuslims"))

        @dataclass(frozen=True, kw_only=True)
        class Installed(Facility):
            @property
            def environment(self) -> dict[str, str]:
                return {**clean_environment(), **self.settings}

            def command(self, *arguments: str) -> list[str]:
                return [program, *arguments]

        return Installed.at(folder, **settings)


class Installer:
    """Makes environments and wheels: with uv when it is there, since it is fast."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._uv = shutil.which("uv")
        self._tools = Environment(folder=folder / "tools")
        self._venv(self._tools, with_pip=True)
        self.install(self._tools, "hatchling>=1.27")

    def environment(self, name: str, *wheels: str | Path) -> Environment:
        """Return a new environment with `wheels` and what they need."""
        made = Environment(folder=self._folder / name)
        self._venv(made)
        self.install(made, *wheels)
        return made

    def install(self, environment: Environment, *wheels: str | Path) -> None:
        """Install `wheels` and what they need into an environment."""
        if self._uv is None:
            pip = [self._tools.python, "-m", "pip", "--python", environment.python]
            self._execute(*pip, "install", "--quiet", *wheels)
        else:
            where = ["--python", environment.python]
            self._execute(self._uv, "pip", "install", *where, *wheels)

    def wheels(self, *sources: Path) -> dict[str, Path]:
        """Build a wheel of each folder; return them by the distribution's name."""
        folder = self._folder / "wheels"
        folder.mkdir(exist_ok=True)
        self._execute(self._tools.python, "-c", BUILD, folder, *sources)
        built = {
            wheel.name.partition("-")[0].replace("_", "-"): wheel
            for wheel in folder.glob("*.whl")
        }
        return {source.name: built[source.name] for source in sources}

    def _venv(self, environment: Environment, *, with_pip: bool = False) -> None:
        if self._uv is None:
            options = [] if with_pip else ["--without-pip"]
            self._execute(sys.executable, "-m", "venv", *options, environment.folder)
        else:
            python = ["--python", sys.executable]
            self._execute(self._uv, "venv", *python, environment.folder)

    def _execute(self, *command: str | Path) -> None:
        execute(command, cwd=self._folder)


@pytest.fixture(scope="session")
def repository(pytestconfig: pytest.Config) -> Path:
    """Return the folder of the project."""
    return pytestconfig.rootpath


@pytest.fixture(scope="session")
def installer(tmp_path_factory: pytest.TempPathFactory) -> Installer:
    """Return what makes wheels and environments in this session."""
    return Installer(tmp_path_factory.mktemp("installed"))


@pytest.fixture(scope="session")
def wheels(installer: Installer, repository: Path) -> dict[str, Path]:
    """Return the wheels of all packages, by name."""
    projects = sorted((repository / "packages").glob("*/pyproject.toml"))
    return installer.wheels(*(project.parent for project in projects))


@pytest.fixture(scope="session")
def core(installer: Installer, wheels: dict[str, Path]) -> Environment:
    """Return an environment with core alone; nothing may be added to it."""
    return installer.environment("core", wheels["nexuslims-core"])


@pytest.fixture(scope="session")
def with_testing(installer: Installer, wheels: dict[str, Path]) -> Environment:
    """Return an environment with core and the test kit, to which plugins are added."""
    needed = (wheels["nexuslims-core"], wheels["nexuslims-testing"])
    return installer.environment("with-testing", *needed)
