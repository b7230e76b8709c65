"""What a fake eLabFTW remembers, and how it tells it."""

from __future__ import annotations

import hashlib
import json
import uuid
from dataclasses import dataclass, field
from typing import Any

from nexuslims_testing.servers.elabftw_text import as_text

NORMAL, ARCHIVED, DELETED = 1, 2, 3
"""States of experiments and uploads."""

_MOMENT = "2026-11-20 09:00:00"


class RefusalError(Exception):
    """An error that eLabFTW answers with."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def _long_name() -> str:
    name = uuid.uuid4().hex
    return f"{name[:2]}/{name}.bin"


@dataclass(kw_only=True)
class Account:
    """Somebody with an API key."""

    userid: int
    firstname: str
    lastname: str
    email: str
    key: str
    can_write: bool = True

    def shown(self) -> dict[str, Any]:
        """Return what an ordinary user may see."""
        return {
            "userid": self.userid,
            "firstname": self.firstname,
            "lastname": self.lastname,
            "fullname": f"{self.firstname} {self.lastname}",
            "initials": f"{self.firstname[:1]}{self.lastname[:1]}",
            "email": self.email,
            "orcid": None,
        }


@dataclass(kw_only=True)
class Upload:
    """An attached file."""

    id: int
    item_id: int
    userid: int
    real_name: str
    comment: str | None
    content: bytes
    state: int = NORMAL
    immutable: int = 0
    hashed: bool = True
    """Whether a hash is told; it is not for very large files."""
    long_name: str = field(default_factory=_long_name)

    def shown(self) -> dict[str, Any]:
        """Return the upload as it is answered."""
        shown = {
            "id": self.id,
            "item_id": self.item_id,
            "userid": self.userid,
            "real_name": self.real_name,
            "long_name": self.long_name,
            "comment": self.comment or "",
            "type": "experiments",
            "created_at": _MOMENT,
            "hash": hashlib.sha256(self.content).hexdigest(),
            "hash_algorithm": "sha256",
            "storage": 1,
            "filesize": len(self.content),
            "state": self.state,
            "immutable": self.immutable,
        }
        if not self.hashed:
            del shown["hash"], shown["hash_algorithm"]
        return shown


@dataclass(kw_only=True)
class Experiment:
    """An experiment; tests may change it as people do."""

    id: int
    userid: int
    title: str
    body: str | None = None
    metadata: dict[str, Any] | None = None
    tags: list[str] = field(default_factory=list)
    category: int | None = None
    status: int | None = None
    rating: int = 0
    content_type: int = 1
    custom_id: int | None = None
    date: str = "2026-11-20"
    canread: dict[str, Any] = field(default_factory=lambda: _permissions(30))
    canwrite: dict[str, Any] = field(default_factory=lambda: _permissions(20))
    state: int = NORMAL
    locked: int = 0
    timestamped: int = 0
    edited_by: str | None = None
    """Full name of whoever has it open in the exclusive edit mode."""
    elabid: str = field(
        default_factory=lambda: f"20261120-{uuid.uuid4().hex}{uuid.uuid4().hex[:8]}"
    )

    def listed(self, *, text: bool) -> dict[str, Any]:
        """Return the experiment as it stands in a list.

        Parameters
        ----------
        text
            Whether metadata are told as JSON text.
        """
        return {
            "id": self.id,
            "userid": self.userid,
            "team": 1,
            "title": self.title,
            "body": self.body,
            "metadata": as_text(self.metadata) if text else self.metadata,
            "tags": "|".join(self.tags) or None,
            "category": self.category,
            "status": self.status,
            "rating": self.rating,
            "content_type": self.content_type,
            "custom_id": self.custom_id,
            "date": self.date,
            "elabid": self.elabid,
            "canread": json.dumps(self.canread),
            "canwrite": json.dumps(self.canwrite),
            "state": self.state,
            "locked": self.locked,
            "timestamped": self.timestamped,
            "created_at": _MOMENT,
            "modified_at": _MOMENT,
            "type": "experiments",
        }

    def shown(self, uploads: list[Upload], *, text: bool) -> dict[str, Any]:
        """Return the whole experiment."""
        shown = self.listed(text=text)
        if self.edited_by is not None:
            shown["exclusive_edit_mode"] = {
                "locked_by": 99,
                "locked_by_human": self.edited_by,
                "locked_at": _MOMENT,
                "is_stale": 0,
            }
        shown["body_html"] = self.body
        shown["uploads"] = [each.shown() for each in uploads]
        shown["experiments_links"] = shown["items_links"] = shown["steps"] = []
        return shown

    def admits(self, account: Account) -> bool:
        """Tell whether somebody may change the experiment."""
        return account.userid in {self.userid, *self.canwrite.get("users", [])}


def _permissions(base: int) -> dict[str, Any]:
    return {"base": base, "teams": [], "users": [], "teamgroups": []}
