"""The fake LabArchives, asked by clients that are not ours."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import subprocess
import time
import xml.etree.ElementTree as ET

import httpx
import pytest
from nexuslims_testing.servers.environment import cached_environment
from nexuslims_testing.servers.labarchives import LabArchivesServer

LABAPI = "labapi==1.2.0"
"""A client of LabArchives by others, used against the real one."""

STORY = """
import json, sys
from io import BytesIO
from labapi import Attachment, AttachmentEntry, Client, NotebookDirectory, NotebookPage
from labapi import TextEntry
from labapi.exceptions import ApiError, AuthenticationError

url, key, password, email, token, notebook = sys.argv[1:]
told = {}
with Client(url, key, password) as client:
    user = client.login(email, token)
    told["uid"] = user.id
    told["limit"] = user.get_max_upload_size()
    book = user.notebooks["Facility"]
    told["notebook"] = book.id
    folder = book.create(NotebookDirectory, "Theirs & others")
    page = folder.create(NotebookPage, "A page: 100 % +1")
    text = page.entries.create(TextEntry, "<p>first</p>")
    file = Attachment(BytesIO(b"<xml/>"), "application/xml", "r.xml", "a caption")
    page.entries.create(AttachmentEntry, file)
    text.content = "<p>second &amp; last</p>"
    page.entries[1].content = Attachment(
        BytesIO(b"<new/>"), "application/xml", "r2.xml", "a caption"
    )
    book.refresh()
    again = book.traverse("Theirs & others/A page: 100 % +1").as_page()
    told["entries"] = [type(each).__name__ for each in again.entries]
    told["text"] = again.entries[0].content
    told["versions"] = [each.version for each in again.entries]
    content = again.entries[1].content
    told["file"] = content.read().decode()
    told["filename"] = content.filename
    again.delete()
    told["deleted"] = again.name
with Client(url, key, "wrong") as client:
    try:
        client.login(email, token)
    except AuthenticationError as error:
        told["wrong password"] = error.error_code
with Client(url, key, password) as client:
    try:
        client.login(email, "wrong")
    except AuthenticationError as error:
        told["wrong token"] = error.error_code
print(json.dumps(told))
"""


@pytest.mark.live
def test_a_client_by_others_reads_and_writes(labarchives_server, tmp_path):
    python = cached_environment("labapi-1.2.0", [LABAPI])
    script = tmp_path / "story.py"
    script.write_text(STORY)
    server = labarchives_server
    done = subprocess.run(
        [
            *(python, script, server.url.removesuffix("/api"), server.access_key_id),
            *(server.access_password, "robot@example.org", "one hour token"),
            server.notebook,
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    deleted = told.pop("deleted")
    assert told == {
        "uid": server.uid,
        "limit": 50 * 2**20,
        "notebook": server.notebook,
        "entries": ["TextEntry", "AttachmentEntry"],
        "text": "<p>second &amp; last</p>",
        "versions": [2, 2],
        "file": "<new/>",
        "filename": "r2.xml",
        "wrong password": 4520,
        "wrong token": 4514,
    }
    (page,) = server.pages()
    assert deleted.startswith("A page: 100 % +1 - Deleted at ")
    assert server.path(page) == f"API Deleted Items/{deleted}"


# The rest asks with nothing but HTTP.


@pytest.fixture
def ask(labarchives_server):
    """Return a function that calls a method and returns status and root."""

    def call(name, *, verb="GET", body=None, at=None, **query):
        signed = _signed(labarchives_server, name, at)
        given = {"uid": labarchives_server.uid, **signed, **query}
        given = {key: value for key, value in given.items() if value is not None}
        url = f"{labarchives_server.url}/{name}"
        kind = {"data": body} if isinstance(body, dict) else {"content": body}
        answer = httpx.request(verb, url, params=given, **kind)
        return answer.status_code, ET.fromstring(answer.content)

    return call


def _signed(server, name, at=None):
    expires = str(round(1000 * (time.time() if at is None else at)))
    message = f"{server.access_key_id}{name.rpartition('/')[2]}{expires}"
    digest = hmac.new(
        server.access_password.encode(), message.encode(), hashlib.sha512
    ).digest()
    signature = base64.b64encode(digest).decode()
    return {"akid": server.access_key_id, "expires": expires, "sig": signature}


@pytest.fixture
def page(labarchives_server):
    state, nbid = labarchives_server.state, labarchives_server.notebook
    return state.insert(nbid, "0", "A page", is_page=True)


LEVEL = "tree_tools/get_tree_level"


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"akid": "wrong"}, "4506"),
        ({"sig": "wrong"}, "4520"),
        ({"sig": None}, "4500"),
        ({"expires": "soon"}, "4529"),
        ({"uid": "wrong"}, "4507"),
        ({"uid": None}, "4500"),
        ({"nbid": None}, "4500"),
        ({"parent_tree_id": "wrong"}, "4505"),
    ],
)
def test_a_wrong_call_is_refused_with_its_code(ask, labarchives_server, wrong, code):
    right = {"nbid": labarchives_server.notebook, "parent_tree_id": "0"}
    status, root = ask(LEVEL, **{**right, **wrong})
    assert (status >= 400, root.tag, root.findtext("error-code")) == (
        True,
        "error",
        code,
    )


@pytest.mark.parametrize(
    ("seconds", "accepted"), [(-130, False), (-100, True), (100, True), (130, False)]
)
def test_a_call_counts_for_two_minutes(ask, labarchives_server, seconds, accepted):
    status, root = ask(
        LEVEL,
        at=time.time() + seconds,
        nbid=labarchives_server.notebook,
        parent_tree_id="0",
    )
    assert (status == 200) is accepted
    assert root.findtext("error-code") == (None if accepted else "4504")


def test_a_signature_is_for_one_method(ask, labarchives_server):
    other = _signed(labarchives_server, "tree_tools/insert_node")
    status, root = ask(
        LEVEL, nbid=labarchives_server.notebook, parent_tree_id="0", **other
    )
    assert (status, root.findtext("error-code")) == (401, "4520")


def test_the_clock_is_told_without_a_signature(labarchives_server):
    labarchives_server.clock_offset_s = 3600
    answer = httpx.get(
        f"{labarchives_server.url}/utilities/epoch_time",
        params={"akid": labarchives_server.access_key_id},
    )
    told = int(ET.fromstring(answer.content).findtext("epoch-time"))
    assert abs(told / 1000 - time.time() - 3600) < 60


def test_calls_that_come_too_fast_are_refused_and_counted():
    # One client, since to make one may take longer than the server is to be left alone.
    with LabArchivesServer(min_interval_s=1.0) as server, httpx.Client() as client:
        url = f"{server.url}/utilities/epoch_time"
        params = {"akid": server.access_key_id}
        answers = [client.get(url, params=params).status_code for _ in range(2)]
        time.sleep(1.0)
        answers.append(client.get(url, params=params).status_code)
        assert answers == [200, 503, 200]
        assert server.too_fast == 1


def test_rights_are_those_of_the_account(ask, labarchives_server, page):
    reader, nbid = labarchives_server.reader_uid, labarchives_server.notebook
    add = {"nbid": nbid, "pid": page.tree_id, "part_type": "text entry"}
    body = {"entry_data": "x"}
    assert ask(LEVEL, uid=reader, nbid=nbid, parent_tree_id="0")[0] == 200
    _, root = ask("entries/add_entry", verb="POST", uid=reader, body=body, **add)
    assert root.findtext("error-code") == "4502"
    other = labarchives_server.other_notebook
    _, root = ask(LEVEL, nbid=other, parent_tree_id="0")
    assert root.findtext("error-code") == "4501"


def test_every_version_is_kept(ask, labarchives_server, page):
    note = labarchives_server.write_note(page, "first")
    body = {"entry_data": "second"}
    status, root = ask("entries/update_entry", verb="POST", eid=note.eid, body=body)
    assert (status, root.findtext("entry/version")) == (200, "2")
    kept = labarchives_server.state.versions[note.eid]
    assert [each.data for each in kept] == ["first", "second"]


def test_a_text_is_stored_tidied(ask, labarchives_server, page):
    html = "<!-- c --><p  data-x='1' onclick='y()'>a &#34;b&#34;\n\n<br />c</p>"
    add = {"nbid": page.nbid, "pid": page.tree_id, "part_type": "text entry"}
    ask("entries/add_entry", verb="POST", body={"entry_data": html, **add})
    (text,) = labarchives_server.texts(page)
    assert text.data == '<p>a "b" <br>c</p>'


@pytest.mark.parametrize("words", ["a\x0bb", "a\x1bb", "x" * 6_000_000])
def test_a_text_that_cannot_be_held_is_refused(ask, page, words):
    add = {"nbid": page.nbid, "pid": page.tree_id, "part_type": "text entry"}
    _, root = ask("entries/add_entry", verb="POST", body={"entry_data": words, **add})
    assert root.findtext("error-code") == "4529"


def test_an_inbox_is_seen_by_its_owner_alone(ask, labarchives_server):
    body = {"nbid": "0", "pid": "0", "part_type": "text entry", "entry_data": "x"}
    _, root = ask("entries/add_entry", verb="POST", body=body)
    eid = root.findtext("entry/eid")
    assert ask("entries/entry_info", eid=eid)[0] == 200
    other = labarchives_server.user_uid
    assert ask("entries/entry_info", eid=eid, uid=other)[0] == 404
    assert [each.eid for each in labarchives_server.inbox()] == [eid]


@pytest.mark.parametrize(
    ("name", "verb"),
    [("entries/delete_entry", "POST"), ("entries/add_entry", "GET"), ("x", "GET")],
)
def test_there_is_no_other_method(ask, name, verb):
    assert ask(name, verb=verb)[0] == 404
