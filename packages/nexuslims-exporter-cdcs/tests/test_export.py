from __future__ import annotations

from dataclasses import replace

import pytest
from nexuslims_core.errors import ExportError
from nexuslims_core.types import ExportResult, Person
from nexuslims_testing.servers.cdcs import (
    PRIVATE_WORKSPACE,
    PUBLIC_WORKSPACE,
    TEMPLATE_TITLE,
    CdcsServer,
)

pytestmark = pytest.mark.live


@pytest.fixture
def public(cdcs_server):
    return cdcs_server.workspace(PUBLIC_WORKSPACE)


def test_a_record_is_created_and_published(cdcs, cdcs_server, context, public):
    result = cdcs.export(context)
    (record,) = cdcs_server.public_records()
    assert record.title == context.title
    assert record.xml.encode() == context.xml
    assert record.workspace == public
    assert (result.success, result.action) == (True, "created")
    assert result.record_id == str(record.id)
    assert result.record_url == f"{cdcs_server.url}data?id={record.id}"
    assert result.timestamp.tzinfo is not None
    assert result.metadata == {}


def test_the_current_version_of_the_template_is_used(cdcs, cdcs_server, context):
    cdcs.export(context)
    managers = cdcs_server.call("GET", "rest/template-version-manager/global/")
    right = next(each for each in managers if each["title"] == TEMPLATE_TITLE)
    assert str(cdcs_server.records()[0].template) == right["current"]


@pytest.mark.parametrize("knows", [True, False])
def test_the_same_record_again_changes_nothing(cdcs, cdcs_server, context, knows):
    first = cdcs.export(context)
    before = cdcs_server.call("GET", f"rest/data/{first.record_id}/")
    again = cdcs.export(replace(context, previous=first if knows else None))
    assert (again.action, again.record_id) == ("unchanged", first.record_id)
    assert cdcs_server.call("GET", f"rest/data/{first.record_id}/") == before


@pytest.mark.parametrize("knows", [True, False])
def test_a_changed_record_is_updated_in_place(
    cdcs, cdcs_server, context, rebuilt, knows
):
    first = cdcs.export(context)
    changed = rebuilt(
        title="Renamed",
        start="2026-11-20T09:30:00-05:00",
        previous=first if knows else None,
    )
    again = cdcs.export(changed)
    assert (again.action, again.record_id) == ("updated", first.record_id)
    assert [record.xml.encode() for record in cdcs_server.records()] == [changed.xml]


def test_a_record_renamed_by_a_curator_is_still_ours(
    cdcs, cdcs_server, context, rebuilt
):
    first = cdcs.export(context)
    path = f"rest/data/{first.record_id}/"
    cdcs_server.call("PATCH", path, {"title": "Fig. 3"})
    result = cdcs.export(rebuilt(previous=first))
    assert result.action == "updated"
    assert [record.title for record in cdcs_server.records()] == ["Fig. 3"]


def test_a_record_deleted_on_the_server_is_made_again(cdcs, cdcs_server, context):
    first = cdcs.export(context)
    cdcs_server.call("DELETE", f"rest/data/{first.record_id}/")
    again = cdcs.export(replace(context, previous=first))
    assert again.action == "created"
    assert [str(record.id) for record in cdcs_server.records()] == [again.record_id]


@pytest.mark.parametrize("identifier", ["1", "999", "5f0c1d2e3a4b5c6d7e8f9a0b", "a/b"])
def test_an_identifier_of_another_repository_does_no_harm(
    cdcs, cdcs_server, context, record_xml, identifier
):
    foreign = record_xml(instrument="TEM-7")
    assert cdcs_server.add_record("somebody else's", foreign) == 1
    previous = ExportResult(destination="cdcs", success=True, record_id=identifier)
    result = cdcs.export(replace(context, previous=previous))
    assert result.action == "created"
    assert [record.xml for record in cdcs_server.records()] == [
        foreign,
        context.xml.decode(),
    ]


@pytest.mark.parametrize(
    "other",
    [
        {"instrument": "TEM-7"},
        {
            "identifier": "7",
            "ref": "https://other.example.org/7",
            "start": "2026-01-01T00:00:00Z",
        },
    ],
)
def test_a_record_of_another_session_with_the_title_is_left_alone(
    cdcs, cdcs_server, context, record_xml, other
):
    foreign = record_xml(**other)
    cdcs_server.add_record(context.title, foreign)
    assert cdcs.export(context).action == "created"
    assert cdcs.export(context).action == "unchanged"
    assert [record.xml for record in cdcs_server.records()] == [
        foreign,
        context.xml.decode(),
    ]


def test_a_record_of_nexuslims_2_is_taken_over(
    cdcs, cdcs_server, context, record_xml, public
):
    old = record_xml(title="As built before", ref="https://nemo.example.org/old/")
    identifier = cdcs_server.add_record(context.title, old)
    result = cdcs.export(context)
    assert (result.action, result.record_id) == ("updated", str(identifier))
    (record,) = cdcs_server.public_records()
    assert record.xml.encode() == context.xml


def test_of_duplicates_the_oldest_is_kept_and_the_others_are_reported(
    cdcs, cdcs_server, context, record_xml
):
    old = record_xml(title="Old")
    ids = [cdcs_server.add_record(context.title, old) for _ in range(3)]
    result = cdcs.export(context)
    assert result.record_id == str(ids[0])
    (warning,) = result.metadata["warnings"]
    assert f"{ids[1]}, {ids[2]} should be deleted" in warning
    assert [record.xml for record in cdcs_server.records()] == [
        context.xml.decode(),
        old,
        old,
    ]


@pytest.mark.parametrize("stem", ["µ" * 250, "µµµ" + "x" * 250])
def test_long_titles_stay_apart_and_are_found_again(cdcs, cdcs_server, context, stem):
    first = replace(context, title=f"{stem}_1")
    second = replace(context, title=f"{stem}_2")
    made = [cdcs.export(each).record_id for each in (first, second)]
    again = [cdcs.export(each) for each in (first, second)]
    assert [each.record_id for each in again] == made
    assert {each.action for each in again} == {"unchanged"}
    titles = [record.title for record in cdcs_server.records()]
    assert all(len(title) <= 200 and title.startswith("µµµ") for title in titles)
    assert len(set(titles)) == 2


def test_a_title_is_found_whatever_is_in_it(cdcs, cdcs_server, context):
    title = "  2026-11-20_Ünï $regex {\"a\"} 'b' <c>.* \t end "
    cdcs.export(replace(context, title=title))
    assert cdcs.export(replace(context, title=title)).action == "unchanged"
    assert len(cdcs_server.records()) == 1


def test_records_may_stay_private(connected, cdcs_server, context):
    destination = connected(cdcs_server, assign_to_public_workspace=False)
    destination.export(context)
    assert [record.workspace for record in cdcs_server.records()] == [None]
    assert cdcs_server.public_records() == []


def test_another_workspace_may_be_named(connected, cdcs_server, context):
    connected(cdcs_server, workspace_title=PRIVATE_WORKSPACE).export(context)
    (record,) = cdcs_server.records()
    assert record.workspace == cdcs_server.workspace(PRIVATE_WORKSPACE)


def test_an_unpublished_record_is_published(cdcs, cdcs_server, context, public):
    cdcs_server.add_record(context.title, context.xml.decode())
    assert cdcs.export(context).action == "updated"
    assert [record.workspace for record in cdcs_server.records()] == [public]
    assert cdcs.export(context).action == "unchanged"


def test_a_record_that_was_moved_elsewhere_stays_there(cdcs, cdcs_server, context):
    private = cdcs_server.workspace(PRIVATE_WORKSPACE)
    cdcs_server.add_record(context.title, context.xml.decode(), workspace=private)
    assert cdcs.export(context).action == "unchanged"
    assert [record.workspace for record in cdcs_server.records()] == [private]


def test_a_plain_users_token_is_enough(connected, cdcs_server, context, rebuilt):
    destination = connected(cdcs_server, token=cdcs_server.token("exporter"))
    first = destination.export(context)
    changed = rebuilt(previous=first)
    assert destination.export(changed).action == "updated"
    (record,) = cdcs_server.public_records()
    assert record.owner == "exporter"


def test_template_and_workspace_are_looked_up_once(
    connected, cdcs_server, context, proxy, rebuilt
):
    destination = connected(cdcs_server, url=proxy.url)
    destination.validate_config()
    destination.export(context)
    destination.export(replace(rebuilt(identifier="43", ref=""), title="next"))
    paths = [request.path for request in proxy.requests]
    assert len([path for path in paths if "template" in path]) == 1
    assert len([path for path in paths if "workspace" in path]) == 1


def test_it_works_below_a_path_and_with_content_alone(
    connected, cdcs_schema, context, tmp_path, rebuilt
):
    with CdcsServer(
        cdcs_schema, tmp_path / "server", path="/nexus/cdcs/", xml_content=False
    ) as server:
        destination = connected(server, url=server.url.rstrip("/"))
        destination.validate_config()
        first = destination.export(context)
        assert first.record_url == f"{server.url}data?id={first.record_id}"
        assert destination.export(context).action == "unchanged"
        changed = rebuilt()
        assert destination.export(changed).action == "updated"
        assert [record.xml.encode() for record in server.records()] == [changed.xml]


@pytest.mark.parametrize(
    ("xml", "words"),
    [
        ("<Wrong/>", "No matching global declaration"),
        ("<Experiment", "line 1"),
        ("", "Document is empty|may not be blank"),
    ],
)
def test_an_invalid_record_is_refused_for_good_in_the_servers_words(
    shaky, proxy, with_xml, xml, words
):
    with pytest.raises(ExportError, match=words) as caught:
        shaky.export(with_xml(xml))
    assert not caught.value.retry
    posts = [each for each in proxy.requests if each.path == "/rest/data/"]
    assert len(posts) == 1


def test_an_invalid_update_leaves_the_record_as_it_was(
    cdcs, cdcs_server, context, rebuilt
):
    first = cdcs.export(context)
    wrong = rebuilt(start="yesterday", previous=first)
    with pytest.raises(ExportError, match="'yesterday' is not a valid value") as caught:
        cdcs.export(wrong)
    assert not caught.value.retry
    assert [record.xml.encode() for record in cdcs_server.records()] == [context.xml]


def test_a_wrong_token_is_refused_for_good(connected, cdcs_server, context):
    token = "0123456789abcdef" * 2
    with pytest.raises(ExportError, match="Invalid token") as caught:
        connected(cdcs_server, token=token).export(context)
    assert not caught.value.retry
    assert token not in str(caught.value)


def test_a_missing_template_may_be_there_next_time(connected, cdcs_server, context):
    destination = connected(cdcs_server, template_title="Not yet")
    with pytest.raises(ExportError, match="there is no template") as caught:
        destination.export(context)
    assert caught.value.retry


@pytest.fixture
def owning(connected, cdcs_server):
    return connected(cdcs_server, user_owned_records=True)


def owners(server):
    return [record.owner for record in server.records()]


def test_the_session_user_owns_the_record(owning, cdcs_server, context):
    assert owning.export(context).metadata == {}
    assert owners(cdcs_server) == ["ada"]
    assert len(cdcs_server.public_records()) == 1


@pytest.mark.parametrize(
    ("person", "owner"),
    [
        (Person(username="ada"), "ada"),
        (Person(username="Ada"), "ada"),
        (Person(username="curie", email="marie.curie@EXAMPLE.org"), "m.curie"),
    ],
)
def test_accounts_are_found_by_name_or_address(
    owning, cdcs_server, context, person, owner
):
    owning.export(replace(context, user=person))
    assert owners(cdcs_server) == [owner]
    assert len(cdcs_server.call("GET", "rest/user/")) == 4


def test_the_user_of_the_session_does_without_details(owning, cdcs_server, context):
    owning.export(replace(context, user=None))
    assert owners(cdcs_server) == ["ada"]


def test_an_account_is_made_for_a_new_user_once(owning, cdcs_server, context):
    person = Person(username="grace", email="grace@example.org")
    owning.export(replace(context, user=person))
    owning.export(replace(context, user=person))
    assert owners(cdcs_server) == ["grace"]
    users = cdcs_server.call("GET", "rest/user/")
    assert [user["email"] for user in users if user["username"] == "grace"] == [
        "grace@example.org"
    ]


def test_an_owner_who_has_the_record_is_not_changed_again(
    connected, cdcs_server, context, proxy
):
    destination = connected(cdcs_server, url=proxy.url, user_owned_records=True)
    destination.export(context)
    destination.export(context)
    changes = [each for each in proxy.requests if "change-owner" in each.path]
    assert len(changes) == 1


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"user": Person(username="DOMAIN\\a b")}, "Enter a valid username"),
        ({"user": Person(username="")}, "user is not known"),
    ],
)
def test_a_record_without_owner_is_delivered_with_a_warning(
    owning, cdcs_server, context, fields, words
):
    result = owning.export(replace(context, **fields))
    assert result.success
    (warning,) = result.metadata["warnings"]
    assert words in warning
    assert owners(cdcs_server) == ["admin"]


def test_a_missing_right_costs_the_record_nothing_and_is_mended_later(
    connected, owning, cdcs_server, context
):
    token = cdcs_server.token("exporter")
    weak = connected(cdcs_server, token=token, user_owned_records=True)
    result = weak.export(context)
    assert (result.success, result.action) == (True, "created")
    assert "403 Forbidden" in result.metadata["warnings"][0]
    again = owning.export(replace(context, previous=result))
    assert (again.action, again.metadata) == ("unchanged", {})
    assert owners(cdcs_server) == ["ada"]


CURATION = "<curation><rating>4</rating></curation>"


def test_what_the_annotator_wrote_survives_an_update_and_the_next_run(
    cdcs, cdcs_server, context, rebuilt
):
    first = cdcs.export(context)
    curated = context.xml.decode().replace("</dataset>", f"{CURATION}</dataset>", 1)
    path = f"rest/data/{first.record_id}/"
    cdcs_server.call("PATCH", path, {"content": curated, "xml_content": curated})
    changed = rebuilt(previous=first)
    actions = [cdcs.export(changed).action for _ in range(3)]
    assert actions == ["updated", "unchanged", "unchanged"]
    (record,) = cdcs_server.records()
    assert CURATION in record.xml
    assert "<title>Changed</title>" in record.xml


def test_annotations_of_a_dataset_that_is_gone_are_reported(
    cdcs, cdcs_server, context, record_xml, with_xml
):
    curated = context.xml.decode().replace("</dataset>", f"{CURATION}</dataset>", 1)
    cdcs_server.add_record(context.title, curated)
    result = cdcs.export(with_xml(record_xml().replace("one.tif", "uno.tif")))
    (warning,) = result.metadata["warnings"]
    assert "annotations of 1 dataset(s) are gone" in warning


@pytest.mark.slow
def test_a_newer_release_behaves_the_same(
    connected, cdcs_schema, context, tmp_path, rebuilt
):
    with CdcsServer(cdcs_schema, tmp_path / "server", version="2.23.0") as server:
        destination = connected(server, user_owned_records=True)
        destination.validate_config()
        first = destination.export(context)
        assert destination.export(context).action == "unchanged"
        assert destination.export(rebuilt(previous=first)).action == "updated"
        with pytest.raises(ExportError, match="'yesterday'") as caught:
            destination.export(rebuilt(start="yesterday"))
        assert not caught.value.retry
        (record,) = server.public_records()
        assert (record.owner, record.xml.encode()) == ("ada", rebuilt().xml)
