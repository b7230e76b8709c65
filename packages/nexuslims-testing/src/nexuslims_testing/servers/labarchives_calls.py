"""The calls that a fake LabArchives answers, and what it refuses.

Names, parameters and answers are those of the class pages in LabArchives' public API
notebook (``entries``, ``tree_tools``, ``users``, ``utilities``). Parameters count
wherever they are, in the query or in a form. There is no call that deletes.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from nexuslims_testing.servers.labarchives_state import (
    INBOX,
    ROOT,
    Account,
    Entry,
    Node,
    RefusalError,
    State,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["CALLS", "Call", "Reply", "error_xml", "tidied"]

TEXT_ENTRY = "text entry"
ATTACHMENT = "Attachment"
PART_TYPES = frozenset({TEXT_ENTRY, "plain text entry", "heading"})
LONGEST_NAME = 255
LONGEST_TEXT = 5_000_000
"""Characters of an entry; the limit of the real one is not published."""

# What XML 1.0 cannot hold (section 2.2).
_UNSPEAKABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, kw_only=True)
class Call:
    """A call whose signature is good."""

    method: str
    """GET or POST."""
    values: Mapping[str, str]
    body: bytes = b""
    """What is not a form."""

    def need(self, *names: str) -> tuple[str, ...]:
        """Return parameters that must be there."""
        missing = [name for name in names if name not in self.values]
        if missing:
            words = f"mandatory parameters were not included: {', '.join(missing)}"
            raise RefusalError(400, 4500, words)
        return tuple(self.values[name] for name in names)


@dataclass(frozen=True, kw_only=True)
class Reply:
    """An answer."""

    body: bytes
    content_type: str = "application/xml; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)


def error_xml(code: int, words: str) -> bytes:
    """Return what is answered to a call that is refused."""
    root = ET.Element("error")
    ET.SubElement(root, "error-code", type="integer").text = str(code)
    ET.SubElement(root, "error-description").text = words
    return _written(root)


def tidied(html: str) -> str:
    """Return HTML as it is stored: not byte by byte as it was sent."""
    html = re.sub(r"<!--.*?-->|<script.*?</script>", "", html, flags=re.DOTALL)
    html = re.sub(r"\s+(?:data-[\w-]+|on\w+|id|class)=(?:\"[^\"]*\"|'[^']*')", "", html)
    html = re.sub(r"\s*/>", ">", html).replace("&#39;", "'").replace("&#34;", '"')
    return re.sub(r"\s+", " ", html).strip()


def _written(root: ET.Element) -> bytes:
    text = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return bytes(text)


def _answer(name: str, call: Call, *children: ET.Element) -> Reply:
    """Return the children with an echo of the call, as the real one does it."""
    root = ET.Element(name)
    echo = ET.SubElement(root, "request")
    for key in ("nbid", "parent_tree_id", "tree_id", "page_tree_id", "pid", "sig"):
        if key in call.values:
            ET.SubElement(echo, key.replace("_", "-")).text = call.values[key]
    root.extend(children)
    return Reply(body=_written(root))


def _leaf(parent: ET.Element, name: str, value: object, kind: str = "") -> None:
    leaf = ET.SubElement(parent, name, {"type": kind} if kind else {})
    leaf.text = str(value).lower() if isinstance(value, bool) else str(value)


# Access


def _account(state: State, call: Call) -> Account:
    (uid,) = call.need("uid")
    account = state.account(uid)
    if account is None:
        # The list of codes is published, but not which one this is.
        raise RefusalError(401, 4507, "The uid is not valid for this access key")
    return account


def _allowed(state: State, call: Call, nbid: str, *, write: bool = False) -> Account:
    account = _account(state, call)
    if nbid == INBOX:
        return account
    right = account.notebooks.get(nbid)
    if nbid not in state.notebooks:
        raise RefusalError(404, 4505, "The notebook does not exist")
    if right is None:
        raise RefusalError(403, 4501, "You do not have access to this notebook")
    if write and right != "write":
        raise RefusalError(403, 4502, "You may not change this notebook")
    return account


def _node(state: State, nbid: str, tree_id: str, *, is_page: bool) -> Node:
    node = state.nodes.get(tree_id)
    if node is None or node.nbid != nbid or node.is_page != is_page:
        raise RefusalError(404, 4505, "The tree node does not exist")
    return node


def _entry(state: State, call: Call, *, write: bool = False) -> Entry:
    (eid,) = call.need("eid")
    account = _account(state, call)
    entry = state.entries.get(eid)
    mine = entry is not None and (entry.nbid != INBOX or entry.author == account.uid)
    if entry is None or not mine:
        raise RefusalError(404, 4505, "The entry does not exist")
    _allowed(state, call, entry.nbid, write=write)
    return entry


def _speakable(text: str, limit: int) -> str:
    if _UNSPEAKABLE.search(text) or len(text) > limit:
        raise RefusalError(400, 4529, "A parameter contains an invalid value")
    return text


# Trees


def _level(state: State, call: Call) -> Reply:
    nbid, parent = call.need("nbid", "parent_tree_id")
    _allowed(state, call, nbid)
    if parent != ROOT:
        _node(state, nbid, parent, is_page=False)
    nodes = ET.Element("level-nodes", type="array")
    nodes.extend(_told(n, "level-node") for n in state.children(nbid, parent))
    return _answer("tree-tools", call, nodes)


def _insert(state: State, call: Call) -> Reply:
    nbid, parent, name, folder = call.need(
        "nbid", "parent_tree_id", "display_text", "is_folder"
    )
    _allowed(state, call, nbid, write=True)
    if parent != ROOT:
        _node(state, nbid, parent, is_page=False)
    if folder not in {"true", "false"} or not name.strip():
        raise RefusalError(400, 4529, "A parameter contains an invalid value")
    name = _speakable(name, LONGEST_NAME)
    node = state.insert(nbid, parent, name.strip(), is_page=folder == "false")
    return _answer("tree-tools", call, _told(node, "node"))


def _update_node(state: State, call: Call) -> Reply:
    nbid, tree_id = call.need("nbid", "tree_id")
    _allowed(state, call, nbid, write=True)
    node = state.nodes.get(tree_id)
    if node is None or node.nbid != nbid:
        raise RefusalError(404, 4505, "The tree node does not exist")
    if not {"parent_tree_id", "display_text", "node_position"} & set(call.values):
        raise RefusalError(400, 4500, "mandatory parameters were not included")
    parent = call.values.get("parent_tree_id", node.parent)
    if parent != ROOT:
        _node(state, nbid, parent, is_page=False)
    node.name = _speakable(call.values.get("display_text", node.name), LONGEST_NAME)
    if parent != node.parent:
        node.parent = parent
        state.nodes[tree_id] = state.nodes.pop(tree_id)  # the last one there
    return _answer("tree-tools", call, _told(node, "node"))


def _told(node: Node, name: str) -> ET.Element:
    told = ET.Element(name)
    _leaf(told, "is-page", node.is_page, "boolean")
    _leaf(told, "tree-id", node.tree_id)
    _leaf(told, "display-text", node.name)
    return told


# Entries


def _entries_for_page(state: State, call: Call) -> Reply:
    nbid, page = call.need("nbid", "page_tree_id")
    _allowed(state, call, nbid)
    _node(state, nbid, page, is_page=True)
    found = state.entries_of(nbid, page)
    return _answer("entries", call, *(_shown(call, each) for each in found))


def _entry_info(state: State, call: Call) -> Reply:
    return _answer("entries", call, _shown(call, _entry(state, call)))


def _entry_attachment(state: State, call: Call) -> Reply:
    entry = _entry(state, call)
    if entry.part_type != ATTACHMENT:
        raise RefusalError(404, 4505, "The entry has no attachment")
    return Reply(
        body=entry.content,
        content_type="application/octet-stream",
        headers={"Content-Disposition": f'attachment; filename="{entry.filename}"'},
    )


def _target(state: State, call: Call) -> tuple[str, str, Account]:
    nbid = call.values.get("nbid", INBOX)
    page = call.values.get("pid", INBOX)
    account = _allowed(state, call, nbid, write=True)
    if nbid == INBOX:
        return INBOX, INBOX, account
    _node(state, nbid, page, is_page=True)
    return nbid, page, account


def _add_entry(state: State, call: Call) -> Reply:
    data, part_type = call.need("entry_data", "part_type")
    nbid, page, account = _target(state, call)
    if part_type not in PART_TYPES:
        raise RefusalError(400, 4529, "A parameter contains an invalid value")
    entry = state.add(
        Entry(
            eid="",
            nbid=nbid,
            page=page,
            author=account.uid,
            part_type=part_type,
            data=tidied(_speakable(data, LONGEST_TEXT)),
        )
    )
    return _answer("entries", call, _shown(call, entry))


def _update_entry(state: State, call: Call) -> Reply:
    (data,) = call.need("entry_data")
    entry = _entry(state, call, write=True)
    if entry.part_type == ATTACHMENT:
        raise RefusalError(400, 4529, "The entry holds no text")
    data = tidied(_speakable(data, LONGEST_TEXT))
    return _answer("entries", call, _shown(call, state.change(entry.eid, data=data)))


def _file(call: Call) -> dict[str, Any]:
    filename, _ = call.need("filename", "change_description")
    return {
        "filename": filename,
        "caption": call.values.get("caption", ""),
        "data": call.values.get("caption", ""),
        "change_description": call.values["change_description"],
    }


def _add_attachment(state: State, call: Call) -> Reply:
    fields = _file(call)
    nbid, page, account = _target(state, call)
    entry = state.add(
        Entry(
            eid="",
            nbid=nbid,
            page=page,
            author=account.uid,
            part_type=ATTACHMENT,
            content=call.body,
            **fields,
        )
    )
    return _answer("entries", call, _shown(call, entry))


def _update_attachment(state: State, call: Call) -> Reply:
    fields = _file(call)
    entry = _entry(state, call, write=True)
    if entry.part_type != ATTACHMENT:
        raise RefusalError(400, 4529, "The entry is no attachment")
    changed = state.change(entry.eid, content=call.body, **fields)
    return _answer("entries", call, _shown(call, changed))


def _shown(call: Call, entry: Entry) -> ET.Element:
    told = ET.Element("entry")
    _leaf(told, "version", entry.version, "integer")
    _leaf(told, "part-type", entry.part_type)
    _leaf(told, "attach-file-name", entry.filename)
    _leaf(told, "attach-file-size", len(entry.content), "integer")
    _leaf(told, "caption", entry.caption)
    _leaf(told, "change-description", entry.change_description)
    if call.values.get("entry_data", "").lower() in {"true", "1"}:
        _leaf(told, "entry-data", entry.data)
    _leaf(told, "eid", entry.eid)
    return told


# Users


def _user_access_info(state: State, call: Call) -> Reply:
    login, password = call.need("login_or_email", "password")
    for account in state.accounts:
        if (account.email, account.token) == (login, password):
            return _user(state, call, account)
    raise RefusalError(401, 4514, "Login/password information is incorrect")


def _user_info(state: State, call: Call) -> Reply:
    return _user(state, call, _account(state, call))


def _max_file_size(state: State, call: Call) -> Reply:
    _account(state, call)
    size = ET.Element("max-file-size", type="integer")
    size.text = str(50 * 2**20)
    return _answer("users", call, size)


def _user(state: State, call: Call, account: Account) -> Reply:
    uid, name = ET.Element("id"), ET.Element("fullname")
    uid.text, name.text = account.uid, account.name
    notebooks = ET.Element("notebooks", type="array")
    for nbid in account.notebooks:
        told = ET.SubElement(notebooks, "notebook")
        _leaf(told, "is-default", value=False, kind="boolean")
        _leaf(told, "name", state.notebooks[nbid])
        _leaf(told, "id", nbid)
    return _answer("users", call, name, uid, notebooks)


def epoch_time(now: float) -> Reply:
    """Return the time of the server's clock; this call alone is not signed."""
    root = ET.Element("utilities")
    _leaf(root, "epoch-time", round(now * 1000), "integer")
    return Reply(body=_written(root))


CALLS: Mapping[str, tuple[frozenset[str], Callable[[State, Call], Reply]]] = {
    "tree_tools/get_tree_level": (frozenset({"GET"}), _level),
    "tree_tools/insert_node": (frozenset({"GET", "POST"}), _insert),
    "tree_tools/update_node": (frozenset({"GET", "POST"}), _update_node),
    "tree_tools/get_entries_for_page": (frozenset({"GET"}), _entries_for_page),
    "entries/entry_info": (frozenset({"GET"}), _entry_info),
    "entries/entry_attachment": (frozenset({"GET"}), _entry_attachment),
    "entries/add_entry": (frozenset({"POST"}), _add_entry),
    "entries/update_entry": (frozenset({"POST"}), _update_entry),
    "entries/add_attachment": (frozenset({"POST"}), _add_attachment),
    "entries/update_attachment": (frozenset({"POST"}), _update_attachment),
    "users/user_access_info": (frozenset({"GET", "POST"}), _user_access_info),
    "users/user_info_via_id": (frozenset({"GET"}), _user_info),
    "users/max_file_size": (frozenset({"GET"}), _max_file_size),
}
"""What is answered, by class and method, with the verbs that it takes."""
