from __future__ import annotations

import copy
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from lxml import etree
from nexuslims_core.record import from_xml, read_valid, to_xml, validate_xml
from nexuslims_core.record import xsd as xsd_module
from nexuslims_core.record.elements import SYMBOLS
from nexuslims_core.record.xml import NAMESPACE, XSI
from nexuslims_core.record.xsd import xsd

TEXTS = (
    "",
    " ",
    "x",
    "-1",
    "1.5",
    "true",
    "1",
    "yes",
    "Image",
    "Derived",
    "  Image ",
    "2024-03-01T20:30:00-05:00",
    "2024-03-01T20:30:00",
    "2024-03-01",
    "2024-13-01T20:30:00Z",
    "http://a b/%%",
    "http://a/b",
    "\u00e9 &\n\t",
)
TYPES = ("Entry", "TextEntry", "TableEntry", "Notes", "Instrument", "DatasetType", "No")

ANNOTATIONS = f"""
<add xmlns="{NAMESPACE}" xmlns:nx="{NAMESPACE}" xmlns:xsi="{XSI}">
  <collaborator>Grace</collaborator>
  <notes source="ELN">
    <entry/>
    <entry xsi:type="nx:TextEntry"><p>One</p><p>Two</p></entry>
    <entry xsi:type="nx:ImageEntry"><imageURL>http://a/b.png</imageURL></entry>
    <entry xsi:type="nx:TableEntry">
      <table>
        <title>T</title>
        <header><column id="c1">C</column></header>
        <rows><row seqno="0"><cell colid="c1">1</cell></row></rows>
      </table>
    </entry>
  </notes>
  <format>DM3</format>
  <description>A dataset</description>
  <curation><rating>5</rating><featured>true</featured></curation>
</add>
"""


def tag(name):
    return f"{{{NAMESPACE}}}{name}"


@pytest.fixture
def document(record):
    """Return a document that uses everything that the schema knows."""
    root = etree.fromstring(
        to_xml(replace(record, activities=record.activities[:1])),
        etree.XMLParser(remove_blank_text=True),
    )
    collaborator, notes, form, description, curation = etree.fromstring(ANNOTATIONS)
    root.set("pid", "p")
    root.append(copy.deepcopy(notes))
    root.find(f".//{tag('experimenter')}").addnext(collaborator)
    root.find(f".//{tag('instrument')}").set("ref", "http://i/1")
    root.find(f".//{tag('elements')}").addprevious(copy.deepcopy(notes))
    root.find(f".//{tag('setup')}").addnext(notes)
    dataset = root.find(f".//{tag('dataset')}")
    dataset.append(curation)
    dataset.find(tag("location")).addnext(form)
    form.addnext(description)
    return root


def remove(element):
    element.getparent().remove(element)


def repeat(element):
    element.addnext(copy.deepcopy(element))


def rename(element):
    element.tag = tag("unheardOf")


def leave_namespace(element):
    element.tag = etree.QName(element).localname


def move_down(element):
    following = element.getnext()
    if following is not None:
        following.addnext(element)


def add_stranger(element):
    etree.SubElement(element, tag("stranger"))


def add_text_between(element):
    element.tail = "stray"


def add_attribute(element):
    element.set("stranger", "1")


def swap_case(element):
    element.tag = tag(etree.QName(element).localname.swapcase())


def empty(element):
    for child in list(element):
        element.remove(child)


def write(text):
    def change(element):
        if len(element) == 0:
            element.text = text

    return change


def set_attributes(text):
    def change(element):
        for name in element.attrib:
            element.set(name, text)

    return change


def drop_attributes(element):
    element.attrib.clear()


def say_type(name):
    def change(element):
        element.set(f"{{{XSI}}}type", f"nx:{name}")

    return change


def say_nil(element):
    element.set(f"{{{XSI}}}nil", "true")


CHANGES = {
    change.__name__: change
    for change in (
        remove,
        repeat,
        rename,
        leave_namespace,
        move_down,
        add_stranger,
        add_text_between,
        add_attribute,
        swap_case,
        empty,
        drop_attributes,
        say_nil,
    )
}
CHANGES |= {f"text {text!r}": write(text) for text in TEXTS}
CHANGES |= {f"attributes {text!r}": set_attributes(text) for text in TEXTS}
CHANGES |= {f"type {name}": say_type(name) for name in TYPES}


def changed(document, index, change):
    """Return a copy of `document` in which one element is changed, or `None`."""
    root = copy.deepcopy(document)
    element = list(root.iter())[index]
    if element is root and change in {remove, repeat, move_down}:
        return None
    change(element)
    return root


@pytest.fixture
def ours():
    return etree.XMLSchema(etree.fromstring(xsd()))


def test_the_full_document_is_valid_for_both(document, ours, official):
    assert ours.validate(document), ours.error_log
    assert official.validate(document), official.error_log


@pytest.mark.parametrize("name", CHANGES)
def test_both_schemas_accept_and_refuse_the_same(document, ours, official, name):
    verdicts = Counter()
    differences = []
    for index, element in enumerate(document.iter()):
        root = changed(document, index, CHANGES[name])
        if root is None:
            continue
        accepted = ours.validate(root), official.validate(root)
        verdicts[accepted] += 1
        if accepted[0] != accepted[1]:
            differences.append(etree.tostring(element)[:200])
    assert differences == []
    assert verdicts.total() > 50


@pytest.mark.parametrize(
    "symbols",
    [
        SYMBOLS,
        SYMBOLS[::-1],
        ("Fe", "Fe"),
        ("fe",),
        ("Uue",),
        (),
        *((symbol,) for symbol in SYMBOLS),
    ],
)
def test_both_schemas_know_the_same_chemical_elements(
    document, ours, official, symbols
):
    elements = document.find(f".//{tag('elements')}")
    empty(elements)
    for symbol in symbols:
        etree.SubElement(elements, tag(symbol)).text = "any text"
    valid = set(symbols) <= set(SYMBOLS) and len(set(symbols)) == len(symbols)
    assert (ours.validate(document), official.validate(document)) == (valid, valid)


@pytest.mark.parametrize("role", ["MasterCalibration", "UserCalibration", "Derived"])
@pytest.mark.parametrize("kind", ["Notes", "Diffraction", "Spectrum", "Misc"])
def test_both_schemas_know_the_same_types_and_roles(
    document, ours, official, role, kind
):
    dataset = document.find(f".//{tag('dataset')}")
    dataset.attrib.update({"role": role, "type": kind})
    assert ours.validate(document)
    assert official.validate(document)


def test_a_problem_names_its_line(record):
    xml = to_xml(record).replace(b'seqno="0"', b'seqno="first"')
    line = xml[: xml.index(b'seqno="first"')].count(b"\n") + 1
    (problem,) = validate_xml(xml)
    assert problem.startswith(f"line {line}: ")
    assert "'first'" in problem
    assert NAMESPACE not in problem


def test_a_reference_to_no_sample_is_a_problem(record):
    xml = to_xml(record).replace(b"<sampleID>s-1", b"<sampleID>s-9")
    (problem,) = validate_xml(xml)
    assert "sampleID 's-9' is no sample's id" in problem


def test_a_valid_record_is_read_as_it_is_checked(record):
    xml = to_xml(record)
    assert read_valid(xml) == (from_xml(xml), ())


@pytest.mark.parametrize(
    ("text", "other"),
    [
        (b'seqno="0"', b'seqno="first"'),
        (b"<sampleID>s-1", b"<sampleID>s-9"),
        (b"</summary>", b""),
    ],
)
def test_of_a_record_that_is_not_valid_the_problems_are_told(record, text, other):
    xml = to_xml(record).replace(text, other)
    found, problems = read_valid(xml)
    assert found is None
    assert problems == validate_xml(xml)
    assert len(problems) == 1


def test_documents_that_are_no_xml_are_a_problem_not_an_exception():
    (problem,) = validate_xml(b"<Experiment>")
    assert "well-formed" in problem


def test_threads_that_need_the_schema_at_once_all_get_it(record):
    xml = to_xml(record)
    for _ in range(20):
        xsd_module._made.cache_clear()
        together = threading.Barrier(8)

        def check(together=together):
            together.wait()
            return validate_xml(xml)

        with ThreadPoolExecutor(8) as threads:
            found = [threads.submit(check) for _ in range(8)]
            assert [one.result() for one in found] == [()] * 8


def test_threads_do_not_mix_up_their_problems(record):
    good = to_xml(record)
    bad = good.replace(b'seqno="0"', b'seqno="x"')
    results = []

    def check(xml, expected):
        results.extend(len(validate_xml(xml)) == expected for _ in range(40))

    threads = [
        threading.Thread(target=check, args=pair) for pair in [(good, 0), (bad, 1)] * 2
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [True] * 160
