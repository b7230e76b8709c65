"""A folder of crates, and what must hold of any crate in it."""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from functools import partial
from pathlib import Path, PurePosixPath
from types import SimpleNamespace
from urllib.parse import unquote

import pytest
from nexuslims_exporter_rocrate.destination import RoCrates
from nexuslims_exporter_rocrate.settings import RoCrateSettings
from nexuslims_testing.samples.records import changed_context, example_site

METADATA = "ro-crate-metadata.json"
ALL = ("folder", "zip", "eln")


@pytest.fixture
def site(tmp_path):
    for name in ("instruments", "data", "records"):
        (tmp_path / name).mkdir(exist_ok=True)
    return example_site(tmp_path, records_path=tmp_path / "records")


@pytest.fixture
def connected(site):
    """Return a function that connects the destination with some settings."""

    def connected(**settings):
        given = {"path": site.data_path / "crates", **settings}
        return RoCrates(RoCrateSettings(**given), site)

    return connected


@pytest.fixture
def folder(site):
    return site.data_path / "crates"


@pytest.fixture
def make_context(tmp_path):
    """Return a function that makes the context of a session, with changed fields."""

    return partial(changed_context, tmp_path, datasets=2)


@pytest.fixture
def context(make_context):
    return make_context()


@pytest.fixture
def with_data(site):
    """Return a function that puts the data files of a context onto the store."""

    def put(context):
        for activity in context.record.activities:
            for entry in activity.datasets:
                path = site.instrument_data_path / unquote(entry.location).lstrip("/")
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(f"data of {path.name}\n".encode() * 20)
                os.utime(path, ns=(10**18, 10**18 + 123_456_000))
        return context

    return put


@pytest.fixture
def opened():
    """Return a function that reads a crate: its files and its graph.

    What is read is checked: it is one crate, whole, and every file is as described.
    """

    def read(path):
        files = _files(Path(path))
        graph = json.loads(files[METADATA])["@graph"]
        crate = SimpleNamespace(
            path=Path(path),
            files=files,
            document=json.loads(files[METADATA]),
            graph=graph,
            nodes={node["@id"]: node for node in graph},
        )
        assert problems(crate) == []
        return crate

    return read


@pytest.fixture
def exported(opened, folder):
    """Return a function that exports and reads the crates, by format."""

    def export(destination, context):
        result = destination.export(context)
        assert result.success
        paths = [Path(path) for path in result.metadata["crates"]]
        found = {p.name for p in folder.iterdir() if not p.name.startswith(".")}
        assert {path.name for path in paths} <= found
        crates = {path.suffix.lstrip(".") or "folder": opened(path) for path in paths}
        return SimpleNamespace(result=result, **dict.fromkeys(ALL) | crates)

    return export


def _files(path):
    if path.is_dir():
        found = (one for one in path.rglob("*") if one.is_file())
        return {one.relative_to(path).as_posix(): one.read_bytes() for one in found}
    with zipfile.ZipFile(path) as archive:
        members = [one for one in archive.infolist() if not one.is_dir()]
        names = [one.filename for one in members]
        assert len(set(names)) == len(names)
        [root] = {
            name.partition("/")[0] + "/" if path.suffix == ".eln" else ""
            for name in names
        }
        return {one.filename.removeprefix(root): archive.read(one) for one in members}


def problems(crate):
    """List what is wrong with a crate, whatever its format."""
    described = [node for node in crate.graph if _is_inside(node)]
    named = {node["@id"] for node in described} | {METADATA}
    version = {PurePosixPath(name).parts[0] for name in named if "/" in name}
    # A folder may hold what a killed export left; it is not part of the crate.
    present = {name for name in crate.files if PurePosixPath(name).parts[0] in version}
    dangling = [ref for node in crate.graph for ref in _references(node)]
    return [
        *(
            f"{node['@id']} differs"
            for node in described
            if _differs(node, crate.files)
        ),
        *(f"{name} is not described" for name in sorted(present - named)),
        *(f"{ref} refers to nothing" for ref in dangling if ref not in crate.nodes),
        *(["two nodes of one name"] if len(crate.nodes) != len(crate.graph) else []),
    ]


def _is_inside(node):
    outside = node["@id"].startswith(("#", "http://", "https://"))
    return node["@type"] == "File" and not outside


def _differs(node, files):
    content = files.get(node["@id"])
    if content is None or node["contentSize"] != str(len(content)):
        return True
    sha256 = node.get("sha256", node.get("schema:sha256"))
    return sha256 not in {None, hashlib.sha256(content).hexdigest()}


def _references(node):
    for key, value in node.items():
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, dict) and key != "conformsTo":
                assert set(one) == {"@id"}, f"{node['@id']} is not flat: {one}"
                yield one["@id"]
