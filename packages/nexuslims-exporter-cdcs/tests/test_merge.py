from __future__ import annotations

import pytest
from lxml import etree
from nexuslims_exporter_cdcs.merge import keep_annotations

URI = "https://data.nist.gov/od/dm/nexus/experiment/v1.0"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
NOTE = """<notes source="annotator">
    <entry xsi:type="{0}TextEntry"><p>{1}</p></entry></notes>"""
CURATION = "<curation><rating>5</rating><featured>true</featured></curation>"


def note(text, prefix=""):
    return NOTE.format(prefix, text)


def insert(xml, before, text, nth=1):
    """Put `text` before the nth occurrence of `before`."""
    parts = xml.split(before)
    return before.join(parts[:nth]) + text + before + before.join(parts[nth:])


@pytest.fixture
def schema(cdcs_schema):
    return etree.XMLSchema(etree.fromstring(cdcs_schema.encode()))


@pytest.fixture
def annotated(record_xml):
    """A stored record to which a person has added everything a person can add."""
    xml = record_xml()
    xml = insert(xml, "</Experiment>", note("on the experiment"))
    xml = insert(xml, "<elements>", note("on the sample"))
    xml = insert(xml, "<dataset", note("on the first activity"))
    xml = insert(xml, "<dataset", note("on the second activity"), nth=2)
    xml = insert(xml, "</dataset>", CURATION)
    xml = insert(xml, "<preview>", "<description>the best one</description>")
    xml = insert(xml, "<instrument", "<collaborator>Grace</collaborator>")
    return xml.replace("<Experiment ", '<Experiment pid="hdl:1/2" ')


def test_a_record_nobody_touched_is_left_to_the_letter(record_xml):
    ours = record_xml(title="New")
    assert keep_annotations(ours, record_xml()) == (ours, 0)


@pytest.mark.parametrize("stored", ["", "<Experiment/>", "no XML at all", "<a"])
def test_what_is_no_record_has_no_annotations(record_xml, stored):
    assert keep_annotations(record_xml(), stored) == (record_xml(), 0)


def test_everything_a_person_added_is_kept_where_it_was(record_xml, annotated, schema):
    merged, lost = keep_annotations(record_xml(title="New"), annotated)
    root = etree.fromstring(merged.encode())
    schema.assertValid(root)
    assert lost == 0
    assert root.get("pid") == "hdl:1/2"
    expected = etree.fromstring(annotated.replace("Grain boundary", "x").encode())
    assert [element.tag for element in root.iter()] == [
        element.tag for element in expected.iter()
    ]
    assert root.findtext(f"{{{URI}}}title") == "New"


def test_merging_again_changes_nothing(record_xml, annotated):
    ours = record_xml(title="New")
    merged, _ = keep_annotations(ours, annotated)
    assert keep_annotations(ours, merged) == (merged, 0)


def test_additions_are_indented_as_their_siblings_are(record_xml):
    stored = insert(record_xml(), "</dataset>", CURATION, nth=3)
    merged, _ = keep_annotations(record_xml(), stored)
    lines = merged.splitlines()
    at = next(i for i, line in enumerate(lines) if "<curation>" in line)
    assert lines[at].startswith("      <curation>")
    assert lines[at + 1] == "    </dataset>"


@pytest.fixture
def other_prefixes(annotated):
    """The same record as another program would write it."""
    renamed = annotated.replace(f'xmlns="{URI}" ', "").replace(f'xmlns:nx="{URI}" ', "")
    renamed = (
        renamed.replace("</", "</e:").replace("<", "<e:").replace("<e:/e:", "</e:")
    )
    renamed = renamed.replace("<e:?xml", "<?xml").replace(
        '="TextEntry"', '="e:TextEntry"'
    )
    return renamed.replace("<e:Experiment ", f'<e:Experiment xmlns:e="{URI}" ')


def test_other_prefixes_make_no_difference(record_xml, other_prefixes, schema):
    schema.assertValid(etree.fromstring(other_prefixes.encode()))
    merged, _ = keep_annotations(record_xml(), other_prefixes)
    root = etree.fromstring(merged.encode())
    schema.assertValid(root)
    types = {entry.get(f"{{{XSI}}}type") for entry in root.iter(f"{{{URI}}}entry")}
    assert types <= {"TextEntry", "nx:TextEntry"}
    assert len(list(root.iter(f"{{{URI}}}entry"))) == 4
    assert keep_annotations(record_xml(), merged) == (merged, 0)


def texts(xml, path):
    found = etree.fromstring(xml.encode()).iterfind(path, {"nx": URI})
    return ["".join(element.itertext()).strip() for element in found]


def test_notes_follow_their_datasets_to_another_activity(record_xml, annotated):
    # A file from before all others arrived late: the activities move on by one.
    late = """<acquisitionActivity seqno="0">
    <startTime>2026-11-20T09:01:00-05:00</startTime>
  </acquisitionActivity>
  """
    ours = insert(record_xml(), "<acquisitionActivity", late)
    merged, _ = keep_annotations(ours, annotated)
    path = "nx:acquisitionActivity[{}]/nx:notes"
    assert [texts(merged, path.format(i)) for i in (1, 2, 3)] == [
        [],
        ["on the first activity"],
        ["on the second activity"],
    ]


def test_notes_of_activities_that_became_one_are_all_kept(
    record_xml, annotated, schema
):
    xml = record_xml()
    start = xml.index("  </acquisitionActivity>")
    end = xml.index('    <dataset type="Image"', start)
    ours = xml[:start] + xml[end:]
    merged, lost = keep_annotations(ours, annotated)
    schema.assertValid(etree.fromstring(merged.encode()))
    assert lost == 0
    assert texts(merged, "nx:acquisitionActivity/nx:notes") == [
        "on the first activity",
        "on the second activity",
    ]
    assert keep_annotations(ours, merged) == (merged, 0)


def test_notes_without_a_home_move_to_the_experiment(record_xml, annotated):
    xml = record_xml()
    start = xml.index("  <sample")
    ours = xml[:start] + "</Experiment>\n"
    merged, lost = keep_annotations(ours, annotated)
    assert texts(merged, "nx:notes") == [
        "on the experiment",
        "on the sample",
        "on the first activity",
        "on the second activity",
    ]
    assert lost == 1
    assert keep_annotations(ours, merged) == (merged, 0)


def test_a_sample_is_known_by_its_name_when_its_identifier_changed(
    record_xml, annotated
):
    ours = record_xml().replace("s-1", "s-2")
    merged, _ = keep_annotations(ours, annotated)
    assert texts(merged, "nx:sample/nx:notes") == ["on the sample"]


def test_curation_of_one_signal_of_several_stays_with_it(record_xml):
    signals = "".join(
        f"<dataset><name>a.dm3 ({n} of 3)</name><location>/a.dm3</location></dataset>"
        for n in (1, 2, 3)
    )
    ours = record_xml(extra=signals)
    stored = insert(ours, "</dataset>", CURATION, nth=5)
    merged, _ = keep_annotations(ours, stored)
    assert texts(merged, ".//nx:dataset[nx:curation]/nx:name") == ["a.dm3 (2 of 3)"]


def test_an_entity_in_a_stored_record_is_not_followed(record_xml, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("hunter2")
    stored = record_xml().replace(
        "<Experiment ",
        f'<!DOCTYPE Experiment [<!ENTITY s SYSTEM "{secret.as_uri()}">]>\n<Experiment ',
        1,
    )
    stored = insert(stored, "</Experiment>", note("&s;"))
    merged, _ = keep_annotations(record_xml(), stored)
    assert "hunter2" not in merged
