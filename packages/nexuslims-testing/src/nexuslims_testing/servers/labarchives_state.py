"""What a fake LabArchives remembers: accounts, notebooks, pages, entries, versions."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["INBOX", "ROOT", "Account", "Entry", "Node", "RefusalError", "State"]

ROOT = "0"
"""Tree id of the top of a notebook."""
INBOX = "0"
"""Notebook and page id of an account's Inbox."""


class RefusalError(Exception):
    """A call is not answered with what it asks for."""

    def __init__(self, status: int, code: int, words: str) -> None:
        super().__init__(words)
        self.status = status
        self.code = code


@dataclass(kw_only=True)
class Account:
    """Somebody with an account; ids hold for one access key."""

    uid: str
    email: str
    name: str
    token: str
    """Password token for applications."""
    notebooks: dict[str, Literal["read", "write"]] = field(default_factory=dict)


@dataclass(kw_only=True)
class Node:
    """A folder or a page."""

    tree_id: str
    nbid: str
    parent: str
    name: str
    is_page: bool


@dataclass(frozen=True, kw_only=True)
class Entry:
    """An entry on a page, or in an Inbox, in its current version."""

    eid: str
    nbid: str
    page: str
    author: str
    """`Account.uid` of who made it."""
    part_type: str
    data: str = ""
    caption: str = ""
    filename: str = ""
    content: bytes = b""
    change_description: str = ""
    version: int = 1


class State:
    """All notebooks of a site.

    Parameters
    ----------
    accounts
        Those with access.
    notebooks
        Names of notebooks by id.
    """

    def __init__(self, accounts: list[Account], notebooks: dict[str, str]) -> None:
        self.accounts = accounts
        self.notebooks = notebooks
        self.nodes: dict[str, Node] = {}
        self.entries: dict[str, Entry] = {}
        self.versions: dict[str, list[Entry]] = {}
        """Every version of each entry, the first one first; nothing is ever lost."""
        self._last = 0

    def account(self, uid: str) -> Account | None:
        """Return the account with an id."""
        return next((one for one in self.accounts if one.uid == uid), None)

    def children(self, nbid: str, parent: str) -> list[Node]:
        """Return what is in a folder, in its order."""
        found = self.nodes.values()
        return [n for n in found if (n.nbid, n.parent) == (nbid, parent)]

    def entries_of(self, nbid: str, page: str) -> list[Entry]:
        """Return the entries of a page, in its order."""
        found = self.entries.values()
        return [e for e in found if (e.nbid, e.page) == (nbid, page)]

    def insert(self, nbid: str, parent: str, name: str, *, is_page: bool) -> Node:
        """Add a folder or page at the end; names need not differ."""
        tree_id = self._new_id("TreeNode")
        node = Node(
            tree_id=tree_id, nbid=nbid, parent=parent, name=name, is_page=is_page
        )
        self.nodes[tree_id] = node
        return node

    def add(self, entry: Entry) -> Entry:
        """Add an entry at the end of its page; its id is made here."""
        made = replace(entry, eid=self._new_id("Entry"))
        self.entries[made.eid] = made
        self.versions[made.eid] = [made]
        return made

    def change(self, eid: str, **fields: str | bytes) -> Entry:
        """Make a new version of an entry."""
        old = self.entries[eid]
        new: Entry = replace(old, version=old.version + 1, **fields)  # type: ignore[arg-type]  # names of its fields
        self.entries[eid] = new
        self.versions[eid].append(new)
        return new

    def delete_page(self, tree_id: str) -> None:
        """Delete a page as people do in the browser."""
        node = self.nodes.pop(tree_id)
        for entry in self.entries_of(node.nbid, tree_id):
            del self.entries[entry.eid]

    def path(self, node: Node) -> str:
        """Return the names down to a node, joined by slashes."""
        return "/".join(reversed([each.name for each in self._upwards(node)]))

    def _upwards(self, node: Node | None) -> Iterator[Node]:
        while node is not None:
            yield node
            node = self.nodes.get(node.parent)

    def _new_id(self, kind: str) -> str:
        # As long and opaque as the real ones, with what must be encoded in a query.
        self._last += 1
        text = (
            f"{self._last}.3|27/{self._last}/{kind}/{1000 + self._last}|~{self._last}"
        )
        return base64.b64encode(text.encode()).decode()
