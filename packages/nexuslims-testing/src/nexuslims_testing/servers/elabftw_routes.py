"""What a fake eLabFTW does at each of its addresses."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from nexuslims_testing.servers.elabftw_state import (
    ARCHIVED,
    DELETED,
    NORMAL,
    Account,
    Experiment,
    RefusalError,
    Upload,
)
from nexuslims_testing.servers.elabftw_text import (
    SearchError,
    cleaned_body,
    cleaned_tag,
    cleaned_title,
    matches,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from nexuslims_testing.servers.elabftw import Notebook

_SITE = "https://eln.example.org/"
_OWN_SCOPE = 1
_DEFAULT_LIMIT = 15
_PLAIN = {"date", "rating", "content_type", "custom_id", "state", "userid"}


@dataclass(frozen=True, kw_only=True)
class Call:
    """A request that was found to be as documented."""

    method: str
    parts: tuple[str, ...]
    """Path below the base, in parts."""
    query: Mapping[str, str]
    account: Account
    fields: Mapping[str, Any] = field(default_factory=dict)
    file: tuple[str, bytes] | None = None


@dataclass(frozen=True, kw_only=True)
class Reply:
    """An answer."""

    status: int
    body: bytes = b""
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def told(cls, content: object) -> Reply:
        """Answer with JSON."""
        return cls(status=200, body=json.dumps(content).encode())

    @classmethod
    def made(cls, path: str) -> Reply:
        """Answer that something was created, with the address the site believes in."""
        location = f"{_SITE}/api/v2/{path}"
        return cls(status=201, content_type="text/html", headers={"Location": location})

    @classmethod
    def refusal(cls, status: int, message: str) -> Reply:
        """Answer with an error."""
        content = {"code": status, "message": message, "description": message}
        return cls(status=status, body=json.dumps(content).encode())

    @classmethod
    def page(cls, status: int, text: str) -> Reply:
        """Answer with a page for people."""
        html = f"<!DOCTYPE html><title>{text}</title>"
        return cls(status=status, body=html.encode(), content_type="text/html")


GONE = Reply(status=204)


def respond(notebook: Notebook, call: Call) -> Reply:
    """Carry a request out.

    Raises
    ------
    RefusalError
        If eLabFTW would refuse it.
    """
    if call.parts[0] == "experiments":
        return _experiments(notebook, call)
    route = _OTHERS.get((call.method, len(call.parts), call.parts[0], call.parts[-1]))
    route = route or _OTHERS.get((call.method, len(call.parts), call.parts[0], ""))
    if route is None:
        raise RefusalError(501, "the fake server does not know this address")
    return route(notebook, call)


def _experiments(notebook: Notebook, call: Call) -> Reply:
    parts = call.parts
    if len(parts) == 1:
        return (
            _create(notebook, call) if call.method == "post" else _list(notebook, call)
        )
    experiment = _found(notebook, parts[1])
    if len(parts) == 2:  # noqa: PLR2004 - the experiment itself
        return _experiment(notebook, call, experiment)
    if parts[2] == "uploads":
        return _uploads(notebook, call, experiment)
    if parts[2] == "tags":
        return _tags(notebook, call, experiment)
    raise RefusalError(501, "the fake server does not know this address")


def _found(notebook: Notebook, number: str) -> Experiment:
    experiment = notebook.experiments.get(int(number))
    if experiment is None:
        raise RefusalError(404, "Nothing to show with this id")
    return experiment


def _list(notebook: Notebook, call: Call) -> Reply:
    query = call.query
    states = {int(each) for each in query.get("state", "1").split(",")}
    search = " ".join(query[name] for name in ("q", "extended") if query.get(name))
    found = [
        experiment
        for experiment in notebook.experiments.values()
        if experiment.state in states
        and _in_scope(experiment, call)
        and _is_found(search, experiment)
    ]
    found.sort(key=lambda each: each.id, reverse=query.get("sort", "desc") == "desc")
    start = int(query.get("offset", 0))
    page = found[start : start + int(query.get("limit", _DEFAULT_LIMIT))]
    text = notebook.metadata_as == "text"
    return Reply.told([each.listed(text=text) for each in page])


def _in_scope(experiment: Experiment, call: Call) -> bool:
    # The account's preference is to see its own; an extended search shows all.
    scope = int(call.query.get("scope", _OWN_SCOPE))
    wide = scope != _OWN_SCOPE or call.query.get("extended")
    return bool(wide) or experiment.userid == call.account.userid


def _is_found(search: str, experiment: Experiment) -> bool:
    try:
        return matches(search, vars(experiment))
    except SearchError as error:
        raise RefusalError(400, str(error)) from error


def _create(notebook: Notebook, call: Call) -> Reply:
    fields = call.fields
    for name, known in (
        ("category", notebook.categories),
        ("status", notebook.statuses),
    ):
        if fields.get(name) and fields[name] not in known:
            raise RefusalError(400, f"Invalid {name}")
    number = notebook.take_id()
    experiment = Experiment(
        id=number,
        userid=call.account.userid,
        title=cleaned_title(fields.get("title") or ""),
        body=cleaned_body(fields.get("body") or "") or None,
        category=fields.get("category") or None,
        status=fields.get("status") or None,
        content_type=fields.get("content_type") or 1,
        metadata=fields.get("metadata") if notebook.keeps_metadata else None,
    )
    for name in ("canread", "canwrite"):
        if fields.get(name):
            setattr(experiment, name, json.loads(fields[name]))
    for tag in fields.get("tags") or ():
        _tag(notebook, experiment, tag)
    notebook.experiments[number] = experiment
    return Reply.made(f"experiments/{number}")


def _experiment(notebook: Notebook, call: Call, experiment: Experiment) -> Reply:
    if call.method == "patch":
        _patch(notebook, call, experiment)
    elif call.method == "delete":
        _check_writable(experiment, call.account)
        experiment.state = DELETED
        for upload in _of(notebook, experiment, {NORMAL, ARCHIVED}):
            upload.state = DELETED
        return GONE
    elif call.method != "get":
        raise RefusalError(501, "the fake server does not duplicate")
    uploads = _of(notebook, experiment, {NORMAL})
    text = notebook.metadata_as == "text"
    return Reply.told(experiment.shown(uploads, text=text))


def _check_writable(experiment: Experiment, account: Account) -> None:
    if experiment.state == DELETED:
        raise RefusalError(
            422, "Only the Restore action is allowed on a deleted entity."
        )
    if experiment.state == ARCHIVED:
        raise RefusalError(422, "Only the Unarchive action is allowed.")
    if experiment.locked or not experiment.admits(account):
        raise RefusalError(403, "Sorry, you do not have sufficient permissions!")
    if experiment.edited_by is not None:
        raise RefusalError(400, f"This entry is opened by {experiment.edited_by}.")


def _patch(notebook: Notebook, call: Call, experiment: Experiment) -> None:
    _check_writable(experiment, call.account)
    for name, value in call.fields.items():
        if name == "title":
            experiment.title = cleaned_title(value)
        elif name == "body":
            experiment.body = cleaned_body(value)
        elif name == "metadata":
            experiment.metadata = json.loads(value) if isinstance(value, str) else value
        elif name in {"canread", "canwrite"}:
            setattr(experiment, name, json.loads(value))
        elif name in {"category", "status"}:
            known = vars(notebook)["categories" if name == "category" else "statuses"]
            if value and value not in known:
                raise RefusalError(400, f"Invalid {name}")
            setattr(experiment, name, value or None)
        elif name in _PLAIN:
            setattr(experiment, name, value)
        else:
            raise RefusalError(400, f"Invalid update target: {name}")


def _of(notebook: Notebook, experiment: Experiment, states: set[int]) -> list[Upload]:
    return [
        upload
        for upload in notebook.uploads.values()
        if upload.item_id == experiment.id and upload.state in states
    ]


def _uploads(notebook: Notebook, call: Call, experiment: Experiment) -> Reply:
    if len(call.parts) == 3:  # noqa: PLR2004 - all uploads
        if call.method == "post":
            return _attach(notebook, call, experiment)
        states = {int(each) for each in call.query.get("state", "1").split(",")}
        return Reply.told([u.shown() for u in _of(notebook, experiment, states)])
    upload = notebook.uploads.get(int(call.parts[3]))
    if upload is None or upload.item_id != experiment.id:
        raise RefusalError(404, "Nothing to show with this id")
    return _upload(notebook, call, experiment, upload)


def _attach(notebook: Notebook, call: Call, experiment: Experiment) -> Reply:
    _check_writable(experiment, call.account)
    if call.file is None or not call.file[0]:
        raise RefusalError(400, "Error reading file!")
    if call.file[0].lower().endswith(".php"):
        raise RefusalError(400, "PHP files are forbidden!")
    number = notebook.take_id()
    notebook.uploads[number] = Upload(
        id=number,
        item_id=experiment.id,
        userid=call.account.userid,
        real_name=call.file[0],
        comment=call.fields.get("comment", ""),
        content=call.file[1],
    )
    return Reply.made(f"experiments/{experiment.id}/uploads/{number}")


def _upload(
    notebook: Notebook, call: Call, experiment: Experiment, upload: Upload
) -> Reply:
    if call.method == "get":
        if call.query.get("format") == "binary":
            kind = "application/octet-stream"
            return Reply(status=200, body=upload.content, content_type=kind)
        return Reply.told(upload.shown())
    _check_writable(experiment, call.account)
    if upload.immutable:
        raise RefusalError(403, "User tried to edit an immutable upload.")
    if call.method == "post":
        _check_unreferenced(experiment, upload)
        upload.state = NORMAL if upload.state == ARCHIVED else ARCHIVED
        return _attach(notebook, call, experiment)
    if call.method == "delete":
        _check_unreferenced(experiment, upload)
        upload.state = DELETED
        return GONE
    for name, value in call.fields.items():
        if name != "action":
            setattr(upload, name, value)
    return Reply.told(upload.shown())


def _check_unreferenced(experiment: Experiment, upload: Upload) -> None:
    if upload.long_name in (experiment.body or ""):
        msg = "Please make sure to remove any reference to this file in the body!"
        raise RefusalError(400, msg)


def _tags(notebook: Notebook, call: Call, experiment: Experiment) -> Reply:
    if len(call.parts) != 3 or call.method == "delete":  # noqa: PLR2004 - all tags
        raise RefusalError(501, "the fake server only lists and adds tags")
    if call.method == "get":
        return Reply.told([_shown(notebook, tag) for tag in experiment.tags])
    _check_writable(experiment, call.account)
    tag = _tag(notebook, experiment, call.fields.get("tag", ""))
    number = notebook.tags.index(tag) + 1
    return Reply.made(f"experiments/{experiment.id}/tags/{number}")


def _shown(notebook: Notebook, tag: str) -> dict[str, Any]:
    return {"id": notebook.tags.index(tag) + 1, "tag": tag, "team": 1}


def _tag(notebook: Notebook, experiment: Experiment, tag: str) -> str:
    cleaned = cleaned_tag(tag)
    if not cleaned:
        raise RefusalError(400, "Input is too short!")
    known = {each.casefold(): each for each in notebook.tags}
    stored = known.get(cleaned.casefold())
    if stored is None:
        stored = cleaned
        notebook.tags.append(stored)
    if stored not in experiment.tags:
        experiment.tags.append(stored)
    return stored


def _statuslike(titles: Mapping[int, str]) -> Reply:
    return Reply.told(
        [
            {"id": number, "title": title, "color": "29aeb9", "is_default": 0}
            for number, title in titles.items()
        ]
    )


def _api_keys(_notebook: Notebook, call: Call) -> Reply:
    key = {
        "id": int(call.account.key.partition("-")[0]),
        "name": "NexusLIMS",
        "can_write": int(call.account.can_write),
        "team": 1,
        "team_name": "Microscopy",
    }
    return Reply.told([key])


def _user(notebook: Notebook, call: Call) -> Reply:
    wanted = call.parts[1]
    for account in notebook.accounts:
        if wanted == str(account.userid) or (
            wanted == "me" and account is call.account
        ):
            return Reply.told(account.shown())
    raise RefusalError(404, "Nothing to show with this id")


_OTHERS: dict[tuple[str, int, str, str], Callable[[Notebook, Call], Reply]] = {
    ("get", 1, "apikeys", "apikeys"): _api_keys,
    ("get", 1, "info", "info"): lambda book, _call: Reply.told(
        {
            "elabftw_version": "5.3.6",
            "elabftw_version_int": 50306,
            "experiments_count": len(book.experiments),
        }
    ),
    ("get", 1, "users", "users"): lambda book, _call: Reply.told(
        [account.shown() for account in book.accounts]
    ),
    ("get", 2, "users", ""): _user,
    ("get", 3, "teams", "experiments_categories"): lambda book, _call: _statuslike(
        book.categories
    ),
    ("get", 3, "teams", "experiments_status"): lambda book, _call: _statuslike(
        book.statuses
    ),
    ("get", 2, "teams", ""): lambda _book, _call: Reply.told(
        {"id": 1, "name": "Microscopy"}
    ),
}
