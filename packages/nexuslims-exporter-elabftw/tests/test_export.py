from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from nexuslims_core.errors import ExportError
from nexuslims_core.exporting.summary import session_code
from nexuslims_core.types import ExportResult, Instrument
from nexuslims_testing.servers.elabftw import ElabftwServer
from nexuslims_testing.servers.elabftw_document import load_document

pytestmark = pytest.mark.slow

FIELD_TABLE = [
    ("Session ID", "text", "https://nemo.example.org/api/usage_events/?id=1", 1, 1),
    ("Instrument", "text", "TEM-1", 2, 1),
    ("Start Time", "datetime-local", "2026-03-17T09:30", 3, 1),
    ("End Time", "datetime-local", "2026-03-17T13:30", 4, 1),
    ("User", "text", "Maria Curie (mcurie)", 5, 1),
    ("Time Zone", "text", "Europe/Vienna (UTC+01:00)", 6, 1),
]


def test_an_experiment_is_created_complete(
    elabftw, elabftw_server, context, is_complete
):
    result = elabftw.export(context)
    experiment = is_complete(context)
    assert experiment.title == f"NexusLIMS Experiment - {context.title}"
    assert (result.success, result.action) == (True, "created")
    assert result.record_id == str(experiment.id)
    assert result.record_url == (
        f"{elabftw_server.url}/experiments.php?mode=view&id={experiment.id}"
    )
    assert result.timestamp.tzinfo is not None
    assert result.metadata == {}
    assert experiment.content_type == 1


@pytest.mark.parametrize(("name", "kind", "value", "position", "group"), FIELD_TABLE)
def test_the_extra_fields_describe_the_session(
    elabftw, elabftw_server, context, name, kind, value, position, group
):
    elabftw.export(context)
    (experiment,) = elabftw_server.experiments()
    field = experiment.metadata["extra_fields"][name]
    assert (field["type"], field["value"]) == (kind, value)
    assert (field["position"], field["group_id"]) == (position, group)


def test_the_extra_fields_are_grouped(elabftw, elabftw_server, context):
    elabftw.export(context)
    (experiment,) = elabftw_server.experiments()
    assert experiment.metadata["elabftw"] == {
        "display_main_text": True,
        "extra_fields_groups": [
            {"id": 1, "name": "Session Information"},
            {"id": 2, "name": "Related Records"},
        ],
    }


def test_the_text_tells_times_with_their_offset(elabftw, elabftw_server, context):
    elabftw.export(context)
    (experiment,) = elabftw_server.experiments()
    assert "2026-03-17T09:30:00+01:00" in experiment.body
    assert "2026-03-17T13:30:00+01:00" in experiment.body
    assert "/Atlas/2026-03-17/area0-000.dm3" in experiment.body


def test_an_unknown_time_zone_is_no_obstacle(elabftw, elabftw_server, context):
    instrument = Instrument(
        pid="X", display_name="X", location="", filestore_path="X", timezone="Mars/Base"
    )
    session = replace(context.session, instrument=instrument)
    elabftw.export(replace(context, session=session))
    (experiment,) = elabftw_server.experiments()
    fields = experiment.metadata["extra_fields"]
    assert fields["Start Time"]["value"] == "2026-03-17T08:30"
    assert fields["Time Zone"]["value"] == "Mars/Base (UTC+00:00)"


def test_category_and_status_are_set_once(connected, elabftw_server, context, rebuilt):
    destination = connected(elabftw_server, experiment_category=3, experiment_status=1)
    destination.export(context)
    (experiment,) = elabftw_server.experiments()
    assert (experiment.category, experiment.status) == (3, 1)
    experiment.status = 2
    destination.export(rebuilt())
    assert (experiment.category, experiment.status) == (3, 2)


@pytest.mark.parametrize("knows", [True, False])
def test_the_same_record_again_sends_nothing(
    elabftw, elabftw_server, proxy, connected, context, knows
):
    first = elabftw.export(context)
    destination = connected(elabftw_server, url=proxy.url)
    again = destination.export(replace(context, previous=first if knows else None))
    assert (again.action, again.record_id) == ("unchanged", first.record_id)
    assert {request.method for request in proxy.requests} == {"GET"}


@pytest.mark.parametrize("knows", [True, False])
def test_an_update_replaces_what_was_attached(
    elabftw, elabftw_server, context, rebuilt, is_complete, knows
):
    first = elabftw.export(context)
    changed = rebuilt(previous=first if knows else None, datasets=2)
    again = elabftw.export(changed)
    experiment = is_complete(changed)
    assert (again.action, again.record_id) == ("updated", first.record_id)
    archived = elabftw_server.uploads(experiment.id, 2)
    assert [upload.content for upload in archived] == [context.xml]
    # Two previews are gone and two have changed.
    assert len(elabftw_server.uploads(experiment.id, 3)) == 4


def test_a_changed_preview_is_replaced(elabftw, elabftw_server, context, is_complete):
    elabftw.export(context)
    preview = min(context.data_path.rglob("*.thumb.png"))
    preview.write_bytes(b"\x89PNG other")
    assert elabftw.export(context).action == "updated"
    experiment = is_complete(context)
    contents = [u.content for u in elabftw_server.uploads(experiment.id)]
    assert b"\x89PNG other" in contents


def test_a_file_without_a_hash_is_compared_by_content(
    elabftw, elabftw_server, context, rebuilt, is_complete
):
    elabftw.export(context)
    for upload in elabftw_server.notebook.uploads.values():
        upload.hashed = False
    assert elabftw.export(context).action == "unchanged"
    assert elabftw.export(rebuilt()).action == "updated"
    is_complete(rebuilt())


def test_a_file_that_is_protected_or_shown_elsewhere_stays(
    elabftw, elabftw_server, context, rebuilt
):
    elabftw.export(context)
    (experiment,) = elabftw_server.experiments()
    uploads = elabftw_server.uploads(experiment.id)
    uploads[0].immutable = 1
    preview = next(u for u in uploads if "area1-002" in u.real_name)
    experiment.body += f'<p>see <img src="app/download.php?f={preview.long_name}"></p>'
    warnings = elabftw.export(rebuilt(datasets=2)).metadata["warnings"]
    assert len(warnings) == 2
    assert any("protected" in each for each in warnings)
    assert any("remove any reference" in each for each in warnings)
    assert elabftw.export(rebuilt(datasets=2)).action == "unchanged"
    experiment.locked = 1
    assert elabftw.export(rebuilt(datasets=2)).action == "unchanged"


def test_only_so_many_previews_are_attached_and_files_listed(
    connected, elabftw_server, context, files
):
    destination = connected(elabftw_server, attached_previews=2, listed_files=4)
    destination.export(context)
    (experiment,) = elabftw_server.experiments()
    assert len(files(experiment)["NexusLIMS preview"]) == 2
    assert experiment.body.count("<img ") == 2
    assert "4 more previews are not shown here" in experiment.body
    assert experiment.body.count("<code>") == 4
    assert "2 more data files are listed in the attached XML" in experiment.body


def test_previews_outside_of_the_data_folder_are_not_sent(
    elabftw, elabftw_server, context, files, tmp_path
):
    (tmp_path / "secret.png").write_bytes(b"secret")
    activity = context.record.activities[0]
    entries = [
        replace(activity.datasets[0], preview=preview)
        for preview in ("/../secret.png", "/a/%2e%2e/%2e%2e/secret.png", "/page.html")
    ]
    record = replace(
        context.record, activities=(replace(activity, datasets=tuple(entries)),)
    )
    elabftw.export(replace(context, record=record))
    (experiment,) = elabftw_server.experiments()
    assert set(files(experiment)) == {"NexusLIMS XML record"}


def test_files_of_one_name_in_two_folders_are_both_shown(
    elabftw, elabftw_server, context, files
):
    activity = context.record.activities[0]
    first = activity.datasets[0]
    other = context.data_path / "Atlas/other/area0-000.dm3.thumb.png"
    other.parent.mkdir()
    other.write_bytes(b"\x89PNG other")
    second = replace(first, preview="/Atlas/other/area0-000.dm3.thumb.png")
    record = replace(
        context.record, activities=(replace(activity, datasets=(first, second)),)
    )
    elabftw.export(replace(context, record=record))
    (experiment,) = elabftw_server.experiments()
    names = files(experiment)["NexusLIMS preview"]
    assert len(set(names)) == 2


HOSTILE = '<script>alert(1)</script><img src=x onerror=a> & "q" {{ 7*7 }}'


def test_what_people_typed_is_escaped(
    elabftw, elabftw_server, proxy, connected, context
):
    record = replace(
        context.record, title=HOSTILE, motivation=HOSTILE, instrument_name=HOSTILE
    )
    user = replace(context.user, first_name=HOSTILE)
    session = replace(context.session, identifier=f"s:{HOSTILE}\\")
    hostile = replace(context, record=record, user=user, session=session)
    destination = connected(elabftw_server, url=proxy.url)
    assert destination.export(hostile).action == "created"
    assert destination.export(hostile).action == "unchanged"
    sent = next(r.body for r in proxy.requests if r.method == "PATCH").decode()
    assert "<script" not in sent.partition('"metadata"')[0]
    (experiment,) = elabftw_server.experiments()
    assert experiment.body.count("&lt;script&gt;") == 5
    assert "{{ 7*7 }}" in experiment.body


def test_tags_are_as_elabftw_would_store_them(elabftw, elabftw_server, context):
    user = replace(context.user, username="a|b\\c")
    elabftw.export(replace(context, user=user))
    elabftw.export(replace(context, user=user, title="other"))
    (experiment,) = elabftw_server.experiments()
    assert experiment.tags == ["NexusLIMS", "TEM-1", "a bc"]


def test_a_tag_that_somebody_took_away_stays_away(
    elabftw, elabftw_server, context, rebuilt
):
    elabftw.export(context)
    (experiment,) = elabftw_server.experiments()
    experiment.tags.remove("NexusLIMS")
    elabftw.export(rebuilt())
    assert experiment.tags == ["TEM-1", "mcurie"]
    known = replace(rebuilt(), user=replace(context.user, username="ada"))
    elabftw.export(known)
    assert sorted(experiment.tags) == ["NexusLIMS", "TEM-1", "ada", "mcurie"]


def test_a_session_without_a_user_is_exported(elabftw, elabftw_server, context):
    session = replace(context.session, user="")
    elabftw.export(replace(context, user=None, session=session))
    (experiment,) = elabftw_server.experiments()
    assert experiment.tags == ["NexusLIMS", "TEM-1"]
    assert "User" not in experiment.metadata["extra_fields"]


# Related records.


def test_the_record_in_cdcs_is_linked(elabftw, elabftw_server, with_cdcs):
    elabftw.export(with_cdcs())
    (experiment,) = elabftw_server.experiments()
    field = experiment.metadata["extra_fields"]["CDCS Record"]
    assert field["type"] == "url"
    assert field["value"] == "https://cdcs.example.org/data?id=7&x=1"
    assert (field["position"], field["group_id"]) == (10, 2)
    assert 'href="https://cdcs.example.org/data?id=7&amp;x=1"' in experiment.body
    assert "View in CDCS" in experiment.body


def test_a_link_that_appears_later_is_added_and_then_kept(
    elabftw, elabftw_server, context, with_cdcs
):
    elabftw.export(context)
    assert elabftw.export(with_cdcs()).action == "updated"
    assert elabftw.export(context).action == "unchanged"
    failed = with_cdcs(success=False, record_url=None)
    assert elabftw.export(failed).action == "unchanged"
    (experiment,) = elabftw_server.experiments()
    assert "View in CDCS" in experiment.body


def test_a_link_to_a_record_that_was_taken_back_goes(
    elabftw, elabftw_server, with_cdcs
):
    elabftw.export(with_cdcs())
    gone = with_cdcs(action="withdrawn", record_url=None)
    assert elabftw.export(gone).action == "updated"
    (experiment,) = elabftw_server.experiments()
    assert "CDCS Record" not in experiment.metadata["extra_fields"]
    assert "View in CDCS" not in experiment.body


def test_an_address_that_is_no_web_address_is_no_link(
    elabftw, elabftw_server, with_cdcs
):
    elabftw.export(with_cdcs(record_url="javascript:alert(1)"))
    (experiment,) = elabftw_server.experiments()
    assert "CDCS" not in experiment.body
    assert "CDCS Record" not in experiment.metadata["extra_fields"]


# What people do with an experiment.


def test_what_people_wrote_around_our_part_stays(
    elabftw, elabftw_server, context, rebuilt
):
    elabftw.export(context)
    (experiment,) = elabftw_server.experiments()
    experiment.body = f"<p>before</p>{experiment.body}<p>after</p>"
    elabftw.export(rebuilt())
    assert experiment.body.startswith("<p>before</p><p>")
    assert experiment.body.endswith("</p><p>after</p>")
    assert "Something else." in experiment.body
    assert context.record.motivation not in experiment.body


def test_our_part_is_found_after_an_editor_changed_its_markup(
    elabftw, elabftw_server, context, rebuilt
):
    elabftw.export(context)
    (experiment,) = elabftw_server.experiments()
    text = experiment.body.replace("<p><em>", '<p style="color: #444444;"><strong>')
    text = text.replace("</em></p>", "</strong></p>")
    text = text.replace(" begins here", "&nbsp;begins\n here")
    experiment.body = text + "<p>note</p>"
    result = elabftw.export(rebuilt())
    assert result.metadata == {}
    assert experiment.body.count("begins here") == 1
    assert context.record.motivation not in experiment.body
    assert experiment.body.endswith("<p>note</p>")


def test_our_part_without_an_end_is_written_anew_and_told(
    elabftw, elabftw_server, context, rebuilt
):
    elabftw.export(context)
    (experiment,) = elabftw_server.experiments()
    start, _, _ = experiment.body.rpartition("<p><em>NexusLIMS record")
    experiment.body = f"{start}<p>note</p>"
    result = elabftw.export(rebuilt())
    assert "an old copy" in result.metadata["warnings"][0]
    assert experiment.body.count("begins here") == 1
    assert experiment.body.endswith("<p>note</p>")


def test_a_part_that_somebody_removed_comes_back_in_front(
    elabftw, elabftw_server, context, rebuilt
):
    elabftw.export(context)
    (experiment,) = elabftw_server.experiments()
    experiment.body = "<p>mine</p>"
    assert elabftw.export(context).action == "unchanged"
    assert elabftw.export(rebuilt()).action == "updated"
    assert "begins here" in experiment.body
    assert experiment.body.endswith("<p>mine</p>")


def test_fields_groups_tags_files_and_titles_of_people_stay(
    elabftw, elabftw_server, context, rebuilt
):
    elabftw.export(context)
    (experiment,) = elabftw_server.experiments()
    own = {"type": "number", "value": "5", "group_id": 3}
    experiment.metadata["extra_fields"]["Dose"] = own
    experiment.metadata["elabftw"]["extra_fields_groups"].append({"id": 3, "name": "M"})
    experiment.metadata["mine"] = {"a": 1}
    experiment.tags.append("favourite")
    elabftw_server.notebook.tags.append("favourite")
    experiment.title = "Figure 3"
    note = elabftw_server.notebook.uploads[2]
    note.comment, note.real_name = "by hand", "notes.txt"
    elabftw.export(rebuilt())
    assert experiment.metadata["extra_fields"]["Dose"] == own
    groups = experiment.metadata["elabftw"]["extra_fields_groups"]
    assert [group["id"] for group in groups] == [1, 2, 3]
    assert experiment.metadata["mine"] == {"a": 1}
    assert "favourite" in experiment.tags
    assert experiment.title == "Figure 3"
    assert note.state == 1


def test_a_title_that_nobody_changed_follows_ours(elabftw, elabftw_server, context):
    elabftw.export(context)
    elabftw.export(replace(context, title="2026-03-18_TEM-1_1"))
    (experiment,) = elabftw_server.experiments()
    assert experiment.title == "NexusLIMS Experiment - 2026-03-18_TEM-1_1"


@pytest.mark.parametrize("knows", [True, False])
def test_an_experiment_deleted_there_is_made_again(
    elabftw, elabftw_server, context, knows
):
    first = elabftw.export(context)
    elabftw_server.experiments()[0].state = 3
    again = elabftw.export(replace(context, previous=first if knows else None))
    assert again.action == "created"
    assert [str(each.id) for each in elabftw_server.experiments()] == [again.record_id]


@pytest.mark.parametrize(
    ("state", "words", "retry"),
    [
        ({"locked": 1}, "is locked in eLabFTW; unlock it", False),
        ({"state": 2}, "is archived in eLabFTW; unarchive it", False),
        ({"edited_by": "Maria Curie"}, "open for Maria Curie alone", True),
    ],
)
def test_a_closed_experiment_is_not_written(
    elabftw, elabftw_server, context, rebuilt, state, words, retry
):
    elabftw.export(context)
    (experiment,) = elabftw_server.experiments()
    vars(experiment).update(state)
    assert elabftw.export(context).action == "unchanged"
    with pytest.raises(ExportError, match=words) as caught:
        elabftw.export(rebuilt())
    assert caught.value.retry is retry
    assert len(elabftw_server.experiments()) == 1


def test_a_timestamped_experiment_is_still_kept_up_to_date(
    elabftw, elabftw_server, context, rebuilt, is_complete
):
    elabftw.export(context)
    elabftw_server.experiments()[0].timestamped = 1
    assert elabftw.export(rebuilt()).action == "updated"
    is_complete(rebuilt())


# Finding it.


@pytest.mark.parametrize("left", ["body", "metadata"])
def test_one_of_the_two_marks_is_enough(
    elabftw, elabftw_server, context, rebuilt, left
):
    elabftw.export(context)
    (experiment,) = elabftw_server.experiments()
    setattr(experiment, left, None)
    experiment.title = "renamed"
    assert elabftw.export(rebuilt()).action == "updated"
    assert len(elabftw_server.experiments()) == 1
    # Without metadata nobody can tell in which form they are wanted; text is tried.
    elabftw_server.problems.clear()


def test_an_experiment_that_belongs_to_somebody_else_now_is_found(
    elabftw, elabftw_server, context, rebuilt
):
    elabftw.export(context)
    (experiment,) = elabftw_server.experiments()
    experiment.userid = 2
    experiment.canwrite["users"] = [1]
    assert elabftw.export(rebuilt()).action == "updated"


def test_the_title_alone_proves_nothing(elabftw, elabftw_server, context):
    title = f"NexusLIMS Experiment - {context.title}"
    foreign = elabftw_server.add_experiment(userid=1, title=title, body="<p>x</p>")
    assert elabftw.export(context).action == "created"
    assert (foreign.body, elabftw_server.uploads(foreign.id)) == ("<p>x</p>", [])


def test_a_copy_that_somebody_made_is_left_alone(
    elabftw, elabftw_server, context, rebuilt
):
    first = elabftw.export(context)
    (experiment,) = elabftw_server.experiments()
    copy = elabftw_server.add_experiment(
        userid=1, body=experiment.body, metadata=experiment.metadata
    )
    before = copy.body
    again = elabftw.export(rebuilt())
    assert (again.record_id, again.metadata) == (first.record_id, {})
    experiment.state = 3
    assert elabftw.export(rebuilt()).action == "created"
    assert copy.body == before


def test_a_mention_of_the_session_elsewhere_is_not_mistaken(
    elabftw, elabftw_server, context
):
    other = {"Session ID": {"type": "text", "value": "another"}}
    code = session_code(context.session.identifier)
    elabftw_server.add_experiment(
        userid=1, body=f"<p>see {code}</p>", metadata={"extra_fields": other}
    )
    assert elabftw.export(context).action == "created"


@pytest.mark.parametrize("identifier", ["1", "999", "a/b", "-1"])
def test_an_identifier_of_another_notebook_does_no_harm(
    elabftw, elabftw_server, context, identifier
):
    foreign = elabftw_server.add_experiment(userid=1, title="theirs")
    previous = ExportResult(destination="elabftw", success=True, record_id=identifier)
    result = elabftw.export(replace(context, previous=previous))
    assert result.action == "created"
    assert (foreign.title, foreign.body) == ("theirs", None)


def test_every_page_of_a_search_is_read(elabftw, elabftw_server, context, monkeypatch):
    monkeypatch.setattr("nexuslims_exporter_elabftw.client.PAGE_SIZE", 2)
    code = session_code(context.session.identifier)
    other = {"Session ID": {"type": "text", "value": "another"}}
    for _ in range(5):
        elabftw_server.add_experiment(
            userid=1, body=f"<p>{code}</p>", metadata={"extra_fields": other}
        )
    first = elabftw.export(context)
    again = elabftw.export(context)
    assert (again.action, again.record_id) == ("unchanged", first.record_id)


def test_complete_duplicates_are_told_and_the_oldest_is_kept(
    elabftw, elabftw_server, context, rebuilt
):
    first = elabftw.export(context)
    (experiment,) = elabftw_server.experiments()
    twin = elabftw_server.add_experiment(userid=1, body=experiment.body)
    twin.metadata = {
        **experiment.metadata,
        "nexuslims": {"experiment": twin.id, "digest": "x"},
    }
    again = elabftw.export(rebuilt())
    assert again.record_id == first.record_id
    assert f"{twin.id} should be deleted" in again.metadata["warnings"][0]
    assert twin.state == 1


# Servers of other kinds.


def test_a_release_that_ignores_metadata_at_first_gets_them_later(
    elabftw_document, connected, context
):
    document = load_document(elabftw_document, "text")
    with ElabftwServer(document, metadata_as="text") as server:
        server.notebook.keeps_metadata = False
        destination = connected(server)
        assert destination.export(context).action == "created"
        assert destination.export(context).action == "unchanged"
        (experiment,) = server.experiments()
        assert "Session ID" in experiment.metadata["extra_fields"]
        assert server.problems == []


@pytest.mark.parametrize("ending", ["", "/", "/api/v2/"])
def test_a_notebook_may_live_in_a_folder(elabftw_document, connected, context, ending):
    with ElabftwServer(load_document(elabftw_document), folder="/lab") as server:
        destination = connected(server, url=f"{server.url}{ending}")
        destination.validate_config()
        result = destination.export(context)
        expected = f"{server.url}/experiments.php?mode=view&id={result.record_id}"
        assert result.record_url == expected


# Whose it is.


@pytest.mark.parametrize("name", ["2", " MCurie@example.org "])
def test_the_sessions_user_becomes_the_owner(
    elabftw, elabftw_server, context, rebuilt, name
):
    mapped = replace(context, external_ids={"elabftw": name})
    assert elabftw.export(mapped).action == "created"
    (experiment,) = elabftw_server.experiments()
    assert experiment.userid == 2
    assert set(experiment.canwrite["users"]) == {1, 2}
    assert set(experiment.canread["users"]) == {1, 2}
    assert experiment.canread["base"] == 30
    assert elabftw.export(mapped).action == "unchanged"
    changed = replace(rebuilt(), external_ids={"elabftw": name})
    assert elabftw.export(changed).action == "updated"
    assert experiment.userid == 2


def test_a_mapping_that_comes_later_is_followed(elabftw, elabftw_server, context):
    elabftw.export(context)
    mapped = replace(context, external_ids={"elabftw": "2"})
    assert elabftw.export(mapped).action == "updated"
    assert elabftw_server.experiments()[0].userid == 2


def test_an_experiment_given_to_a_third_person_stays_there(
    elabftw, elabftw_server, context
):
    elabftw.export(context)
    (experiment,) = elabftw_server.experiments()
    experiment.userid = 3
    experiment.canwrite["users"] = [1]
    elabftw.export(replace(context, external_ids={"elabftw": "2"}))
    assert experiment.userid == 3
    assert experiment.canwrite["users"] == [1, 2]


def test_somebody_unknown_costs_the_record_nothing(elabftw, elabftw_server, context):
    mapped = replace(context, external_ids={"elabftw": "nobody@example.org"})
    result = elabftw.export(mapped)
    assert result.success
    assert "no active account 'nobody@example.org'" in result.metadata["warnings"][0]
    assert elabftw_server.experiments()[0].userid == 1


# Taking it back.


def test_a_record_is_withdrawn_by_deleting(elabftw, elabftw_server, context):
    first = elabftw.export(context)
    result = elabftw.withdraw(context)
    assert (result.action, result.record_id) == ("withdrawn", first.record_id)
    assert elabftw_server.experiments() == []
    (remains,) = result.metadata["remains"]
    assert "an administrator of the notebook can restore it" in remains


def test_what_people_wrote_goes_along_and_that_is_said(
    elabftw, elabftw_server, context
):
    elabftw.export(context)
    elabftw_server.experiments()[0].body += "<p>important</p>"
    assert "what people wrote" in elabftw.withdraw(context).metadata["remains"][1]


def test_withdrawing_nothing_is_a_success(elabftw, context):
    elabftw.export(context)
    assert elabftw.withdraw(context).action == "withdrawn"
    again = elabftw.withdraw(context)
    assert (again.success, again.action) == (True, "unchanged")
    assert elabftw.export(context).action == "created"


def test_a_locked_experiment_is_not_withdrawn(elabftw, elabftw_server, context):
    elabftw.export(context)
    elabftw_server.experiments()[0].locked = 1
    with pytest.raises(ExportError, match="sufficient permissions"):
        elabftw.withdraw(context)
    assert len(elabftw_server.experiments()) == 1


def test_the_moment_is_aware(elabftw, context):
    before = datetime.now(UTC)
    assert before <= elabftw.export(context).timestamp <= datetime.now(UTC)
