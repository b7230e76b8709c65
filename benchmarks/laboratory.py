"""A scheduler, a repository and files, for either version to work on."""

from __future__ import annotations

import contextlib
import signal
import sys
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING

from nexuslims_testing.facility import Facility
from nexuslims_testing.servers.cdcs import CdcsServer
from nexuslims_testing.servers.nemo import NemoServer
from nexuslims_testing.servers.nemo_data import answers

from benchmarks.predecessor import Predecessor

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

INSTRUMENT = "FEI-Titan-TEM"
STORE = "Titan"


@dataclass(frozen=True, kw_only=True)
class Laboratory:
    """Real servers on loopback, and one tree of files that installations share."""

    folder: Path
    nemo: NemoServer
    cdcs: CdcsServer

    @property
    def instrument_root(self) -> Path:
        """Root of the instruments' files."""
        return self.folder / "instruments"

    @property
    def files(self) -> Path:
        """Folder of the one instrument."""
        return self.instrument_root / STORE

    @property
    def tool(self) -> str:
        """Address of the instrument at the scheduler."""
        return f"{self.nemo.url}tools/?id=1"

    def add_session(self, start: datetime, end: datetime) -> None:
        """Have somebody use the instrument, and agree to a record."""
        event = {
            "tool": "Titan TEM",
            "start": start,
            "end": end,
            "run_data": answers(data_consent="Agree", experiment_title="Benchmark"),
        }
        self.nemo.seed(usage_events=[event])

    def predecessor(self, name: str, requirements: Sequence[str] = ()) -> Predecessor:
        """Return a new installation of the predecessor."""
        made = Predecessor.at(
            self.folder / name,
            instrument_root=self.instrument_root,
            requirements=requirements,
            **self._settings(),
        )
        made.add_instrument(INSTRUMENT, api_url=self.tool, filestore_path=STORE)
        return made

    def facility(self, name: str, *, workers: int, **settings: str) -> Facility:
        """Return a new installation of this version that does the same as the other."""
        made = Facility.at(
            self.folder / name,
            NX_WORKERS=workers,
            NX_DISABLED_PLUGINS="nexuslims-exporter-html",
            **self._settings(),
            **settings,
        )
        made.settings["NX_INSTRUMENT_DATA_PATH"] = str(self.instrument_root)
        made.add_instrument(
            INSTRUMENT, harvester="nemo", api_url=self.tool, filestore_path=STORE
        )
        return made

    def empty_repository(self) -> None:
        """Delete all records, and let the predecessor find the schema.

        It uses whatever template comes first, which is another one.
        """
        self.cdcs.reset()
        path = "rest/template-version-manager"
        [first, *_] = self.cdcs.call("GET", f"{path}/global/")
        version = {"filename": "schema.xsd", "content": record_schema()}
        made = self.cdcs.call("POST", f"{path}/{first['id']}/version/", version)
        self.cdcs.call("PATCH", f"rest/template/version/{made['id']}/current/")

    def _settings(self) -> dict[str, str]:
        return {
            "NX_CDCS_URL": self.cdcs.url,
            "NX_CDCS_TOKEN": self.cdcs.admin_token,
            "NX_NEMO_ADDRESS_1": self.nemo.url,
            "NX_NEMO_TOKEN_1": self.nemo.token,
        }


@contextlib.contextmanager
def laboratory(folder: Path) -> Iterator[Laboratory]:
    """Start the servers for a ``with`` block, with their data below `folder`."""
    # Whoever ends this program ends its servers.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    nemo, cdcs = folder / "nemo", folder / "cdcs"
    nemo.mkdir(parents=True)
    with (
        NemoServer(nemo) as scheduler,
        CdcsServer(record_schema(), cdcs) as repository,
    ):
        made = Laboratory(folder=folder, nemo=scheduler, cdcs=repository)
        made.files.mkdir(parents=True)
        yield made


def record_schema() -> str:
    """Return the schema of records."""
    schema = resources.files("nexuslims_core.record") / "nexus-experiment.xsd"
    return schema.read_text(encoding="utf-8")
