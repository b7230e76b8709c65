"""Fill an empty database: users, tokens, templates and workspaces.

Run as ``python -m cdcs_site.seed SCHEMA``; prints what a client must know as JSON.
"""

import json
import secrets
import sys
from pathlib import Path
from typing import Any

import django  # type: ignore[import-not-found]

TITLE = "Nexus Experiment Schema"
OTHER = '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="{}"/></xs:schema>'  # noqa: E501 - one schema, one line


def main(schema: str) -> None:
    """Create everything; the first template and workspace are not the right ones."""
    django.setup()
    from django.core.management import call_command  # type: ignore[import-not-found]
    from django.test import Client  # type: ignore[import-not-found]

    call_command("migrate", verbosity=0)
    tokens = _users()
    client = Client(headers={"authorization": f"Token {tokens['admin']}"})
    _template(client, "Another Schema", OTHER.format("Sample"))
    old = _template(client, f"{TITLE} 2019", OTHER.format("Old"))
    _call(client, "PATCH", f"template-version-manager/{old}/disable/")
    nexus = _template(client, TITLE, OTHER.format("Outdated"))
    _current_version(client, nexus, schema)
    workspaces = _workspaces()
    print(json.dumps({"tokens": tokens, "workspaces": workspaces}))  # noqa: T201 - the result of the program


def _users() -> dict[str, str]:
    from django.contrib.auth.models import (  # type: ignore[import-not-found]
        Group,
        User,
    )
    from rest_framework.authtoken.models import (  # type: ignore[import-not-found]
        Token,
    )

    admin = User.objects.create_superuser("admin", "admin@example.org", "admin")
    users = [
        User.objects.create_user("exporter", "exporter@example.org", "exporter"),
        User.objects.create_user("ada", "ada@example.org", "ada"),
        User.objects.create_user("m.curie", "Marie.Curie@example.org", "curie"),
    ]
    publishers = Group.objects.get(name="default")
    for user in users:
        user.groups.add(publishers)
    return {
        user.username: Token.objects.create(user=user, key=secrets.token_hex(20)).key
        for user in (admin, *users)
    }


def _template(client: Any, title: str, content: str) -> int:  # noqa: ANN401 - no stubs
    """Create a template; returns the id of its version manager."""
    body = {"title": title, "filename": "schema.xsd", "content": content}
    _call(client, "POST", "template/global/", body)
    managers = _call(client, "GET", "template-version-manager/global/")
    return next(int(each["id"]) for each in managers if each["title"] == title)


def _current_version(client: Any, manager: int, schema: str) -> None:  # noqa: ANN401 - no stubs
    path = f"template-version-manager/{manager}/version/"
    new = _call(client, "POST", path, {"filename": "schema.xsd", "content": schema})
    _call(client, "PATCH", f"template/version/{new['id']}/current/")


def _workspaces() -> dict[str, int]:
    from core_main_app.components.workspace import (  # type: ignore[import-not-found]
        api,
    )
    from core_main_app.components.workspace.models import (  # type: ignore[import-not-found]
        Workspace,
    )

    # The migration made the public one; it gets a new id, so as not to be listed first.
    public = Workspace.objects.get()
    public.delete()
    private = api.create_and_save("Private Workspace", owner_id=1)
    public.pk = None
    public.save()
    return {each.title: each.id for each in (private, public)}


def _call(client: Any, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401 - JSON
    answer = client.generic(
        method,
        f"/rest/{path}",
        json.dumps(body or {}),
        content_type="application/json",
    )
    if answer.status_code >= 400:  # noqa: PLR2004 - HTTP's errors
        sys.exit(f"{method} {path}: {answer.status_code} {answer.content.decode()}")
    return json.loads(answer.content or b"null")


if __name__ == "__main__":
    main(Path(sys.argv[1]).read_text(encoding="utf-8"))
