from __future__ import annotations

import base64
import io
import re
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser

import pytest
from nexuslims_core.errors import ExportError
from nexuslims_core.exporting.summary import session_code
from nexuslims_core.types import ExportResult
from nexuslims_testing.servers.faults import Fault
from nexuslims_testing.servers.labarchives_state import Entry
from PIL import Image


@pytest.fixture
def text(labarchives_server, the_page):
    """Return the text on the page, when asked."""

    def find():
        (text,) = labarchives_server.texts(the_page())
        return text.data

    return find


class Tags(HTMLParser):
    """Collects the tags of a text, to tell markup from what looks like it."""

    def __init__(self, html):
        super().__init__()
        self.found = set()
        self.links = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.found.add(tag)
        self.links += [value for name, value in attrs if name in {"href", "src"}]
        assert not [name for name, _ in attrs if name.startswith("on")]


def without_images(html):
    return re.sub(r"<img[^>]*>", "", html)


# A first export


def test_a_page_is_made_below_the_instrument(labarchives, labarchives_server, context):
    result = labarchives.export(context)
    (page,) = labarchives_server.pages()
    assert labarchives_server.path(page) == (
        "NexusLIMS Records/TEM-1/2026-03-17 — "
        "https://nemo.example.org/api/usage_events/?id=1"
    )
    (text,) = labarchives_server.texts(page)
    (file,) = labarchives_server.attachments(page)
    assert (result.success, result.action) == (True, "created")
    assert result.record_id == text.eid
    assert result.metadata == {"attachment_id": file.eid}
    assert result.timestamp.tzinfo is not None
    nbid = labarchives_server.notebook
    base = labarchives_server.url.removesuffix("/api")
    assert result.record_url == f"{base}/#/{nbid}/{page.tree_id}"


def test_the_record_is_attached(labarchives, labarchives_server, context, the_page):
    labarchives.export(context)
    (file,) = labarchives_server.attachments(the_page())
    assert file.content == context.xml
    assert file.filename == context.xml_path.name
    assert file.caption == "NexusLIMS XML record"


def test_the_text_tells_what_the_session_was(labarchives, context, text):
    labarchives.export(context)
    shown = without_images(text())
    for told in (
        f"<strong>Session ID:</strong> {context.session.identifier}",
        "<strong>Instrument:</strong> Atlas TEM (TEM-1)",
        "<strong>User:</strong> Maria Curie (mcurie)",
        "<strong>Start:</strong> 2026-03-17T09:30:00+01:00",
        "<strong>End:</strong> 2026-03-17T13:30:00+01:00",
        "<strong>Projects:</strong> Light alloys",
        "<strong>Samples:</strong> AX-7 foil 3",
        context.record.motivation,
        "/Atlas/2026-03-17/area1-002.dm3",
        session_code(context.session.identifier),
    ):
        assert told in shown


def test_the_link_to_cdcs_is_there_when_cdcs_took_it(labarchives, with_cdcs, text):
    labarchives.export(with_cdcs("https://cdcs.example.org/data?id=7&x=1"))
    assert '<a href="https://cdcs.example.org/data?id=7&amp;x=1">' in text()


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "file:///etc/passwd", "http://["]
)
def test_an_address_that_is_no_web_page_is_no_link(labarchives, with_cdcs, text, url):
    labarchives.export(with_cdcs(url))
    assert Tags(without_images(text())).links == []


# Previews


def test_previews_are_small_pictures_in_the_text(labarchives, context, text):
    labarchives.export(context)
    sources = Tags(text()).links
    assert len(sources) == 6
    kind, data = sources[0].split(",")
    assert kind == "data:image/jpeg;base64"
    assert max(Image.open(io.BytesIO(base64.b64decode(data))).size) <= 250


def test_previews_are_bounded_in_number(connected, labarchives_server, context, text):
    connected(labarchives_server, shown_previews=2).export(context)
    assert len(Tags(text()).links) == 2
    assert "Not shown here: 4 more." in text()


def test_previews_are_bounded_in_size(connected, labarchives_server, context, text):
    previews = context.data_path.rglob("*.png")
    for number, path in enumerate(sorted(previews)):
        noise = Image.effect_noise((500, 500), 90 + number)
        noise.save(path)
    connected(labarchives_server, preview_kilobytes=100).export(context)
    assert 0 < len(Tags(text()).links) < 6
    assert len(text()) < 110_000


@pytest.mark.parametrize(
    "spoil",
    [
        lambda path: path.write_bytes(b"no picture"),
        lambda path: path.write_bytes(path.read_bytes()[:60]),
        lambda path: path.write_bytes(b""),
        lambda path: (path.unlink(), path.mkdir()),
    ],
    ids=["foreign", "cut", "empty", "folder"],
)
def test_a_spoilt_preview_is_left_out(labarchives, context, text, spoil):
    spoil(min(context.data_path.rglob("*.png")))
    labarchives.export(context)
    assert len(Tags(text()).links) == 5


def test_no_file_outside_the_data_folder_is_shown(labarchives, context, text):
    outside = context.data_path.parent / "secret.png"
    outside.write_bytes(min(context.data_path.rglob("*.png")).read_bytes())
    activity = context.record.activities[0]
    entry = replace(activity.datasets[0], preview="/../secret.png")
    record = replace(context.record, activities=(replace(activity, datasets=(entry,)),))
    labarchives.export(replace(context, record=record))
    assert Tags(text()).links == []


def test_a_changed_preview_changes_the_entry(labarchives, context, the_page):
    first = labarchives.export(context)
    preview = min(context.data_path.rglob("*.png"))
    Image.new("L", (300, 300), 40).save(preview)
    second = labarchives.export(context)
    assert (second.action, second.record_id) == ("updated", first.record_id)


def test_long_lists_of_files_are_cut_and_counted(
    connected, labarchives_server, context, text
):
    connected(labarchives_server, listed_files=4).export(context)
    assert text().count("<code>") == 4
    assert "lists 2 more data files" in text()


# Escaping


def test_nothing_that_people_write_becomes_markup(labarchives, context, text):
    evil = "<script>alert(1)</script><img src=x onerror=alert(1)>\" '&amp;"
    activity = context.record.activities[0]
    entry = replace(activity.datasets[0], name=evil, location=f"/{evil}")
    record = replace(
        context.record,
        title=evil,
        motivation=evil,
        instrument_name=evil,
        projects=(replace(context.record.projects[0], name=evil),),
        activities=(replace(activity, datasets=(entry,)),),
    )
    user = replace(context.user, first_name=evil)
    labarchives.export(replace(context, record=record, user=user, title=evil))
    tags = Tags(text())
    assert "script" not in tags.found
    assert "x" not in tags.links
    assert unescape(without_images(text())).count("alert(1)") >= 12


def test_characters_that_xml_cannot_hold_are_left_out(labarchives, context, text):
    record = replace(context.record, motivation="a\x00b\x1bc\ud800d\ufffee")
    labarchives.export(replace(context, record=record))
    assert "<p>a b c d e</p>" in text()


# Updates


@pytest.mark.parametrize("knows", [True, False])
def test_an_unchanged_record_writes_nothing(
    labarchives, labarchives_server, context, knows
):
    first = labarchives.export(context)
    labarchives_server.calls.clear()
    again = labarchives.export(replace(context, previous=first if knows else None))
    assert again.action == "unchanged"
    assert again.metadata == first.metadata
    assert {call.rpartition("/")[2] for call in labarchives_server.calls} == {
        "get_tree_level",
        "get_entries_for_page",
    }


@pytest.mark.parametrize("knows", [True, False])
def test_a_changed_record_replaces_text_and_attachment_in_place(
    labarchives, labarchives_server, context, rebuilt, the_page, knows
):
    first = labarchives.export(context)
    changed = rebuilt(previous=first if knows else None)
    again = labarchives.export(changed)
    (text,) = labarchives_server.texts(the_page())
    (file,) = labarchives_server.attachments(the_page())
    assert (again.action, again.record_id) == ("updated", first.record_id)
    assert (text.version, file.version) == (2, 2)
    assert file.content == changed.xml
    assert "Something else." in text.data
    assert context.record.motivation not in text.data


def test_what_people_put_on_the_page_stays(
    labarchives, labarchives_server, context, rebuilt, the_page
):
    labarchives.export(context)
    note = labarchives_server.write_note(the_page(), "<p>my notes</p>")
    theirs = labarchives_server.state.add(
        Entry(
            eid="",
            nbid=note.nbid,
            page=note.page,
            author=note.author,
            part_type="Attachment",
            filename="mine.xlsx",
            caption="my table",
            content=b"PK",
        )
    )
    labarchives.export(rebuilt())
    left = labarchives_server.entries(the_page())
    assert [each for each in left if each.eid in {note.eid, theirs.eid}] == [
        note,
        theirs,
    ]
    assert len(left) == 4


def test_an_attachment_that_somebody_deleted_is_attached_again(
    labarchives, labarchives_server, context, the_page
):
    first = labarchives.export(context)
    del labarchives_server.state.entries[first.metadata["attachment_id"]]
    again = labarchives.export(context)
    assert again.action == "updated"
    assert len(labarchives_server.attachments(the_page())) == 1


def test_an_attachment_that_somebody_replaced_is_put_right(
    labarchives, labarchives_server, context, the_page
):
    first = labarchives.export(context)
    labarchives_server.state.change(first.metadata["attachment_id"], content=b"oops")
    assert labarchives.export(context).action == "updated"
    (file,) = labarchives_server.attachments(the_page())
    assert file.content == context.xml


def test_a_page_of_a_corrected_day_is_still_the_session_s(
    labarchives, labarchives_server, context
):
    labarchives.export(context)
    earlier = replace(context.session, start=context.session.start.replace(day=15))
    assert labarchives.export(replace(context, session=earlier)).action == "updated"
    assert len(labarchives_server.pages()) == 1


def test_a_title_that_was_cut_is_recognised_by_what_is_on_the_page(
    labarchives, context, the_page
):
    first = labarchives.export(context)
    the_page().name = the_page().name[:50] + "…"
    again = labarchives.export(context)
    assert (again.action, again.record_id) == ("unchanged", first.record_id)


def test_a_longer_identifier_is_another_session(
    labarchives, labarchives_server, context
):
    labarchives.export(context)
    longer = replace(context.session, identifier=f"{context.session.identifier}2")
    assert labarchives.export(replace(context, session=longer)).action == "created"
    assert len(labarchives_server.pages()) == 2


def test_endless_identifiers_get_titles_that_differ(
    labarchives, labarchives_server, context
):
    for end in ("a", "b"):
        session = replace(context.session, identifier=1000 * "x" + end)
        labarchives.export(replace(context, session=session))
        again = labarchives.export(replace(context, session=session))
        assert again.action == "unchanged"
    names = {page.name for page in labarchives_server.pages()}
    assert [len(name) for name in names] == [200, 200]


def test_a_page_that_was_renamed_or_moved_is_updated_where_it_is(
    labarchives, labarchives_server, context, rebuilt, the_page
):
    first = labarchives.export(context)
    the_page().name = "Fig. 3"
    again = labarchives.export(rebuilt(previous=first))
    assert (again.action, again.record_id) == ("updated", first.record_id)
    assert again.record_url == first.record_url
    (text,) = labarchives_server.texts(the_page())
    (file,) = labarchives_server.attachments(the_page())
    assert "Something else." in text.data
    assert b"Something else." in file.content


def test_a_renamed_page_without_its_attachment_is_told(
    labarchives, labarchives_server, context, rebuilt, the_page
):
    first = labarchives.export(context)
    the_page().name = "Fig. 3"
    del labarchives_server.state.entries[first.metadata["attachment_id"]]
    again = labarchives.export(rebuilt(previous=first))
    assert again.success
    assert "old title" in again.metadata["warnings"][0]


def test_a_page_that_was_deleted_is_made_again(
    labarchives, labarchives_server, context, the_page
):
    first = labarchives.export(context)
    labarchives_server.state.delete_page(the_page().tree_id)
    again = labarchives.export(replace(context, previous=first))
    assert again.action == "created"
    assert len(labarchives_server.entries(the_page())) == 2


def test_a_page_of_an_earlier_release_is_taken_over(
    labarchives, labarchives_server, context, the_page
):
    labarchives.export(context)
    (text,) = labarchives_server.texts(the_page())
    labarchives_server.state.change(text.eid, data="<h1>Old</h1>")
    previous = ExportResult(destination="labarchives", success=True, record_id=text.eid)
    again = labarchives.export(replace(context, previous=previous))
    assert (again.action, again.record_id) == ("updated", text.eid)
    assert len(labarchives_server.entries(the_page())) == 2


@pytest.mark.parametrize("identifier", ["1", "a/b", "", "MTIzNA=="])
def test_an_identifier_of_another_account_does_no_harm(
    labarchives, labarchives_server, context, identifier
):
    previous = ExportResult(
        destination="labarchives", success=True, record_id=identifier
    )
    assert labarchives.export(replace(context, previous=previous)).action == "created"
    assert len(labarchives_server.pages()) == 1


def test_several_pages_of_a_session_are_reported(
    labarchives, labarchives_server, context, the_page
):
    labarchives.export(context)
    page = the_page()
    labarchives_server.state.insert(page.nbid, page.parent, page.name, is_page=True)
    again = labarchives.export(context)
    assert again.action == "unchanged"
    assert "2 pages of this session" in again.metadata["warnings"][0]


def test_folders_that_are_there_are_used(labarchives, labarchives_server, context):
    state, nbid = labarchives_server.state, labarchives_server.notebook
    state.insert(nbid, "0", "NexusLIMS Records", is_page=True)
    folder = state.insert(nbid, "0", "NexusLIMS Records", is_page=False)
    state.insert(nbid, folder.tree_id, "TEM-1", is_page=False)
    labarchives.export(context)
    assert len(labarchives_server.folders()) == 2


# Two runners


@pytest.mark.parametrize("method", ["insert_node", "add_entry", "add_attachment"])
@pytest.mark.parametrize("number", [0, 1, 2])
def test_another_runner_at_the_same_moment_makes_no_second_record(
    connected, shaky, proxy, labarchives_server, context, method, number
):
    other = connected(labarchives_server)
    seen = []

    def meanwhile(request):
        if f"/{method}?" in request.path:
            seen.append(request)
            if len(seen) == number + 1:
                other.export(context)
        return False

    proxy.inject(match=meanwhile, fault=Fault.refuse())
    result = shaky.export(context)
    kept = [
        page
        for page in labarchives_server.pages()
        if labarchives_server.path(page).startswith("NexusLIMS Records/TEM-1/")
    ]
    assert len(kept) == 1
    code = session_code(context.session.identifier)
    texts = labarchives_server.texts(kept[0])
    files = labarchives_server.attachments(kept[0])
    assert [each.eid for each in texts if code in each.data] == [result.record_id]
    assert len([each for each in files if each.content == context.xml]) == 1
    assert other.export(context).action == "unchanged"


# Accounts


def test_records_are_written_under_the_user_s_own_account_if_known(
    labarchives, labarchives_server, context, the_page
):
    known = {"labarchives_eln": labarchives_server.user_uid}
    labarchives.export(replace(context, external_ids=known))
    authors = {entry.author for entry in labarchives_server.entries(the_page())}
    assert authors == {labarchives_server.user_uid}


def test_other_systems_names_are_not_used(
    labarchives, labarchives_server, context, the_page
):
    known = {"labarchives_scheduler": labarchives_server.user_uid, "cdcs": "maria"}
    labarchives.export(replace(context, external_ids=known))
    authors = {entry.author for entry in labarchives_server.entries(the_page())}
    assert authors == {labarchives_server.uid}


@pytest.mark.parametrize("account", ["reader_uid", "nobody"])
def test_a_user_who_may_not_write_there_costs_the_record_nothing(
    labarchives, labarchives_server, context, the_page, account
):
    uid = getattr(labarchives_server, account, account)
    result = labarchives.export(replace(context, external_ids={"labarchives_eln": uid}))
    authors = {entry.author for entry in labarchives_server.entries(the_page())}
    assert authors == {labarchives_server.uid}
    assert "nexuslims users set mcurie" in result.metadata["warnings"][0]


# The Inbox


@pytest.fixture
def inbox(connected, labarchives_server):
    return connected(labarchives_server, notebook_id="")


def test_without_a_notebook_entries_go_to_the_inbox(inbox, labarchives_server, context):
    result = inbox.export(context)
    text, file = labarchives_server.inbox()
    assert (result.action, result.record_id) == ("created", text.eid)
    assert file.content == context.xml
    assert result.record_url.endswith("/#/0/0")
    assert labarchives_server.folders() == []


def test_the_inbox_is_known_by_what_the_last_export_told(
    inbox, labarchives_server, context, rebuilt
):
    first = inbox.export(context)
    same = inbox.export(replace(context, previous=first))
    changed = rebuilt(previous=first)
    second = inbox.export(changed)
    assert (same.action, second.action) == ("unchanged", "updated")
    assert second.record_id == first.record_id
    text, file = labarchives_server.inbox()
    assert "Something else." in text.data
    assert file.content == changed.xml


def test_an_entry_deleted_from_the_inbox_is_made_again(
    inbox, labarchives_server, context
):
    first = inbox.export(context)
    labarchives_server.state.entries.clear()
    again = inbox.export(replace(context, previous=first))
    assert again.action == "created"
    assert len(labarchives_server.inbox()) == 2


def test_the_user_s_own_inbox_is_used_or_none(inbox, labarchives_server, context):
    uid = labarchives_server.user_uid
    inbox.export(replace(context, external_ids={"labarchives_eln": uid}))
    assert len(labarchives_server.inbox(uid)) == 2
    with pytest.raises(ExportError, match="nexuslims users set") as caught:
        inbox.export(replace(context, external_ids={"labarchives_eln": "nobody"}))
    assert not caught.value.retry
    assert labarchives_server.inbox() == []


@pytest.mark.parametrize(
    ("method", "told"),
    [("add_entry", "is not known"), ("add_attachment", "is in the Inbox, maybe")],
)
def test_what_cannot_be_known_of_the_inbox_is_not_tried_again(
    connected, proxy, labarchives_server, context, no_waiting, method, told
):
    proxy.inject(match=lambda each: method in each.path, fault=Fault.cut_after())
    inbox = connected(labarchives_server, url=proxy.url, notebook_id="")
    with pytest.raises(ExportError, match=told) as caught:
        inbox.export(context)
    assert not caught.value.retry
    assert "NX_LABARCHIVES_NOTEBOOK_ID" in str(caught.value)


def test_an_inbox_that_was_never_reached_is_tried_again(
    connected, labarchives_server, context, proxy, no_waiting
):
    proxy.stop()
    inbox = connected(labarchives_server, url=proxy.url, notebook_id="")
    with pytest.raises(ExportError, match="refused") as caught:
        inbox.export(context)
    assert caught.value.retry


def test_a_record_stays_where_it_is_when_another_notebook_is_configured(
    connected, labarchives_server, context, rebuilt
):
    inbox = connected(labarchives_server, notebook_id="")
    first = inbox.export(context)
    again = connected(labarchives_server).export(rebuilt(previous=first))
    assert (again.action, again.record_url) == ("updated", first.record_url)
    assert labarchives_server.pages() == []
