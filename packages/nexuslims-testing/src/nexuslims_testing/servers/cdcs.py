"""A genuine CDCS repository on loopback: `core_main_app` on SQLite.

It is seeded such that guessing goes wrong: neither the first template nor the first
workspace is the right one, the right template has an outdated first version, and one
template is disabled.
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import json
import os
import shutil
import sqlite3
import subprocess
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from filelock import FileLock

from nexuslims_testing.servers.environment import cache_folder, cached_environment
from nexuslims_testing.servers.process import free_port, running

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

TEMPLATE_TITLE = "Nexus Experiment Schema"
PUBLIC_WORKSPACE = "Global Public Workspace"
PRIVATE_WORKSPACE = "Private Workspace"

_PROJECT = Path(__file__).parent / "cdcs_project"
_DATABASE = "cdcs.sqlite3"
_TIMEOUT_S = 120.0


@dataclass(frozen=True, kw_only=True)
class CdcsRecord:
    """A record as the repository shows it."""

    id: int
    title: str
    xml: str
    template: int
    workspace: int | None
    owner: str
    """User name."""


class CdcsServer:
    """One repository with a database of its own; starts with the ``with`` block.

    Parameters
    ----------
    schema
        Text of the XML schema that the template `TEMPLATE_TITLE` has.
    folder
        Empty folder for its database, files and log.
    version
        Release of `core_main_app`.
    path
        Path below which it lives, as behind a reverse proxy.
    xml_content
        False for a repository that calls a record's XML ``content`` only.
    """

    def __init__(
        self,
        schema: str,
        folder: Path,
        *,
        version: str = "2.18.0",
        path: str = "/",
        xml_content: bool = True,
    ) -> None:
        requirements = [f"core_main_app=={version}", "waitress==3.0.2"]
        self._python = cached_environment(f"cdcs-{version}", requirements)
        self._folder = folder
        self._port = free_port()
        folder.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._env = _environment(folder, xml_content=xml_content)
        self._seed = _seeded(self._python, schema, version)
        self._known = json.loads((self._seed / "known.json").read_text())
        self._running = contextlib.ExitStack()
        self.reset()

    @property
    def url(self) -> str:
        """Base address, the value of ``NX_CDCS_URL``."""
        return f"http://127.0.0.1:{self._port}{self._path}"

    @property
    def admin_token(self) -> str:
        """Token of the superuser."""
        return self.token("admin")

    def token(self, username: str) -> str:
        """Return the token of ``admin``, ``exporter``, ``ada`` or ``m.curie``."""
        token: str = self._known["tokens"][username]
        return token

    def workspace(self, title: str) -> int:
        """Return the id of a workspace."""
        identifier: int = self._known["workspaces"][title]
        return identifier

    def start(self) -> None:
        """Start (again), on the same port."""
        prefix = self._path.strip("/")
        self._running.enter_context(
            running(
                [
                    *(str(self._python), "-m", "waitress", "--threads=8"),
                    f"--listen=127.0.0.1:{self._port}",
                    *([f"--url-prefix=/{prefix}"] if prefix else []),
                    "cdcs_site.wsgi:application",
                ],
                url=f"{self.url}rest/workspace/read_access/",
                log=self._folder / "server.log",
                env=self._env,
                cwd=self._folder,
            )
        )

    def stop(self) -> None:
        """Stop; connections are then refused. Records stay."""
        self._running.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop()

    def reset(self) -> None:
        """Put everything back as it was at first, also while it runs."""
        media = self._folder / "media"
        with (
            contextlib.closing(sqlite3.connect(self._seed / _DATABASE)) as seed,
            contextlib.closing(sqlite3.connect(self._folder / _DATABASE)) as live,
        ):
            seed.backup(live)
        shutil.rmtree(media / "data", ignore_errors=True)
        shutil.copytree(self._seed / "media", media, dirs_exist_ok=True)

    def records(self) -> list[CdcsRecord]:
        """Return all records, the oldest first."""
        return self._query(self.admin_token)

    def public_records(self) -> list[CdcsRecord]:
        """Return the records that somebody without an account finds."""
        return self._query(None)

    def add_record(self, title: str, xml: str, *, workspace: int | None = None) -> int:
        """Add a record as the superuser, past any exporter; returns its id."""
        managers = self.call("GET", "rest/template-version-manager/global/")
        template = next(m["current"] for m in managers if m["title"] == TEMPLATE_TITLE)
        body = {
            "template": template,
            "title": title,
            "content": xml,
            "xml_content": xml,
            "workspace": workspace,
        }
        identifier: int = self.call("POST", "rest/data/", body)["id"]
        return identifier

    def call(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        token: str | None = "",
    ) -> Any:  # noqa: ANN401 - JSON
        """Call the REST interface and return the answer.

        Parameters
        ----------
        token
            Whose request it is: the superuser's by default, nobody's for `None`.

        Raises
        ------
        RuntimeError
            If the answer is an error; with its text.
        """
        headers = {"Content-Type": "application/json"}
        if token is not None:
            headers["Authorization"] = f"Token {token or self.admin_token}"
        asked = urllib.request.Request(  # noqa: S310 - our own address
            f"{self.url}{path}",
            method=method,
            headers=headers,
            data=None if body is None else json.dumps(body).encode(),
        )
        try:
            with urllib.request.urlopen(asked, timeout=_TIMEOUT_S) as answer:  # noqa: S310 - as above
                return json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            text = error.read().decode(errors="replace")
            msg = f"{method} {path}: {error.code} {text}"
            raise RuntimeError(msg) from error

    def _query(self, token: str | None) -> list[CdcsRecord]:
        users = {str(u["id"]): u["username"] for u in self.call("GET", "rest/user/")}
        records = [
            CdcsRecord(
                id=each["id"],
                title=each["title"],
                xml=each.get("xml_content") or each["content"],
                template=each["template"],
                workspace=each["workspace"],
                owner=users.get(str(each["user_id"]), ""),
            )
            for each in self._found(token)
        ]
        return sorted(records, key=lambda record: record.id)

    def _found(self, token: str | None) -> Iterator[dict[str, Any]]:
        """Yield what a query finds, page by page: all at once has a limit."""
        for number in itertools.count(1):
            path = f"rest/data/query/?page={number}"
            page = self.call("POST", path, {"query": {}}, token=token)
            yield from page["results"]
            if not page["next"]:
                return


def _environment(folder: Path, *, xml_content: bool) -> dict[str, str]:
    return {
        **os.environ,
        "CDCS_SITE_FOLDER": str(folder),
        "CDCS_SITE_XML_CONTENT": "yes" if xml_content else "no",
        "DJANGO_SETTINGS_MODULE": "cdcs_site.settings",
        "PYTHONPATH": str(_PROJECT),
    }


def _seeded(python: Path, schema: str, version: str) -> Path:
    """Return a folder with a filled database, made once per schema and version."""
    sources = sorted((_PROJECT / "cdcs_site").glob("*.py"))
    digest = hashlib.sha256("\n".join([str(python), schema]).encode())
    for source in sources:
        digest.update(source.read_bytes())
    name = f"cdcs-{version}-{digest.hexdigest()[:12]}"
    folder = cache_folder() / "databases" / name
    folder.mkdir(parents=True, exist_ok=True)
    known = folder / "known.json"
    with FileLock(f"{folder}.lock"):
        if not known.exists():
            known.write_text(_fill(python, schema, folder), encoding="utf-8")
    return folder


def _fill(python: Path, schema: str, folder: Path) -> str:
    shutil.rmtree(folder)
    folder.mkdir()
    (folder / "schema.xsd").write_text(schema, encoding="utf-8")
    done = subprocess.run(  # noqa: S603 - our own command
        [str(python), "-m", "cdcs_site.seed", "schema.xsd"],
        cwd=folder,
        env=_environment(folder, xml_content=True),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        msg = f"cannot seed the repository:\n{done.stdout}{done.stderr}"
        raise RuntimeError(msg)
    return done.stdout
