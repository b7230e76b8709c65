from __future__ import annotations

from dataclasses import replace

import pytest
from nexuslims_core.types import Withdrawing


def test_a_record_is_replaced_by_a_notice_and_its_page_put_away(
    labarchives, labarchives_server, context, the_page
):
    assert isinstance(labarchives, Withdrawing)
    first = labarchives.export(context)
    result = labarchives.withdraw(context)
    page = the_page()
    (text,) = labarchives_server.texts(page)
    (file,) = labarchives_server.attachments(page)
    assert (result.action, result.record_id) == ("withdrawn", first.record_id)
    assert labarchives_server.path(page).startswith("API Deleted Items/2026-03-17 — ")
    assert page.name.endswith(" — withdrawn")
    assert "was withdrawn on" in text.data
    assert context.record.motivation not in text.data
    assert "<img" not in text.data
    assert file.filename == "withdrawn.txt"
    assert context.record.motivation.encode() not in file.content
    remains = " ".join(result.metadata["remains"])
    assert "earlier versions" in remains
    assert "API Deleted Items" in remains


def test_nothing_to_take_back_is_a_success(labarchives, labarchives_server, context):
    result = labarchives.withdraw(context)
    assert (result.success, result.action) == (True, "unchanged")
    assert labarchives_server.folders() == []


def test_what_people_wrote_stays_where_it_is(
    labarchives, labarchives_server, context, the_page
):
    labarchives.export(context)
    note = labarchives_server.write_note(the_page(), "<p>my notes</p>")
    result = labarchives.withdraw(context)
    assert labarchives_server.path(the_page()).startswith("NexusLIMS Records/")
    assert note in labarchives_server.entries(the_page())
    assert "what people wrote" in result.metadata["remains"][1]
    assert labarchives.withdraw(context).action == "unchanged"


def test_only_the_session_s_record_is_taken_back(
    labarchives, labarchives_server, context
):
    other = replace(context.session, identifier=f"{context.session.identifier}2")
    kept = labarchives.export(replace(context, session=other))
    labarchives.export(context)
    labarchives.withdraw(context)
    entry = labarchives_server.state.entries[kept.record_id]
    assert (entry.version, context.record.motivation in entry.data) == (1, True)


def test_a_page_without_entries_is_put_away(labarchives, labarchives_server, context):
    labarchives.export(context)
    labarchives_server.state.entries.clear()
    assert labarchives.withdraw(context).action == "withdrawn"


@pytest.mark.parametrize("knows", [True, False])
def test_a_record_can_be_delivered_again_afterwards(
    labarchives, labarchives_server, context, knows
):
    first = labarchives.export(context)
    labarchives.withdraw(context)
    again = labarchives.export(replace(context, previous=first if knows else None))
    assert again.action == "created"
    assert again.record_id != first.record_id
    live = [
        page
        for page in labarchives_server.pages()
        if labarchives_server.path(page).startswith("NexusLIMS Records/")
    ]
    assert len(live) == 1


def test_a_record_delivered_again_to_a_page_with_notes_takes_its_old_place(
    labarchives, labarchives_server, context, the_page
):
    labarchives.export(context)
    labarchives_server.write_note(the_page(), "<p>my notes</p>")
    labarchives.withdraw(context)
    labarchives.export(context)
    assert len(labarchives_server.texts(the_page())) == 2
    (file,) = labarchives_server.attachments(the_page())
    assert file.content == context.xml


def test_a_renamed_page_gets_the_notice_where_it_is(
    labarchives, labarchives_server, context, the_page
):
    first = labarchives.export(context)
    the_page().name = "Fig. 3"
    result = labarchives.withdraw(replace(context, previous=first))
    assert result.action == "withdrawn"
    assert "renamed or moved" in result.metadata["remains"][1]
    (text,) = labarchives_server.texts(the_page())
    assert "was withdrawn on" in text.data


def test_an_entry_in_the_inbox_becomes_a_notice(connected, labarchives_server, context):
    inbox = connected(labarchives_server, notebook_id="")
    first = inbox.export(context)
    result = inbox.withdraw(replace(context, previous=first))
    text, file = labarchives_server.inbox()
    assert result.action == "withdrawn"
    assert "was withdrawn on" in text.data
    assert file.filename == "withdrawn.txt"
    assert "Inbox shows a notice" in result.metadata["remains"][1]
    again = inbox.withdraw(replace(context, previous=first))
    assert again.action == "unchanged"
