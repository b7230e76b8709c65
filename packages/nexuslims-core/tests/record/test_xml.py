from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree
from nexuslims_core.errors import RecordError
from nexuslims_core.model.facility import Project, Sample
from nexuslims_core.model.record import (
    Activity,
    DatasetEntry,
    MetaValue,
    Record,
    RecordSample,
)
from nexuslims_core.record import from_xml, to_xml, validate_xml
from nexuslims_core.record.elements import SYMBOLS
from nexuslims_core.record.parse import skim
from nexuslims_core.record.xml import NAMESPACE, uri

NX = {"nx": NAMESPACE}
HOSTILE = "& < > \" ' %41 &amp; ]]> \U0001f52c \u2028 \ufeff é"


def found(record, path):
    return etree.fromstring(to_xml(record)).xpath(path, namespaces=NX)


def test_both_prefixes_are_declared(record):
    head = to_xml(record)[:400].decode()
    assert head.startswith("<?xml version='1.0' encoding='UTF-8'?>\n<Experiment ")
    assert f'xmlns="{NAMESPACE}"' in head
    assert f'xmlns:nx="{NAMESPACE}"' in head
    assert 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"' in head


def test_the_elements_stand_in_the_order_of_the_schema(record):
    root = etree.fromstring(to_xml(record))
    assert [etree.QName(child).localname for child in root] == [
        "title",
        "id",
        "summary",
        "sample",
        "sample",
        "project",
        "acquisitionActivity",
        "acquisitionActivity",
    ]


def test_a_record_that_uses_everything_is_valid(record):
    assert validate_xml(to_xml(record)) == ()


def test_reading_and_writing_again_changes_nothing(record):
    xml = to_xml(record)
    assert to_xml(from_xml(xml)) == xml


def test_what_is_read_back_is_what_was_written(record):
    back = from_xml(to_xml(record))
    assert back.motivation == record.motivation
    assert back.activities == record.activities
    assert back.reservation_end == record.reservation_end
    assert back.samples[0].sample.elements == ("O", "Fe")
    assert back.projects == record.projects


def test_a_long_record_is_written_piece_by_piece_and_looks_like_one(record):
    [first, second] = record.activities
    [one, *_] = first.datasets
    text = "</acquisitionActivity>\n</Experiment>\n  <acquisitionActivity>\n"
    many = tuple(
        replace(one, name=f"{number} {text}", metadata=one.metadata[: number % 4])
        for number in range(250)
    )
    activities = (replace(first, datasets=many), replace(second, datasets=()), first)
    xml = to_xml(replace(record, activities=activities))
    plain = etree.fromstring(xml, etree.XMLParser(remove_blank_text=True))
    assert xml == etree.tostring(
        plain, pretty_print=True, xml_declaration=True, encoding="UTF-8"
    )
    assert validate_xml(xml) == ()
    assert from_xml(xml).activities == activities


def test_datasets_are_gone_once_they_are_read(record):
    activity = record.activities[0]
    many = tuple(
        replace(activity.datasets[0], name=str(number)) for number in range(500)
    )
    xml = to_xml(replace(record, activities=(replace(activity, datasets=many),)))
    names, present = [], []

    def take(element):
        names.append(element.findtext("nx:name", namespaces=NX))
        present.append(sum(1 for one in element.getparent() if len(one)))

    root = skim(xml, take)
    assert names == [one.name for one in many]
    assert max(present) < 250
    assert not root.xpath("//nx:dataset/*", namespaces=NX)


def test_a_dataset_in_another_place_is_none(record):
    xml = to_xml(replace(record, activities=()))
    stray = b"<motivation><dataset><name>stray</name></dataset></motivation>"
    odd = xml.replace(b"</summary>", stray + b"</summary>")
    assert from_xml(odd).activities == ()


def test_activities_are_counted_from_zero(record):
    assert found(record, "//nx:acquisitionActivity/@seqno") == ["0", "1"]


def test_text_is_escaped_once(record):
    xml = to_xml(record)
    assert b"<title>Grains &amp; boundaries</title>" in xml
    assert b"<name>a &amp; b &lt;1&gt;.dm3 (1 of 2)</name>" in xml
    assert b"amp;amp;" not in xml


def test_the_unit_of_a_pure_number_is_empty_and_of_text_is_none(record):
    assert found(record, "//nx:meta[@name='Gain']/@unit") == ["", ""]
    assert found(record, "//nx:meta[@name='Creation Time']/@unit") == []


def test_only_doubtful_values_are_flagged(record):
    flagged = found(record, "//*[@warning]")
    assert {(one.get("name"), one.get("warning")) for one in flagged} == {
        ("EDS – Live time", "true")
    }


def test_elements_stand_in_the_order_of_the_periodic_table(record):
    sample = Sample(elements=tuple(reversed(SYMBOLS)))
    changed = replace(record, samples=(RecordSample(id="s-1", sample=sample),))
    children = found(changed, "//nx:elements/*")
    assert tuple(etree.QName(child).localname for child in children) == SYMBOLS
    assert validate_xml(to_xml(changed)) == ()


def test_symbols_of_no_element_go_to_the_description(record):
    sample = Sample(description="Foil.", elements=("Fe", "Xx", "Fe", "FE"))
    changed = replace(record, samples=(RecordSample(id="s-1", sample=sample),))
    assert found(changed, "//nx:sample/nx:description/text()") == [
        "Foil. Other constituents: Xx, FE"
    ]
    assert len(found(changed, "//nx:elements/*")) == 1
    assert to_xml(from_xml(to_xml(changed))) == to_xml(changed)


def test_what_is_empty_is_left_out(record):
    empty = Record(
        title=" ", id="", experimenter="", instrument_pid="", instrument_name=""
    )
    bare = replace(empty, projects=(Project(),), motivation="\n ")
    xml = to_xml(bare)
    assert xml.endswith(b"<summary/>\n</Experiment>\n")
    assert validate_xml(xml) == ()


def test_hostile_text_survives_everywhere(record):
    entry = DatasetEntry(
        name=HOSTILE,
        location="/x",
        type="Image",
        metadata=(MetaValue(name=HOSTILE, value=HOSTILE, unit=HOSTILE),),
    )
    activity = replace(record.activities[0], datasets=(entry,))
    hostile = replace(record, title=HOSTILE, motivation=HOSTILE, activities=(activity,))
    xml = to_xml(hostile)
    back = from_xml(xml)
    assert validate_xml(xml) == ()
    assert (back.title, back.motivation) == (HOSTILE, HOSTILE)
    assert back.activities[0].datasets == (entry,)


def test_what_xml_cannot_hold_is_replaced_visibly(record):
    changed = replace(record, title="a\x00b\x0b\ud800c", motivation="\x01" * 3)
    back = from_xml(to_xml(changed))
    assert back.title == "a\ufffdb\ufffd\ufffdc"
    assert back.motivation == "\ufffd" * 3


def test_long_texts_are_kept_whole(record):
    changed = replace(record, title="x" * 10_000)
    assert from_xml(to_xml(changed)).title == "x" * 10_000


@pytest.mark.parametrize(
    ("time", "text"),
    [
        (
            datetime(2024, 3, 1, 1, tzinfo=timezone(-timedelta(hours=5))),
            "2024-03-01T01:00:00-05:00",
        ),
        (datetime(2024, 3, 1, 1, tzinfo=UTC), "2024-03-01T01:00:00+00:00"),
        (
            datetime(1880, 1, 1, tzinfo=timezone(-timedelta(hours=4, seconds=2))),
            "1880-01-01T04:00:02+00:00",
        ),
    ],
)
def test_times_keep_their_offset_where_xml_can_say_it(record, time, text):
    changed = replace(record, reservation_start=time)
    assert found(changed, "//nx:reservationStart/text()") == [text]
    assert validate_xml(to_xml(changed)) == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://a.org/b?c=d&e=f#g", "https://a.org/b?c=d&e=f#g"),
        ("https://a.org/b c/é%41%", "https://a.org/b%20c/%C3%A9%41%25"),
        ("https://a.org/[1]#a#b", "https://a.org/%5B1%5D#a%23b"),
        ("https://a.org:80/", "https://a.org:80/"),
        ("hdl:1/2", "hdl%3A1/2"),
        ("", ""),
    ],
)
def test_links_are_uris(text, expected):
    assert uri(text) == expected


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"<a",
        b"no xml",
        b"<Experiment/>",
        f'<Experiment xmlns="{NAMESPACE}"/>'.encode(),
        f'<Experiment xmlns="{NAMESPACE}"><summary><reservationStart>soon'
        "</reservationStart></summary></Experiment>".encode(),
        f'<Experiment xmlns="{NAMESPACE}"><summary/><acquisitionActivity/>'
        "</Experiment>".encode(),
    ],
)
def test_what_is_no_record_is_refused(document):
    with pytest.raises(RecordError):
        from_xml(document)


def bomb():
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    return (
        f'<!DOCTYPE x [<!ENTITY e0 "lol">{entities}]>'
        f'<Experiment xmlns="{NAMESPACE}"><summary ref="&e9;"/></Experiment>'
    ).encode()


@pytest.mark.parametrize(
    "document",
    [
        bomb(),
        b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><x>&f;</x>',
        b"<!DOCTYPE x SYSTEM 'http://127.0.0.1:9/x.dtd'><x/>",
        b"<!DOCTYPE x><x/>",
    ],
)
def test_documents_with_entities_or_types_are_refused(document):
    with pytest.raises(RecordError):
        from_xml(document)
    assert validate_xml(document) != ()


def test_notes_and_curation_of_annotators_do_not_disturb_reading(record):
    notes = b'<notes><entry xsi:type="nx:TextEntry"><p>x</p></entry></notes>'
    xml = to_xml(record)
    annotated = xml.replace(
        b"</dataset>", b"<curation><rating>5</rating></curation></dataset>"
    ).replace(b"</Experiment>", notes + b"</Experiment>")
    assert validate_xml(annotated) == ()
    assert from_xml(annotated) == from_xml(xml)


def test_comments_do_not_cut_texts(record):
    xml = to_xml(record).replace(b"<title>Grains", b"<title>Gr<!-- x -->ains")
    assert from_xml(xml).title == record.title


text = st.text(max_size=12) | st.sampled_from([HOSTILE, "", " a\r\n b ", "\x00"])
moments = st.datetimes(
    timezones=st.integers(-839, 839).map(lambda m: timezone(timedelta(minutes=m))),
    min_value=datetime(1900, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
)
values = st.builds(
    MetaValue, name=text, value=text, unit=st.none() | text, warning=st.booleans()
)
entries = st.builds(
    DatasetEntry,
    name=text,
    location=text,
    type=st.sampled_from(["Image", "Unknown", "SpectrumImage"]),
    preview=st.none() | text,
    metadata=st.lists(values, max_size=3).map(tuple),
)
samples = st.builds(
    Sample,
    name=text,
    pid=text,
    description=text,
    elements=st.lists(st.sampled_from(["Fe", "O", "H", "Qq", "&"]) | text).map(tuple),
)
records = st.builds(
    Record,
    title=text,
    id=text,
    experimenter=text,
    instrument_pid=text,
    instrument_name=text,
    summary_ref=text | st.sampled_from(["http://a/b c", "http://[::1", "//", "a:b"]),
    reservation_start=st.none() | moments,
    reservation_end=st.none() | moments,
    motivation=text,
    samples=st.lists(
        st.builds(RecordSample, id=st.just("s"), sample=samples), max_size=2
    ).map(tuple),
    projects=st.lists(
        st.builds(Project, name=text, division=text, group=text, ref=text), max_size=2
    ).map(tuple),
    activities=st.lists(
        st.builds(
            Activity,
            start=moments,
            setup=st.lists(values, max_size=2).map(tuple),
            datasets=st.lists(entries, max_size=2).map(tuple),
        ),
        max_size=2,
    ).map(tuple),
)
unhurried = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)


@unhurried
@given(records)
def test_any_record_is_valid_and_survives_being_read(record):
    xml = to_xml(record)
    assert validate_xml(xml) == ()
    assert to_xml(from_xml(xml)) == xml


@unhurried
@given(record=records)
def test_any_record_is_valid_for_repositories(official, record):
    assert official.validate(etree.fromstring(to_xml(record))), official.error_log
