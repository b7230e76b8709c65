"""Fixtures of the tests that need more than one package."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import signal
import subprocess
import tarfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from lxml import etree
from nexuslims_testing.facility import Facility, set_modified
from nexuslims_testing.samples.fei_tiff import Scan, write_scan
from nexuslims_testing.servers.faults import FaultProxy
from nexuslims_testing.servers.nemo_data import answers

CONSENT = {"data_consent": "Agree"}


@dataclass(frozen=True, kw_only=True)
class Catalogue:
    """The HTML catalogue of an installation, as a browser would read it."""

    folder: Path

    def titles(self) -> list[str]:
        """Return the title of each record's page."""
        pages = sorted(self.folder.glob("records/*.html"))
        return [self._heading(page) for page in pages]

    def listed(self) -> list[str]:
        """Return the pages that the index links to."""
        index = etree.parse(str(self.folder / "index.html"), etree.HTMLParser())
        links = {str(link) for link in index.xpath("//a/@href")}
        return sorted(link for link in links if link.startswith("records/"))

    def linked(self, pattern: str) -> set[str]:
        """Return the parts of links on records' pages that match a pattern."""
        pages = self.folder.glob("records/*.html")
        roots = [etree.parse(str(page), etree.HTMLParser()) for page in pages]
        links = [str(link) for root in roots for link in root.xpath("//a/@href")]
        return {part for link in links for part in re.findall(pattern, link)}

    @staticmethod
    def _heading(page: Path) -> str:
        root = etree.parse(str(page), etree.HTMLParser())
        return "".join(root.xpath("//h1//text()")).strip()


@pytest.fixture
def catalogue_of():
    """Return a function that opens the catalogue of an installation."""

    def find(facility: Facility) -> Catalogue:
        return Catalogue(folder=facility.data_path / "catalogue")

    return find


@pytest.fixture
def yesterday() -> datetime:
    """Return a time inside the span in which late files are waited for."""
    return datetime.now(tz=UTC).replace(minute=0, second=0, microsecond=0) - timedelta(
        hours=26
    )


@pytest.fixture
def write_image():
    """Return a function that writes a small FEI image modified at a given time."""

    def write(path: Path, when: datetime, **values: object) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_scan(path, Scan(**values))
        set_modified(path, when)
        return path

    return write


@pytest.fixture
def start_watching():
    """Return a function that starts a watch; it is killed with the test at last."""
    with contextlib.ExitStack() as stack:

        def start(
            facility: Facility, *options: str, output: Path, errors: Path | None = None
        ) -> subprocess.Popen:
            streams = [
                stack.enter_context(one.open("w")) for one in (output, errors) if one
            ]
            process = subprocess.Popen(
                facility.command("run", "--watch", *options),
                env=facility.environment,
                cwd=facility.folder,
                stdout=streams[0],
                stderr=streams[-1],
                start_new_session=True,
            )
            stack.callback(kill, process)
            return process

        def kill(process: subprocess.Popen) -> None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

        yield start


@pytest.fixture
def answered():
    """Return a function that gives a questionnaire's answers, with consent."""

    def fill(**given: str) -> dict:
        return answers(**{**CONSENT, **given})

    return fill


@pytest.fixture
def connect_cdcs(cdcs_server):
    """Return a function that makes an installation deliver to the repository."""

    def connect(facility: Facility, url: str | None = None) -> None:
        facility.settings["NX_CDCS_URL"] = url or cdcs_server.url
        facility.settings["NX_CDCS_TOKEN"] = cdcs_server.admin_token

    return connect


@pytest.fixture
def connect_nemo():
    """Return a function that makes an installation ask a NEMO."""

    def connect(facility: Facility, server, number: int = 1, url: str = "") -> None:
        facility.settings[f"NX_NEMO_ADDRESS_{number}"] = url or server.url
        facility.settings[f"NX_NEMO_TOKEN_{number}"] = server.token

    return connect


@pytest.fixture
def cdcs_proxy(cdcs_server):
    """Return a proxy before the repository that injects faults."""
    with FaultProxy(cdcs_server.url) as proxy:
        yield proxy


@pytest.fixture(scope="session")
def real_file(shared_folder, tmp_path_factory):
    """Return a function that gives the path of a real instrument file, unpacked."""
    unpacked = tmp_path_factory.mktemp("real")

    def find(name: str) -> Path:
        path = shared_folder / "data" / "nexuslims" / name
        if not name.endswith(".tar.gz"):
            return path
        with tarfile.open(fileobj=io.BytesIO(path.read_bytes())) as archive:
            member = next(one for one in archive.getmembers() if one.isfile())
            target = unpacked / name.removesuffix(".tar.gz")
            source = archive.extractfile(member)
            assert source is not None
            target.write_bytes(source.read())
        return target

    return find


@pytest.fixture(scope="session")
def official_schema(shared_folder) -> etree.XMLSchema:
    """Return the schema that facilities' repositories hold."""
    path = shared_folder / "conformance" / "nexus-experiment.xsd"
    return etree.XMLSchema(etree.parse(str(path)))


@pytest.fixture
def snapshot():
    """Return a function that describes every file of a tree, times included."""

    def describe(root: Path) -> dict[str, tuple]:
        found = {}
        for path in sorted(root.rglob("*")):
            stat = path.lstat()
            content = path.read_bytes() if path.is_file() else b""
            found[str(path)] = (content, stat.st_mtime_ns, stat.st_mode, stat.st_ino)
        return found

    return describe


@pytest.fixture
def report_of():
    """Return a function that reads the report in the output of a run."""

    def read(text: str) -> dict:
        return json.loads(text)

    return read
