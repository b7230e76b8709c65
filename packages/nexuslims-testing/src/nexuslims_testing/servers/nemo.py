"""A genuine NEMO on loopback, installed in an environment of its own.

The first use of a version installs it and makes a database with its schema, which takes
well under two minutes; after that, starting a server takes about two seconds.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
import shutil
import subprocess
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from filelock import FileLock

from nexuslims_testing.servers.environment import cache_folder, cached_environment
from nexuslims_testing.servers.nemo_data import (
    LABORATORY,
    TABLES,
    VIEW_PERMISSIONS,
    Row,
    completed,
)
from nexuslims_testing.servers.process import free_port, running

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType

NEWEST = "8.1.5"
OLDEST = "5.6.1"

_SITE = Path(__file__).with_name("nemo_site")
_TOKEN = "harvester-token-of-the-nemo-under-test"  # noqa: S105 - guards nothing
_ADMIN_TOKEN = "admin-token-of-the-nemo-under-test"  # noqa: S105 - guards nothing


class NemoServer:
    """One server with a database of its own, for use in a ``with`` block.

    It begins with the people, projects and tools of `nemo_data.LABORATORY` and a user
    ``harvester`` who may view what a harvester needs.

    Parameters
    ----------
    folder
        Takes the database and the log.
    version
        Version of NEMO, as on PyPI.
    time_zone
        Time zone of the site; NEMO tells times in it.
    datetime_format
        What the site configured as output format of times; empty: ISO 8601.
    """

    token = _TOKEN
    """API token of the user ``harvester``."""
    admin_token = _ADMIN_TOKEN
    """API token of a superuser."""

    def __init__(
        self,
        folder: Path,
        *,
        version: str = NEWEST,
        time_zone: str = "America/Denver",
        datetime_format: str = "",
    ) -> None:
        self.version = version
        self.time_zone = time_zone
        self._folder = folder
        self._port = free_port()
        self._secret = secrets.token_urlsafe()
        self._python = _python(version)
        self._template = _template(version)
        self._database = folder / "nemo.sqlite3"
        self._environ = _environ(
            database=str(self._database),
            secret=self._secret,
            time_zone=time_zone,
            datetime_format=datetime_format,
        )
        self._running: contextlib.ExitStack | None = None
        self.reset()

    @property
    def root(self) -> str:
        """Address of the site, with a slash at its end."""
        return f"http://127.0.0.1:{self._port}/"

    @property
    def url(self) -> str:
        """Address of the REST interface, with a slash at its end."""
        return f"{self.root}api/"

    def start(self) -> None:
        """Serve (again), at the same address; returns when the server answers."""
        if self._running is not None:
            return
        command = [str(self._python), "-m", "waitress", "--threads=4"]
        command += [f"--listen=127.0.0.1:{self._port}", "nemo_wsgi:application"]
        with contextlib.ExitStack() as stack:
            server = running(
                command,
                url=self.url,
                log=self._folder / "nemo.log",
                env=self._environ,
                cwd=self._folder,
            )
            stack.enter_context(server)
            self._running = stack.pop_all()

    def stop(self) -> None:
        """End the server process; connections are then refused. Data are kept."""
        if self._running is not None:
            self._running.close()
            self._running = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def reset(self) -> None:
        """Go back to the data that every server begins with, running or not."""
        fresh = self._database.with_suffix(".fresh")
        shutil.copyfile(self._template, fresh)
        fresh.replace(self._database)

    def seed(self, **tables: Sequence[Mapping[str, Any]]) -> dict[str, list[int]]:
        """Create rows and return their primary keys by table.

        Parameters
        ----------
        tables
            Rows of ``users``, ``accounts``, ``projects``, ``tools``, ``reservations``,
            ``usage_events`` and ``tokens``, completed by `nemo_data.completed`. Times
            are aware datetimes or ISO text. Answers are objects as `nemo_data.answers`
            makes them, or text that is stored as it is.

        Raises
        ------
        ValueError
            If NEMO does not take them; nothing is then changed.
        """
        names = [name for name in TABLES if name in tables]
        done = self._carry_out([_create(name, tables[name]) for name in names])
        return dict(zip(names, done, strict=True))

    def patch(self, table: str, key: int | str, **fields: object) -> None:
        """Change fields of one row, as people or staff do later on NEMO's pages.

        Parameters
        ----------
        key
            Primary key, or name (of users: user name).
        """
        self._carry_out([{"do": "patch", "table": table, "id": key, "fields": fields}])

    def delete(self, table: str, *keys: int) -> None:
        """Delete rows, with everything that NEMO deletes along with them."""
        self._carry_out([{"do": "delete", "table": table, "ids": keys}])

    def _carry_out(self, steps: Sequence[Row]) -> list[list[int]]:
        body = json.dumps(steps, default=str)
        if self._running is None:
            return _seed_offline(self._python, self._environ, body)
        headers = {"X-Seed-Secret": self._secret}
        request = urllib.request.Request(  # noqa: S310 - our own server
            f"{self.root}seed/", body.encode(), headers
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - see above
                done: list[list[int]] = json.load(answer)["done"]
        except urllib.error.HTTPError as error:
            with error:
                msg = f"NEMO {self.version}: {error.read().decode(errors='replace')}"
            raise ValueError(msg) from None
        return done


def _create(table: str, rows: Sequence[Mapping[str, Any]]) -> Row:
    complete = [completed(table, row) for row in rows]
    return {"do": "create", "table": table, "rows": complete}


def _python(version: str) -> Path:
    requirements = [f"NEMO=={version}", "waitress==3.0.2", "tzdata"]
    return cached_environment(f"nemo-{version}", requirements)


def _environ(**site: str) -> dict[str, str]:
    return {
        **os.environ,
        "PYTHONPATH": str(_SITE),
        "PYTHONWARNINGS": "ignore",
        "DJANGO_SETTINGS_MODULE": "nemo_settings",
        "NEXUSLIMS_NEMO": json.dumps(site),
    }


def _template(version: str) -> Path:
    """Return a database with schema and first data; made once per version."""
    sources = [*sorted(_SITE.glob("*.py")), _SITE.with_name("nemo_data.py")]
    sources.append(Path(__file__))
    content = b"".join(source.read_bytes() for source in sources)
    key = hashlib.sha256(content).hexdigest()[:12]
    ready = cache_folder() / "databases" / f"nemo-{version}-{key}.sqlite3"
    ready.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{ready}.lock"):
        if not ready.exists():
            draft = ready.with_suffix(".draft")
            draft.unlink(missing_ok=True)
            _make_database(_python(version), draft)
            draft.replace(ready)
    return ready


def _make_database(python: Path, database: Path) -> None:
    environ = _environ(
        database=str(database),
        secret=secrets.token_urlsafe(),
        time_zone="UTC",
        datetime_format="",
    )
    _run(python, ["-m", "django", "migrate", "--run-syncdb", "-v0"], environ)
    accounts: list[Row] = [
        {"username": "harvester", "user_permissions": VIEW_PERMISSIONS},
        {"username": "admin", "is_superuser": True},
    ]
    tokens = [
        {"user": "harvester", "key": _TOKEN},
        {"user": "admin", "key": _ADMIN_TOKEN},
    ]
    laboratory = [_create(name, rows) for name, rows in LABORATORY.items()]
    people = [_create("users", accounts), _create("tokens", tokens)]
    _seed_offline(python, environ, json.dumps([*laboratory, *people]))


def _seed_offline(
    python: Path, environ: Mapping[str, str], steps: str
) -> list[list[int]]:
    done: list[list[int]] = json.loads(
        _run(python, ["-m", "nemo_seed"], environ, steps)
    )
    return done


def _run(
    python: Path, arguments: list[str], environ: Mapping[str, str], given: str = ""
) -> str:
    done = subprocess.run(  # noqa: S603 - our own interpreter
        [python, *arguments],
        input=given,
        env=environ,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:]
        raise ValueError(f"{' '.join(arguments)} failed: {''.join(last)}")
    return done.stdout
