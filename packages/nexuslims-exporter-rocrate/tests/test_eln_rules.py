"""The rules of the ELN Consortium's specification, read from its text.

"Specification for the ELN file format": the structure of the archive and of the
metadata. Where it says SHOULD, crates do.
"""

from __future__ import annotations

import json
import zipfile
from pathlib import PurePosixPath

import pytest


@pytest.fixture
def archive(connected, exported, context, with_data):
    """Return the path of an ``.eln`` file."""
    return exported(connected(), with_data(context)).eln.path


@pytest.fixture
def graph(archive):
    """Return the nodes in it, by their identifiers."""
    with zipfile.ZipFile(archive) as opened:
        content = opened.read(f"{archive.stem}/ro-crate-metadata.json")
    nodes = json.loads(content)["@graph"]
    found = {node["@id"]: node for node in nodes}
    assert len(found) == len(nodes), "a node must be there once"
    return found


@pytest.fixture
def of_type(graph):
    """Return a function that gives all nodes of a type."""
    return lambda kind: [node for node in graph.values() if node["@type"] == kind]


def test_all_is_in_a_single_folder_called_as_the_archive(archive):
    with zipfile.ZipFile(archive) as opened:
        assert opened.testzip() is None
        paths = [PurePosixPath(name) for name in opened.namelist()]
    assert {path.parts[0] for path in paths} == {archive.stem}
    assert all(len(path.parts) > 1 and ".." not in path.parts for path in paths)


def test_the_context_is_that_of_ro_crate_alone(archive):
    with zipfile.ZipFile(archive) as opened:
        content = opened.read(f"{archive.stem}/ro-crate-metadata.json")
    document = json.loads(content)
    assert document["@context"] == "https://w3id.org/ro/crate/1.1/context"
    assert set(document) == {"@context", "@graph"}


def test_the_publisher_of_the_metadata_is_a_named_organization(graph):
    descriptor = graph["ro-crate-metadata.json"]
    publisher = graph[descriptor["sdPublisher"]["@id"]]
    assert (publisher["@type"], publisher["name"]) == ("Organization", "NexusLIMS")
    assert descriptor["version"] == "1.1"


def test_the_root_lists_datasets_and_no_dataset_lists_one(graph, of_type):
    root = graph["./"]
    parts = [graph[ref["@id"]] for ref in root["hasPart"]]
    assert [part["@type"] for part in parts] == ["Dataset"] * 3
    for dataset in of_type("Dataset"):
        if dataset is not root:
            inside = {graph[ref["@id"]]["@type"] for ref in dataset["hasPart"]}
            assert inside == {"File"}


def test_child_datasets_are_mentioned_and_in_the_root(graph):
    children = graph["experiment/"]["mentions"]
    assert children == [{"@id": "activity-001/"}, {"@id": "activity-002/"}]
    assert all(child in graph["./"]["hasPart"] for child in children)


def test_datasets_have_name_author_and_date(of_type):
    for dataset in of_type("Dataset"):
        assert {"name", "author", "dateCreated"} <= set(dataset)


def test_files_have_name_format_and_size_in_bytes(of_type):
    for file in of_type("File"):
        assert {"name", "encodingFormat", "contentSize"} <= set(file)
        assert file["contentSize"].isdecimal()


def test_values_have_a_path_and_the_iri_of_their_meaning(graph):
    references = graph["activity-001/"]["variableMeasured"]
    values = {graph[r["@id"]]["propertyID"]: graph[r["@id"]] for r in references}
    assert {one["@type"] for one in values.values()} == {"PropertyValue"}
    voltage = values["Acceleration Voltage"]
    assert voltage["identifier"].endswith("EMG_00000004")
    assert (voltage["value"], voltage["unitText"]) == (300.0, "kV")


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        ("@id", str),
        ("@type", str),
        ("about", (dict, list)),
        ("author", dict),
        ("comment", list),
        ("conformsTo", dict),
        ("dateCreated", str),
        ("dateModified", str),
        ("encodingFormat", str),
        ("genre", str),
        ("hasPart", list),
        ("identifier", str),
        ("keywords", str),
        ("mentions", list),
        ("name", str),
        ("sdPublisher", dict),
        ("text", str),
        ("url", str),
        ("variableMeasured", list),
        ("version", str),
    ],
)
def test_a_property_has_the_one_type_that_importers_take(graph, key, kind):
    assert all(isinstance(n[key], kind) for n in graph.values() if key in n)


def test_nothing_is_empty(graph):
    empty = [
        (n["@id"], k) for n in graph.values() for k, v in n.items() if v in ("", [])
    ]
    assert empty == []
