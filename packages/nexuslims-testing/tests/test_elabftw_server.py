"""The fake eLabFTW, asked by clients that are not ours."""

from __future__ import annotations

import hashlib
import json

import httpx
import pytest
from nexuslims_testing.servers.elabftw import ElabftwServer
from nexuslims_testing.servers.elabftw_document import load_document
from nexuslims_testing.servers.elabftw_text import SearchError, cleaned_body, matches


@pytest.fixture
def api(elabftw_server):
    """Return a plain HTTP client with the robot's key."""
    headers = {"Authorization": elabftw_server.api_key}
    base = f"{elabftw_server.url}/api/v2/"
    with httpx.Client(base_url=base, headers=headers) as client:
        yield client


@pytest.fixture
def made(api):
    """Return the address of a new experiment."""

    def make(**fields):
        answer = api.post("experiments", json={"title": "T", **fields})
        assert answer.status_code == 201
        return f"experiments/{answer.headers['location'].rpartition('/')[2]}"

    return make


@pytest.fixture
def elabapi(elabftw_server):
    """Return the official client library and a client of the server."""
    library = pytest.importorskip("elabapi_python")
    configuration = library.Configuration()
    configuration.host = f"{elabftw_server.url}/api/v2"
    client = library.ApiClient(configuration)
    client.set_default_header("Authorization", elabftw_server.api_key)
    yield library, client
    client.pool.close()
    client.rest_client.pool_manager.clear()


def test_the_official_client_makes_and_changes_an_experiment(elabapi, elabftw_server):
    library, client = elabapi
    experiments = library.ExperimentsApi(client)
    _, status, headers = experiments.post_experiment_with_http_info(
        body={"title": "Made elsewhere", "tags": ["one"], "body": "<p>hello</p>"}
    )
    number = int(headers["Location"].rpartition("/")[2])
    experiments.patch_experiment(number, body={"title": "Changed", "rating": 3})
    assert status == 201
    stored = experiments.get_experiment(number)
    assert (stored.title, stored.rating) == ("Changed", 3)
    tags = library.TagsApi(client).read_tags("experiments", number)
    assert [each.tag for each in tags] == ["one"]
    assert [each.id for each in experiments.read_experiments(q="hello")] == [number]
    experiments.delete_experiment(number)
    assert experiments.read_experiments() == []
    assert [each.id for each in elabftw_server.experiments(3)] == [number]


def test_the_official_client_attaches_replaces_and_removes_files(
    elabapi, elabftw_server, tmp_path
):
    library, client = elabapi
    number = elabftw_server.add_experiment(userid=1).id
    uploads = library.UploadsApi(client)
    file = tmp_path / "record.xml"
    file.write_bytes(b"<first/>\r\n")
    uploads.post_upload("experiments", number, file=str(file), comment="a remark")
    (first,) = uploads.read_uploads("experiments", number)
    assert (first.real_name, first.comment) == ("record.xml", "a remark")
    assert first.hash == hashlib.sha256(b"<first/>\r\n").hexdigest()
    file.write_bytes(b"<second/>")
    uploads.post_upload_replace("experiments", number, first.id, file=str(file))
    (second,) = uploads.read_uploads("experiments", number)
    assert elabftw_server.notebook.uploads[second.id].content == b"<second/>"
    assert [u.id for u in elabftw_server.uploads(number, 2)] == [first.id]
    uploads.delete_upload("experiments", number, second.id)
    assert elabftw_server.uploads(number) == []


def test_the_official_client_lists_what_may_be_chosen(elabapi):
    library, client = elabapi
    categories = library.ExperimentsCategoriesApi(client)
    found = categories.read_team_experiments_categories(1)
    assert [(each.id, each.title) for each in found] == [
        (3, "Microscopy"),
        (4, "Synthesis"),
    ]
    assert library.InfoApi(client).get_info().elabftw_version == "5.3.6"


@pytest.mark.parametrize(
    "fields",
    [{"titel": "misspelt"}, {"title": 1}, {"userid": 2}, {"tags": "one"}],
)
def test_what_the_document_does_not_know_is_refused(api, elabftw_server, fields):
    answer = api.post("experiments", json=fields)
    assert answer.status_code == 400
    assert elabftw_server.experiments() == []
    assert len(elabftw_server.problems) == 1
    elabftw_server.problems.clear()


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "experiment"), ("PUT", "experiments/1"), ("GET", "experiments?page=2")],
)
def test_addresses_and_parameters_are_checked(api, elabftw_server, method, path):
    assert not api.request(method, path).is_success
    elabftw_server.problems.clear()


def test_changes_may_not_hold_unknown_fields(api, made, elabftw_server):
    path = made()
    assert api.patch(path, json={"elabid": "x"}).status_code == 400
    assert len(elabftw_server.problems) == 1
    elabftw_server.problems.clear()


def test_metadata_may_hold_anything(api, made):
    metadata = {"extra_fields": {"A": {"type": "text", "value": "1"}}, "mine": [1]}
    path = made(metadata=metadata)
    assert api.get(path).json()["metadata"] == metadata
    assert api.patch(path, json={"metadata": {"mine": 2}}).is_success
    assert api.get(path).json()["metadata"] == {"mine": 2}


def test_releases_tell_and_take_metadata_as_text(elabftw_document):
    document = load_document(elabftw_document, "text")
    with ElabftwServer(document, metadata_as="text") as server:
        headers = {"Authorization": server.api_key}
        base = f"{server.url}/api/v2/experiments"
        with httpx.Client(headers=headers) as client:
            client.post(base, json={"metadata": {"b": 1, "a": 2}})
            assert client.get(f"{base}/1").json()["metadata"] == '{"a": 2, "b": 1}'
            assert client.patch(f"{base}/1", json={"metadata": {}}).status_code == 400
            text = json.dumps({"c": 3})
            assert client.patch(f"{base}/1", json={"metadata": text}).is_success
        assert [each.metadata for each in server.experiments()] == [{"c": 3}]
        assert len(server.problems) == 1


@pytest.mark.parametrize("key", ["", "wrong", "Token 3-key-of-the-robot"])
def test_a_wrong_key_is_refused(elabftw_server, key):
    url = f"{elabftw_server.url}/api/v2/experiments"
    assert httpx.get(url, headers={"Authorization": key}).status_code == 401


def test_a_read_only_key_reads_only(elabftw_server):
    url = f"{elabftw_server.url}/api/v2/experiments"
    headers = {"Authorization": elabftw_server.read_only_key}
    assert httpx.get(url, headers=headers).status_code == 200
    assert httpx.post(url, headers=headers, json={}).status_code == 403


def test_lists_come_in_pages_and_by_scope(api, made, elabftw_server):
    paths = [made(title=f"number {i}") for i in range(17)]
    elabftw_server.add_experiment(userid=2, title="Maria's")
    assert len(api.get("experiments").json()) == 15
    query = {"limit": 5, "offset": 15, "sort": "asc", "order": "id", "scope": 3}
    page = api.get("experiments", params=query).json()
    assert [each["title"] for each in page] == ["number 15", "number 16", "Maria's"]
    assert len(paths) == 17


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("q=needle", [1]),
        ("q=NEEDLE", [1]),
        ('q="a %26 b"', [1]),
        ("q=haystack needle", []),
        ('extended=extrafield:"Session ID":"s:/1"', [2]),
        ('extended=extrafield:s:"Session ID":"s:/"', []),
        ("extended=extrafield:Colour:blue", []),
    ],
)
def test_a_search_finds_texts_and_extra_fields(api, made, search, found):
    made(title="needle", body="<p>a &amp; b</p>")
    fields = {"Session ID": {"type": "text", "value": "s:/1"}}
    made(body="<p>other</p>", metadata={"extra_fields": fields})
    answer = api.get(f"experiments?{search}")
    assert [each["id"] for each in answer.json()] == found


@pytest.mark.parametrize("search", ["a:b", '"open', "a|b", "!a", "(a)"])
def test_a_search_that_needs_quoting_cannot_be_parsed(search):
    with pytest.raises(SearchError):
        matches(search, {"title": "", "body": "", "elabid": "", "date": ""})


@pytest.mark.parametrize(
    ("body", "stored"),
    [
        ("<p>a<!-- hidden --></p>", "<p>a</p>"),
        ('<p id="x" class="y" data-z="1">a</p>', "<p>a</p>"),
        ("<p>it's &quot;so&quot;</p>", '<p>it\'s "so"</p>'),
        ("a<script>alert(1)</script>b", "ab"),
        ('<img src="x?a=1&amp;b=2" onerror="x">', '<img src="x?a=1&amp;b=2" alt="" />'),
        ('<a href="javascript:alert(1)">a</a>', "<a>a</a>"),
        ("<p><b>a", "<p><b>a</b></p>"),
    ],
)
def test_bodies_are_cleaned(body, stored):
    assert cleaned_body(body) == stored


def test_titles_are_cut_and_kept_in_one_line(api, made):
    path = made(title="  a\nb" + "x" * 300)
    title = api.get(path).json()["title"]
    assert title.startswith("a bx")
    assert len(title) == 255


def test_tags_are_cleaned_and_made_once(api, made, elabftw_server):
    path = made(tags=["NexusLIMS", "a|b"])
    made(tags=["nexuslims"])
    assert api.post(f"{path}/tags", json={"tag": "new"}).status_code == 201
    tags = [each["tag"] for each in api.get(f"{path}/tags").json()]
    assert tags == ["NexusLIMS", "a b", "new"]
    assert elabftw_server.notebook.tags == ["NexusLIMS", "a b", "new"]


def test_a_file_that_the_body_shows_cannot_be_removed(api, made, elabftw_server):
    path = made()
    api.post(f"{path}/uploads", files={"file": ("a.png", b"\x89PNG")})
    (upload,) = elabftw_server.notebook.uploads.values()
    api.patch(path, json={"body": f'<img src="d?f={upload.long_name}">'})
    assert api.delete(f"{path}/uploads/{upload.id}").status_code == 400
    api.patch(path, json={"body": ""})
    assert api.delete(f"{path}/uploads/{upload.id}").status_code == 204


@pytest.mark.parametrize(
    ("state", "status"),
    [({"locked": 1}, 403), ({"state": 2}, 422), ({"edited_by": "M. C."}, 400)],
)
def test_what_is_closed_cannot_be_changed(api, elabftw_server, state, status):
    number = elabftw_server.add_experiment(userid=1, **state).id
    path = f"experiments/{number}"
    assert api.patch(path, json={"title": "x"}).status_code == status
    assert api.delete(path).status_code == status
    files = {"file": ("a.txt", b"a")}
    assert api.post(f"{path}/uploads", files=files).status_code == status


def test_somebody_elses_experiment_needs_permission(api, elabftw_server):
    experiment = elabftw_server.add_experiment(userid=2)
    path = f"experiments/{experiment.id}"
    assert api.patch(path, json={"title": "x"}).status_code == 403
    experiment.canwrite["users"].append(1)
    assert api.patch(path, json={"title": "x"}).status_code == 200


def test_an_owner_may_be_changed(api, made, elabftw_server):
    path = made()
    assert api.patch(path, json={"userid": 2}).json()["userid"] == 2
    assert api.patch(path, json={"userid": 1}).status_code == 403


def test_a_deleted_experiment_is_still_told(api, made, elabftw_server):
    path = made()
    api.post(f"{path}/uploads", files={"file": ("a.txt", b"a")})
    assert api.delete(path).status_code == 204
    assert api.get(path).json()["state"] == 3
    assert api.patch(path, json={"title": "x"}).status_code == 422
    assert api.get("experiments").json() == []


def test_the_location_is_what_the_site_calls_itself(api):
    answer = api.post("experiments", json={})
    assert answer.headers["location"] == "https://eln.example.org//api/v2/experiments/1"


def test_a_site_may_live_in_a_folder(elabftw_document):
    document = load_document(elabftw_document)
    with ElabftwServer(document, folder="/lab") as server:
        headers = {"Authorization": server.api_key}
        url = f"{server.url}/api/v2/experiments"
        assert httpx.get(url, headers=headers).json() == []
        outside = url.replace("/lab/", "/")
        assert httpx.get(outside, headers=headers).status_code == 404
