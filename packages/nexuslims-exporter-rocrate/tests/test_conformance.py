from __future__ import annotations

import pytest
from nexuslims_core.exporting.names import digest
from nexuslims_exporter_rocrate.destination import RoCrates
from nexuslims_exporter_rocrate.settings import RoCrateSettings
from nexuslims_testing.suites.destination import DestinationSuite, HeldRecord


class _Crates(DestinationSuite):
    form: str

    @pytest.fixture
    def destination(self, connected):
        return connected(format=(self.form,))

    @pytest.fixture
    def held_records(self, folder, opened):
        return lambda: [
            _held(opened(path))
            for path in sorted(folder.iterdir())
            if not path.name.startswith(".")
        ]

    @pytest.fixture
    def misconfigured_destination(self, site, tmp_path):
        return _below_a_file(site, tmp_path), "NX_ROCRATE_PATH"

    @pytest.fixture
    def broken_destination(self, site, tmp_path):
        return _below_a_file(site, tmp_path)


class TestFolder(_Crates):
    form = "folder"


class TestZip(_Crates):
    form = "zip"


class TestEln(_Crates):
    form = "eln"


def _held(crate):
    root = crate.nodes["./"]
    content = {k: v for k, v in crate.files.items() if k.endswith((".xml", ".json"))}
    return HeldRecord(
        record_id=digest(root["identifier"]),
        title=root["name"],
        content="\n".join(v.decode() for _, v in sorted(content.items())),
    )


def _below_a_file(site, tmp_path):
    (tmp_path / "file").write_bytes(b"")
    return RoCrates(RoCrateSettings(path=tmp_path / "file" / "crates"), site)
