from __future__ import annotations

from dataclasses import replace

import pytest
from nexuslims_core.model.schema import EM_GLOSSARY
from nexuslims_core.types import (
    Activity,
    DatasetEntry,
    ExportResult,
    MetaValue,
    Person,
    Project,
    RecordSample,
    Sample,
)

QUDT = "http://qudt.org/vocab/unit/"


@pytest.fixture
def crate(connected, exported, make_context, with_data):
    """Return a folder with the crate of the example session."""
    context = with_data(make_context())
    return exported(connected(format=("folder",)), context).folder


@pytest.fixture
def node(crate):
    """Return a function that finds the one node with some values."""

    def find(**values):
        matching = [
            n for n in crate.graph if all(n.get(k) == values[k] for k in values)
        ]
        [found] = matching
        return found

    return find


@pytest.fixture
def measured(crate):
    """Return a function that gives the properties of a node by their name."""

    def values(of):
        found = (crate.nodes[ref["@id"]] for ref in of["variableMeasured"])
        return {one["name"]: one for one in found}

    return values


def refs(*identifiers):
    return [{"@id": identifier} for identifier in identifiers]


def test_the_descriptor_says_what_it_conforms_to(crate):
    descriptor = crate.nodes["ro-crate-metadata.json"]
    assert descriptor["conformsTo"] == {"@id": "https://w3id.org/ro/crate/1.1"}
    assert descriptor["about"] == {"@id": "./"}
    assert crate.nodes[descriptor["sdPublisher"]["@id"]]["name"] == "NexusLIMS"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("name", "2026-03-17_TEM-1_1"),
        ("alternateName", "Precipitates in alloy AX-7"),
        (
            "description",
            "Size and composition of precipitates after ageing at 180 °C.",
        ),
        ("datePublished", "2026-03-17T12:30:00+00:00"),
        ("dateCreated", "2026-03-17T08:30:00+00:00"),
        ("identifier", "https://nemo.example.org/api/usage_events/?id=1"),
        ("keywords", "TEM-1, Mg, Al, Si, Cu, Light alloys, LA-42"),
        ("license", {"@id": "#no-licence"}),
    ],
)
def test_the_root_tells_of_the_record(crate, key, value):
    assert crate.nodes["./"][key] == value


def test_the_parts_are_the_experiment_and_its_activities(crate):
    parts = [crate.nodes[ref["@id"]] for ref in crate.nodes["./"]["hasPart"]]
    assert [part["name"] for part in parts] == [
        "Precipitates in alloy AX-7",
        "Precipitates in alloy AX-7 – acquisition 1",
        "Precipitates in alloy AX-7 – acquisition 2",
    ]
    assert {part["@type"] for part in parts} == {"Dataset"}


def test_the_record_is_in_the_experiment(crate, node, context):
    xml = node(encodingFormat="application/xml")
    assert crate.files[xml["@id"]] == context.xml
    assert node(name="Precipitates in alloy AX-7")["hasPart"] == refs(xml["@id"])


def test_the_instrument_and_the_samples_are_there(node):
    instrument = node(identifier="TEM-1")
    assert instrument["name"] == "Atlas TEM"
    assert instrument["@type"] == "IndividualProduct"
    sample = node(name="AX-7 foil 3")
    assert sample["@id"] == "https://hdl.handle.net/20.500.99999/ax7-3"
    assert sample["description"] == "Electropolished foil, aged 12 h."
    assert node(name="Elements")["value"] == "Mg, Al, Si, Cu"
    assert node(name="Light alloys")["identifier"] == "LA-42"


def test_an_acquisition_is_an_action_that_made_datasets(crate, node):
    action = node(name="Acquisition 1")
    assert action["@type"] == "CreateAction"
    assert action["startTime"] == "2026-03-17T09:42:00+01:00"
    assert action["endTime"] == "2026-03-17T09:44:00+01:00"
    assert crate.nodes[action["agent"]["@id"]]["name"] == "Maria Curie"
    assert crate.nodes[action["instrument"]["@id"]]["name"] == "Atlas TEM"
    assert crate.nodes[action["object"]["@id"]]["name"] == "AX-7 foil 3"
    made = [crate.nodes[ref["@id"]]["name"] for ref in action["result"]]
    assert made[1:] == ["area0-000.dm3", "area0-001.dm3"]
    assert action["@id"] in {r["@id"] for r in crate.nodes["./"]["mentions"]}


def test_a_data_file_is_referenced_with_size_and_checksum(node, crate):
    data = node(name="area0-000.dm3")
    assert data["@id"] == "#/Atlas/2026-03-17/area0-000.dm3"
    assert data["@type"] == "File"
    assert data["contentSize"] == str(len(b"data of area0-000.dm3\n") * 20)
    # Computed with sha256sum.
    assert data["sha256"] == (
        "23d51887734748f58097e83162ccc12939d973f6dc70b49c42b49287e55000f5"
    )
    assert data["dateModified"] == "2001-09-09T01:46:40.123456+00:00"
    assert crate.nodes[data["thumbnail"]["@id"]]["encodingFormat"] == "image/png"
    assert crate.nodes[data["subjectOf"]["@id"]]["encodingFormat"] == "application/json"


def test_values_carry_the_terms_of_the_glossary_and_of_qudt(node, measured):
    values = measured(node(name="Precipitates in alloy AX-7 – acquisition 1"))
    voltage = values["Acceleration Voltage"]
    assert voltage["value"] == 300.0
    assert voltage["unitText"] == "kV"
    assert voltage["unitCode"] == QUDT + "KiloV"
    assert voltage["propertyID"] == EM_GLOSSARY + "EMG_00000004"
    assert values["Data Type"]["value"] == "STEM_Imaging"
    assert "may be wrong" in values["Operator"]["description"]


def test_each_data_file_has_its_own_values(node, measured):
    values = measured(node(name="area0-001.dm3"))
    assert values["Dataset Type"]["value"] == "Image"
    assert values["Creation Time"]["value"] == "2026-03-17T08:43:00+00:00"
    assert values["Stage Position – X"]["value"] == -12.5
    assert values["Stage Position – X"]["unitCode"] == QUDT + "MicroM"


def test_a_magnification_is_a_pure_number(node, measured):
    value = measured(node(name="area0-000.dm3"))["Magnification"]
    assert (value["value"], value["unitCode"]) == (80_000.0, QUDT + "UNITLESS")


def test_a_person_is_known_by_their_orcid(connected, exported, context):
    known = replace(context, external_ids={"orcid": "0000-0002-1825-0097"})
    crate = exported(connected(), known).eln
    person = crate.nodes["https://orcid.org/0000-0002-1825-0097"]
    assert person["familyName"] == "Curie"
    assert crate.nodes["./"]["author"] == {"@id": person["@id"]}


def test_a_person_of_whom_only_the_record_tells(connected, exported, context):
    crate = exported(connected(), replace(context, user=None)).eln
    [person] = [node for node in crate.graph if node["@type"] == "Person"]
    assert person["name"] == "Maria Curie"


def test_nobody_is_invented(connected, exported, make_context):
    context = make_context(experimenter="")
    crate = exported(connected(), replace(context, user=None)).eln
    assert not [node for node in crate.graph if node["@type"] == "Person"]
    assert "author" not in crate.nodes["./"]


def test_the_licence_is_the_one_that_was_set(connected, exported, context):
    url = "https://creativecommons.org/licenses/by/4.0/"
    crate = exported(connected(license=url), context).eln
    assert crate.nodes["./"]["license"] == {"@id": url}
    assert crate.nodes[url]["@type"] == "CreativeWork"


def test_links_lead_to_where_else_the_record_is(connected, exported, make_context):
    urls = {"cdcs": "https://cdcs.example.org/data?id=7", "html": "file:///x.html"}
    results = {
        name: ExportResult(destination=name, success=True, record_url=url)
        for name, url in urls.items()
    }
    results["elabftw"] = ExportResult(
        destination="elabftw", success=False, record_url="https://elab.example.org/1"
    )
    crate = exported(connected(), make_context(results=results)).eln
    assert crate.nodes["./"]["sameAs"] == refs(urls["cdcs"])
    assert crate.nodes["experiment/"]["url"] == urls["cdcs"]
    assert crate.nodes[urls["cdcs"]]["name"] == "This record in cdcs"


def test_links_are_kept_when_the_other_destination_is_silent(
    connected, exported, make_context
):
    url = "https://cdcs.example.org/data?id=7"
    told = ExportResult(destination="cdcs", success=True, record_url=url)
    exported(connected(), make_context(results={"cdcs": told}))
    again = exported(connected(), make_context())
    assert again.result.action == "unchanged"
    assert again.eln.nodes["./"]["sameAs"] == refs(url)


def test_signals_of_one_file_share_it(connected, exported, make_context, with_data):
    entries = tuple(
        DatasetEntry(
            name=f"stack.dm3 ({n} of 2)",
            location="/Atlas/stack.dm3",
            type="Image",
            metadata=(MetaValue(name="Detector", value=f"D{n}"),),
        )
        for n in (1, 2)
    )
    context = make_context()
    activity = Activity(start=context.session.start, datasets=entries)
    record = with_data(make_context(activities=(activity,)))
    crate = exported(connected(), record).eln
    [data] = [n for n in crate.graph if n.get("name") == "stack.dm3"]
    signals = [n for n in crate.graph if n.get("isPartOf") == {"@id": data["@id"]}]
    assert [one["name"] for one in signals] == [entry.name for entry in entries]
    found = [crate.nodes[one["variableMeasured"][1]["@id"]] for one in signals]
    assert [one["value"] for one in found] == ["D1", "D2"]
    assert "variableMeasured" not in data


def test_a_missing_data_file_is_referenced_and_counted(connected, exported, context):
    done = exported(connected(), context)
    [data] = [n for n in done.eln.graph if n.get("name") == "area0-000.dm3"]
    assert "contentSize" not in data
    assert "sha256" not in data
    assert done.result.metadata["missing_data_files"] == 4


def test_checksums_can_be_switched_off(connected, exported, context, with_data):
    crate = exported(
        connected(checksums=False, format=("zip",)), with_data(context)
    ).zip
    [data] = [n for n in crate.graph if n.get("name") == "area0-000.dm3"]
    assert data["contentSize"] == "440"
    assert "sha256" not in data


def test_data_files_have_addresses_where_they_are_served(
    connected, exported, context, with_data
):
    crate = exported(
        connected(data_url="https://data.example.org/"), with_data(context)
    )
    url = "https://data.example.org/Atlas/2026-03-17/area0-000.dm3"
    assert crate.eln.nodes[url]["contentSize"] == "440"
    assert {"@id": url} in crate.eln.nodes["activity-001/"]["hasPart"]


def test_data_files_can_be_included(connected, exported, context, with_data):
    crate = exported(connected(include_data=True), with_data(context)).eln
    name = "activity-001/area0-000.dm3"
    assert crate.files[name] == b"data of area0-000.dm3\n" * 20
    assert {"@id": name} in crate.nodes["activity-001/"]["hasPart"]
    assert crate.nodes[name]["identifier"] == "/Atlas/2026-03-17/area0-000.dm3"


def test_a_record_of_nothing_is_a_crate(connected, exported, make_context):
    empty = make_context(
        title="",
        activities=(),
        samples=(RecordSample(id="s", sample=Sample()),),
        projects=(Project(),),
        motivation="",
    )
    nobody = replace(empty, user=Person(username=""))
    crate = exported(connected(), nobody).eln
    assert crate.nodes["./"]["name"] == "Untitled"
    assert crate.nodes["./"]["description"] == "Session on Atlas TEM."
